from datetime import timedelta

from django.utils import timezone

from goodplay.lib.jobs.tasks import job
from goodplay.lib.metrics import operations


@job(every=timedelta(minutes=1))
def collect_metrics() -> str:
    """Take the figures of this minute."""
    return f"{operations.collect(now=timezone.now())} figures"


@job(every=timedelta(hours=1))
def roll_up_metrics() -> str:
    """Gather minutes into hours, and hours into days."""
    return operations.roll_up(now=timezone.now())
