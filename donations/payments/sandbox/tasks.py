from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from donations.payments.sandbox.operations import delivery, settling
from donations.payments.sandbox.switch import is_open
from goodplay.lib.jobs.tasks import job


@shared_task
def deliver_sandbox_event(*, event_id: str) -> None:
    if is_open():
        delivery.deliver(event_id=UUID(event_id), now=timezone.now())


@job(every=timedelta(minutes=1))
def deliver_sandbox_events() -> int:
    """Send the sandbox's notifications that are due: those whose first attempt failed or was cut off."""
    return delivery.deliver_due(now=timezone.now()) if is_open() else 0


@job(every=timedelta(minutes=1))
def settle_slow_sandbox_payments() -> int:
    """Decide the sandbox's slow payments and refunds whose time has come."""
    return settling.settle_due(now=timezone.now()) if is_open() else 0
