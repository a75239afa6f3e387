"""What has a period. Apps declare it in their `retention.py`, and say there whose data must stay for now."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
Rows = Callable[[datetime], "QuerySet[Any]"]
Purge = Callable[[Sequence[Any], datetime], None]


class Act(Enum):
    """What happens to rows that are older than their period."""

    DELETE = "delete"
    CLEAN = "clean"
    KEEP = "keep"

    @property
    def label(self) -> Promise:
        labels = {
            Act.DELETE: _("Deleted"),
            Act.CLEAN: _("Personal data taken out"),
            Act.KEEP: _("Kept: nothing takes it away"),
        }
        return labels[self]


@dataclass(frozen=True, slots=True)
class Kept:
    kind: str
    label: Text
    law: Text
    days: int
    least_days: int
    rows: Rows
    act: Act
    purge: Purge | None
    subject: str


KEPT: dict[str, Kept] = {}
HOLDERS: list[Callable[[], Iterable[Any]]] = []


def kept(
    kind: str,
    *,
    label: Text,
    law: Text,
    days: int,
    least_days: int,
    rows: Rows,
    act: Act = Act.DELETE,
    purge: Purge | None = None,
    subject: str = "",
) -> None:
    """Declare a kind of data with its period.

    `rows(before)` are those whose period ended by then; what was purged must be among them no more. `law` says in one
    sentence why it is kept that long. `least_days` is what nobody goes below. `purge(rows, now)` takes them away, or
    the personal data out of them, in the transaction that writes the proof; without it they are deleted. `subject`
    names the column of the person it is about: rows of people under a hold stay.
    """
    if kind in KEPT:
        raise ValueError(f"{kind} is declared twice")
    if days < least_days:
        raise ValueError(f"{kind} starts below its own least period")
    KEPT[kind] = Kept(kind, label, law, days, least_days, rows, act, purge, subject)


def holds(people: Callable[[], Iterable[Any]]) -> Callable[[], Iterable[Any]]:
    """Declare whose data must stay: the function returns the keys of people, such as those with an open case."""
    HOLDERS.append(people)
    return people
