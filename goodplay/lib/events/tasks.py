from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from goodplay.lib.events.delivery import deliver, sweep
from goodplay.lib.jobs.tasks import job


@shared_task
def deliver_event(*, event_id: str) -> None:
    deliver(UUID(event_id))


@job(every=timedelta(minutes=1))
def sweep_events() -> int:
    """Deliver the events a crash left behind and the retries that are due."""
    return sweep(timezone.now())
