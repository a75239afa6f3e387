"""What players learn of their money: what came back, failed, was held, and what became of it."""

from decimal import Decimal

import pytest
from django.db import transaction

from accounts.models import Notification
from donations.models import (
    DonationRefund,
    IdentityVerification,
    PaymentDispute,
    PaymentIntent,
    PaymentProvider,
    PaymentRefund,
    RecurringCharge,
    Review,
)
from donations.operations import giving, recurring, reviews
from donations.operations.refunds import refund_donation
from donations.signals import (
    identity_decided,
    payment_disputed,
    payment_failed,
    payment_refunded,
    recurring_charge_failed,
    recurring_ended,
)
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, fund_pool, give_credits, make_donation
from tests.factories.games import finished_session
from tests.factories.risk import hold_from

pytestmark = pytest.mark.django_db


@pytest.fixture
def settled(django_capture_on_commit_callbacks):
    """`with settled():` commits as far as events can tell."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def alice():
    return UserFactory()


def feed(api, person):
    api.force_authenticate(person)
    rows = api.get("/api/notifications", headers={"accept-language": "en"}).json()["data"]["notifications"]
    return {row["kind"]: row for row in rows}


def announced(settled, signal, **objects):
    """Announce twice: replays and retries tell nobody twice."""
    for _time in range(2):
        with settled(), transaction.atomic():
            signal.announce(**objects)


def test_a_gift_and_what_came_back_of_it(api, alice, settled):
    with settled():
        donation = make_donation(alice, OnlusFactory(name="Il Sentiero"), "10.00")
    with settled():
        refund_donation(
            donation_id=donation.pk, cause=DonationRefund.Cause.STAFF, amount=Decimal("4.00"), now=NOW
        )

    told = feed(api, alice)
    assert told["receipt_issued"]["text"] == "For your gift of €10.00."
    assert told["donation_refunded"]["title"] == "€4.00 of your gift came back"
    assert "Il Sentiero" in told["donation_refunded"]["text"]
    assert told["donation_refunded"]["link"] == {"type": "donation", "id": str(donation.pk)}
    assert not Notification.objects.exclude(user=alice).exists()
    assert not Notification.objects.filter(kind="receipt_issued").exclude(mail_at=None).exists()


def intent_of(player, **columns):
    provider = PaymentProvider.objects.get(name="sandbox")
    return PaymentIntent(
        player=player, provider=provider, amount=Decimal("20.00"), net_amount=Decimal("20.00"), **columns
    )


def test_a_payment_that_failed_is_told_and_one_given_up_is_not(api, alice, settled):
    announced(settled, payment_failed, intent=intent_of(alice, status="cancelled"))
    assert feed(api, alice) == {}

    announced(settled, payment_failed, intent=intent_of(alice, status="failed"))

    (row,) = feed(api, alice).values()
    assert (row["kind"], row["title"]) == ("payment_failed", "Your payment of €20.00 failed")


@pytest.mark.parametrize(
    ("status", "kind"), [("succeeded", "payment_refunded"), ("failed", "payment_refund_failed")]
)
def test_money_on_its_way_back_is_told(api, alice, settled, status, kind):
    refund = PaymentRefund(intent=intent_of(alice, status="refunded"), amount=Decimal("7.00"), status=status)

    announced(settled, payment_refunded, refund=refund)

    (row,) = feed(api, alice).values()
    assert row["kind"] == kind
    assert row["title"].startswith("€7.00")


@pytest.mark.parametrize(("status", "told"), [("open", 1), ("won", 0), ("lost", 0)])
def test_a_dispute_is_told_when_it_begins(api, alice, settled, status, told):
    dispute = PaymentDispute(
        intent=intent_of(alice, status="succeeded"), amount=Decimal("7.00"), status=status
    )

    announced(settled, payment_disputed, dispute=dispute)

    assert [row["kind"] for row in feed(api, alice).values()] == ["payment_disputed"] * told


def held_gift(player):
    give_credits(player, "50.00")
    giving.donate(donor=player, onlus_id=OnlusFactory().pk, amount=Decimal("30.00"), now=NOW)
    return Review.objects.get(subject="donation")


def held_play(player):
    fund_pool()
    finished_session(player)
    return Review.objects.get(subject="session")


HELD = {"donation": held_gift, "session": held_play}


@pytest.mark.parametrize(
    ("subject", "decide", "kind"),
    [
        ("donation", reviews.release, "movement_released"),
        ("donation", reviews.reject, "movement_refused"),
        ("session", reviews.release, "credits_released"),
        ("session", reviews.reject, "credits_refused"),
    ],
)
def test_what_became_of_what_was_held(api, alice, settled, subject, decide, kind):
    hold_from(subject, "0.01")
    review = HELD[subject](alice)

    with settled():
        decide(review=review, decided_by=StaffFactory(), reason="Not for the player to read.", now=NOW)

    told = feed(api, alice)[kind]
    assert "Not for the player" not in str(told)
    assert told["title"].startswith(("Your €", "€"))


def test_a_recurring_gift_that_fails_is_told_once_for_each_date(api, alice, settled):
    onlus = OnlusFactory(name="Mani Tese")
    plan = recurring.set_up(
        donor=alice, onlus_id=onlus.pk, amount=Decimal("5.00"), interval="weekly", now=NOW
    )
    charge = RecurringCharge(recurring=plan, last_error="INSUFFICIENT_CREDITS")

    announced(settled, recurring_charge_failed, charge=charge)
    announced(settled, recurring_ended, recurring=plan)

    told = feed(api, alice)
    assert set(told) == {"recurring_charge_failed", "recurring_ended"}
    assert "Mani Tese" in told["recurring_charge_failed"]["text"]
    assert not Notification.objects.exclude(mail_at=None).exists()


@pytest.mark.parametrize(
    ("status", "kinds"),
    [("approved", ["identity_approved"]), ("rejected", ["identity_rejected"]), ("withdrawn", [])],
)
def test_what_became_of_ones_papers(api, alice, settled, status, kinds):
    announced(
        settled, identity_decided, verification=IdentityVerification(user=alice, level=2, status=status)
    )

    assert list(feed(api, alice)) == kinds
