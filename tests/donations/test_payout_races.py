"""Payouts with real threads and real commits: two of everything at the same moment."""

from collections import Counter
from decimal import Decimal

import pytest

from donations.models import (
    BankFile,
    Donation,
    DonationRefund,
    LedgerAccount,
    Payout,
    PayoutFile,
    PayoutLine,
    PayoutRun,
    Transfer,
)
from donations.operations import bank_files, payout_orders, payouts, refunds
from donations.queries.balances import total_balance
from donations.queries.payouts import claims
from tests.factories.donations import NOW
from tests.factories.payouts import colleague, exported, payable_onlus, prepare, released, statement
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]


@pytest.mark.postgresql
@pytest.mark.parametrize("round_number", range(4))
def test_a_refund_and_a_payout_at_once_have_one_outcome(round_number):
    """Half of the donations are cancelled by their donors while the payout is made: each is in one place."""
    onlus = payable_onlus(*["5.00"] * 20)
    donations = list(Donation.objects.order_by("pk"))

    def act(number):
        if number == 0:
            return prepare()
        donation = donations[number - 1]
        return refunds.cancel_donation(donor_id=donation.donor_id, donation_id=donation.pk, now=NOW)

    results = at_once(11, act)

    assert isinstance(results[0], PayoutRun), results[0]
    cancelled = sum(isinstance(result, Donation) for result in results[1:])
    refused = [result for result in results[1:] if not isinstance(result, Donation)]
    assert {type(each) for each in refused} <= {refunds.DonationNotCancellable}
    payout = Payout.objects.get()
    assert payout.amount == 5 * (20 - cancelled)
    assert DonationRefund.objects.filter(recovered_amount__gt=0).count() == 0
    assert claims(onlus.pk) == []


@pytest.mark.postgresql
@pytest.mark.parametrize("round_number", range(4))
def test_staff_refunds_beside_a_payout_are_left_out_or_recovered(round_number):
    onlus = payable_onlus(*["5.00"] * 20)
    donations = list(Donation.objects.order_by("pk"))

    def act(number):
        if number == 0:
            return prepare()
        cause = DonationRefund.Cause.STAFF
        return refunds.refund_donation(
            donation_id=donations[number - 1].pk, cause=cause, amount=Decimal("2.00"), now=NOW
        )

    results = at_once(11, act)

    assert [type(result) for result in results] == [PayoutRun, *[DonationRefund] * 10]
    recovered = DonationRefund.objects.filter(recovered_amount__gt=0).count()
    assert Payout.objects.get().amount == 100 - 2 * (10 - recovered)
    assert sum(claim.amount for claim in claims(onlus.pk)) == -2 * recovered


def test_two_preparations_pay_each_donation_once():
    for iban in ("IT83J0306901783100000012345", "FR1420041010050500013M02606"):
        payable_onlus("12.00", "13.00", iban=iban)

    at_once(crowd(on_postgresql=8, elsewhere=3), lambda number: prepare())

    assert Payout.objects.count() == 2
    assert PayoutLine.objects.count() == 4
    assert sum(PayoutRun.objects.values_list("total_amount", flat=True)) == Decimal("50.00")


def test_a_run_is_ordered_once_under_concurrency():
    payable_onlus("12.00")
    run, anna = released(prepare()), colleague("Anna")

    def export(number):
        return payout_orders.export_run(run=run, actor=anna, now=NOW)

    results = at_once(crowd(on_postgresql=8, elsewhere=3), export)

    assert Counter(type(result) for result in results)[PayoutFile] == 1
    assert {type(each) for each in results} <= {PayoutFile, payout_orders.RunNotApproved}
    assert total_balance(LedgerAccount.Kind.PAYOUT_IN_TRANSIT) == Decimal("12.00")


def test_ordering_and_cancelling_at_once_have_one_outcome():
    payable_onlus("12.00")
    run, anna = released(prepare()), colleague("Anna")

    def act(number):
        if number % 2:
            return payouts.cancel_run(run=run, actor=anna, reason="Too early", now=NOW)
        return payout_orders.export_run(run=run, actor=anna, now=NOW)

    results = at_once(crowd(on_postgresql=6, elsewhere=2), act)

    assert len([each for each in results if not isinstance(each, Exception)]) == 1
    payout = Payout.objects.get()
    assert (payout.status, payout.lines.get().is_live) in (
        (Payout.Status.CANCELLED, False),
        (Payout.Status.EXPORTED, True),
    )


def test_a_file_is_taken_once_under_concurrency():
    payable_onlus("12.00")
    content, anna = statement(exported(prepare())), colleague("Anna")

    def take(number):
        return bank_files.import_bank_file(content=content, received_by=anna, now=NOW)

    results = at_once(crowd(on_postgresql=8, elsewhere=3), take)

    assert sorted(is_new for _file, is_new in results) == [False] * (len(results) - 1) + [True]
    assert BankFile.objects.count() == 1
    moved = Transfer.objects.filter(credit_account__kind=LedgerAccount.Kind.BANK)
    assert moved.get().amount == Decimal("12.00")


def test_two_statements_with_the_same_payment_settle_it_once():
    payable_onlus("12.00")
    run, anna = exported(prepare()), colleague("Anna")
    contents = [statement(run, number=1), statement(run, number=2)]

    def take(number):
        return bank_files.import_bank_file(content=contents[number], received_by=anna, now=NOW)[0]

    files = at_once(2, take)

    assert sorted(file.outcome.get("settled", 0) for file in files) == [0, 1]
    assert sorted(file.outcome.get("unmatched", 0) for file in files) == [0, 1]
    assert total_balance(LedgerAccount.Kind.BANK) == Decimal("12.00")
