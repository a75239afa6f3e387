"""Payments that became gifts, given back with them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from donations.models import (
    Donation,
    PaymentIntent,
)
from donations.operations import (
    payment_confirming,
    payment_intents,
    payment_refunds,
    payment_repair,
    pending_gifts,
)
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.payments.benches import stripe_bench
from tests.payments.intents import EVERY, Desk, account_at, cash, look, refund, spendable

Status = PaymentIntent.Status
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
def alice(api, db):
    player = UserFactory()
    api.force_authenticate(player)
    return player


@pytest.fixture
def staff(db):
    return UserFactory(is_staff=True)


def gift(desk, donor, amount="20.00", **options):
    intent = payment_intents.start_gift_payment(
        donor=donor,
        onlus_id=OnlusFactory().pk,
        amount=EUR(amount),
        now=timezone.now(),
        method=desk.method,
        **options,
    )
    if not intent.is_open:
        return intent
    desk.approve(intent)
    return payment_confirming.confirm(
        player=donor, intent_id=intent.pk, method=desk.bench.good, now=timezone.now()
    )


def test_a_gift_reaches_its_organisation(alice, desk):
    intent = gift(desk, alice, "20.00")

    donation = Donation.objects.get()
    assert (donation.status, donation.amount, donation.paid_amount) == (
        "completed",
        EUR("19.12"),
        EUR("19.12"),
    )
    assert intent.donation_id == donation.pk
    assert cash(alice) == EUR("0.00")


@pytest.mark.parametrize("amount", ["1.00", "9.99", "20.00", "33.33", "100.00", "9999.99"])
def test_with_the_fees_covered_the_gift_is_whole(alice, stripe, amount):
    intent = gift(stripe, alice, amount, cover_fees=True)

    assert Donation.objects.get().amount == EUR(amount)
    assert intent.amount - intent.total_fees == EUR(amount)


def test_a_gift_may_be_paid_partly_from_the_wallet(alice, stripe):
    stripe.pay(alice, "50.00")

    gift(stripe, alice, "40.00", from_wallet=EUR("30.00"), cover_fees=True)

    donation = Donation.objects.get()
    assert (donation.amount, donation.status) == (EUR("40.00"), "completed")
    assert cash(alice) == EUR("18.25")


def test_a_failed_payment_leaves_no_donation_and_frees_the_wallets_part(api, alice, stripe):
    stripe.pay(alice, "50.00")
    intent = payment_intents.start_gift_payment(
        donor=alice,
        onlus_id=OnlusFactory().pk,
        amount=EUR("40.00"),
        from_wallet=EUR("30.00"),
        now=timezone.now(),
    )
    held = spendable(alice)

    api.post(f"/api/payments/{intent.pk}/cancel")

    assert (held, spendable(alice)) == (EUR("18.25"), EUR("48.25"))
    assert Donation.objects.get().status == "cancelled"


def test_a_gift_cancelled_meanwhile_leaves_its_money_in_the_wallet(alice, stripe):
    intent = payment_intents.start_gift_payment(
        donor=alice, onlus_id=OnlusFactory().pk, amount=EUR("20.00"), now=timezone.now()
    )
    stripe.bench.provider.confirm(intent.provider_payment_id, method="pm_card_visa", idempotency_key="unseen")
    pending_gifts.abandon(
        donation=intent.donation, status="cancelled", code="CANCELLED_BY_DONOR", now=timezone.now()
    )

    look(intent)

    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.SUCCEEDED, EUR("19.12"))
    assert Donation.objects.get().status == "cancelled"


def test_a_cancelled_gift_is_not_charged_any_more(alice, stripe, django_capture_on_commit_callbacks):
    intent = payment_intents.start_gift_payment(
        donor=alice, onlus_id=OnlusFactory().pk, amount=EUR("20.00"), now=timezone.now()
    )
    with django_capture_on_commit_callbacks(execute=True):
        pending_gifts.abandon(
            donation=intent.donation, status="cancelled", code="CANCELLED_BY_DONOR", now=timezone.now()
        )

    with pytest.raises(payment_confirming.PaymentNotConfirmable):
        payment_confirming.confirm(
            player=alice, intent_id=intent.pk, method="pm_card_visa", now=timezone.now()
        )
    payment_repair.repair_stuck(now=timezone.now() + timedelta(minutes=5))
    intent.refresh_from_db()
    assert intent.status == Status.CANCELLED
    assert stripe.bench.server.of("payment_intent")[0]["status"] == "canceled"


def test_a_saved_card_gives_without_its_owner(alice, stripe):
    stripe.pay(alice, save_method=True)
    saved = alice.saved_payment_methods.get()

    intent = gift(stripe, alice, "10.00", cover_fees=True, saved_method_id=saved.pk, is_off_session=True)

    assert (intent.status, Donation.objects.get().amount) == (Status.SUCCEEDED, EUR("10.00"))


def test_a_player_cancels_the_gift_before_its_payment_goes_back(api, alice, stripe):
    intent = gift(stripe, alice)

    answer = refund(api, intent)

    assert (answer.status_code, answer.json()["message"]) == (409, "PAYMENT_PAID_A_DONATION")
    assert stripe.bench.server.of("refund") == []


def test_staff_give_a_paid_gift_back_with_its_donation(alice, staff, desk):
    intent = gift(desk, alice)

    payment_refunds.refund_by_staff(
        intent_id=intent.pk, staff=staff, reason="Asked by phone", now=timezone.now()
    )

    intent.refresh_from_db()
    donation = Donation.objects.get()
    assert (intent.status, donation.status, donation.refunds.get().cause) == (
        Status.REFUNDED,
        "refunded",
        "payment",
    )
    assert cash(alice) == EUR("0.00")


def test_a_gift_refunded_in_part_at_the_provider_shrinks(alice, desk):
    intent = gift(desk, alice)
    desk.bench.server.refund_at_provider(intent.provider_payment_id, EUR("10.00"))

    look(intent)
    look(intent)

    donation = Donation.objects.get()
    assert (donation.refunded_amount, donation.status) == (EUR("9.56"), "completed")
    intent.refresh_from_db()
    assert (intent.status, intent.refunded_amount) == (Status.PARTIALLY_REFUNDED, EUR("10.00"))
