"""Jobs of games."""

from datetime import timedelta

from django.utils import timezone

from games import operations
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(minutes=5))
def expire_stale_sessions() -> str:
    """Pause idle sessions, abandon forgotten ones."""
    return str(operations.expire_stale_sessions(now=timezone.now()))
