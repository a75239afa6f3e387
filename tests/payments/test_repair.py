"""What a crash, a lost answer or a silent provider leaves behind is found and finished."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from donations.models import PaymentIntent, PaymentProvider, PaymentRefund, Transfer
from donations.operations import (
    payment_confirming,
    payment_exchange,
    payment_intents,
    payment_providers,
    payment_refunds,
    payment_repair,
)
from donations.payments.registry import PROVIDERS
from donations.tasks.payments import (
    check_payment_providers,
    expire_intents,
    process_due_webhooks,
    repair_stuck_intents,
)
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.payments.benches import BENCHES, stripe_bench
from tests.payments.dying import DyingStripe, Killed
from tests.payments.intents import EVERY, Desk, account_at, cash, top_ups
from tests.payments.local_server import AFTER, BEFORE, Fault

Status = PaymentIntent.Status
LOST = [fault for fault in AFTER if fault is not Fault.SLOW]
EUR = Decimal


@pytest.fixture(params=EVERY)
def desk(request, db):
    fixture, make = EVERY[request.param]
    bench = make(request.getfixturevalue(fixture))
    return Desk(bench, account_at(bench))


@pytest.fixture
def stripe(stripe_server, db):
    bench = stripe_bench(stripe_server)
    return Desk(bench, account_at(bench))


@pytest.fixture
def alice(db):
    return UserFactory()


@pytest.fixture
def dies_at(monkeypatch):
    """Let the process die right before the provider hears it, or right after."""

    def arrange(call, *, after):
        monkeypatch.setattr(DyingStripe, "call", call)
        monkeypatch.setattr(DyingStripe, "after", after)
        monkeypatch.setitem(PROVIDERS, "stripe", "tests.payments.dying.DyingStripe")
        return monkeypatch.undo

    return arrange


def later(**span):
    return timezone.now() + timedelta(**span)


# Killed between the commit and the call, and after the call ---------------------------------------------------------


@pytest.mark.parametrize("after", [False, True])
def test_killed_while_the_payment_is_made(alice, stripe, dies_at, after):
    revive = dies_at("create", after=after)
    with pytest.raises(Killed):
        stripe.begin(alice)
    revive()

    payment_repair.repair_stuck(now=later(minutes=6))

    intent = PaymentIntent.objects.get()
    assert intent.provider_payment_id
    assert len(stripe.bench.server.of("payment_intent")) == 1


@pytest.mark.parametrize("after", [False, True])
def test_killed_while_a_saved_card_is_charged(alice, stripe, dies_at, after):
    stripe.pay(alice, save_method=True)
    saved = alice.saved_payment_methods.get()
    revive = dies_at("create", after=after)
    with pytest.raises(Killed):
        payment_intents.start_gift_payment(
            donor=alice,
            onlus_id=OnlusFactory().pk,
            amount=EUR("20.00"),
            saved_method_id=saved.pk,
            is_off_session=True,
            now=timezone.now(),
        )
    revive()

    for minutes in (6, 12):
        payment_repair.repair_stuck(now=later(minutes=minutes))

    intent = PaymentIntent.objects.get(purpose="donation")
    assert (intent.status, intent.donation.status) == (Status.SUCCEEDED, "completed")
    assert intent.donation.amount == EUR("19.12")
    assert len(stripe.bench.server.of("payment_intent")) == 2


@pytest.mark.parametrize("after", [False, True])
def test_killed_while_the_payment_is_confirmed(alice, stripe, dies_at, after):
    intent = stripe.begin(alice)
    revive = dies_at("confirm", after=after)
    with pytest.raises(Killed):
        payment_confirming.confirm(
            player=alice, intent_id=intent.pk, method="pm_card_visa", now=timezone.now()
        )
    revive()

    for minutes in (6, 12):
        payment_repair.repair_stuck(now=later(minutes=minutes))

    intent.refresh_from_db()
    assert intent.status == (Status.SUCCEEDED if after else Status.PENDING)
    assert (top_ups(intent), cash(alice)) == ((1, EUR("48.25")) if after else (0, EUR("0.00")))


@pytest.mark.parametrize("after", [False, True])
def test_killed_while_the_refund_is_asked_for(alice, stripe, dies_at, after):
    intent = stripe.pay(alice)
    revive = dies_at("refund", after=after)
    with pytest.raises(Killed):
        payment_refunds.refund_own(player=alice, intent_id=intent.pk, now=timezone.now())
    revive()

    for minutes in (6, 12):
        payment_repair.finish_refunds(now=later(minutes=minutes))

    assert len(stripe.bench.server.of("refund")) == PaymentRefund.objects.count() == 1
    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.REFUNDED, EUR("0.00"))


@pytest.mark.parametrize("after", [False, True])
def test_killed_while_the_payment_is_cancelled(alice, stripe, dies_at, after):
    intent = stripe.begin(alice)
    revive = dies_at("cancel", after=after)
    with pytest.raises(Killed):
        payment_exchange.cancel(player=alice, intent_id=intent.pk, now=timezone.now())
    revive()

    payment_repair.repair_stuck(now=later(minutes=6))

    intent.refresh_from_db()
    assert intent.status == Status.CANCELLED
    assert stripe.bench.server.of("payment_intent")[0]["status"] == "canceled"


# Stuck ----------------------------------------------------------------------------------------------------------------


def test_a_payment_nobody_told_us_about_is_found(alice, desk):
    intent = desk.pay_unseen(alice)

    early = payment_repair.repair_stuck(now=later(minutes=1))
    done = payment_repair.repair_stuck(now=later(minutes=6))

    intent.refresh_from_db()
    assert (early, done) == (0, 1)
    assert (intent.status, cash(alice)) == (Status.SUCCEEDED, EUR("48.25"))


def test_each_payment_of_a_long_run_is_dated_when_it_is_found(alice, stripe, monkeypatch):
    """A provider that takes its time carries the run past midnight, and past the moment the ledger closes the day."""
    intents = [stripe.pay_unseen(alice) for _ in range(3)]
    minutes = count(step=20 * 60)
    monkeypatch.setattr("goodplay.lib.time.monotonic", lambda: next(minutes))
    began = later(minutes=6)

    payment_repair.repair_stuck(now=began)

    moved = Transfer.objects.filter(kind=Transfer.Kind.TOP_UP, cause_id__in=[intent.pk for intent in intents])
    dated = sorted(moved.values_list("created_at", flat=True))
    assert [moment - began for moment in dated] == [timedelta(minutes=20 * n) for n in (1, 2, 3)]


def test_an_approved_payment_is_captured_though_the_payer_never_came_back(alice, paypal_server):
    bench = BENCHES["paypal"][1](paypal_server)
    desk = Desk(bench, account_at(bench))
    intent = desk.begin(alice)
    desk.approve(intent)

    payment_repair.repair_stuck(now=later(minutes=6))

    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.SUCCEEDED, EUR("48.25"))


@pytest.mark.parametrize("fault", [*BEFORE, *LOST])
def test_a_provider_that_is_away_is_asked_again(alice, stripe, fault):
    intent = stripe.pay_unseen(alice)
    with stripe.bench.server.failing(fault):
        payment_repair.repair_stuck(now=later(minutes=6))
    intent.refresh_from_db()
    between = intent.status

    payment_repair.repair_stuck(now=later(minutes=12))

    intent.refresh_from_db()
    assert (between, intent.status) == (Status.PENDING, Status.SUCCEEDED)


def test_one_provider_that_is_away_does_not_keep_others_waiting(alice, stripe, paypal_server):
    bench = BENCHES["paypal"][1](paypal_server)
    paypal = Desk(bench, account_at(bench))
    stuck = [stripe.pay_unseen(alice) for _ in range(3)]
    found = paypal.pay_unseen(alice)
    calls = len(stripe.bench.server.calls)

    with stripe.bench.server.failing(Fault.RATE_LIMITED):
        payment_repair.repair_stuck(now=later(minutes=6))

    found.refresh_from_db()
    assert found.status == Status.SUCCEEDED
    assert {PaymentIntent.objects.get(pk=each.pk).status for each in stuck} == {Status.PENDING}
    assert len(stripe.bench.server.calls) - calls <= 2  # one question, asked twice by the library


def test_fees_that_come_late_are_booked_once(alice, stripe):
    stripe.bench.server.has_late_fees = True
    intent = stripe.pay(alice)
    intent.refresh_from_db()
    early = intent.actual_fee
    stripe.bench.server.tell_fee(intent.provider_payment_id)

    for hours in (2, 4):
        payment_repair.learn_fees(now=later(hours=hours))

    intent.refresh_from_db()
    assert early is None
    assert intent.actual_fee == EUR("1.00")


# Expiry ---------------------------------------------------------------------------------------------------------------


def test_a_payment_nobody_made_expires_after_an_hour(alice, desk):
    intent = desk.begin(alice)

    early = payment_repair.expire_due(now=later(minutes=59))
    payment_repair.expire_due(now=later(minutes=61))

    intent.refresh_from_db()
    assert early == 0
    assert (intent.status, intent.cancel_reason) == (Status.CANCELLED, "Payment intent expired")


def test_a_success_that_raced_the_expiry_wins(alice, desk):
    intent = desk.pay_unseen(alice)

    payment_repair.expire_due(now=later(minutes=61))

    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.SUCCEEDED, EUR("48.25"))


def test_an_expired_payment_cannot_be_confirmed(alice, stripe):
    intent = stripe.begin(alice)

    with pytest.raises(payment_confirming.PaymentNotConfirmable):
        payment_confirming.confirm(
            player=alice, intent_id=intent.pk, method="pm_card_visa", now=later(minutes=61)
        )

    assert cash(alice) == EUR("0.00")


def test_a_payment_the_provider_never_answered_for_is_closed_after_a_day(alice, stripe):
    with (
        stripe.bench.server.failing(Fault.RESET),
        pytest.raises(payment_providers.PaymentProviderUnavailable),
    ):
        stripe.begin(alice)

    payment_repair.repair_stuck(now=later(hours=21))

    intent = PaymentIntent.objects.get()
    assert (intent.status, intent.error_code) == (Status.FAILED, "PROVIDER_UNREACHABLE")
    assert stripe.bench.server.of("payment_intent") == []


# Jobs, health, and setting up -----------------------------------------------------------------------------------------


def test_the_jobs_run(alice, stripe):
    stripe.pay_unseen(alice)

    assert repair_stuck_intents() == "0 payments, 0 refunds, 0 fees asked for"
    assert (expire_intents(), process_due_webhooks()) == (0, 0)
    assert "healthy" in check_payment_providers()


def test_a_provider_that_does_not_answer_gets_no_new_payments(stripe):
    provider = PaymentProvider.objects.get(pk=stripe.provider.pk)
    seen = []
    with stripe.bench.server.failing(Fault.SERVER_ERROR):
        for _ in range(2):
            seen.append(payment_providers.check_health(provider=provider, now=timezone.now()).health_status)

    seen.append(payment_providers.check_health(provider=provider, now=timezone.now()).health_status)

    assert seen == ["degraded", "down", "healthy"]


def test_a_wrong_key_takes_the_account_out_of_service(stripe):
    provider = payment_providers.set_secrets(
        provider=stripe.provider, credentials={"secret_key": "sk_test_wrong"}, webhook_secret=""
    )

    found = payment_providers.check_health(provider=provider, now=timezone.now())

    assert found.health_status == "down"
    assert found.webhook_secret == stripe.bench.settings.webhook_secret


def test_an_account_is_configured_from_the_environment(db, stripe_server, monkeypatch, capsys):
    monkeypatch.setenv("STRIPE_SECRET_KEY", stripe_server.settings().credentials["secret_key"])
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_x")

    call_command("configure_provider", "stripe", endpoint=stripe_server.url)

    provider = PaymentProvider.objects.get(name="stripe")
    assert (provider.health_status, provider.webhook_secret) == ("healthy", "whsec_x")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT credentials, webhook_secret FROM donations_paymentprovider WHERE name = 'stripe'"
        )
        stored = cursor.fetchone()
    assert not any("sk_test" in each or "whsec" in each for each in stored)
    assert "sk_test" not in capsys.readouterr().out
