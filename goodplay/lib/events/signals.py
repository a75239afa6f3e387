"""Declaring and announcing facts."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.dispatch import Signal
from django.utils import timezone

from goodplay.lib.events.delivery import queue_delivery
from goodplay.lib.events.models import Event

SIGNALS: dict[str, "DomainSignal"] = {}


class DomainSignal(Signal):
    """A past fact an app announces.

    `facts` turns the announced objects into the JSON payload: ids and plain facts (strings, numbers, booleans),
    never objects or secrets. `aggregate` names the payload key whose events some handlers want in order.
    """

    def __init__(self, name: str, *, facts: Callable[..., dict[str, Any]], aggregate: str = "") -> None:
        super().__init__()
        if name in SIGNALS:
            raise ValueError(f"signal {name} is declared twice")
        self.name, self.facts, self.aggregate = name, facts, aggregate
        SIGNALS[name] = self

    def announce(self, **objects: Any) -> None:
        """Record the fact, tell the receivers in this transaction, and queue the handlers for after the commit.

        Must be called inside a transaction: fact and effect stand or fall together.
        """
        if not connection.in_atomic_block:
            raise transaction.TransactionManagementError(
                f"{self.name} must be announced inside a transaction"
            )
        payload = self.facts(**objects)
        event = Event.objects.create(
            name=self.name,
            payload=payload,
            aggregate=str(payload.get(self.aggregate, "")) if self.aggregate else "",
            recorded_at=timezone.now(),
        )
        self.send(sender=self.__class__, event=event, **objects)
        # Robust: the fact stands, so what happens to its delivery is no failure of the caller.
        transaction.on_commit(lambda: queue_delivery(event.pk), robust=True)
