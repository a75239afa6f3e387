from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from goodplay.lib.exports import operations
from goodplay.lib.jobs.tasks import job


@shared_task(name="goodplay.lib.exports.tasks.build_export")
def build_export(*, job_id: str) -> None:
    operations.build(job_id=UUID(job_id), now=timezone.now())


@job(every=timedelta(minutes=10))
def build_waiting_exports() -> str:
    """Make the files nobody makes: their task was lost, or the one who made them."""
    return f"{operations.build_waiting(now=timezone.now())} made"


@job(every=timedelta(hours=1))
def expire_exports() -> str:
    """Erase the files that waited a day."""
    return f"{operations.expire_due(now=timezone.now())} expired"
