"""Where the sandbox is closed, it does nothing; and an installation that would play with it for real does not start."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.checks import run_checks

from donations.payments.contract import ProviderRefused, WebhookRefused
from donations.payments.sandbox import tasks
from donations.payments.sandbox.models import SandboxPayment
from donations.payments.sandbox.signatures import sign
from tests.payments.sandboxes import NOW, SECRET, created, fresh_key, new_payment, paid, row_of, sandbox


def found(settings, **changes):
    for name, value in changes.items():
        setattr(settings, name, value)
    return {message.id for message in run_checks() if message.id and message.id.startswith("sandbox.")}


@pytest.mark.parametrize(
    ("debug", "on", "in_production", "expected"),
    [
        (False, True, False, {"sandbox.E001"}),
        (False, True, True, set()),
        (False, False, False, set()),
        (False, False, True, set()),
        (True, True, False, set()),
    ],
)
def test_test_money_stays_out_of_production(settings, debug, on, in_production, expected):
    switches = {"SANDBOX_PAYMENTS": on, "SANDBOX_PAYMENTS_IN_PRODUCTION": in_production}

    assert found(settings, DEBUG=debug, **switches) == expected


@pytest.mark.parametrize("address", ["", "goodplay.example", "ftp://goodplay.example"])
def test_an_open_sandbox_needs_an_address(settings, address):
    assert found(settings, PUBLIC_URL=address) == {"sandbox.E002"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("closed", "account"),
    [
        ({"SANDBOX_PAYMENTS": False}, {}),
        ({"SANDBOX_PAYMENTS_IN_PRODUCTION": False}, {}),
        ({}, {"is_test_mode": False}),
    ],
)
def test_a_closed_sandbox_refuses_every_call(settings, closed, account):
    payment_id = paid().provider_payment_id
    count = SandboxPayment.objects.count()
    for name, value in closed.items():
        setattr(settings, name, value)
    provider, key = sandbox(**account), fresh_key()
    calls = [
        lambda: provider.create(new_payment(), idempotency_key=key),
        lambda: provider.confirm(payment_id, method="test_succeeds", idempotency_key=key),
        lambda: provider.cancel(payment_id, idempotency_key=key),
        lambda: provider.refund(payment_id, amount=Decimal("1.00"), reference=uuid4(), idempotency_key=key),
        lambda: provider.retrieve(payment_id),
        lambda: provider.forget_method(token="kept", customer="customer"),
        lambda: provider.balance_report(since=NOW, until=NOW),
        provider.check_health,
    ]

    for call in calls:
        with pytest.raises(ProviderRefused) as error:
            call()
        assert error.value.code == "sandbox_closed"
    body = b"{}"
    headers = {"Sandbox-Signature": sign(body, secret=SECRET, now=NOW)}
    with pytest.raises(WebhookRefused, match="not taken here"):
        provider.verify_webhook(body=body, headers=headers, now=NOW)
    assert SandboxPayment.objects.count() == count
    assert not SandboxPayment.objects.get(pk=payment_id).refunds.exists()


@pytest.mark.django_db
def test_a_closed_sandbox_decides_nothing(settings):
    state = paid("slow")
    SandboxPayment.objects.update(settles_at=NOW - timedelta(days=1))
    settings.SANDBOX_PAYMENTS = False

    assert tasks.settle_slow_sandbox_payments() == 0
    assert row_of(state).status == "processing"
    settings.SANDBOX_PAYMENTS = True
    assert tasks.settle_slow_sandbox_payments() == 1
    assert row_of(state).status == "succeeded"


@pytest.mark.django_db
def test_an_open_sandbox_is_healthy():
    assert sandbox().check_health() is None
    assert created().is_test
