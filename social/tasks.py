from datetime import timedelta

from django.utils import timezone

from goodplay.lib.jobs.tasks import job
from social import operations


@job(every=timedelta(hours=1))
def refresh_scores() -> str:
    """Write down yesterday's closing ranks, then work out the scores that are due."""
    now = timezone.now()
    ranked = operations.rank_yesterday(now=now)
    return f"{operations.refresh_due_scores(now=now)} scores, {ranked} ranks"


@job(every=timedelta(hours=1))
def refresh_listings() -> int:
    """Bring the boards in line with closed accounts and changed privacy settings."""
    return operations.update_listings(now=timezone.now())


@job(every=timedelta(minutes=5))
def refresh_board_figures() -> int:
    """Add the large boards up, so that reading one costs the same however many stand on it."""
    return operations.keep_large_boards(now=timezone.now())
