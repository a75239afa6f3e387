"""Two at once: one of them does it, and nothing is done twice."""

import threading
from datetime import date, timedelta
from time import sleep

import pytest
from django.db import transaction

from donations.models import (
    Discrepancy,
    DiscrepancyEvent,
    ExternalLine,
    MatchLine,
    MonthClose,
    ReconciliationRun,
    Transfer,
)
from donations.operations import batches
from donations.operations.batch_lines import LineDraft
from donations.operations.reconciliation import months, resolving, runs
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.db import transaction_lock
from tests.factories.batches import figures, make_batch, work
from tests.factories.payouts import colleague
from tests.reconciling.house import APRIL_2, bank_day, charge, fund, incoming, reconcile_march
from tests.threads import at_once

pytestmark = [pytest.mark.postgresql, pytest.mark.race]


def named(results):
    """Say what refused, or that it was done."""
    return sorted(type(each).__name__ if isinstance(each, Exception) else "done" for each in results)


def test_two_runs_of_one_period_are_one_run(real_transactions):
    fund()
    bank_day(incoming=[incoming()], charges=[charge()])

    results = named(at_once(3, lambda _number: reconcile_march()))

    assert set(results) <= {"done", "ReconciliationBusy"}
    assert "done" in results
    assert (ReconciliationRun.objects.count(), Discrepancy.objects.count()) == (1, 1)
    assert (ExternalLine.objects.count(), MatchLine.objects.count()) == (2, 2)


def test_lines_of_a_batch_and_the_daily_job_wait_for_a_reconciliation_that_runs(real_transactions):
    lines = [
        LineDraft(number=day, period_type="daily", first_day=date(2026, 3, day), last_day=date(2026, 3, day))
        for day in (1, 2, 3)
    ]
    batch = make_batch(lines, kind="reconciliation", now=APRIL_2)
    batches.start(batch=batch, actor=batch.created_by, now=APRIL_2)
    runs_already = threading.Event()

    def meanwhile(number):
        if number == 0:
            with transaction.atomic():
                transaction_lock(runs.RUNNING)
                runs_already.set()
                sleep(1)
            return None
        runs_already.wait(timeout=60)
        return work(batch, now=APRIL_2) if number == 1 else runs.reconcile_due(now=APRIL_2)

    results = named(at_once(3, meanwhile))

    assert results == ["done"] * 3
    assert figures(batch)[:3] == ("completed", 3, 3)
    assert set(ReconciliationRun.objects.values_list("status", flat=True)) == {"completed"}
    assert ReconciliationRun.objects.count() == 4


def test_two_people_resolve_a_break_once(real_transactions):
    bank_day(charges=[charge()])
    reconcile_march()
    row, people = Discrepancy.objects.get(), (colleague("Anna"), colleague("Bruno"))

    def ignore(number):
        return resolving.resolve(
            discrepancy=row, resolution_type="ignore", notes="Seen", actor=people[number], now=APRIL_2
        )

    results = named(at_once(2, ignore))

    assert results == ["DiscrepancyWaits", "done"]
    assert ApprovalRequest.objects.count() == 1
    assert DiscrepancyEvent.objects.filter(to_status="awaiting_approval").count() == 1


def test_a_break_that_clears_while_somebody_resolves_it_ends_once(real_transactions):
    """The statement came: the run clears the break while somebody books it by hand. Only one of them ends it."""
    fund()
    reconcile_march()
    row, anna = Discrepancy.objects.get(), colleague("Anna")
    bank_day(incoming=[incoming()], now=APRIL_2)

    def clear_or_settle(number):
        if number:
            return reconcile_march()
        return resolving.resolve(
            discrepancy=row, resolution_type="manual_adjustment", notes="Seen", actor=anna, now=APRIL_2
        )

    results = named(at_once(2, clear_or_settle))
    row.refresh_from_db()
    ends = DiscrepancyEvent.objects.filter(discrepancy=row, to_status__in=["cleared", "resolved"])

    assert set(results) <= {"done", "DiscrepancyClosed", "ReconciliationBusy"}
    assert "done" in results
    assert ends.count() == (row.status in {"cleared", "resolved"})
    assert (row.status == "awaiting_approval") == ApprovalRequest.objects.filter(state="pending").exists()
    reconcile_march()
    assert Transfer.objects.filter(kind=Transfer.Kind.ADJUSTMENT).count() == 0
    row.refresh_from_db()
    assert row.status in {"cleared", "awaiting_approval"}


def test_an_entry_that_is_approved_while_its_break_heals_is_booked_or_the_break_heals(real_transactions):
    """The statement came: the run matches the line while the second person approves. Only one of them has it."""
    fund()
    reconcile_march()
    row, anna, bruno = Discrepancy.objects.get(), colleague("Anna"), colleague("Bruno")
    resolving.resolve(
        discrepancy=row, resolution_type="manual_adjustment", notes="Seen", actor=anna, now=APRIL_2
    )
    bank_day(incoming=[incoming()], now=APRIL_2)
    asked = ApprovalRequest.objects.get()

    def approve_or_match(number):
        if number:
            return reconcile_march()
        return approvals.approve(request=asked, decided_by=bruno, now=APRIL_2)

    results = named(at_once(2, approve_or_match))
    booked = Transfer.objects.filter(kind=Transfer.Kind.ADJUSTMENT).count()
    row.refresh_from_db()
    asked.refresh_from_db()

    assert set(results) <= {"done", "DiscrepancyChanged", "ReconciliationBusy"}
    assert "done" in results
    assert (booked, asked.state) in {(1, "approved"), (0, "pending")}
    assert (row.status == "resolved") == bool(booked)
    met = MatchLine.objects.filter(side="theirs").exists()
    assert not (booked and met)


def test_two_approvals_of_one_month_close_it_once(real_transactions):
    fund()
    bank_day(incoming=[incoming()])
    bank_day(date(2026, 3, 31), opening="1500.00", number=2, now=APRIL_2)
    reconcile_march()
    later = APRIL_2 + timedelta(days=1)
    asked = months.request_close(
        month=date(2026, 3, 1), requested_by=colleague("Anna"), reason="Month end", now=later
    )
    people = (colleague("Bruno"), colleague("Carla"))

    results = named(
        at_once(2, lambda number: approvals.approve(request=asked, decided_by=people[number], now=later))
    )

    assert len(results) == 2
    assert results.count("done") == 1
    assert MonthClose.objects.count() == 1
    assert AuditEntry.objects.filter(action="month_close").count() == 1
