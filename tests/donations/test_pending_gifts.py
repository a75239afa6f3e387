"""Gifts that wait for a payment or for the check point."""

from decimal import Decimal
from uuid import uuid4

import pytest

from donations.models import Donation, LedgerAccount, Review, Transfer
from donations.operations import giving, pending_gifts, refunds, reviews
from donations.queries.balances import balance_of
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, Kind, balance, give_credits
from tests.factories.risk import hold_from
from tests.threads import at_once, crowd

Status = Donation.Status


def waiting_gift(donor, onlus, *, amount="30.00", from_wallet="10.00", earned="6.00", cash="4.00"):
    give_credits(donor, earned)
    if Decimal(cash):
        give_credits(donor, cash, kind=Kind.PLAYER_CASH)
    return pending_gifts.begin(
        donor=donor,
        onlus_id=onlus.pk,
        amount=Decimal(amount),
        from_wallet=Decimal(from_wallet),
        now=NOW,
    )


def pay(donation, amount, intent_id=None):
    """What a payment does when it succeeds: bring the cash, then carry the gift out."""
    give_credits(donation.donor, amount, kind=Kind.PLAYER_CASH)
    return pending_gifts.complete(
        donation=donation, intent_id=intent_id or uuid4(), paid_now=Decimal(amount), now=NOW
    )


def held(player):
    return sum(account.held for account in LedgerAccount.objects.of_player(player.pk))


def payable(onlus):
    account = onlus.ledger_accounts.first()
    return balance_of(account) if account else 0


@pytest.fixture
def threshold(db):
    hold_from("donation", "30.00")
    return Decimal("30.00")


@pytest.mark.django_db
def test_a_mixed_gift_holds_the_wallets_part_until_the_rest_is_paid():
    donor, onlus = UserFactory(), OnlusFactory()

    donation = waiting_gift(donor, onlus)

    assert (donation.status, donation.earned_amount, donation.paid_amount) == (
        Status.PENDING,
        Decimal("6.00"),
        Decimal("24.00"),
    )
    assert (held(donor), payable(onlus)) == (Decimal("10.00"), 0)

    donation = pay(donation, "20.00")

    assert donation.status == Status.COMPLETED
    assert (held(donor), balance(donor), balance(donor, Kind.PLAYER_CASH), payable(onlus)) == (
        0,
        0,
        0,
        Decimal("30.00"),
    )
    assert Event.objects.filter(name="donation_complete").count() == 1


@pytest.mark.django_db
def test_completing_twice_gives_once():
    donor, onlus = UserFactory(), OnlusFactory()
    donation = waiting_gift(donor, onlus)
    pay(donation, "20.00")

    again = pay(donation, "20.00")

    assert (again.status, payable(onlus), balance(donor, Kind.PLAYER_CASH)) == (
        Status.COMPLETED,
        Decimal("30.00"),
        Decimal("20.00"),
    )


@pytest.mark.django_db
def test_an_abandoned_gift_frees_the_wallet_and_a_late_payment_stays_there():
    donor, onlus = UserFactory(), OnlusFactory()
    donation = waiting_gift(donor, onlus)

    pending_gifts.abandon(donation=donation, status=Status.CANCELLED, code="CANCELLED_BY_DONOR", now=NOW)
    late = pay(donation, "20.00")

    assert (late.status, late.failure_code, held(donor)) == (Status.CANCELLED, "CANCELLED_BY_DONOR", 0)
    assert (balance(donor), balance(donor, Kind.PLAYER_CASH), payable(onlus)) == (
        Decimal("6.00"),
        Decimal("24.00"),
        0,
    )
    assert Event.objects.filter(name="donation_cancelled").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "paid", "code"),
    [
        ({"status": "suspended"}, "20.00", "ORGANIZATION_NOT_ELIGIBLE_FOR_DONATIONS"),
        ({}, "19.99", "PAYMENT_AMOUNT_MISMATCH"),
    ],
)
def test_a_gift_that_cannot_be_carried_out_fails_and_keeps_the_money_in_the_wallet(change, paid, code):
    donor, onlus = UserFactory(), OnlusFactory()
    donation = waiting_gift(donor, onlus)
    type(onlus).objects.filter(pk=onlus.pk).update(**change)

    failed = pay(donation, paid)

    assert (failed.status, failed.failure_code, held(donor)) == (Status.FAILED, code, 0)
    assert balance(donor, Kind.PLAYER_CASH) == Decimal("4.00") + Decimal(paid)


@pytest.mark.django_db
def test_the_wallet_cannot_give_all_of_a_gift_that_waits_for_a_payment():
    donor = UserFactory()

    with pytest.raises(pending_gifts.WalletShareTooLarge):
        waiting_gift(donor, OnlusFactory(), amount="10.00")

    assert (Donation.objects.count(), held(donor)) == (0, 0)


# The check point --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_large_gift_waits_and_moves_when_it_is_released(threshold):
    donor, onlus, officer = UserFactory(), OnlusFactory(), StaffFactory()
    give_credits(donor, "50.00")

    donation = giving.donate(donor=donor, onlus_id=onlus.pk, amount=threshold, now=NOW)

    review = Review.objects.get()
    assert (donation.status, held(donor), payable(onlus)) == (Status.PENDING, threshold, 0)
    assert (review.subject_id, review.reasons) == (donation.pk, ["review_amount"])
    assert not Event.objects.filter(name="donation_complete").exists()

    reviews.release(review=review, decided_by=officer, reason="Known donor.", now=NOW)

    donation.refresh_from_db()
    assert (donation.status, held(donor), payable(onlus)) == (Status.COMPLETED, 0, threshold)
    assert AuditEntry.objects.filter(action="review_released", reason="Known donor.").count() == 1
    with pytest.raises(reviews.ReviewAlreadyDecided):
        reviews.reject(review=review, decided_by=officer, reason="Too late.", now=NOW)


@pytest.mark.django_db
def test_a_rejected_gift_goes_back_and_nobody_decides_about_their_own(threshold):
    donor, onlus = StaffFactory(), OnlusFactory()
    give_credits(donor, "50.00")
    donation = giving.donate(donor=donor, onlus_id=onlus.pk, amount=threshold, now=NOW)
    review = Review.objects.get()

    with pytest.raises(reviews.OwnMovement):
        reviews.release(review=review, decided_by=donor, reason="It is me.", now=NOW)
    reviews.reject(review=review, decided_by=StaffFactory(), reason="No answer.", now=NOW)

    donation.refresh_from_db()
    assert (donation.status, donation.failure_code) == (Status.CANCELLED, "REJECTED_BY_REVIEW")
    assert (held(donor), balance(donor), payable(onlus)) == (0, Decimal("50.00"), 0)


@pytest.mark.django_db
def test_a_gift_its_donor_takes_back_needs_no_decision_any_more(
    threshold, django_capture_on_commit_callbacks
):
    donor = UserFactory()
    give_credits(donor, "50.00")
    donation = giving.donate(donor=donor, onlus_id=OnlusFactory().pk, amount=threshold, now=NOW)

    with django_capture_on_commit_callbacks(execute=True):
        refunds.cancel_donation(donor_id=donor.pk, donation_id=donation.pk, now=NOW)

    review = Review.objects.get()
    assert (review.status, review.decided_by, held(donor)) == (Review.Status.WITHDRAWN, None, 0)
    with pytest.raises(reviews.ReviewAlreadyDecided):
        reviews.release(review=review, decided_by=StaffFactory(), reason="Too late.", now=NOW)
    assert AuditEntry.objects.filter(action="review_released").count() == 0


@pytest.mark.django_db
def test_a_large_paid_gift_waits_after_its_payment(threshold):
    donor, onlus = UserFactory(), OnlusFactory()

    donation = pay(waiting_gift(donor, onlus, amount=threshold), "20.00")

    assert (donation.status, held(donor), payable(onlus)) == (Status.PENDING, threshold, 0)
    reviews.release(review=Review.objects.get(), decided_by=StaffFactory(), reason="Fine.", now=NOW)
    assert payable(onlus) == threshold


@pytest.mark.django_db
def test_below_the_threshold_nothing_waits(threshold):
    donor, onlus = UserFactory(), OnlusFactory()
    give_credits(donor, "50.00")

    donation = giving.donate(donor=donor, onlus_id=onlus.pk, amount=threshold - Decimal("0.01"), now=NOW)

    assert (donation.status, Review.objects.count()) == (Status.COMPLETED, 0)


# Races ------------------------------------------------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.usefixtures("real_transactions")
def test_payments_and_cancellations_at_once_have_one_outcome():
    count = crowd(on_postgresql=40, elsewhere=8)
    donor, onlus = UserFactory(), OnlusFactory()
    donation = waiting_gift(donor, onlus, amount="20.00", earned="10.00", cash="0")
    give_credits(donor, "10.00", kind=Kind.PLAYER_CASH)
    intent_id = uuid4()

    def act(number):
        if number % 2:
            return pending_gifts.complete(
                donation=donation, intent_id=intent_id, paid_now=Decimal("10.00"), now=NOW
            )
        return pending_gifts.abandon(
            donation=donation, status=Status.CANCELLED, code="CANCELLED_BY_DONOR", now=NOW
        )

    results = at_once(count, act)

    assert len({result.status for result in results}) == 1
    donation.refresh_from_db()
    given = donation.status == Status.COMPLETED
    assert (payable(onlus), held(donor)) == (Decimal("20.00") if given else 0, 0)
    assert Transfer.objects.filter(kind="donation", phase="post").count() == (2 if given else 0)


@pytest.mark.race
@pytest.mark.usefixtures("real_transactions")
def test_two_officers_decide_once(threshold):
    count = crowd(on_postgresql=20, elsewhere=6)
    donor, onlus = UserFactory(), OnlusFactory()
    officers = [StaffFactory() for _ in range(count)]
    give_credits(donor, "50.00")
    giving.donate(donor=donor, onlus_id=onlus.pk, amount=threshold, now=NOW)
    review = Review.objects.get()

    def decide(number):
        decision = reviews.release if number % 2 else reviews.reject
        return decision(review=review, decided_by=officers[number], reason="Decided.", now=NOW)

    results = at_once(count, decide)

    assert sum(isinstance(result, Review) for result in results) == 1
    assert held(donor) == 0
    assert balance(donor) in (Decimal("50.00"), Decimal("20.00"))
