"""Registering handlers and calling one with what it asks for."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, get_type_hints
from uuid import UUID

if TYPE_CHECKING:
    from goodplay.lib.events.models import Event

Function = Callable[..., None]

_READERS: dict[Any, Callable[[Any], Any]] = {
    UUID: UUID,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
}


class Named(Protocol):
    """What a handler needs to know of a signal."""

    name: str


@dataclass(frozen=True, slots=True)
class Handler:
    """One reaction to one or more signals, or to all (no signals). `name` is stable: every delivery stores it."""

    name: str
    function: Function
    signals: frozenset[str]
    in_order: bool
    replayable: bool

    def hears(self, event_name: str) -> bool:
        return not self.signals or event_name in self.signals

    def call(self, event: "Event", now: datetime) -> None:
        """Call the function with the payload keys, `event_id` and `now` that its signature names."""
        offered = {**event.payload, "event_id": str(event.pk), "event_name": event.name}
        hints = get_type_hints(self.function)
        wanted = inspect.signature(self.function).parameters
        arguments = {name: _read(offered[name], hints.get(name)) for name in wanted if name in offered}
        if "now" in wanted:
            arguments["now"] = now
        self.function(**arguments)


HANDLERS: dict[str, Handler] = {}


def reacts_to(
    *signals: Named, in_order: bool = False, replayable: bool = False
) -> Callable[[Function], Function]:
    """Run the function once for every event of the signals, after the commit, in a transaction of its own.

    `in_order`: events of one aggregate reach the function oldest first. `replayable`: running it again for old
    events is right (it rebuilds something), so `manage.py replay_events` may.
    """

    def register(function: Function) -> Function:
        name = f"{function.__module__.split('.')[0]}.{function.__name__}"
        if name in HANDLERS:
            raise ValueError(f"handler {name} is declared twice")
        HANDLERS[name] = Handler(name, function, frozenset(s.name for s in signals), in_order, replayable)
        return function

    return register


def handlers_of(event_name: str) -> list[Handler]:
    return [handler for handler in HANDLERS.values() if handler.hears(event_name)]


def _read(value: Any, hint: Any) -> Any:
    reader = _READERS.get(hint)
    return value if reader is None or value is None else reader(value)
