"""What happens to the same money at the same moment, from several sides."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from donations.models import (
    Donation,
    DonationMatch,
    DonationRefund,
    LedgerAccount,
    MatchingOffer,
    RecurringCharge,
    RecurringDonation,
    Review,
)
from donations.operations import giving, ledger, recurring, refunds, reviews
from donations.queries.balances import balance_of
from goodplay.lib.errors import DomainError
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.campaigns import make_offer, make_pool
from tests.factories.donations import NOW, Kind, balance, give_credits, make_donation
from tests.factories.risk import hold_from
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]
Status = Donation.Status


def payable(onlus):
    return balance_of(ledger.onlus_account(onlus_id=onlus.pk, now=NOW))


def unexpected(results):
    return [each for each in results if isinstance(each, Exception) and not isinstance(each, DomainError)]


def done(results):
    return [each for each in results if not isinstance(each, Exception)]


@pytest.mark.parametrize("round_number", range(3))
def test_a_review_decided_both_ways_while_its_donor_cancels_has_one_outcome(round_number):
    hold_from("donation", "10.00")
    donor, onlus = UserFactory(), OnlusFactory()
    rita, ugo = StaffFactory.create_batch(2)
    give_credits(donor, "30.00")
    donation = giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("30.00"), now=NOW)
    review = Review.objects.get()

    def act(number):
        if number % 3 == 0:
            return reviews.release(review=review, decided_by=rita, reason="Fine", now=NOW)
        if number % 3 == 1:
            return reviews.reject(review=review, decided_by=ugo, reason="Odd", now=NOW)
        return refunds.cancel_donation(donor_id=donor.pk, donation_id=donation.pk, now=NOW)

    results = at_once(crowd(on_postgresql=12, elsewhere=6), act)

    assert unexpected(results) == []
    donation.refresh_from_db()
    review.refresh_from_db()
    decisions = [each for each in done(results) if isinstance(each, Review)]
    if review.status == Review.Status.WITHDRAWN:  # the donor was first, and nobody had to decide
        assert (decisions, donation.status) == ([], Status.CANCELLED)
    else:
        assert [each.status for each in decisions] == [review.status]
    assert donation.status in (Status.CANCELLED, Status.REFUNDED, Status.COMPLETED)
    given = Decimal("30.00") if donation.status == Status.COMPLETED else Decimal("0.00")
    assert (payable(onlus), balance(donor)) == (given, Decimal("30.00") - given)
    assert LedgerAccount.objects.get(player=donor, kind=Kind.PLAYER_CREDITS).held == 0


def test_one_donation_given_back_by_everybody_at_once_comes_back_once():
    donor, onlus = UserFactory(), OnlusFactory()
    donation = make_donation(donor, onlus, "20.00")

    def give_back(number):
        if number % 2:
            return refunds.cancel_donation(donor_id=donor.pk, donation_id=donation.pk, now=NOW)
        cause = DonationRefund.Cause.STAFF
        amount = Decimal("15.00") if number % 4 else None
        return refunds.refund_donation(donation_id=donation.pk, cause=cause, amount=amount, now=NOW)

    results = at_once(crowd(on_postgresql=24, elsewhere=8), give_back)

    assert unexpected(results) == []
    assert sum(each.amount for each in DonationRefund.objects.all()) == Decimal("20.00")
    assert (balance(donor), payable(onlus)) == (Decimal("20.00"), 0)


def test_gifts_at_one_moment_never_match_more_than_the_cap():
    count = crowd(on_postgresql=30, elsewhere=6)
    onlus, donors = OnlusFactory(), UserFactory.create_batch(count)
    offer = make_offer(cap="10.00", ratio=Decimal("1.00"))
    for donor in donors:
        give_credits(donor, "3.00")

    results = at_once(
        count, lambda at: giving.donate(donor=donors[at], onlus_id=onlus.pk, amount=Decimal("3.00"), now=NOW)
    )

    assert len(done(results)) == count
    matched = sorted(DonationMatch.objects.values_list("amount", flat=True))
    assert matched == [Decimal("1.00"), *[Decimal("3.00")] * 3]
    assert MatchingOffer.objects.get(pk=offer.pk).matched_amount == Decimal("10.00")
    assert payable(onlus) == 3 * count + 10


def test_gifts_to_pools_that_share_an_organisation_do_not_wait_in_a_circle():
    count = crowd(on_postgresql=24, elsewhere=6)
    alone, shared, other = OnlusFactory.create_batch(3)
    for_all, for_one = make_offer(cap="500.00"), make_offer(cap="500.00", onlus=shared)
    pools = [make_pool({alone: 1, shared: 1}), make_pool({shared: 1, other: 1})]
    donors = UserFactory.create_batch(count)
    for donor in donors:
        give_credits(donor, "4.00")

    def give(at):
        return giving.give_to_pool(
            donor=donors[at], pool_id=pools[at % 2].pk, amount=Decimal("4.00"), now=NOW
        )

    results = at_once(count, give)

    assert unexpected(results) == []
    offers = MatchingOffer.objects.in_bulk([for_all.pk, for_one.pk])
    assert [offers[each.pk].matched_amount for each in (for_all, for_one)] == [2 * count] * 2
    assert [payable(onlus) for onlus in (alone, shared, other)] == [2 * count, 4 * count, 2 * count]


def test_a_wallet_frozen_while_it_is_spent_from_keeps_what_was_not_spent():
    count = crowd(on_postgresql=40, elsewhere=8)
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, count)

    def act(number):
        if number == count // 2:
            return ledger.freeze_wallet(player_id=donor.pk, now=NOW)
        return giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("1.00"), now=NOW)

    results = at_once(count, act)

    assert {type(each) for each in results if isinstance(each, Exception)} <= {
        ledger.WalletFrozen,
        ledger.WalletUpdateFailed,
    }
    given = Donation.objects.count()
    assert Counter(type(each) for each in results)[Donation] == given
    assert (balance(donor), payable(onlus)) == (count - given, given)
    with pytest.raises(ledger.WalletFrozen):
        giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("0.01"), now=NOW)


@pytest.mark.parametrize("round_number", range(3))
def test_a_recurring_gift_paused_while_it_falls_due_gives_once_or_not(round_number):
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, "50.00")
    promise = recurring.set_up(
        donor=donor, onlus_id=onlus.pk, amount=Decimal("5.00"), interval="monthly", now=NOW
    )
    assert recurring.open_due_charges(now=NOW) == 1
    charge = RecurringCharge.objects.get()

    def act(number):
        if number % 4 == 0:
            return recurring.pause(donor_id=donor.pk, recurring_id=promise.pk, now=NOW)
        return recurring.attempt(charge_id=charge.pk, now=NOW + timedelta(seconds=1))

    results = at_once(crowd(on_postgresql=12, elsewhere=4), act)

    assert unexpected(results) == []
    given = Donation.objects.count()
    assert given <= 1
    assert balance(donor) == Decimal("50.00") - 5 * given
    promise.refresh_from_db()
    charge.refresh_from_db()
    assert promise.status == RecurringDonation.Status.PAUSED
    assert (charge.donation_id is not None) == bool(given)
