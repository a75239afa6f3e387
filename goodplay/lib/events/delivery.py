"""Carrying events to their handlers: at once after the commit, again after a failure, and by sweep after a crash."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, close_old_connections, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from kombu.pools import producers

from goodplay.lib.db import claim
from goodplay.lib.events.handlers import HANDLERS, Handler, handlers_of
from goodplay.lib.events.models import Delivery, Event, SweepCursor

logger = structlog.get_logger("goodplay.events")

FIRST_RETRY_AFTER = timedelta(seconds=5)
MOST_ATTEMPTS = 8  # the last one about ten minutes after the first
SWEEP_GRACE = timedelta(seconds=10)  # leave fresh events to the fast path
SWEEP_LAG = timedelta(minutes=10)  # longer than any transaction may take to commit
SWEEP_SLICE = 500
PUBLISH_WITHIN = 1.0  # seconds a caller may lose to a broker that is away

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="events")


def queue_delivery(event_id: UUID) -> None:
    """Hand one committed event to its handlers without making the caller wait (settings.EVENT_DELIVERY)."""
    if settings.EVENT_DELIVERY == "sweep":
        return
    if settings.EVENT_DELIVERY == "inline":
        deliver(event_id)
    elif settings.EVENT_DELIVERY == "celery":
        _publish(event_id)
    else:
        _thread.submit(_deliver_in_thread, event_id)


def _publish(event_id: UUID) -> None:
    """Tell the workers. The fact is committed already: a broker that is away costs a moment, and the sweep delivers."""
    task, arguments = "goodplay.lib.events.tasks.deliver_event", {"event_id": str(event_id)}
    try:
        connection = _broker(current_app.conf.broker_write_url)
        with producers[connection].acquire(block=True, timeout=PUBLISH_WITHIN) as producer:
            current_app.send_task(task, kwargs=arguments, producer=producer, retry=False)
    except Exception as error:
        logger.warning("event left to the sweep", reason=repr(error), **arguments)


@cache
def _broker(url: str) -> Any:
    """Describe a connection that gives up soon; the workers' own must be patient."""
    impatient = {
        "max_retries": 0,
        "connect_retries_timeout": PUBLISH_WITHIN,
        "socket_connect_timeout": PUBLISH_WITHIN,
        "socket_timeout": PUBLISH_WITHIN,
    }
    options = {**current_app.conf.broker_transport_options, **impatient}
    return current_app.connection_for_write(url, connect_timeout=PUBLISH_WITHIN, transport_options=options)


def _deliver_in_thread(event_id: UUID) -> None:
    close_old_connections()
    try:
        deliver(event_id)
    except Exception:
        # The thread must live on; the sweep will find the event again.
        logger.exception("delivery failed", event_id=str(event_id))
    finally:
        close_old_connections()


def deliver(event_id: UUID, *, now: datetime | None = None) -> None:
    """Run every handler of the event that has not run yet. `now` is what they are told; imports tell the past."""
    event = Event.objects.get(pk=event_id)
    dealt_with = set(event.deliveries.values_list("handler", flat=True))
    for handler in handlers_of(event.name):
        if handler.name not in dealt_with:
            run_handler(handler, event, now=now)


def run_handler(handler: Handler, event: Event, *, now: datetime | None = None) -> bool:
    """Run one handler for one event, once. True when its effect now stands."""
    if handler.in_order and not _earlier_are_done(handler, event):
        _record_failure(handler, event, "waits for an earlier event of the same aggregate", waiting=True)
        return False
    now = now or timezone.now()
    try:
        with transaction.atomic():
            if not _claim(handler, event, now):
                return True
            handler.call(event, now)
    except Exception as error:
        # One handler's failure must not touch the others: note it, and try again later.
        logger.exception("handler failed", handler=handler.name, signal=event.name, event_id=str(event.pk))
        _record_failure(handler, event, f"{type(error).__name__}: {error}")
        return False
    return True


def _claim(handler: Handler, event: Event, now: datetime) -> bool:
    """Write the DONE row that commits together with the effect; False when a twin was first."""
    failed_before = Delivery.objects.filter(event=event, handler=handler.name)
    try:
        with transaction.atomic():
            Delivery.objects.create(
                event=event, handler=handler.name, status=Delivery.Status.DONE, updated_at=now
            )
    except IntegrityError:
        return claim(
            failed_before.exclude(status=Delivery.Status.DONE),
            status=Delivery.Status.DONE,
            next_attempt_at=None,
            updated_at=now,
        )
    return True


def _earlier_are_done(handler: Handler, event: Event) -> bool:
    """Deliver what came before in the same aggregate; False while one of those cannot be."""
    if not event.aggregate:
        return True
    earlier = Event.objects.named(handler.signals).filter(aggregate=event.aggregate, pk__lt=event.pk)
    done = Delivery.objects.filter(
        handler=handler.name, status=Delivery.Status.DONE, event__aggregate=event.aggregate
    )
    waiting = earlier.exclude(pk__in=done.values("event_id")).order_by("pk")
    return all(run_handler(handler, each) for each in waiting[:SWEEP_SLICE])


def _record_failure(handler: Handler, event: Event, error: str, *, waiting: bool = False) -> None:
    """Note why it did not work and when to try again; an event that only waits its turn does not grow tired."""
    now = timezone.now()
    with transaction.atomic():
        delivery, created = Delivery.objects.select_for_update().get_or_create(
            event=event,
            handler=handler.name,
            defaults={
                "status": Delivery.Status.RETRYING,
                "next_attempt_at": now + FIRST_RETRY_AFTER,
                "last_error": error[:2000],
                "updated_at": now,
            },
        )
        if created or delivery.status == Delivery.Status.DONE:
            return
        delivery.attempts += not waiting
        tired = delivery.attempts >= MOST_ATTEMPTS
        delivery.status = Delivery.Status.PARKED if tired else Delivery.Status.RETRYING
        delivery.next_attempt_at = None if tired else now + FIRST_RETRY_AFTER * 2 ** (delivery.attempts - 1)
        delivery.last_error = error[:2000]
        delivery.updated_at = now
        delivery.save(update_fields=["attempts", "status", "next_attempt_at", "last_error", "updated_at"])


# The sweep ------------------------------------------------------------------------------------------------------


def sweep(now: datetime) -> int:
    """Deliver what a crash or a failure left behind, and return how many handler runs that took.

    Failed deliveries have rows and are found by date. Events a crash cut off have no row at all: the cursor says up
    to where that was already ruled out, so a healthy sweep reads only the last minutes.
    """
    return _retry_due(now) + _find_lost(now)


def _retry_due(now: datetime) -> int:
    due = Delivery.objects.due(now).select_related("event").order_by("next_attempt_at")[:SWEEP_SLICE]
    tried = 0
    for delivery in due:
        if handler := HANDLERS.get(delivery.handler):
            run_handler(handler, delivery.event)
            tried += 1
    return tried


def _find_lost(now: datetime) -> int:
    cursor, _ = SweepCursor.objects.get_or_create(name="sweep")
    recent = Event.objects.filter(recorded_at__lt=now - SWEEP_GRACE)
    if cursor.swept_to:
        recent = recent.filter(recorded_at__gte=cursor.swept_to)
    tried = 0
    for handler in HANDLERS.values():
        dealt_with = Delivery.objects.filter(event=OuterRef("pk"), handler=handler.name)
        lost = recent.named(handler.signals).filter(~Exists(dealt_with)).order_by("pk")
        # Each run leaves a delivery row behind, done or retrying, so every slice is a new one.
        while batch := list(lost[:SWEEP_SLICE]):
            for event in batch:
                run_handler(handler, event)
            tried += len(batch)
    SweepCursor.objects.filter(pk=cursor.pk).update(swept_to=now - SWEEP_LAG)
    return tried
