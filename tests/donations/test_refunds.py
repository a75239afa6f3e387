from collections import Counter
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donations.models import Donation, DonationRefund, MatchingOffer, Transfer
from donations.operations import giving, refunds
from donations.operations.ledger import WalletFrozen, freeze_wallet, unfreeze_wallet
from donations.queries.balances import balance_of
from goodplay.lib.events.models import Event
from goodplay.lib.money import CENT, to_cents
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.campaigns import make_campaign, make_offer, make_pool
from tests.factories.donations import NOW, Kind, balance, give_credits, make_donation
from tests.threads import at_once, crowd

Cause = DonationRefund.Cause


def give_back(donation, amount=None, *, cause=Cause.STAFF, now=NOW):
    value = Decimal(amount) if amount else None
    return refunds.refund_donation(donation_id=donation.pk, amount=value, cause=cause, now=now)


def mixed_donation(donor, onlus, *, earned, paid):
    give_credits(donor, earned)
    give_credits(donor, paid, kind=Kind.PLAYER_CASH)
    amount = Decimal(earned) + Decimal(paid)
    return giving.donate(donor=donor, onlus_id=onlus.pk, amount=amount, now=NOW)


def payable(onlus):
    return balance_of(onlus.ledger_accounts.get())


@pytest.mark.django_db
def test_a_whole_refund_puts_each_part_back_where_it_came_from():
    donor, onlus = UserFactory(), OnlusFactory()
    donation = mixed_donation(donor, onlus, earned="3.00", paid="2.50")

    refund = give_back(donation)

    donation.refresh_from_db()
    assert (refund.amount, refund.earned_amount, refund.paid_amount) == (
        Decimal("5.50"),
        Decimal("3.00"),
        Decimal("2.50"),
    )
    assert (donation.status, donation.refunded_amount) == ("refunded", Decimal("5.50"))
    assert (balance(donor), balance(donor, Kind.PLAYER_CASH), payable(onlus)) == (
        Decimal("3.00"),
        Decimal("2.50"),
        0,
    )


@pytest.mark.django_db
def test_own_money_goes_back_first_and_parts_add_up():
    donor, onlus = UserFactory(), OnlusFactory()
    donation = mixed_donation(donor, onlus, earned="3.00", paid="2.00")

    parts = [give_back(donation, "1.50"), give_back(donation, "1.50"), give_back(donation)]

    assert [(part.paid_amount, part.earned_amount) for part in parts] == [
        (Decimal("1.50"), Decimal("0.00")),
        (Decimal("0.50"), Decimal("1.00")),
        (Decimal("0.00"), Decimal("2.00")),
    ]
    donation.refresh_from_db()
    assert donation.status == "refunded"
    assert [
        event.payload["remaining_amount"] for event in Event.objects.filter(name="donation_refunded")
    ] == [
        "3.50",
        "2.00",
        "0.00",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["5.01", "0.00", "-1.00"])
def test_nothing_but_what_is_left_goes_back(amount):
    donor, onlus = UserFactory(), OnlusFactory()
    donation = make_donation(donor, onlus, "5.00")
    before = Transfer.objects.count()

    with pytest.raises(refunds.RefundTooLarge):
        refunds.refund_donation(donation_id=donation.pk, amount=Decimal(amount), cause=Cause.STAFF, now=NOW)

    assert (Transfer.objects.count(), DonationRefund.objects.count()) == (before, 0)


@pytest.mark.django_db
def test_a_refunded_payment_reaches_own_money_only():
    donor, onlus = UserFactory(), OnlusFactory()
    donation = mixed_donation(donor, onlus, earned="3.00", paid="2.00")

    refund = give_back(donation, cause=Cause.PAYMENT)

    assert (refund.amount, refund.earned_amount) == (Decimal("2.00"), Decimal("0.00"))
    with pytest.raises(refunds.RefundTooLarge):
        give_back(donation, cause=Cause.PAYMENT)


@pytest.mark.django_db
def test_a_refund_happens_once_and_unknown_donations_are_not_found():
    donation = make_donation(UserFactory(), OnlusFactory(), "1.00")
    give_back(donation)

    with pytest.raises(refunds.DonationNotRefundable):
        give_back(donation)
    with pytest.raises(refunds.DonationNotFound):
        refunds.refund_donation(donation_id=uuid4(), cause=Cause.STAFF, now=NOW)


@pytest.mark.race
@pytest.mark.usefixtures("real_transactions")
def test_a_hundred_equal_refunds_give_back_once():
    count = crowd(on_postgresql=100, elsewhere=8)
    donor = UserFactory()
    donation = make_donation(donor, OnlusFactory(), "7.00")

    results = at_once(count, lambda number: give_back(donation))

    kinds = Counter(type(result) for result in results)
    assert kinds == {DonationRefund: 1, refunds.DonationNotRefundable: count - 1}
    assert balance(donor) == Decimal("7.00")


@pytest.mark.race
@pytest.mark.usefixtures("real_transactions")
def test_refunds_and_gifts_of_one_wallet_at_once_lose_nothing():
    count = crowd(on_postgresql=40, elsewhere=8)
    donor, onlus = UserFactory(), OnlusFactory()
    donations = [make_donation(donor, onlus, "1.00") for _ in range(count)]
    give_credits(donor, "5.00")

    def act(number):
        if number % 2:
            return give_back(donations[number])
        return giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("0.10"), now=NOW)

    results = at_once(count, act)

    assert Counter(type(result) for result in results) == {DonationRefund: count // 2, Donation: count // 2}
    assert balance(donor) == 5 + count // 2 - count // 2 * Decimal("0.10")


# Cancelling -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_donor_cancels_within_the_window_only_and_only_own_gifts():
    donor = UserFactory()
    donation = make_donation(donor, OnlusFactory(), "4.00")
    late = NOW + timedelta(hours=24)

    with pytest.raises(refunds.DonationNotCancellable):
        refunds.cancel_donation(donor_id=donor.pk, donation_id=donation.pk, now=late)
    with pytest.raises(refunds.DonationNotFound):
        refunds.cancel_donation(donor_id=UserFactory().pk, donation_id=donation.pk, now=NOW)
    assert balance(donor) == 0

    cancelled = refunds.cancel_donation(
        donor_id=donor.pk, donation_id=donation.pk, now=late - timedelta(seconds=1)
    )

    assert (cancelled.status, balance(donor)) == ("refunded", Decimal("4.00"))


# Matching ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_match_follows_the_gift_and_goes_back_with_it():
    donor, onlus = UserFactory(), OnlusFactory()
    offer = make_offer(ratio=Decimal("0.50"))

    donation = make_donation(donor, onlus, "3.33")
    assert (donation.match.amount, payable(onlus)) == (Decimal("1.67"), Decimal("5.00"))

    refund = give_back(donation, "1.11")
    assert refund.matched_amount == Decimal("0.56")
    give_back(donation)

    offer.refresh_from_db()
    donation.match.refresh_from_db()
    assert (offer.matched_amount, donation.match.net_amount, payable(onlus)) == (0, 0, 0)


@pytest.mark.django_db
def test_the_most_particular_offer_matches_and_caps_hold():
    onlus = OnlusFactory()
    campaign = make_campaign(onlus)
    make_offer(ratio=Decimal("2.00"))
    small = make_offer(campaign=campaign, cap="1.50", cap_per_donation=Decimal("1.00"))

    def given():
        donation = make_donation(UserFactory(), onlus, "5.00", campaign_id=campaign.pk)
        return donation.match.offer_id == small.pk, donation.match.amount

    assert [given(), given(), given()] == [
        (True, Decimal("1.00")),
        (True, Decimal("0.50")),
        (False, Decimal("10.00")),
    ]


@pytest.mark.race
@pytest.mark.usefixtures("real_transactions")
def test_gifts_at_once_never_exceed_a_cap():
    count = crowd(on_postgresql=60, elsewhere=8)
    onlus, offer = OnlusFactory(), make_offer(cap="2.50")
    donors = [UserFactory() for _ in range(count)]

    results = at_once(count, lambda number: make_donation(donors[number], onlus, "1.00"))

    assert {type(result) for result in results} == {Donation}
    offer.refresh_from_db()
    assert offer.matched_amount == Decimal("2.50")
    assert MatchingOffer.objects.get().matches.count() == 3


@given(
    cents=st.integers(1, 1_000_000),
    ratio=st.integers(1, 500),
    parts=st.lists(st.integers(1, 100), max_size=5),
)
def test_a_match_returns_in_the_same_share_to_the_cent(cents, ratio, parts):
    """The rule of matching.take_back, against its words: cumulative rounding never drifts and ends at the whole."""
    amount = cents * CENT
    matched = to_cents(amount * ratio / 100)
    refunded = returned = Decimal(0)
    for part in [*parts, None]:
        left = amount - refunded
        refunded += left if part is None else min(left, to_cents(amount * part / 1000))
        due = to_cents(matched * refunded / amount) - returned
        assert due >= 0
        returned += due
        assert abs(returned - matched * refunded / amount) <= CENT / 2
    assert returned == matched


# Pools ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_gift_to_a_pool_is_split_to_the_cent():
    donor = UserFactory()
    first, second, closed = OnlusFactory(), OnlusFactory(), OnlusFactory(status="suspended")
    pool = make_pool({first: 1, second: 2, closed: 7})
    give_credits(donor, "10.00")

    donations = giving.give_to_pool(donor=donor, pool_id=pool.pk, amount=Decimal("10.00"), now=NOW)

    assert {each.onlus: each.amount for each in donations} == {
        first: Decimal("3.33"),
        second: Decimal("6.67"),
    }
    assert len({each.group_id for each in donations}) == 1
    assert balance(donor) == 0


@pytest.mark.django_db
def test_a_pool_gift_is_all_or_nothing():
    donor = UserFactory()
    pool = make_pool({OnlusFactory(): 1, OnlusFactory(): 1})
    give_credits(donor, "9.99")

    with pytest.raises(giving.ledger.InsufficientCredits):
        giving.give_to_pool(donor=donor, pool_id=pool.pk, amount=Decimal("10.00"), now=NOW)

    assert (Donation.objects.count(), balance(donor)) == (0, Decimal("9.99"))


# Frozen wallets ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_frozen_wallet_takes_but_does_not_give():
    donor, onlus = UserFactory(), OnlusFactory()
    donation = make_donation(donor, onlus, "2.00")
    freeze_wallet(player_id=donor.pk, now=NOW)
    give_credits(donor, "1.00")
    give_back(donation)

    with pytest.raises(WalletFrozen):
        giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("1.00"), now=NOW)

    assert balance(donor) == Decimal("3.00")
    unfreeze_wallet(player_id=donor.pk)
    giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("3.00"), now=NOW)
    assert balance(donor) == 0


@pytest.mark.race
@pytest.mark.usefixtures("real_transactions")
def test_freezing_races_spending_and_one_of_them_wins():
    count = crowd(on_postgresql=20, elsewhere=6)
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, count)

    def act(number):
        if number == count // 2:
            return freeze_wallet(player_id=donor.pk, now=NOW)
        return giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("1.00"), now=NOW)

    results = at_once(count, act)

    given = sum(isinstance(result, Donation) for result in results)
    assert {type(result) for result in results} <= {Donation, WalletFrozen, type(None)}
    assert balance(donor) == count - given
    with pytest.raises(WalletFrozen):
        giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("0.01"), now=NOW)
