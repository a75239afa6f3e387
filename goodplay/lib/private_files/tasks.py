from datetime import timedelta

from django.utils import timezone

from goodplay.lib.jobs.tasks import job
from goodplay.lib.private_files import operations


@job(every=timedelta(days=1))
def sweep_private_files() -> str:
    """Remove what transactions that failed left on disk, and count what is missing there."""
    removed, missing = operations.sweep(now=timezone.now())
    return f"{removed} removed, {missing} missing"
