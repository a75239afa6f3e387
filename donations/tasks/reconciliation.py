"""The daily reconciliation."""

from datetime import timedelta

from django.utils import timezone

from donations.operations.reconciliation import runs
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(days=1))
def reconcile() -> str:
    """Lay the books beside what providers and the bank tell of yesterday, and of days with open breaks."""
    run = runs.reconcile_due(now=timezone.now())
    return f"{run.reconciliation_id}: {run.matched_count} matched, {run.break_count} breaks"
