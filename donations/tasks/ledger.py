"""Scheduled jobs of the ledger."""

from datetime import timedelta

from django.utils import timezone

from donations.operations import closing
from donations.queries.books import contradictions
from goodplay.lib.jobs.tasks import job


class BooksDoNotBalance(Exception):
    """Raised by the nightly proof so that the job counts as failed and shows in the back office."""


@job(every=timedelta(days=1))
def close_day() -> str:
    """Snapshot the hot accounts and seal the days that ended."""
    now = timezone.now()
    return f"{closing.take_snapshots(now=now)} snapshots, {closing.seal_days(now=now)} days sealed"


@job(every=timedelta(days=1))
def verify_books() -> str:
    """Prove every invariant of the ledger."""
    if found := contradictions():
        raise BooksDoNotBalance("; ".join(map(str, found[:5])))
    return "the books balance"
