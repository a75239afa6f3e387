"""Disputed payments: the wallet is frozen, what the bank took is booked, and in the end nothing is lost that could be kept."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils import timezone

from donations.models import Donation, DonationRefund, LedgerAccount, PaymentDispute, PaymentIntent
from donations.operations import (
    giving,
    ledger,
    payment_confirming,
    payment_debts,
    payment_exchange,
    payment_intents,
    payment_refund_bookings,
    payment_refunds,
    refunds,
)
from donations.queries.payments import debt_of, disputed_donation_ids, refundable_amount
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import give_credits
from tests.payments.benches import stripe_bench
from tests.payments.intents import EVERY, Desk, account_at, balance, cash, deliver, spendable
from tests.threads import at_once

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
    return UserFactory()


def look(intent):
    return payment_exchange.ask(
        intent=PaymentIntent.objects.get(pk=intent.pk), source="job", now=timezone.now()
    )


def give(player, amount):
    return giving.donate(donor=player, onlus_id=OnlusFactory().pk, amount=EUR(amount), now=timezone.now())


def dispute(desk, intent):
    """Open a dispute over the whole payment, and hear of it."""
    key = desk.bench.server.open_dispute(intent.provider_payment_id)
    look(intent)
    return key


def is_frozen(player):
    return LedgerAccount.objects.of_player(player.pk).filter(is_frozen=True).exists()


def test_an_open_dispute_freezes_the_wallet_and_books_what_was_taken(api, alice, desk):
    intent = desk.pay(alice)
    give_credits(alice, "5.00")
    desk.bench.server.open_dispute(intent.provider_payment_id)
    clearing = balance(Kind.PROVIDER_CLEARING)

    for _ in range(3):
        deliver(api, desk, desk.webhook(desk.bench.dispute_event, intent))
    look(intent)

    row = PaymentDispute.objects.get()
    # PayPal tells its fee with the verdict.
    assert row.fee == (EUR("0.00") if desk.bench.name == "paypal" else desk.bench.dispute_fee)
    assert (row.status, row.amount) == ("open", EUR("50.00"))
    assert balance(Kind.PROVIDER_CLEARING) - clearing == EUR("50.00") + row.fee
    assert balance(Kind.CHARGEBACK_LOSS) == -(EUR("50.00") + row.fee)
    assert (cash(alice), spendable(alice)) == (EUR("48.25"), EUR("5.00"))
    with pytest.raises(ledger.WalletFrozen):
        give(alice, "1.00")


def resized(desk, intent, key, amount):
    desk.bench.server.change_dispute(key, EUR(amount))
    look(intent)
    look(intent)
    row = PaymentDispute.objects.get()
    assert (row.status, row.amount, row.booked_amount) == ("open", EUR(amount), EUR(amount) + row.fee)
    return row.hold.amount


def test_the_hold_follows_what_is_contested(alice, desk):
    intent = desk.pay(alice)
    key = dispute(desk, intent)

    less = resized(desk, intent, key, "20.00")
    free = spendable(alice)
    little = resized(desk, intent, key, "0.01")
    all_there_is = resized(desk, intent, key, "49.00")
    back = resized(desk, intent, key, "30.00")

    assert (less, free, little, all_there_is, back) == (
        EUR("20.00"),
        EUR("28.25"),
        EUR("0.01"),
        EUR("48.25"),
        EUR("30.00"),
    )
    assert (cash(alice), is_frozen(alice)) == (EUR("48.25"), True)
    desk.bench.server.lose_dispute(key, EUR("30.00"))
    look(intent)
    assert (cash(alice), is_frozen(alice)) == (EUR("18.25"), False)


def test_a_raised_dispute_holds_what_is_there_and_the_rest_becomes_a_debt(alice, stripe):
    intent = stripe.pay(alice, "20.00")
    gift = give(alice, cash(alice) - EUR("6.00"))
    Donation.objects.filter(pk=gift.pk).update(completed_at=intent.created_at - timedelta(days=1))
    key = stripe.bench.server.open_dispute(intent.provider_payment_id, EUR("5.00"))
    look(intent)

    held = resized(stripe, intent, key, "20.00")
    stripe.bench.server.lose_dispute(key)
    look(intent)

    assert held == EUR("6.00")
    assert (cash(alice), debt_of(alice.pk), is_frozen(alice)) == (EUR("0.00"), EUR("14.00"), True)


def test_a_dispute_over_nothing_changes_nothing(alice, stripe):
    one, two = stripe.pay(alice), stripe.pay(alice)
    key, other = dispute(stripe, one), stripe.bench.server.open_dispute(two.provider_payment_id)
    for dispute_id in (key, other):
        stripe.bench.server.change_dispute(dispute_id, EUR("0.00"))

    look(one)
    look(two)

    row = PaymentDispute.objects.get()
    assert (row.provider_dispute_id, row.status, row.amount) == (key, "open", EUR("50.00"))
    stripe.bench.server.win_dispute(key)
    look(one)
    assert (spendable(alice), is_frozen(alice)) == (EUR("96.50"), False)


def test_no_more_is_held_than_was_paid(alice, stripe):
    intent = stripe.pay(alice, "20.00")
    give_credits(alice, "30.00", kind=Kind.PLAYER_CASH)
    key = dispute(stripe, intent)
    stripe.bench.server.change_dispute(key, EUR("25.00"))

    look(intent)
    look(intent)

    row = PaymentDispute.objects.get()
    assert (row.amount, row.hold.amount) == (EUR("20.00"), EUR("20.00"))
    assert intent.status_changes.filter(error_code="DISPUTE_ABOVE_PAYMENT").count() == 1


def test_a_won_dispute_leaves_only_its_fee(alice, desk):
    intent = desk.pay(alice)
    key = dispute(desk, intent)
    desk.bench.server.win_dispute(key)

    look(intent)
    look(intent)

    row = PaymentDispute.objects.get()
    assert row.status == "won"
    assert (spendable(alice), is_frozen(alice)) == (EUR("48.25"), False)
    assert balance(Kind.CHARGEBACK_LOSS) == -row.fee
    give(alice, "48.25")


def test_a_lost_dispute_takes_what_is_there(alice, desk):
    intent = desk.pay(alice)
    give_credits(alice, "10.00", kind=Kind.PLAYER_CASH)
    key = dispute(desk, intent)
    desk.bench.server.lose_dispute(key, EUR("50.00"))

    look(intent)
    look(intent)

    row = PaymentDispute.objects.get()
    assert (row.status, row.lost_amount, row.recovered_amount) == ("lost", EUR("50.00"), EUR("50.00"))
    assert (cash(alice), is_frozen(alice)) == (EUR("8.25"), False)
    assert balance(Kind.CHARGEBACK_LOSS) == -row.fee


def test_a_dispute_lost_in_part_takes_that_part(alice, desk):
    intent = desk.pay(alice)
    key = dispute(desk, intent)
    desk.bench.server.lose_dispute(key, EUR("20.00"))

    look(intent)

    row = PaymentDispute.objects.get()
    assert (row.status, row.lost_amount, row.booked_amount) == ("lost", EUR("20.00"), EUR("20.00") + row.fee)
    assert (cash(alice), is_frozen(alice)) == (EUR("28.25"), False)


def test_gifts_not_paid_out_come_back_newest_first_to_cover_a_loss(alice, stripe):
    intent = stripe.pay(alice)
    first, last = give(alice, "20.00"), give(alice, "25.00")
    key = dispute(stripe, intent)
    stripe.bench.server.lose_dispute(key, EUR("30.00"))

    look(intent)

    first.refresh_from_db()
    last.refresh_from_db()
    row = PaymentDispute.objects.get()
    assert (last.status, first.refunded_amount) == ("refunded", EUR("1.75"))
    assert (row.recovered_amount, row.shortfall) == (EUR("30.00"), EUR("0.00"))
    assert last.refunds.get().cause == "dispute"
    assert (cash(alice), is_frozen(alice)) == (EUR("0.00"), False)


def test_the_gift_a_payment_made_comes_back_when_it_is_lost(alice, stripe):
    intent = payment_intents.start_gift_payment(
        donor=alice, onlus_id=OnlusFactory().pk, amount=EUR("50.00"), now=timezone.now()
    )
    payment_confirming.confirm(player=alice, intent_id=intent.pk, method="pm_card_visa", now=timezone.now())
    key = dispute(stripe, intent)
    waits = list(disputed_donation_ids())
    stripe.bench.server.lose_dispute(key)

    look(intent)

    donation = Donation.objects.get()
    row = PaymentDispute.objects.get()
    assert waits == [donation.pk]
    assert list(disputed_donation_ids()) == []
    assert (donation.status, row.recovered_amount, row.shortfall) == (
        "refunded",
        EUR("48.25"),
        EUR("1.75"),
    )


def test_what_nobody_can_recover_is_a_loss_and_a_debt(alice, stripe, django_capture_on_commit_callbacks):
    intent = stripe.pay(alice)
    gift = give(alice, "48.25")
    Donation.objects.filter(pk=gift.pk).update(completed_at=intent.created_at - timedelta(days=1))
    key = dispute(stripe, intent)
    stripe.bench.server.lose_dispute(key)
    look(intent)
    owed = debt_of(alice.pk)

    with django_capture_on_commit_callbacks(execute=True):
        stripe.pay(alice, "100.00")

    assert owed == EUR("50.00")
    assert (cash(alice), is_frozen(alice), debt_of(alice.pk)) == (EUR("46.80"), False, EUR("0.00"))
    assert balance(Kind.CHARGEBACK_LOSS) == -PaymentDispute.objects.get().fee


def test_disputed_gifts_of_own_money_wait_and_others_do_not(alice, stripe):
    earned = give_credits(alice, "3.00") and give(alice, "3.00")
    intent = stripe.pay(alice)
    own = give(alice, "10.00")
    other = UserFactory()
    stripe.pay(other)
    give(other, "10.00")

    dispute(stripe, intent)

    assert list(disputed_donation_ids()) == [own.pk]
    assert earned.pk != own.pk


def test_the_wallet_stays_frozen_until_the_last_dispute_is_closed(alice, stripe):
    one, two = stripe.pay(alice), stripe.pay(alice)
    first, second = dispute(stripe, one), dispute(stripe, two)
    stripe.bench.server.win_dispute(first)
    look(one)
    between = is_frozen(alice)
    stripe.bench.server.win_dispute(second)
    look(two)

    assert (between, is_frozen(alice)) == (True, False)
    assert spendable(alice) == EUR("96.50")


def test_a_victory_that_was_half_a_loss_is_corrected(alice, stripe):
    """Stripe says won, and only later that a part of the money stays away."""
    intent = stripe.pay(alice)
    key = dispute(stripe, intent)
    stripe.bench.server.win_dispute(key, is_paid_back=False)
    look(intent)
    early = (PaymentDispute.objects.get().status, spendable(alice))
    stripe.bench.server.lose_dispute(key, EUR("15.00"))

    look(intent)

    row = PaymentDispute.objects.get()
    assert early == ("won", EUR("48.25"))
    assert (row.status, row.lost_amount, cash(alice)) == ("lost", EUR("15.00"), EUR("33.25"))


def test_a_loss_that_was_a_victory_is_given_back(alice, stripe):
    intent = stripe.pay(alice)
    key = dispute(stripe, intent)
    stripe.bench.server.lose_dispute(key)
    look(intent)
    early = (cash(alice), debt_of(alice.pk))
    stripe.bench.server.win_dispute(key)

    look(intent)

    assert early == (EUR("0.00"), EUR("1.75"))
    assert (cash(alice), debt_of(alice.pk), is_frozen(alice)) == (EUR("48.25"), EUR("0.00"), False)


def test_a_dispute_that_is_first_heard_of_when_it_was_lost(alice, stripe):
    intent = stripe.pay(alice)
    key = stripe.bench.server.open_dispute(intent.provider_payment_id)
    stripe.bench.server.lose_dispute(key)

    look(intent)

    row = PaymentDispute.objects.get()
    assert (row.status, row.recovered_amount, row.shortfall) == ("lost", EUR("48.25"), EUR("1.75"))
    assert is_frozen(alice)


def indebted_while_disputed(desk, player):
    """Hold 50 of 96.50 for a dispute, and let the provider give the other payment back."""
    contested, other = desk.pay(player), desk.pay(player)
    key = dispute(desk, contested)
    refund = desk.bench.server.refund_at_provider(other.provider_payment_id, EUR("50.00"))
    look(other)
    assert debt_of(player.pk) == EUR("1.75")
    return contested, key, other, refund


def test_what_a_won_dispute_frees_pays_debts_first(alice, stripe, django_capture_on_commit_callbacks):
    contested, key, _other, _refund = indebted_while_disputed(stripe, alice)
    stripe.bench.server.win_dispute(key)

    with django_capture_on_commit_callbacks(execute=True):
        look(contested)

    assert (cash(alice), debt_of(alice.pk), is_frozen(alice)) == (EUR("48.25"), EUR("0.00"), False)


def test_what_a_failed_refund_brings_back_pays_debts_first(alice, stripe, django_capture_on_commit_callbacks):
    contested, key, other, refund = indebted_while_disputed(stripe, alice)
    stripe.bench.server.lose_dispute(key)
    third = stripe.pay(alice, "20.00")
    stripe.bench.server.settle_refund(refund, "failed")
    with django_capture_on_commit_callbacks(execute=True):
        look(contested)
        look(third)
        look(other)

    assert (debt_of(alice.pk), is_frozen(alice)) == (EUR("0.00"), False)


def test_a_gift_given_back_pays_debts_first(alice, stripe, django_capture_on_commit_callbacks):
    gift = give(alice, "20.00") if stripe.pay(alice, "30.00") else None
    spent = stripe.pay(alice)
    old = give(alice, spendable(alice))
    for each in (gift, old):
        Donation.objects.filter(pk=each.pk).update(completed_at=spent.created_at - timedelta(days=1))
    stripe.bench.server.lose_dispute(dispute(stripe, spent))
    look(spent)
    owed = debt_of(alice.pk)

    with django_capture_on_commit_callbacks(execute=True):
        refunds.refund_donation(
            donation_id=gift.pk, cause=DonationRefund.Cause.STAFF, reason="Asked for", now=timezone.now()
        )

    assert owed == EUR("50.00")
    assert (cash(alice), debt_of(alice.pk), is_frozen(alice)) == (EUR("0.00"), EUR("30.00"), True)


def test_a_disputed_payment_is_not_refunded_as_well(alice, stripe):
    intent = stripe.pay(alice)
    dispute(stripe, intent)

    with pytest.raises(payment_refunds.PaymentIsDisputed):
        payment_refunds.refund_own(player=alice, intent_id=intent.pk, now=timezone.now())

    assert stripe.bench.server.of("refund") == []


def test_what_was_lost_is_not_given_back_as_well(alice, desk):
    intent = desk.pay(alice)
    give_credits(alice, "60.00", kind=Kind.PLAYER_CASH)
    key = dispute(desk, intent)
    desk.bench.server.lose_dispute(key, EUR("20.00"))
    intent = look(intent)
    left = refundable_amount(intent)
    before = (cash(alice), balance(Kind.PROVIDER_CLEARING))

    with pytest.raises(payment_refund_bookings.PaymentRefundTooLarge):
        payment_refunds.refund_own(player=alice, intent_id=intent.pk, amount=EUR("30.01"), now=timezone.now())

    assert left == EUR("30.00")
    assert (cash(alice), balance(Kind.PROVIDER_CLEARING)) == before
    made = payment_refunds.refund_own(player=alice, intent_id=intent.pk, now=timezone.now())
    assert (made.amount, made.status) == (EUR("30.00"), "succeeded")
    assert refundable_amount(look(intent)) == EUR("0.00")
    with pytest.raises(payment_refund_bookings.PaymentNotRefundable):
        payment_refunds.refund_own(player=alice, intent_id=intent.pk, now=timezone.now())


def test_the_player_is_told_of_the_beginning_and_the_end(alice, stripe, django_capture_on_commit_callbacks):
    intent = stripe.pay(alice)
    with django_capture_on_commit_callbacks(execute=True):
        key = dispute(stripe, intent)
        stripe.bench.server.win_dispute(key)
        look(intent)
        look(intent)

    assert len(mail.outbox) == 2
    assert "contested" in mail.outbox[0].body
    assert "stands" in mail.outbox[1].body


@pytest.mark.race
def test_two_disputes_closing_at_once_thaw_the_wallet(real_transactions, stripe_server):
    stripe = Desk(stripe_bench(stripe_server), account_at(stripe_bench(stripe_server)))
    alice = UserFactory()
    intents = [stripe.pay(alice), stripe.pay(alice)]
    keys = [dispute(stripe, intent) for intent in intents]
    for key in keys:
        stripe.bench.server.win_dispute(key)

    at_once(6, lambda number: look(intents[number % 2]))

    assert not is_frozen(alice)
    assert spendable(alice) == EUR("96.50")


@pytest.mark.race
def test_a_loss_and_a_spree_at_once_never_overdraw(real_transactions, stripe_server):
    stripe = Desk(stripe_bench(stripe_server), account_at(stripe_bench(stripe_server)))
    alice = UserFactory()
    intent = stripe.pay(alice)
    organisation = OnlusFactory()
    key = stripe.bench.server.open_dispute(intent.provider_payment_id)
    stripe.bench.server.lose_dispute(key)

    def act(number):
        if number < 2:
            return look(intent)
        return giving.donate(donor=alice, onlus_id=organisation.pk, amount=EUR("4.00"), now=timezone.now())

    at_once(12, act)
    look(intent)

    row = PaymentDispute.objects.get()
    assert row.recovered_amount + row.shortfall == EUR("50.00")
    assert cash(alice) == EUR("0.00")
    payment_debts.collect(player_id=alice.pk, now=timezone.now())
