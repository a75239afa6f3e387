"""Copying every event to a Redis stream for consumers outside. Nothing inside depends on it."""

import json
from functools import cache
from typing import Any
from uuid import UUID

import redis
from django.conf import settings

from goodplay.lib.events.handlers import HANDLERS, Handler
from goodplay.lib.events.models import Event

STREAM = "goodplay:events"
LONGEST = 1_000_000  # entries kept, about


def mirror(*, event_id: UUID) -> None:
    """Append one event. A retry may append it twice: consumers drop repeats by `event_id`."""
    event = Event.objects.get(pk=event_id)
    entry = {
        "event_id": str(event.pk),
        "name": event.name,
        "recorded_at": event.recorded_at.isoformat(),
        "payload": json.dumps(event.payload),
    }
    _stream().xadd(STREAM, entry, maxlen=LONGEST, approximate=True)


def register() -> None:
    """Let the mirror hear every event; called at start when settings.EVENT_STREAM_URL is set."""
    HANDLERS["events.mirror"] = Handler("events.mirror", mirror, frozenset(), in_order=False, replayable=True)


@cache
def _stream() -> Any:
    return redis.Redis.from_url(settings.EVENT_STREAM_URL)
