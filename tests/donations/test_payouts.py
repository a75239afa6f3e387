"""Payouts from what is owed to a released run, and what follows when donations are given back meanwhile."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Onlus
from donations.models import (
    Donation,
    DonationRefund,
    LedgerAccount,
    OnlusBankAccount,
    Payout,
    PayoutLine,
    PayoutRun,
)
from donations.operations import giving, payout_orders, payouts, refunds
from donations.queries.payouts import claims, due_by_onlus, standing
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.campaigns import make_offer
from tests.factories.donations import NOW, give_credits, make_donation
from tests.factories.payouts import (
    IBANS,
    answer,
    colleague,
    enter_account,
    exported,
    held,
    make_account,
    payable,
    payable_onlus,
    prepare,
    released,
    returned_line,
    settled,
    statement,
    take,
)

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
Status = Payout.Status
LATER = NOW + timedelta(days=20)


def refund(donation, amount=None):
    return refunds.refund_donation(
        donation_id=donation.pk,
        cause=DonationRefund.Cause.STAFF,
        amount=amount and Decimal(amount),
        now=NOW,
    )


def own_money(donor, onlus, amount):
    give_credits(donor, amount, kind=Kind.PLAYER_CASH)
    return giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal(amount), now=NOW)


# Preparing ------------------------------------------------------------------------------------------------------


def test_a_payout_takes_everything_cleared_and_holds_it():
    onlus = payable_onlus("8.00", "4.50")

    run = prepare()

    payout = run.payouts.get()
    assert (payout.amount, payout.status, payout.onlus) == (Decimal("12.50"), Status.DRAFT, onlus)
    assert (run.payout_count, run.total_amount, run.status) == (1, Decimal("12.50"), PayoutRun.Status.DRAFT)
    assert (held(onlus), payable(onlus)) == (Decimal("12.50"), Decimal("12.50"))
    assert len(payout.end_to_end_id) <= 35
    assert set(payout.lines.values_list("donation", flat=True)) == set(
        Donation.objects.values_list("pk", flat=True)
    )


def test_what_a_sponsor_added_is_paid_out_with_the_donation():
    onlus = payable_onlus()
    make_offer(cap="100.00", ratio=Decimal("0.50"))
    make_donation(UserFactory(), onlus, "10.00")

    line = prepare().payouts.get().lines.get()

    assert (line.amount, line.matched_amount) == (Decimal("15.00"), Decimal("5.00"))


def test_what_was_given_back_before_is_left_out():
    onlus = payable_onlus("20.00")
    donation = make_donation(UserFactory(), onlus, "10.00")
    refund(donation, "4.00")
    refund(make_donation(UserFactory(), onlus, "7.00"))

    payout = prepare().payouts.get()

    assert payout.amount == Decimal("26.00")
    assert not payout.lines.filter(refund__isnull=False).exists()


def test_a_second_run_finds_nothing_due():
    payable_onlus("12.00")

    assert prepare() is not None
    assert prepare() is None
    assert Payout.objects.count() == 1


def test_below_the_minimum_it_waits_and_is_carried_over(settings):
    settings.PAYOUT_MINIMUM_EUR = Decimal("10.00")
    onlus = payable_onlus("9.99")
    assert prepare() is None
    assert PayoutRun.objects.count() == 0

    make_donation(UserFactory(), onlus, "0.01")

    assert prepare().payouts.get().amount == Decimal("10.00")


def test_own_money_waits_and_credits_do_not():
    onlus = payable_onlus("11.00")
    own_money(UserFactory(), onlus, "30.00")

    assert prepare().payouts.get().amount == Decimal("11.00")
    assert prepare(NOW + timedelta(days=14, seconds=-1)) is None
    assert prepare(NOW + timedelta(days=14)).payouts.get().amount == Decimal("30.00")


@pytest.mark.parametrize(
    "columns",
    [
        {"status": Onlus.Status.SUSPENDED},
        {"compliance_status": Onlus.ComplianceStatus.MAJOR_ISSUES},
        {"bank_account_verified_at": None},
    ],
)
def test_an_organisation_that_is_not_in_order_is_not_paid(columns):
    onlus = payable_onlus("12.00")
    Onlus.objects.filter(pk=onlus.pk).update(**columns)

    assert prepare() is None
    assert held(onlus) == 0


def test_without_a_verified_account_nothing_is_paid():
    onlus = OnlusFactory()
    make_donation(UserFactory(), onlus, "12.00")
    assert prepare() is None

    enter_account(onlus)

    assert prepare() is None
    assert due_by_onlus(NOW) == {onlus.pk: Decimal("12.00")}


@pytest.mark.parametrize(
    ("is_verified", "days", "paid_to"),
    [(True, 6, IBANS[1]), (True, 7, IBANS[2]), (False, 7, IBANS[1])],
    ids=["cooling off", "cooled off", "not verified"],
)
def test_after_a_change_the_old_account_is_paid_until_the_new_one_is_in_force(
    settings, is_verified, days, paid_to
):
    settings.BANK_ACCOUNT_COOLING_OFF_DAYS = 7
    onlus = payable_onlus("12.00")
    (make_account if is_verified else enter_account)(onlus, IBANS[2], now=NOW)

    payout = prepare(NOW + timedelta(days=days)).payouts.get()

    assert payout.account.iban == paid_to


def test_a_flagged_account_is_not_paid():
    onlus = payable_onlus("12.00")
    OnlusBankAccount.objects.filter(onlus=onlus).update(flagged_at=NOW, flag_reason="AC04")

    assert prepare() is None


def test_only_the_organisations_asked_for_are_paid():
    wanted, other = payable_onlus("12.00"), payable_onlus("13.00", iban=IBANS[2])

    run = payouts.prepare_payouts(now=NOW, onlus_ids=[wanted.pk])

    assert [payout.onlus for payout in run.payouts.all()] == [wanted]
    assert held(other) == 0


@pytest.mark.unbalanced
def test_while_the_books_are_red_nothing_is_prepared_or_ordered():
    onlus = payable_onlus("12.00")
    run = released(prepare())
    make_donation(UserFactory(), onlus, "20.00")
    Donation.objects.filter(onlus=onlus, amount="20.00").update(amount="21.00", earned_amount="21.00")

    with pytest.raises(payouts.BooksAreRed) as refused:
        prepare()
    with pytest.raises(payouts.BooksAreRed):
        payout_orders.export_run(run=run, actor=colleague("Anna"), now=NOW)

    assert "I7" in refused.value.data["contradictions"][0]
    assert Payout.objects.count() == 1
    run.refresh_from_db()
    assert run.status == PayoutRun.Status.APPROVED


def test_a_run_that_was_cut_off_is_finished_by_the_next(monkeypatch):
    """The machine dies between two organisations: what was made stays, and the rest follows."""
    for iban in IBANS:
        payable_onlus("12.00", iban=iban)
    real, made = payouts.begin, []

    def dies(payout, **rest):
        if made:
            raise SystemExit
        made.append(payout)
        real(payout, **rest)

    monkeypatch.setattr(payouts, "begin", dies)
    with pytest.raises(SystemExit):
        prepare()
    monkeypatch.undo()
    assert Payout.objects.count() == PayoutRun.objects.get().payout_count == 1

    prepare()

    assert Payout.objects.count() == 3
    assert Payout.objects.values("onlus").distinct().count() == 3


def test_a_run_released_while_it_is_prepared_gets_nothing_more(monkeypatch):
    for iban in IBANS[:2]:
        payable_onlus("12.00", iban=iban)
    real = payouts._prepare_one

    def quick(onlus_id, run, now, created_by):
        return real(onlus_id, released(run) if run else None, now, created_by)

    monkeypatch.setattr(payouts, "_prepare_one", quick)
    prepare()

    first, second = PayoutRun.objects.order_by("pk")
    assert (first.status, first.payout_count) == (PayoutRun.Status.APPROVED, 1)
    assert (second.status, second.payout_count) == (PayoutRun.Status.DRAFT, 1)


# Given back after the payout ------------------------------------------------------------------------------------


def test_a_refund_after_the_payout_is_recovered_once():
    onlus = payable_onlus("20.00")
    settled(exported(prepare()))
    refund(Donation.objects.get(), "6.00")
    assert payable(onlus) == Decimal("-6.00")
    make_donation(UserFactory(), onlus, "30.00")

    payout = prepare().payouts.get()

    assert payout.amount == Decimal("24.00")
    assert sorted(line.amount for line in payout.lines.all()) == [Decimal("-6.00"), Decimal("30.00")]
    make_donation(UserFactory(), onlus, "30.00")
    assert prepare().payouts.get().amount == Decimal("30.00")
    assert claims(onlus.pk) == []


def test_a_claim_larger_than_what_is_due_waits():
    onlus = payable_onlus("50.00")
    settled(exported(prepare()))
    refund(Donation.objects.get())
    make_donation(UserFactory(), onlus, "40.00")

    assert prepare() is None
    assert standing(onlus.pk, NOW).due == Decimal("-10.00")
    make_donation(UserFactory(), onlus, "25.00")

    assert prepare().payouts.get().amount == Decimal("15.00")


def test_refunds_one_after_the_other_are_each_recovered():
    onlus = payable_onlus("20.00")
    donation = Donation.objects.get()
    settled(exported(prepare()))
    for amount in ("3.00", "2.00"):
        refund(donation, amount)
        make_donation(UserFactory(), onlus, "30.00")
        settled(exported(prepare()))

    recovered = PayoutLine.objects.filter(refund__isnull=False).order_by("pk")
    assert [line.amount for line in recovered] == [Decimal("-3.00"), Decimal("-2.00")]


def test_the_matched_share_is_recovered_with_it():
    onlus = payable_onlus()
    make_offer(cap="100.00", ratio=Decimal("1.00"))
    donation = make_donation(UserFactory(), onlus, "20.00")
    settled(exported(prepare()))

    refund(donation, "5.00")

    assert [claim.amount for claim in claims(onlus.pk)] == [Decimal("-10.00")]


def test_a_refund_while_the_draft_waits_is_recovered_by_the_next():
    onlus = payable_onlus("20.00")
    run = prepare()
    refund(Donation.objects.get(), "6.00")

    settled(exported(run))
    make_donation(UserFactory(), onlus, "30.00")

    assert run.payouts.get().amount == Decimal("20.00")
    assert prepare().payouts.get().amount == Decimal("24.00")


def test_no_claim_stands_when_the_payout_came_to_nothing():
    onlus = payable_onlus("20.00")
    run = prepare()
    refund(Donation.objects.get(), "6.00")
    assert [claim.amount for claim in claims(onlus.pk)] == [Decimal("-6.00")]

    payouts.cancel_run(run=run, actor=colleague("Anna"), reason="Too early", now=NOW)

    assert claims(onlus.pk) == []
    assert prepare().payouts.get().amount == Decimal("14.00")


def test_what_was_recovered_for_a_payout_that_came_back_is_given_back():
    onlus = payable_onlus("20.00")
    first = settled(exported(prepare()))
    refund(Donation.objects.get(), "6.00")
    make_donation(UserFactory(), onlus, "30.00")
    assert settled(exported(prepare())).payouts.get().amount == Decimal("24.00")

    take(statement(first, number=2, paid=[], returned=[returned_line(first, "MS03")]))

    assert standing(onlus.pk, NOW).due == Decimal("20.00")  # 14.00 of the donation, 6.00 of the recovery
    assert prepare().payouts.get().amount == Decimal("20.00")
    assert claims(onlus.pk) == []


def test_a_donation_in_a_payout_cannot_be_cancelled_by_its_donor():
    payable_onlus("20.00")
    donation = Donation.objects.get()
    run = prepare()

    with pytest.raises(refunds.DonationNotCancellable):
        refunds.cancel_donation(donor_id=donation.donor_id, donation_id=donation.pk, now=NOW)
    assert not DonationRefund.objects.exists()
    payouts.cancel_run(run=run, actor=colleague("Anna"), reason="Too early", now=NOW)

    refunds.cancel_donation(donor_id=donation.donor_id, donation_id=donation.pk, now=NOW)
    assert DonationRefund.objects.get().recovered_amount == 0


# Where the money stands -----------------------------------------------------------------------------------------


def test_the_standing_follows_the_money():
    onlus = payable_onlus("20.00")
    own_money(UserFactory(), onlus, "7.00")

    def where():
        now = standing(onlus.pk, NOW)
        return now.due, now.clearing, now.in_transit, now.paid

    assert where() == (Decimal("20.00"), Decimal("7.00"), 0, 0)
    run = exported(prepare())
    assert where() == (0, Decimal("7.00"), Decimal("20.00"), 0)
    take(answer(run))
    settled(run)
    assert where() == (0, Decimal("7.00"), 0, Decimal("20.00"))
