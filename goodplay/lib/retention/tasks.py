from datetime import timedelta

from django.utils import timezone

from goodplay.lib.jobs.tasks import job
from goodplay.lib.retention import operations


@job(every=timedelta(days=1))
def purge_due() -> str:
    """Take away what has been kept long enough, with a proof of each slice."""
    purged = operations.purge_all(now=timezone.now())
    return ", ".join(f"{kind} {count}" for kind, count in purged.items() if count) or "nothing due"
