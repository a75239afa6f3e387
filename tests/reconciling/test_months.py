"""Closing months: what stands in the way, what is signed, and what a closed month refuses."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from donations.models import Discrepancy, LedgerAccount, MonthClose, QuarantinedFile, Transfer
from donations.operations import adjustments, closed_months, ledger
from donations.operations.bank_files import BankFileNotBelieved
from donations.operations.reconciliation import intake, months, resolving
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import FourEyesRequired
from tests.bank.orders import BANK
from tests.factories.donations import NOW
from tests.factories.payouts import colleague
from tests.reconciling.house import (
    APRIL_2,
    EUR,
    approve,
    bank_day,
    charge,
    fund,
    incoming,
    reconcile_march,
)

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)
LATER = APRIL_2 + timedelta(days=1)


def ask(now=LATER):
    return months.request_close(month=MARCH, requested_by=colleague("Anna"), reason="Month end", now=now)


def obstacles():
    with pytest.raises(months.MonthNotReady) as refused:
        ask()
    assert not MonthClose.objects.exists()
    return refused.value.obstacles


@pytest.fixture
def clean(db):
    """March with a sponsor's money, and statements to the end of the month."""
    fund()
    bank_day(incoming=[incoming()])
    bank_day(date(2026, 3, 31), opening="1500.00", number=2, now=APRIL_2)
    reconcile_march()


def closed():
    approve(ask().pk, now=LATER)
    return MonthClose.objects.get(reopened_at=None)


def test_a_clean_month_is_signed_by_two_people(clean):
    row = closed()

    assert (row.month, row.asked_by, row.closed_by) == (MARCH, colleague("Anna"), colleague("Bruno"))
    assert (row.balances["bank"], row.statement_balance) == ("-500.00", EUR("1500.00"))
    assert months.signature_holds(row)


def test_nobody_signs_alone(clean):
    request = ask()

    with pytest.raises(FourEyesRequired):
        approvals.approve(request=request, decided_by=colleague("Anna"), now=LATER)

    assert not MonthClose.objects.exists()


def test_a_month_with_an_open_break_is_not_closed(clean):
    bank_day(date(2026, 3, 31), opening="1500.00", number=3, charges=[charge()], now=APRIL_2)
    reconcile_march()

    assert obstacles()[0] == "1 break of this month is open."


def test_a_month_without_its_statements_is_not_closed():
    fund()
    assert obstacles() == [
        "No reconciliation of the whole month was completed.",
        "There is no bank statement of this month.",
    ]

    bank_day(incoming=[incoming()])
    reconcile_march()
    assert obstacles() == ["The bank statements end on 2026-03-04."]

    bank_day(date(2026, 3, 31), opening="1700.00", number=3, now=APRIL_2)
    assert obstacles() == ["A bank statement is missing between 2026-03-04 and 2026-03-31."]


@pytest.mark.parametrize("month", [MARCH, date(2026, 4, 30), date.max])
def test_a_month_that_goes_on_is_not_closed(month):
    with pytest.raises(months.MonthNotOver):
        months.request_close(month=month, requested_by=colleague("Anna"), reason="Early", now=NOW)


def test_what_changes_after_it_was_asked_for_stops_the_close(clean):
    request = ask()
    bank_day(date(2026, 3, 31), opening="1500.00", number=3, charges=[charge()], now=APRIL_2)
    reconcile_march()

    with pytest.raises(months.MonthNotReady):
        approve(request.pk, now=LATER)

    assert not MonthClose.objects.exists()


def test_a_closed_month_takes_no_adjustment_until_it_is_reopened(clean):
    row = closed()
    fix = {
        "account": ledger.system_account(LedgerAccount.Kind.BANK),
        "amount": EUR("1.00"),
        "direction": adjustments.Direction.ADD,
        "told": "",
        "reason": "Forgotten",
        "requested_by": colleague("Anna"),
        "now": NOW + timedelta(days=20),
    }
    with pytest.raises(closed_months.MonthClosed):
        adjustments.request_adjustment(**fix)
    with pytest.raises(closed_months.MonthClosed):
        ask()

    request = months.request_reopen(
        close=row, requested_by=colleague("Anna"), reason="An entry was forgotten", now=LATER
    )
    approve(request.pk, now=LATER)

    row.refresh_from_db()
    assert (row.is_closed, row.reopened_by, row.reopen_reason) == (
        False,
        colleague("Bruno"),
        "An entry was forgotten",
    )
    adjustments.request_adjustment(**fix)
    again = closed()
    assert (MonthClose.objects.count(), again.hash) == (2, row.hash)


@pytest.mark.unbalanced
def test_an_entry_written_into_a_signed_month_shows(clean):
    row = closed()
    fund("3.00", reference="FATT-LATE", now=NOW + timedelta(days=1))

    assert not months.signature_holds(row)


# Resolutions -------------------------------------------------------------------------------------------------------


@pytest.fixture
def missed(db):
    fund()
    reconcile_march()
    return Discrepancy.objects.get()


def resolve(row, kind, notes="Seen"):
    return resolving.resolve(
        discrepancy=row, resolution_type=kind, notes=notes, actor=colleague("Anna"), now=APRIL_2
    )


def test_ignoring_more_than_a_cent_needs_a_second_person(missed):
    row = resolve(missed, "ignore", "The bank lost it")
    assert row.status == "awaiting_approval"

    approve(row.approval_id)

    row.refresh_from_db()
    assert (row.status, row.resolved_by) == ("ignored", colleague("Bruno"))
    reconcile_march()
    assert not Discrepancy.objects.open().exists()


def test_a_rejected_wish_opens_the_break_again(missed):
    row = resolve(missed, "ignore", "The bank lost it")
    approvals.reject(
        request=ApprovalRequest.objects.get(),
        decided_by=colleague("Bruno"),
        reason="Ask the bank",
        now=APRIL_2,
    )

    row.refresh_from_db()
    assert (row.status, row.approval_id, row.resolution_type) == ("investigating", None, "")


def test_looking_into_it_and_leaving_it_to_them_keep_it_open(missed):
    row = resolve(missed, "investigate")
    assert (row.status, row.assignee) == ("investigating", colleague("Anna"))

    row = resolve(row, "external_correction", "The bank will book it")
    assert (row.status, row.is_open) == ("awaiting_correction", True)

    bank_day(incoming=[incoming()], now=APRIL_2)
    reconcile_march()
    row.refresh_from_db()
    assert row.status == "cleared"


def test_a_missing_line_is_taken_out_by_an_entry(missed):
    row = resolve(missed, "manual_adjustment", "The sponsor never paid")
    approve(row.approval_id)

    row.refresh_from_db()
    moved = Transfer.objects.get(kind=Transfer.Kind.ADJUSTMENT)
    assert (row.status, moved.amount, moved.credit_account.kind) == ("resolved", EUR("500.00"), "bank")
    assert reconcile_march().break_count == 0


# Quarantine --------------------------------------------------------------------------------------------------------


def damaged(day=date(2026, 3, 4)):
    good = BANK.statement(day, now=NOW, opening=EUR("1000.00"), charges=[charge()])
    return good, good.replace(b">997.50<", b">997.00<")


def take(content):
    return intake.take_file(content=content, name="march.xml", received_by=colleague("Anna"), now=NOW)


def test_balances_that_do_not_add_up_are_kept_aside_until_corrected():
    good, bad = damaged()
    with pytest.raises(BankFileNotBelieved):
        take(bad)
    row = QuarantinedFile.objects.get()
    assert (row.fault, row.state, row.data) == ("BALANCES_DIFFER", "waiting", bad)

    by = {"name": "again.xml", "actor": colleague("Anna"), "now": NOW}
    with pytest.raises(intake.SameFile):
        intake.replace(file=row, content=bad, **by)
    intake.replace(file=row, content=good, **by)

    row.refresh_from_db()
    assert (row.state, row.replaced_by.kind) == ("replaced", "camt.053")
    with pytest.raises(intake.NotInQuarantine):
        intake.discard(file=row, reason="Twice", actor=colleague("Anna"), now=NOW)


def test_what_breaks_its_schema_is_kept_aside_and_stops_the_close(clean):
    good, _bad = damaged(date(2026, 3, 5))
    with pytest.raises(BankFileNotBelieved):
        take(good.replace(b"<ElctrncSeqNb>1</ElctrncSeqNb>", b"<ElctrncSeqNb>one</ElctrncSeqNb>"))

    assert QuarantinedFile.objects.get().fault == "SCHEMA_VIOLATED"
    assert obstacles() == ["A file of the bank is in quarantine: correct or discard it."]


def test_what_is_no_bank_file_is_not_kept():
    with pytest.raises(BankFileNotBelieved):
        take(b"<html>Sign in</html>")

    assert not QuarantinedFile.objects.exists()


def test_decimal_of_the_signed_balances_is_exact(clean):
    assert all(Decimal(each) == Decimal(each).quantize(EUR("0.01")) for each in closed().balances.values())
