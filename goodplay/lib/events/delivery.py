"""Carrying events to their handlers: at once after the commit, again after a failure, and by sweep after a crash."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, close_old_connections, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from kombu.pools import producers

from goodplay.lib.db import claim
from goodplay.lib.events.handlers import HANDLERS, Handler, handlers_of
from goodplay.lib.events.models import Delivery, Event, EventQuerySet, SweepCursor

logger = structlog.get_logger("goodplay.events")

FIRST_RETRY_AFTER = timedelta(seconds=5)
MOST_ATTEMPTS = 8  # the last one about ten minutes after the first
LONGEST_WAIT = timedelta(minutes=10)  # until an event behind a stuck one asks again
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
        publish("goodplay.lib.events.tasks.deliver_event", {"event_id": str(event_id)})
    else:
        _thread.submit(_deliver_in_thread, event_id)


def publish(task: str, arguments: dict[str, str]) -> None:
    """Tell the workers. The fact is committed already: a broker that is away costs a moment, and the sweep delivers."""
    try:
        connection = _broker(current_app.conf.broker_write_url)
        with producers[connection].acquire(block=True, timeout=PUBLISH_WITHIN) as producer:
            current_app.send_task(task, kwargs=arguments, producer=producer, retry=False)
    except Exception as error:
        logger.warning("left to the sweep", task=task, reason=repr(error), **arguments)


@cache
def _broker(url: str) -> Any:
    """Describe a connection that gives up soon; the workers' own must be patient."""
    impatient = {
        "max_retries": 0,
        "connect_retries_timeout": PUBLISH_WITHIN,
        "socket_connect_timeout": PUBLISH_WITHIN,
        "socket_timeout": PUBLISH_WITHIN,
        "read_timeout": PUBLISH_WITHIN,
        "write_timeout": PUBLISH_WITHIN,
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
            _attempt(handler, event, now=now)


def run_handler(handler: Handler, event: Event, *, now: datetime | None = None) -> bool:
    """Run one handler for one event, once. True when its effect now stands."""
    if handler.in_order and not _earlier_are_done(handler, event):
        _record_wait(handler, event)
        return False
    return _run(handler, event, now or timezone.now())


def _attempt(handler: Handler, event: Event, *, now: datetime | None = None) -> bool:
    """Run one handler; False when not even its failure could be noted. The next in line gets its turn all the same."""
    try:
        run_handler(handler, event, now=now)
    except Exception:
        logger.exception("delivery failed", handler=handler.name, event_id=str(event.pk))
        return False
    return True


def _run(handler: Handler, event: Event, now: datetime) -> bool:
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
    """Deliver what came before in the same aggregate; False while something of it is left."""
    waiting = list(_undone_before(handler, event)[: SWEEP_SLICE + 1]) if event.aggregate else []
    if not waiting:
        return True
    noted = Delivery.objects.filter(handler=handler.name, event__in=waiting)
    deliveries = {delivery.event_id: delivery for delivery in noted}
    for each in waiting[:SWEEP_SLICE]:
        now = timezone.now()
        if not _has_its_turn(deliveries.get(each.pk), now) or not _run(handler, each, now):
            return False
    return len(waiting) <= SWEEP_SLICE


def _undone_before(handler: Handler, event: Event) -> QuerySet[Event]:
    earlier = Event.objects.named(handler.signals).filter(aggregate=event.aggregate, pk__lt=event.pk)
    done = Delivery.objects.filter(
        handler=handler.name, status=Delivery.Status.DONE, event__aggregate=event.aggregate
    )
    return earlier.exclude(pk__in=done.values("event_id")).order_by("pk")


def _has_its_turn(delivery: Delivery | None, now: datetime) -> bool:
    """Let events that never ran run now. One that failed keeps its own pace, however many come after it."""
    if delivery is None:
        return True
    if delivery.status != Delivery.Status.RETRYING or delivery.next_attempt_at is None:
        return False
    return delivery.attempts == 0 or delivery.next_attempt_at <= now


def _record_wait(handler: Handler, event: Event) -> None:
    """Note that it waits its turn: no attempt was made. It asks again after as long as it has waited already."""
    now = timezone.now()
    patience = min(max(now - event.recorded_at, FIRST_RETRY_AFTER), LONGEST_WAIT)
    note = {
        "next_attempt_at": now + patience,
        "last_error": "waits for an earlier event of the same aggregate",
        "updated_at": now,
    }
    first = {"status": Delivery.Status.RETRYING, "attempts": 0, **note}
    _, created = Delivery.objects.get_or_create(event=event, handler=handler.name, defaults=first)
    if not created:
        retrying = Delivery.objects.filter(event=event, handler=handler.name, status=Delivery.Status.RETRYING)
        retrying.update(**note)


def _record_failure(handler: Handler, event: Event, error: str) -> None:
    """Note why it did not work and when to try again."""
    now, reason = timezone.now(), _storable(error)
    with transaction.atomic():
        delivery, created = Delivery.objects.select_for_update().get_or_create(
            event=event,
            handler=handler.name,
            defaults={
                "status": Delivery.Status.RETRYING,
                "next_attempt_at": now + FIRST_RETRY_AFTER,
                "last_error": reason,
                "updated_at": now,
            },
        )
        if created or delivery.status == Delivery.Status.DONE:
            return
        # Retries by hand of a parked delivery are not counted: it stays parked.
        delivery.attempts = min(delivery.attempts + 1, MOST_ATTEMPTS)
        tired = delivery.attempts == MOST_ATTEMPTS
        delivery.status = Delivery.Status.PARKED if tired else Delivery.Status.RETRYING
        delivery.next_attempt_at = None if tired else now + FIRST_RETRY_AFTER * 2 ** (delivery.attempts - 1)
        delivery.last_error = reason
        delivery.updated_at = now
        delivery.save(update_fields=["attempts", "status", "next_attempt_at", "last_error", "updated_at"])


def _storable(error: str) -> str:
    """Shorten, and replace what PostgreSQL cannot store: NUL, and halves of characters."""
    return error[:2000].replace("\0", "?").encode(errors="replace").decode()


# The sweep ------------------------------------------------------------------------------------------------------


def sweep(now: datetime) -> int:
    """Deliver what a crash or a failure left behind, and return how many handler runs that took.

    Failed deliveries have rows and are found by date. Events a crash cut off have no row at all: the cursor says up
    to where that was already ruled out, so a healthy sweep reads only the last minutes.
    """
    return _retry_due(now) + _find_lost(now)


def _retry_due(now: datetime) -> int:
    known = Delivery.objects.due(now).filter(handler__in=list(HANDLERS)).select_related("event")
    due = list(known.order_by("next_attempt_at")[:SWEEP_SLICE])
    # Oldest events first, so that nobody waits for one that is due in the same sweep.
    for delivery in sorted(due, key=lambda each: each.event_id):
        _attempt(HANDLERS[delivery.handler], delivery.event)
    return len(due)


def _find_lost(now: datetime) -> int:
    cursor, _ = SweepCursor.objects.get_or_create(name="sweep")
    recent = Event.objects.filter(recorded_at__lt=now - SWEEP_GRACE)
    if cursor.swept_to:
        recent = recent.filter(recorded_at__gte=cursor.swept_to)
    noted = [_attempt(handler, event) for handler in HANDLERS.values() for event in _lost(handler, recent)]
    # What could not be noted has no row: it is found again as long as the cursor stays behind it.
    if all(noted):
        SweepCursor.objects.filter(pk=cursor.pk).update(swept_to=now - SWEEP_LAG)
    return len(noted)


def _lost(handler: Handler, recent: EventQuerySet) -> Iterator[Event]:
    """Yield the handler's events without a delivery, oldest first, reading a slice at a time."""
    dealt_with = Delivery.objects.filter(event=OuterRef("pk"), handler=handler.name)
    lost = recent.named(handler.signals).filter(~Exists(dealt_with)).order_by("pk")
    rest = lost
    while batch := list(rest[:SWEEP_SLICE]):
        yield from batch
        rest = lost.filter(pk__gt=batch[-1].pk)
