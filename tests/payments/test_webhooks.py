"""Notifications of the providers: believed only when signed, stored once, harmless however often and in whatever order."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from donations.models import Donation, PaymentIntent, PaymentStatusChange, Receipt, WebhookEvent
from donations.operations import payment_confirming, payment_exchange, webhooks
from donations.signals import payment_succeeded
from goodplay.lib.events.models import Event
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.payments.benches import BENCHES, stripe_bench
from tests.payments.intents import EVERY, Desk, account_at, cash, deliver, top_ups
from tests.payments.local_server import Fault
from tests.threads import at_once, crowd

Status = PaymentIntent.Status


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


def test_a_notification_credits_the_payment(api, alice, desk):
    intent = desk.pay_unseen(alice)

    answer = deliver(api, desk, desk.webhook(desk.bench.paid_event, intent))

    assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "WEBHOOK_PROCESSED"})
    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.SUCCEEDED, Decimal("48.25"))
    event = WebhookEvent.objects.get()
    assert (event.outcome, event.next_attempt_at) == ("succeeded", None)


@pytest.mark.parametrize("name", ["stripe", "paypal"])
def test_providers_that_do_not_name_themselves_are_known(api, alice, request, name):
    fixture, make = BENCHES[name]
    bench = make(request.getfixturevalue(fixture))
    desk = Desk(bench, account_at(bench))
    body, signed = desk.webhook(bench.paid_event, desk.pay_unseen(alice))

    answer = api.post("/api/payments/webhook", data=body, content_type="application/json", headers=signed)

    assert answer.status_code == 200
    assert cash(alice) == Decimal("48.25")


def test_the_same_notification_many_times_is_one(api, alice, desk):
    intent = desk.pay_unseen(alice)
    sent = desk.webhook(desk.bench.paid_event, intent)

    answers = [deliver(api, desk, sent) for _ in range(5)]

    assert {each.status_code for each in answers} == {200}
    assert WebhookEvent.objects.count() == 1
    assert (top_ups(intent), cash(alice)) == (1, Decimal("48.25"))


def test_other_notifications_of_the_same_payment_credit_nothing_more(api, alice, stripe):
    intent = stripe.pay(alice)

    for _ in range(3):
        deliver(api, stripe, stripe.webhook("payment_intent.succeeded", intent))
    deliver(api, stripe, stripe.webhook("payment_intent.processing", intent))

    assert WebhookEvent.objects.filter(processed_at__isnull=False).count() == 4
    assert (top_ups(intent), cash(alice)) == (1, Decimal("48.25"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda desk, intent: desk.webhook(desk.bench.paid_event, intent, secret="whsec_forged"),
        lambda desk, intent: desk.webhook(desk.bench.paid_event, intent, livemode=True),
        lambda desk, intent: (desk.webhook(desk.bench.paid_event, intent)[0], {}),
        lambda desk, intent: (b"{}", desk.webhook(desk.bench.paid_event, intent)[1]),
    ],
)
def test_what_is_not_to_be_believed_is_refused_and_leaves_nothing(api, alice, stripe, spoil):
    intent = stripe.pay_unseen(alice)

    answer = deliver(api, stripe, spoil(stripe, intent))

    assert (answer.status_code, answer.json()["message"]) == (400, "WEBHOOK_SIGNATURE_INVALID")
    assert not WebhookEvent.objects.exists()
    assert cash(alice) == Decimal("0.00")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stale_notification_is_refused(api, alice, stripe, minutes):
    intent = stripe.pay_unseen(alice)
    at = timezone.now() + timedelta(minutes=minutes)
    sent = stripe.bench.server.webhook("payment_intent.succeeded", intent.provider_payment_id, at=at)

    answer = deliver(api, stripe, sent)

    assert answer.json()["message"] == "WEBHOOK_SIGNATURE_INVALID"
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(
    ("provider", "body", "constant"),
    [
        ("klarna", b"{}", "WEBHOOK_PROVIDER_NOT_SUPPORTED"),
        ("bank_transfer", b"{}", "WEBHOOK_PROVIDER_NOT_SUPPORTED"),
        ("paypal", b"{}", "WEBHOOK_PROVIDER_NOT_SUPPORTED"),
        ("stripe", b"", "WEBHOOK_DATA_REQUIRED"),
    ],
)
def test_strangers_are_refused(api, stripe, provider, body, constant):
    answer = api.post(
        "/api/payments/webhook",
        data=body,
        content_type="application/json",
        headers={"X-Provider-Type": provider},
    )

    assert (answer.status_code, answer.json()["message"]) == (400, constant)
    assert not WebhookEvent.objects.exists()


def test_a_notification_that_is_too_large_is_refused(api, stripe):
    answer = api.post("/api/payments/webhook", data=b"x" * 300_000, content_type="application/json")

    assert (answer.status_code, answer.json()["message"]) == (413, "REQUEST_TOO_LARGE")


def test_too_many_from_one_address_are_slowed_down(api, alice, stripe, settings):
    settings.WEBHOOKS_PER_MINUTE = 2
    intent = stripe.begin(alice)

    answers = [
        deliver(api, stripe, stripe.webhook("payment_intent.created", intent)).status_code for _ in range(3)
    ]

    assert answers == [200, 200, 429]


def test_what_means_nothing_here_is_answered_alike(api, alice, stripe):
    stripe.bench.server.pay_out(Decimal("5.00"))
    sent = stripe.bench.webhook("payout.paid", None, at=timezone.now())

    answer = deliver(api, stripe, sent)

    assert (answer.status_code, answer.json()["message"]) == (200, "WEBHOOK_PROCESSED")
    assert WebhookEvent.objects.get().outcome == "about no payment"


def test_a_payment_of_somebody_else_is_answered_alike(api, stripe):
    foreign = stripe.bench.pay("30.00")
    sent = stripe.bench.webhook("payment_intent.succeeded", foreign, at=timezone.now())

    answer = deliver(api, stripe, sent)

    assert answer.status_code == 200
    assert WebhookEvent.objects.get().outcome == "about no payment of ours"
    assert not PaymentIntent.objects.exists()


def test_a_notification_that_overtakes_our_own_answer_finds_its_payment(api, alice, stripe):
    """The provider made and paid it before we stored its key there."""
    intent = stripe.pay_unseen(alice)
    sent = stripe.webhook("payment_intent.succeeded", intent)
    PaymentIntent.objects.filter(pk=intent.pk).update(provider_payment_id="")

    deliver(api, stripe, sent)

    found = PaymentIntent.objects.get(pk=intent.pk)
    assert (found.status, found.provider_payment_id) == (Status.SUCCEEDED, intent.provider_payment_id)
    assert cash(alice) == Decimal("48.25")


def test_old_news_after_success_changes_nothing(api, alice, stripe):
    """The failure of an earlier attempt is delivered last."""
    intent = stripe.begin(alice)
    with pytest.raises(payment_confirming.PaymentFailed):
        payment_confirming.confirm(
            player=alice, intent_id=intent.pk, method="pm_card_visa_chargeDeclined", now=timezone.now()
        )
    late = stripe.webhook("payment_intent.payment_failed", intent)
    payment_confirming.confirm(player=alice, intent_id=intent.pk, method="pm_card_visa", now=timezone.now())

    deliver(api, stripe, late)

    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.SUCCEEDED, Decimal("48.25"))


# When the provider is away ------------------------------------------------------------------------------------------


def test_a_notification_waits_for_a_provider_that_is_away(api, alice, stripe):
    intent = stripe.pay_unseen(alice)
    with stripe.bench.server.failing(Fault.SERVER_ERROR):
        answer = deliver(api, stripe, stripe.webhook("payment_intent.succeeded", intent))
    event = WebhookEvent.objects.get()

    assert answer.status_code == 200
    assert (event.processed_at, event.attempts, cash(alice)) == (None, 1, Decimal("0.00"))
    assert webhooks.process_due(now=timezone.now() + timedelta(minutes=1)) == 1
    assert cash(alice) == Decimal("48.25")
    assert webhooks.process_due(now=timezone.now() + timedelta(minutes=9)) == 0


def test_a_notification_is_parked_after_three_days_and_may_be_retried(api, alice, stripe):
    intent = stripe.pay_unseen(alice)
    with stripe.bench.server.failing(Fault.RESET):
        deliver(api, stripe, stripe.webhook("payment_intent.succeeded", intent))
        for hours in range(1, 80, 3):
            webhooks.process_due(now=timezone.now() + timedelta(hours=hours))
    event = WebhookEvent.objects.get()
    parked = event.next_attempt_at

    webhooks.retry(event=event, staff=UserFactory(is_staff=True), now=timezone.now())

    assert parked is None
    assert cash(alice) == Decimal("48.25")


def test_processed_notifications_are_dropped_after_ninety_days(api, alice, stripe):
    intent = stripe.pay_unseen(alice)
    deliver(api, stripe, stripe.webhook("payment_intent.succeeded", intent))

    assert webhooks.clear_old(now=timezone.now() + timedelta(days=89)) == 0
    assert webhooks.clear_old(now=timezone.now() + timedelta(days=91)) == 1


def test_the_body_is_unreadable_in_the_database(api, alice, stripe):
    intent = stripe.pay_unseen(alice)
    deliver(api, stripe, stripe.webhook("payment_intent.succeeded", intent))

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM donations_webhookevent")
        (stored,) = cursor.fetchone()
    assert "payment_intent" not in stored
    assert "payment_intent" in WebhookEvent.objects.get().body


def test_taking_a_notification_costs_two_statements(api, alice, stripe, settings, django_assert_num_queries):
    settings.EVENT_DELIVERY = "sweep"
    intent = stripe.begin(alice)
    sent = stripe.webhook("payment_intent.created", intent)

    with django_assert_num_queries(2):
        deliver(api, stripe, sent)


# Races --------------------------------------------------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.slow
def test_a_thousand_notifications_and_the_browser_make_one_gift_one_receipt_one_mail(
    real_transactions, stripe_server, api
):
    stripe = Desk(stripe_bench(stripe_server), account_at(stripe_bench(stripe_server)))
    alice = UserFactory()
    intent = stripe.give_unseen(alice, OnlusFactory())
    number = crowd(1000, 20)
    same = stripe.webhook("payment_intent.succeeded", intent)
    sent = [same if n % 2 else stripe.webhook("payment_intent.succeeded", intent) for n in range(number)]

    def arrive(worker):
        for n in range(worker, number, 20):
            if n % 10 == 3:
                api.get(f"/payments/return/{intent.pk}/")
            deliver(api, stripe, sent[n])

    results = at_once(20, arrive)

    assert results == [None] * 20
    intent.refresh_from_db()
    assert (intent.status, top_ups(intent), cash(alice)) == (Status.SUCCEEDED, 1, Decimal("0.00"))
    assert Event.objects.filter(name=payment_succeeded.name).count() == 1
    assert Donation.objects.get().amount == Decimal("48.25")
    receipt = Receipt.objects.get()
    assert receipt.donation == Donation.objects.get()
    assert [sent.subject for sent in mail.outbox] == [f"Your receipt {receipt.reference}"]
    assert PaymentStatusChange.objects.filter(to_status="succeeded").count() == 1
    assert WebhookEvent.objects.count() == number // 2 + 1


@pytest.mark.race
def test_confirm_webhook_job_and_page_at_once_credit_once(real_transactions, stripe_server, api):
    stripe = Desk(stripe_bench(stripe_server), account_at(stripe_bench(stripe_server)))
    alice = UserFactory()
    now = timezone.now()

    def race(intent):
        sent = stripe.webhook("payment_intent.succeeded", intent)
        ways = [
            lambda: payment_confirming.confirm(
                player=alice, intent_id=intent.pk, method="pm_card_visa", now=now
            ),
            lambda: deliver(api, stripe, sent),
            lambda: payment_exchange.ask(intent=intent, source="job", now=now),
            lambda: api.get(f"/payments/return/{intent.pk}/"),
        ]
        at_once(4, lambda number: ways[number]())
        deliver(api, stripe, stripe.webhook("payment_intent.succeeded", intent))

    for _ in range(crowd(10, 3)):
        intent = stripe.begin(alice)
        race(intent)

        assert top_ups(intent) == 1
    assert cash(alice) == Decimal("48.25") * crowd(10, 3)
