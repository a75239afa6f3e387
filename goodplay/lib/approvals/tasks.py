from datetime import timedelta

from django.utils import timezone

from goodplay.lib.approvals import operations
from goodplay.lib.jobs.tasks import job


@job(every=timedelta(days=1))
def expire_due_requests() -> str:
    """Close requests nobody decided on in time."""
    return f"{operations.expire_due(now=timezone.now())} expired"
