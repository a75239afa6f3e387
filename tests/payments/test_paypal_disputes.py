"""Disputes at PayPal that come to refunds: what went back to the payer leaves the books once."""

from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from donations.models import LedgerAccount, PaymentDispute, PaymentIntent, PaymentRefund
from donations.operations import payment_exchange
from donations.queries.payments import debt_of
from tests.factories.accounts import UserFactory
from tests.factories.donations import give_credits
from tests.payments.benches import paypal_bench
from tests.payments.intents import Desk, account_at, balance, cash, deliver

Kind = LedgerAccount.Kind
EUR = Decimal
FEE = EUR("14.00")


@pytest.fixture
def paypal(paypal_server, db):
    bench = paypal_bench(paypal_server)
    return Desk(bench, account_at(bench))


@pytest.fixture
def alice(db):
    player = UserFactory()
    give_credits(player, "20.00", kind=Kind.PLAYER_CASH)
    return player


def look(intent):
    return payment_exchange.ask(
        intent=PaymentIntent.objects.get(pk=intent.pk), source="job", now=timezone.now()
    )


def contest(paypal, intent, amount=None):
    key = paypal.bench.server.open_dispute(intent.provider_payment_id, amount)
    look(intent)
    return key


def taken_since(before):
    return balance(Kind.PROVIDER_CLEARING) - before


def is_frozen(player):
    return LedgerAccount.objects.of_player(player.pk).filter(is_frozen=True).exists()


def test_a_dispute_settled_by_a_refund_is_booked_once(api, alice, paypal):
    intent = paypal.pay(alice)
    before = balance(Kind.PROVIDER_CLEARING)
    key = contest(paypal, intent)
    paypal.bench.server.lose_dispute(key, as_refund=True)

    for event in ("PAYMENT.CAPTURE.REVERSED", "CUSTOMER.DISPUTE.RESOLVED"):
        deliver(api, paypal, paypal.webhook(event, intent))
    look(intent)

    intent = look(intent)
    row = PaymentDispute.objects.get()
    assert (intent.status, intent.refunded_amount) == ("refunded", EUR("50.00"))
    assert (row.status, row.lost_amount, row.booked_amount) == ("lost", EUR("0.00"), FEE)
    assert taken_since(before) == EUR("50.00") + FEE
    assert (cash(alice), debt_of(alice.pk), is_frozen(alice)) == (EUR("20.00"), EUR("0.00"), False)


def test_a_dispute_first_heard_of_when_its_refund_was_made(alice, paypal):
    intent = paypal.pay(alice)
    before = balance(Kind.PROVIDER_CLEARING)
    key = paypal.bench.server.open_dispute(intent.provider_payment_id)
    paypal.bench.server.lose_dispute(key, as_refund=True)

    look(intent)

    assert taken_since(before) == EUR("50.00") + FEE
    assert (cash(alice), is_frozen(alice)) == (EUR("20.00"), False)


def test_what_the_seller_gives_back_during_a_dispute_is_not_contested_any_more(alice, paypal):
    intent = paypal.pay(alice)
    before = balance(Kind.PROVIDER_CLEARING)
    key = contest(paypal, intent)
    paypal.bench.server.refund_at_provider(intent.provider_payment_id, EUR("30.00"))
    look(intent)
    row = PaymentDispute.objects.get()
    meanwhile = (row.status, row.amount, taken_since(before))
    paypal.bench.server.lose_dispute(key, EUR("50.00"))

    look(intent)

    row.refresh_from_db()
    assert meanwhile == ("open", EUR("20.00"), EUR("50.00"))
    assert (row.status, row.lost_amount) == ("lost", EUR("20.00"))
    assert taken_since(before) == EUR("50.00") + FEE
    assert debt_of(alice.pk) == EUR("0.00")


def test_a_dispute_given_back_whole_ends(alice, paypal, django_capture_on_commit_callbacks):
    intent = paypal.pay(alice)
    before = balance(Kind.PROVIDER_CLEARING)
    with django_capture_on_commit_callbacks(execute=True):
        contest(paypal, intent)
        paypal.bench.server.refund_at_provider(intent.provider_payment_id, EUR("50.00"))
        look(intent)

    row = PaymentDispute.objects.get()
    assert (row.status, row.lost_amount, taken_since(before)) == ("lost", EUR("0.00"), EUR("50.00"))
    assert (cash(alice), is_frozen(alice)) == (EUR("20.00"), False)
    assert [message.subject for message in mail.outbox] == [
        "A payment of yours is disputed",
        "Your payment was given back",
    ]


def test_a_refund_that_failed_leaves_the_dispute_its_loss(alice, paypal):
    intent = paypal.pay(alice)
    before = balance(Kind.PROVIDER_CLEARING)
    key = contest(paypal, intent)
    refund = paypal.bench.server.refund_at_provider(intent.provider_payment_id, EUR("50.00"))
    look(intent)
    paypal.bench.server.settle_refund(refund, "FAILED")
    look(intent)
    paypal.bench.server.lose_dispute(key)

    look(intent)

    row = PaymentDispute.objects.get()
    assert (row.status, row.lost_amount) == ("lost", EUR("50.00"))
    assert taken_since(before) == EUR("50.00") + FEE


def test_a_refund_from_before_a_dispute_is_told_besides(alice, paypal):
    """It is no part of what the dispute took."""
    intent = paypal.pay(alice)
    before = balance(Kind.PROVIDER_CLEARING)
    paypal.bench.server.refund_at_provider(intent.provider_payment_id, EUR("10.00"))
    [refund] = paypal.bench.server.orders[intent.provider_payment_id]["purchase_units"][0]["payments"][
        "refunds"
    ]
    refund["create_time"] = "2026-01-01T00:00:00Z"
    key = contest(paypal, intent, EUR("40.00"))
    paypal.bench.server.lose_dispute(key)

    look(intent)

    assert PaymentRefund.objects.get().amount == EUR("10.00")
    assert PaymentDispute.objects.get().lost_amount == EUR("40.00")
    assert taken_since(before) == EUR("50.00") + FEE


def test_a_refund_from_after_a_dispute_is_told_besides(alice, paypal):
    intent = paypal.pay(alice)
    before = balance(Kind.PROVIDER_CLEARING)
    key = contest(paypal, intent, EUR("20.00"))
    paypal.bench.server.lose_dispute(key)
    look(intent)
    paypal.bench.server.disputes[key]["money_movements"][0]["initiated_time"] = "2026-01-02T00:00:00Z"
    paypal.bench.server.disputes[key]["create_time"] = "2026-01-01T00:00:00Z"
    paypal.bench.server.refund_at_provider(intent.provider_payment_id, EUR("30.00"))

    look(intent)

    assert PaymentDispute.objects.get().lost_amount == EUR("20.00")
    assert taken_since(before) == EUR("50.00") + FEE


def test_two_disputes_share_the_refunds_they_came_to(alice, paypal):
    intent = paypal.pay(alice)
    before = balance(Kind.PROVIDER_CLEARING)
    one, two = contest(paypal, intent, EUR("20.00")), contest(paypal, intent, EUR("30.00"))
    paypal.bench.server.lose_dispute(one, as_refund=True)
    paypal.bench.server.lose_dispute(two, as_refund=True)

    look(intent)

    lost = sorted(PaymentDispute.objects.values_list("status", "lost_amount"))
    assert lost == [("lost", EUR("0.00")), ("lost", EUR("0.00"))]
    assert taken_since(before) == EUR("50.00") + 2 * FEE
    assert debt_of(alice.pk) == EUR("0.00")
