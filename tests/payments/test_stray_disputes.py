"""Disputes over money that was kept aside: it never reached the wallet, and is contested and lost where it lies."""

from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from donations.models import LedgerAccount, PaymentDispute, PaymentIntent
from donations.operations import payment_exchange, payment_refund_bookings, payment_refunds
from donations.operations.payment_settlement import fail
from donations.queries.payments import debt_of, stray_left
from tests.factories.accounts import UserFactory
from tests.factories.donations import give_credits
from tests.payments.benches import stripe_bench
from tests.payments.intents import EVERY, Desk, account_at, balance, cash, deliver

Kind = LedgerAccount.Kind
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
    player = UserFactory()
    give_credits(player, "30.00", kind=Kind.PLAYER_CASH)
    return player


@pytest.fixture
def staff(db):
    return UserFactory(is_staff=True)


def stray(desk, player):
    """Pay 50 EUR unseen, after the payment was closed here."""
    intent = desk.pay_unseen(player)
    fail(intent_id=intent.pk, code="PROVIDER_UNREACHABLE", message="", source="job", now=timezone.now())
    return look(intent)


def look(intent):
    return payment_exchange.ask(
        intent=PaymentIntent.objects.get(pk=intent.pk), source="job", now=timezone.now()
    )


def contest(desk, intent):
    key = desk.bench.server.open_dispute(intent.provider_payment_id)
    look(intent)
    return key


def give_back(intent, staff, amount=None):
    return payment_refunds.refund_by_staff(
        intent_id=intent.pk, staff=staff, reason="Came too late", amount=amount, now=timezone.now()
    )


def is_frozen(player):
    return LedgerAccount.objects.of_player(player.pk).filter(is_frozen=True).exists()


def test_a_contested_stray_payment_is_held_where_it_lies(api, alice, staff, desk):
    intent = stray(desk, alice)
    clearing = balance(Kind.PROVIDER_CLEARING)
    desk.bench.server.open_dispute(intent.provider_payment_id)

    for _ in range(2):
        deliver(api, desk, desk.webhook(desk.bench.dispute_event, intent))
        look(intent)

    row = PaymentDispute.objects.get()
    taken = EUR("50.00") + row.fee
    assert (row.status, row.amount, row.booked_amount) == ("open", EUR("50.00"), taken)
    assert balance(Kind.PROVIDER_CLEARING) - clearing == taken
    assert (balance(Kind.CHARGEBACK_LOSS), balance(Kind.SUSPENSE)) == (-taken, EUR("50.00"))
    assert stray_left(intent) == EUR("0.00")
    assert (cash(alice), is_frozen(alice)) == (EUR("30.00"), False)
    with pytest.raises(payment_refunds.PaymentIsDisputed):
        give_back(intent, staff)


def test_what_is_held_aside_follows_what_is_contested(alice, staff, desk):
    intent = stray(desk, alice)
    key = contest(desk, intent)
    desk.bench.server.change_dispute(key, EUR("20.00"))
    look(intent)
    lowered = stray_left(intent)
    desk.bench.server.change_dispute(key, EUR("45.00"))
    look(intent)

    assert (lowered, stray_left(intent)) == (EUR("30.00"), EUR("5.00"))
    assert PaymentDispute.objects.get().hold.amount == EUR("45.00")


def test_a_stray_payment_that_is_lost_leaves_only_the_fee(alice, staff, desk):
    intent = stray(desk, alice)
    key = contest(desk, intent)
    desk.bench.server.lose_dispute(key, EUR("50.00"))

    look(intent)
    look(intent)

    row = PaymentDispute.objects.get()
    assert (row.status, row.recovered_amount, row.shortfall) == ("lost", EUR("50.00"), EUR("0.00"))
    assert (balance(Kind.SUSPENSE), balance(Kind.CHARGEBACK_LOSS)) == (EUR("0.00"), -row.fee)
    assert (cash(alice), is_frozen(alice)) == (EUR("30.00"), False)
    with pytest.raises(payment_refund_bookings.PaymentNotRefundable):
        give_back(intent, staff)


def test_a_stray_payment_that_is_won_can_be_given_back(alice, staff, desk):
    intent = stray(desk, alice)
    key = contest(desk, intent)
    desk.bench.server.win_dispute(key)
    look(intent)

    row = PaymentDispute.objects.get()
    assert (row.status, stray_left(intent)) == ("won", EUR("50.00"))
    assert (balance(Kind.SUSPENSE), balance(Kind.CHARGEBACK_LOSS)) == (EUR("50.00"), -row.fee)
    give_back(intent, staff)
    assert balance(Kind.SUSPENSE) == EUR("0.00")


def test_the_rest_of_a_stray_payment_lost_in_part_is_given_back(alice, staff, desk):
    intent = stray(desk, alice)
    key = contest(desk, intent)
    desk.bench.server.lose_dispute(key, EUR("20.00"))
    look(intent)

    assert PaymentDispute.objects.get().recovered_amount == EUR("20.00")
    with pytest.raises(payment_refund_bookings.PaymentRefundTooLarge):
        give_back(intent, staff, EUR("30.01"))
    give_back(intent, staff)
    assert balance(Kind.SUSPENSE) == EUR("0.00")
    assert cash(alice) == EUR("30.00")


def test_a_stray_payment_given_back_and_contested_is_the_players_debt(alice, staff, stripe):
    intent = stray(stripe, alice)
    give_back(intent, staff, EUR("10.00"))
    key = contest(stripe, intent)
    stripe.bench.server.lose_dispute(key)
    look(intent)
    early = (cash(alice), debt_of(alice.pk))
    stripe.bench.server.win_dispute(key)

    look(intent)

    # 40 lay aside, 10 the player had already: those are paid from the wallet, and first to return.
    assert early == (EUR("20.00"), EUR("0.00"))
    assert (cash(alice), stray_left(intent)) == (EUR("30.00"), EUR("40.00"))


def test_nothing_is_mailed_of_money_that_never_came(alice, stripe, django_capture_on_commit_callbacks):
    intent = stray(stripe, alice)
    with django_capture_on_commit_callbacks(execute=True):
        key = contest(stripe, intent)
        stripe.bench.server.lose_dispute(key)
        look(intent)

    assert PaymentDispute.objects.get().status == "lost"
    assert mail.outbox == []


def test_no_more_is_contested_than_came(alice, stripe):
    intent = stray(stripe, alice)
    stripe.bench.server.open_dispute(intent.provider_payment_id, EUR("50.01"))

    look(intent)

    assert not PaymentDispute.objects.exists()
    assert intent.status_changes.filter(error_code="DISPUTE_ABOVE_PAYMENT").count() == 1


def test_money_of_another_amount_is_contested_whole(alice, stripe):
    intent = stripe.pay_unseen(alice, "50.00")
    PaymentIntent.objects.filter(pk=intent.pk).update(amount="40.00", net_amount="38.25")
    look(intent)
    key = contest(stripe, intent)
    stripe.bench.server.lose_dispute(key)

    look(intent)

    row = PaymentDispute.objects.get()
    assert (row.recovered_amount, balance(Kind.SUSPENSE)) == (EUR("50.00"), EUR("0.00"))
