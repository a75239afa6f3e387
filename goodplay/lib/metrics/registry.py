"""What is measured, by name. Apps declare theirs in their `measures.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

Number = int | float
Reader = Callable[[datetime], Number | None]


@dataclass(frozen=True, slots=True)
class Measure:
    name: str
    metric_type: str
    label: str | Promise
    unit: str
    gather: str
    read: Reader | None


MEASURES: dict[str, Measure] = {}


def measure(
    name: str,
    *,
    metric_type: str,
    label: str | Promise,
    unit: str = "",
    gather: str = "average",
    read: Reader | None = None,
) -> None:
    """Declare a figure taken every minute.

    `read(now)` returns it, or None where it is not known; without `read` the collector knows it itself. Hours and days
    keep its "average" (and its highest), its "sum", or its "last" value.
    """
    if name in MEASURES:
        raise ValueError(f"measure {name} is declared twice")
    if gather not in {"average", "sum", "last"}:
        raise ValueError(f"measure {name} cannot be gathered by {gather}")
    MEASURES[name] = Measure(name, metric_type, label, unit, gather, read)
