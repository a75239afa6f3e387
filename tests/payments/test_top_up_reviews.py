"""Top-ups that wait for a review: let pass or given back."""

from decimal import Decimal

import pytest
from django.utils import timezone

from donations.models import PaymentIntent, RiskDecision
from donations.operations import payment_confirming, reviews
from tests.factories.accounts import UserFactory
from tests.factories.risk import hold_from, make_rule
from tests.payments.benches import stripe_bench
from tests.payments.intents import Desk, account_at, cash, look, spendable

Status = PaymentIntent.Status
EUR = Decimal


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


@pytest.fixture
def checked(db):
    hold_from("top_up", "40.00")


def test_a_large_top_up_waits_in_the_wallet(alice, staff, stripe, checked):
    stripe.pay(alice)
    before = (cash(alice), spendable(alice))

    reviews.release(review=reviews.Review.objects.get(), decided_by=staff, reason="Known", now=timezone.now())

    assert before == (EUR("48.25"), EUR("0.00"))
    assert spendable(alice) == EUR("48.25")


def test_a_rejected_top_up_goes_back_to_its_payer(
    alice, staff, stripe, checked, django_capture_on_commit_callbacks
):
    intent = stripe.pay(alice)

    with django_capture_on_commit_callbacks(execute=True):
        reviews.reject(
            review=reviews.Review.objects.get(), decided_by=staff, reason="Stolen card", now=timezone.now()
        )

    intent.refresh_from_db()
    assert (intent.status, cash(alice)) == (Status.REFUNDED, EUR("0.00"))


def test_a_part_refunded_at_the_provider_leaves_the_rest_under_review(alice, staff, stripe, checked):
    intent = stripe.pay(alice)
    stripe.bench.server.refund_at_provider(intent.provider_payment_id, EUR("10.00"))

    look(intent)
    between = (cash(alice), spendable(alice))
    reviews.release(review=reviews.Review.objects.get(), decided_by=staff, reason="Known", now=timezone.now())

    assert between == (EUR("38.60"), EUR("0.00"))
    assert spendable(alice) == EUR("38.60")


def test_a_review_of_money_that_went_back_stays_with_a_person(
    alice, stripe, checked, django_capture_on_commit_callbacks
):
    """A refund may fail after all, and then the money is in the wallet again."""
    intent = stripe.pay(alice)
    stripe.bench.server.refund_at_provider(intent.provider_payment_id, EUR("50.00"))

    with django_capture_on_commit_callbacks(execute=True):
        look(intent)

    assert (reviews.Review.objects.get().status, cash(alice)) == ("open", EUR("0.00"))


def test_what_the_rules_refuse_never_reaches_the_provider(api, alice, stripe):
    make_rule("top_up", "too_much", action="block", score=100)

    answer = api.post("/api/payments/intent", {"amount": "30.00"})

    assert (answer.status_code, answer.json()["message"]) == (422, "FRAUD_DETECTION_TRIGGERED")
    assert (PaymentIntent.objects.count(), cash(alice)) == (0, 0)
    decision = RiskDecision.objects.get()
    assert (decision.subject, decision.action, decision.player) == ("top_up", "block", alice)


def test_it_is_judged_again_when_the_money_is_there(alice, stripe):
    intent = stripe.begin(alice)
    make_rule("top_up", "too_much", action="block", score=100)

    stripe.approve(intent)
    payment_confirming.confirm(
        player=alice, intent_id=intent.pk, method=stripe.bench.good, now=timezone.now()
    )

    assert reviews.Review.objects.get().reasons == ["too_much"]
    assert (cash(alice), spendable(alice)) == (EUR("48.25"), EUR("0.00"))
