"""The same news in any order, any number of times, ends in the same books."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import timezone

from donations.models import LedgerAccount, PaymentDispute, PaymentIntent, PaymentRefund
from donations.operations import payment_steps
from donations.operations.payment_settlement import synchronise
from donations.payments.contract import (
    DisputeState,
    DisputeStatus,
    Method,
    PaymentState,
    RefundState,
    RefundStatus,
    Status,
)
from donations.signals import payment_disputed, payment_refunded, payment_succeeded
from goodplay.lib.events.models import Event
from tests.factories.accounts import UserFactory
from tests.payments.benches import stripe_bench
from tests.payments.intents import Desk, account_at, balance, cash, top_ups

Kind = LedgerAccount.Kind
EUR = Decimal


@pytest.fixture
def intent(stripe_server, db):
    bench = stripe_bench(stripe_server)
    return Desk(bench, account_at(bench)).begin(UserFactory())


def story(intent):
    """Tell a payment's whole life at the provider, step by step."""
    state = PaymentState(
        provider_payment_id=intent.provider_payment_id,
        status=Status.PENDING,
        amount=EUR("50.00"),
        reference=str(intent.pk),
    )
    declined = replace(state, error_code="card_declined")
    asked = replace(state, status=Status.REQUIRES_ACTION)
    slow = replace(state, status=Status.PROCESSING)
    paid = replace(
        state, status=Status.SUCCEEDED, captured=EUR("50.00"), method=Method("card", "visa", "4242")
    )
    with_fee = replace(paid, fee=EUR("1.00"))
    refund = RefundState("re_1", EUR("10.00"), RefundStatus.PENDING)
    asked_back = replace(with_fee, refunds=(refund,))
    given_back = replace(with_fee, refunds=(replace(refund, status=RefundStatus.SUCCEEDED),))
    dispute = DisputeState("dp_1", EUR("40.00"), DisputeStatus.OPEN, fee=EUR("20.00"))
    disputed = replace(given_back, disputes=(dispute,))
    lost = replace(dispute, status=DisputeStatus.LOST, lost_amount=EUR("15.00"))
    settled = replace(given_back, disputes=(lost,))
    return [state, declined, asked, slow, paid, with_fee, asked_back, given_back, disputed, settled]


def tell(intent, state):
    return synchronise(intent_id=intent.pk, state=state, source="webhook", now=timezone.now())


@pytest.mark.parametrize("seed", range(25))
def test_news_in_any_order_ends_in_the_same_books(intent, seed):
    dice = random.Random(seed)
    news = story(intent)
    heard = [news[0], *dice.choices(news, k=dice.randint(0, 15)), *dice.sample(news, len(news)), news[-1]]

    for state in heard:
        tell(intent, state)

    intent.refresh_from_db()
    assert (intent.status, intent.refunded_amount) == ("partially_refunded", EUR("10.00"))
    assert (top_ups(intent), cash(intent.player)) == (1, EUR("48.25") - EUR("9.65") - EUR("15.00"))
    assert PaymentRefund.objects.get().status == "succeeded"
    row = PaymentDispute.objects.get()
    assert (row.status, row.lost_amount, row.recovered_amount) == ("lost", EUR("15.00"), EUR("15.00"))
    # 50 came, 1 was kept, 10 and 15 went back, 20 for the dispute.
    assert balance(Kind.PROVIDER_CLEARING) == -EUR("4.00")
    assert balance(Kind.CHARGEBACK_LOSS) == -EUR("20.00")
    for signal, times in ((payment_succeeded, 1), (payment_refunded, 1), (payment_disputed, 2)):
        assert Event.objects.filter(name=signal.name).count() == times
    assert not LedgerAccount.objects.filter(is_frozen=True).exists()


@pytest.mark.parametrize("told", [Status.FAILED, Status.CANCELLED])
def test_a_failure_after_success_is_written_down_and_never_applied(intent, told):
    paid = story(intent)[4]
    tell(intent, paid)

    for _ in range(3):
        tell(intent, replace(paid, status=told))

    intent.refresh_from_db()
    assert (intent.status, cash(intent.player)) == ("succeeded", EUR("48.25"))
    news = intent.status_changes.get(is_applied=False)
    assert (news.from_status, news.to_status) == ("succeeded", told.value)


def test_another_payment_for_the_same_intent_is_never_credited(intent):
    second = replace(story(intent)[4], provider_payment_id="pi_another")

    for _ in range(2):
        tell(intent, second)

    intent.refresh_from_db()
    assert (intent.status, cash(intent.player)) == ("pending", EUR("0.00"))
    assert intent.status_changes.get(is_applied=False).error_code == "OTHER_PAYMENT"
    assert Event.objects.filter(name="payment_needs_attention").count() == 1


def test_refunds_and_disputes_above_the_payment_call_a_person(intent):
    paid = story(intent)[4]
    absurd = replace(
        paid,
        refunds=(RefundState("re_1", EUR("50.01"), RefundStatus.SUCCEEDED),),
        disputes=(DisputeState("dp_1", EUR("50.01"), DisputeStatus.OPEN),),
    )

    for _ in range(2):
        tell(intent, absurd)

    assert Event.objects.filter(name="payment_needs_attention").count() == 2
    assert cash(intent.player) == EUR("48.25")


@pytest.mark.parametrize("before", PaymentIntent.Status.values)
@pytest.mark.parametrize("after", PaymentIntent.Status.values)
def test_only_legal_steps_can_be_taken(before, after):
    legal = {
        "pending": {"processing", "requires_action", "succeeded", "failed", "cancelled"},
        "processing": {"succeeded", "failed", "cancelled"},
        "requires_action": {"succeeded", "failed", "cancelled"},
        "succeeded": {"partially_refunded", "refunded"},
        # Back among the paid ones: a refund that failed after all.
        "partially_refunded": {"refunded", "succeeded"},
        "refunded": {"partially_refunded", "succeeded"},
    }
    intent = PaymentIntent(status=before)

    assert payment_steps.can_step(intent, after) == (after in legal.get(before, set()))
    if after not in legal.get(before, set()):
        with pytest.raises(payment_steps.IllegalStep):
            payment_steps.step(intent, after, source="test", now=timezone.now())
