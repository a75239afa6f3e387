"""Rebuilding a projection from the stored history."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from goodplay.lib.events.handlers import Handler
from goodplay.lib.events.models import Delivery, Event


def replay(handler: Handler, *, since: datetime, dry_run: bool = False) -> int:
    """Run the handler for its events from `since` on, oldest first, and return their number.

    Each event runs in a transaction of its own; a failure stops the replay there, and running it again is safe.
    """
    events = Event.objects.named(handler.signals).filter(recorded_at__gte=since).order_by("pk")
    if dry_run:
        return events.count()
    count = 0
    for event in events.iterator(chunk_size=500):
        now = timezone.now()
        with transaction.atomic():
            Delivery.objects.update_or_create(
                event=event,
                handler=handler.name,
                defaults={"status": Delivery.Status.DONE, "next_attempt_at": None, "updated_at": now},
            )
            handler.call(event, now)
        count += 1
    return count
