"""The sandbox's notifications: signed, sent over HTTP, again until they are taken, and believed only when genuine."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from donations.payments.contract import WebhookRefused
from donations.payments.sandbox import tasks
from donations.payments.sandbox.models import SandboxEndpoint, SandboxEvent
from donations.payments.sandbox.operations import delivery
from donations.payments.sandbox.signatures import own_secret, sign
from tests.payments.sandboxes import NOW, SECRET, created, listening, new_payment, paid, row_of, sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def webhook(settings):
    with listening() as webhook:
        settings.PUBLIC_URL = webhook.url
        yield webhook


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def event(clock):
    return SandboxEvent.objects.get(payment=row_of(paid()))


def believed(received, *, now=NOW, **settings):
    return sandbox(**settings).verify_webhook(body=received.body, headers=received.headers, now=now)


# Sending ----------------------------------------------------------------------------------------------------------


def test_a_payment_is_told_at_once(webhook, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        state = paid()

    [received] = webhook.received
    assert received.path == "/api/payments/webhook"
    assert received.headers["X-Provider-Type"] == "sandbox"
    assert received.headers["Content-Type"] == "application/json"
    told = believed(received, now=timezone.now())
    event = SandboxEvent.objects.get()
    assert (told.event_id, told.event_type) == (str(event.pk), "payment.succeeded")
    assert told.provider_payment_id == state.provider_payment_id
    assert told.created_at == event.created_at.replace(microsecond=0)
    assert told.payload["data"]["reference"] == state.reference
    assert (event.attempts, event.next_attempt_at) == (1, None)
    assert event.delivered_at


def test_nothing_is_told_of_what_was_not_committed(webhook, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=False):
        paid()

    assert webhook.received == []
    assert SandboxEvent.objects.get().attempts == 0


def test_the_one_who_is_told_may_write_to_the_same_database(real_transactions, webhook):
    """No transaction is open while a notification travels: on SQLite its receiver would wait for it for ever."""
    written = []

    def write():
        created()
        written.append(True)

    webhook.when_called = write
    paid()

    assert written == [True]
    assert SandboxEvent.objects.get().delivered_at


def test_an_address_with_a_path_is_kept(webhook, settings, event):
    settings.PUBLIC_URL = f"{webhook.url}/goodplay"

    assert delivery.deliver(event_id=event.pk, now=NOW) is True
    assert webhook.received[0].path == "/goodplay/api/payments/webhook"


def test_a_notification_is_taken_once(webhook, event):
    assert delivery.deliver_due(now=NOW) == 1
    assert delivery.deliver_due(now=NOW + timedelta(days=1)) == 0
    assert delivery.deliver(event_id=event.pk, now=NOW) is False

    assert len(webhook.received) == 1


@pytest.mark.parametrize("status", [302, 400, 500, 503])
def test_what_is_not_taken_is_sent_again_ever_later(webhook, event, status):
    webhook.status, now, waits = status, NOW, []
    for _ in range(4):
        assert delivery.deliver(event_id=event.pk, now=now) is False
        event.refresh_from_db()
        waits.append((event.next_attempt_at - now).total_seconds())
        assert delivery.deliver(event_id=event.pk, now=event.next_attempt_at - timedelta(seconds=1)) is False
        now = event.next_attempt_at

    assert waits == [10, 20, 40, 80]
    assert (event.attempts, event.last_error, event.delivered_at) == (4, f"HTTP {status}", None)
    webhook.status = 202
    assert delivery.deliver_due(now=now) == 1
    event.refresh_from_db()
    assert (event.delivered_at, event.last_error) == (now, "")


def test_after_three_days_it_is_given_up(webhook, event):
    webhook.status, now = 500, NOW
    while event.next_attempt_at:
        delivery.deliver(event_id=event.pk, now=event.next_attempt_at)
        now = event.next_attempt_at
        event.refresh_from_db()

    assert timedelta(days=2, hours=18) < now - NOW <= timedelta(days=3)
    assert event.delivered_at is None
    assert delivery.deliver_due(now=NOW + timedelta(days=30)) == 0
    delivery.send_again(event=event, now=now)
    webhook.status = 200
    assert delivery.deliver_due(now=now) == 1


def test_each_attempt_is_signed_anew(webhook, event):
    webhook.status = 500
    delivery.deliver(event_id=event.pk, now=NOW)
    later = NOW + timedelta(hours=2)
    delivery.deliver(event_id=event.pk, now=later)

    assert believed(webhook.received[1], now=later).event_id == str(event.pk)
    with pytest.raises(WebhookRefused):
        believed(webhook.received[0], now=later)


def test_when_nobody_answers_the_rest_waits(settings, clock):
    first, second = paid(), paid()

    assert delivery.deliver_due(now=NOW) == 0

    attempts = [SandboxEvent.objects.get(payment=row_of(state)).attempts for state in (first, second)]
    assert attempts == [1, 0]
    assert SandboxEvent.objects.get(payment=row_of(first)).last_error.startswith("ConnectionRefusedError")


@pytest.mark.parametrize("address", ["", "ftp://127.0.0.1", "127.0.0.1:8000"])
def test_without_an_address_nothing_is_sent(settings, event, address):
    settings.PUBLIC_URL = address

    with pytest.raises(delivery.NobodyThere):
        delivery.deliver(event_id=event.pk, now=NOW)


def test_a_missed_notification_is_sent_by_the_job(webhook, event):
    assert tasks.deliver_sandbox_events() == 1
    assert len(webhook.received) == 1
    scheduled = PeriodicTask.objects.filter(
        task__startswith="donations.payments.sandbox.tasks.", interval__every=1
    )
    assert {task.task.rpartition(".")[2] for task in scheduled} == {
        "deliver_sandbox_events",
        "settle_slow_sandbox_payments",
    }


def test_a_closed_sandbox_sends_nothing(webhook, event, settings):
    settings.SANDBOX_PAYMENTS = False

    assert tasks.deliver_sandbox_events() == 0
    tasks.deliver_sandbox_event(event_id=str(event.pk))
    assert webhook.received == []


# Believing --------------------------------------------------------------------------------------------------------


def signed(body, *, secret=SECRET, now=NOW, header="Sandbox-Signature"):
    return {header: sign(body, secret=secret, now=now)}


@pytest.fixture
def body(event):
    return event.body.encode()


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_genuine_notification_is_believed(body, seconds):
    headers = signed(body, header="sandbox-signature")

    told = sandbox().verify_webhook(body=body, headers=headers, now=NOW + timedelta(seconds=seconds))

    assert told.payload == json.loads(body)


@pytest.mark.parametrize("seconds", [-301, 301, 86_400])
def test_a_stale_notification_is_refused(body, seconds):
    with pytest.raises(WebhookRefused, match="older"):
        sandbox().verify_webhook(body=body, headers=signed(body), now=NOW + timedelta(seconds=seconds))


def test_a_forged_notification_is_refused(body):
    fresh = sign(body, secret=SECRET, now=NOW).removeprefix("t=").partition(",")
    forged = [
        {},
        signed(body, secret="whsec_of_somebody_else"),
        signed(body, secret=""),
        signed(body + b" "),
        {"Sandbox-Signature": ""},
        {"Sandbox-Signature": "t=,v1="},
        {"Sandbox-Signature": f"t={int(fresh[0]) + 1},{fresh[2]}"},
        {"Sandbox-Signature": fresh[2]},
        {"Stripe-Signature": sign(body, secret=SECRET, now=NOW)},
    ]

    for headers in forged:
        with pytest.raises(WebhookRefused):
            sandbox().verify_webhook(body=body, headers=headers, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"is_test": False},
        {"is_test": 1},
        {"id": "7"},
        {"data": {}},
        {"data": None},
        {"created": "now"},
        {"created": 1e30},
    ],
)
def test_a_signed_body_of_another_shape_is_refused(body, change):
    odd = json.dumps({**json.loads(body), **change}).encode()

    with pytest.raises(WebhookRefused):
        sandbox().verify_webhook(body=odd, headers=signed(odd), now=NOW)


@pytest.mark.parametrize("odd", [b"", b"[]", b"null", b"{", b"\xff", b"{}"])
def test_a_signed_body_that_is_no_notification_is_refused(odd):
    with pytest.raises(WebhookRefused):
        sandbox().verify_webhook(body=odd, headers=signed(odd), now=NOW)


def test_an_account_of_real_money_believes_no_test(body):
    with pytest.raises(WebhookRefused):
        sandbox(is_test_mode=False).verify_webhook(body=body, headers=signed(body), now=NOW)


def test_without_a_configured_secret_both_sides_use_one_of_their_own(webhook, clock, settings):
    provider = sandbox(webhook_secret="")
    made = provider.create(new_payment(), idempotency_key="a")
    provider.cancel(made.provider_payment_id, idempotency_key="b")
    delivery.deliver_due(now=NOW)
    [received] = webhook.received

    assert believed(received, webhook_secret="").event_type == "payment.canceled"
    with pytest.raises(WebhookRefused):
        believed(received, webhook_secret=SECRET)
    mine = own_secret()
    settings.SECRET_KEY = "another-installation-has-another-secret-key-0123456789"
    assert own_secret() != mine
    with pytest.raises(WebhookRefused):
        believed(received, webhook_secret="")


def test_a_changed_secret_signs_from_the_next_call_on(webhook, event):
    sandbox(webhook_secret="whsec_new").create(new_payment(), idempotency_key="a")
    delivery.deliver_due(now=NOW)
    [received] = webhook.received

    assert believed(received, webhook_secret="whsec_new").event_id == str(event.pk)
    with pytest.raises(WebhookRefused):
        believed(received)
    assert SandboxEndpoint.objects.count() == 1
