from typing import Any
from uuid import UUID

from django.dispatch import receiver

from donations.payments.sandbox.signals import event_queued
from donations.payments.sandbox.tasks import deliver_sandbox_event


@receiver(event_queued, dispatch_uid="sandbox.deliver_at_once")
def deliver_at_once(sender: Any, event_id: UUID, **kwargs: Any) -> None:
    deliver_sandbox_event.delay(event_id=str(event_id))
