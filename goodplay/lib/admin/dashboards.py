"""Dashboards on the back office's index: an app registers what it can show, the site draws it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, what it means, and the rows behind it. `value` is shown as it is (money is Decimal EUR)."""

    label: Text
    value: Decimal | int | str
    url: str = ""
    note: Text = ""
    is_money: bool = False
    tone: str = ""  # "", "good", "warn", "bad"


@dataclass(frozen=True, slots=True)
class Chart:
    """A line or bar chart with its table. `series` maps a label to as many values as there are `labels`."""

    title: Text
    labels: Sequence[str]
    series: dict[str, Sequence[Decimal | int]]
    kind: str = "bar"
    is_money: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    title: Text
    columns: Sequence[Text]
    rows: Sequence[Sequence[Any]]
    url: str = ""
    empty: Text = ""


@dataclass(frozen=True, slots=True)
class Period:
    """The days a dashboard looks at, both included, in Europe/Rome."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Content:
    """What a dashboard shows now. `made_at` stamps cached figures."""

    made_at: datetime
    figures: Sequence[Figure] = field(default_factory=tuple)
    charts: Sequence[Chart] = field(default_factory=tuple)
    tables: Sequence[Table] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A board staff with `permission` see. `build` answers for a period; the site caches it for a minute."""

    slug: str
    title: Text
    permission: str
    build: Callable[[Period, datetime], Content]
    order: int = 50


REGISTRY: dict[str, Dashboard] = {}


def register(dashboard: Dashboard) -> None:
    REGISTRY[dashboard.slug] = dashboard


def visible_to(user: Any) -> list[Dashboard]:
    boards = [board for board in REGISTRY.values() if user.has_perm(board.permission)]
    return sorted(boards, key=lambda board: (board.order, board.slug))
