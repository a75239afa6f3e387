"""Dashboards on the back office's index: an app registers what it can show, the site draws it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise

from goodplay.lib.templatetags.house import shown
from goodplay.lib.time import day_start

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, what it means, and the rows behind it. A Decimal is euros.

    `value` and what fills the placeholders of `note` are written in the reader's language when they are shown.
    """

    label: Text
    value: Decimal | int | Text
    url: str = ""
    note: Text = ""
    note_values: Mapping[str, Decimal | int | date | Text] = field(default_factory=dict)
    tone: str = ""  # "", "good", "warn", "bad"

    @property
    def is_word(self) -> bool:
        return any(letter.isalpha() for letter in shown(self.value))

    @property
    def written_note(self) -> str:
        values = {name: shown(value) for name, value in self.note_values.items()}
        return str(self.note) % values if values else str(self.note)


@dataclass(frozen=True, slots=True)
class Series:
    label: Text
    values: Sequence[Decimal | int]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars over days or names, with the same as a table. Each series has as many values as there are labels.

    `kind` is "bar" (columns, for days) or "ranking" (lying bars, for names).
    """

    title: Text
    subject: Text
    labels: Sequence[date | Text]
    series: Sequence[Series]
    kind: str = "bar"

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        return list(zip(self.labels, *(each.values for each in self.series), strict=True))

    @property
    def drawing(self) -> dict[str, Any]:
        """What the drawing script reads. Amounts travel as text, exact to the cent."""
        values = [value for each in self.series for value in each.values]
        return {
            "kind": self.kind,
            "money": any(isinstance(value, Decimal) for value in values),
            "labels": [shown(label) for label in self.labels],
            "series": [
                {"label": str(each.label), "values": [str(value) for value in each.values]}
                for each in self.series
            ],
        }


@dataclass(frozen=True, slots=True)
class Table:
    title: Text
    columns: Sequence[Text]
    rows: Sequence[Sequence[Any]]
    url: str = ""
    empty: Text = ""

    @property
    def aligned_columns(self) -> list[tuple[Text, bool]]:
        """Return each column with whether its cells are numbers, which line up at their end."""
        return [
            (column, bool(self.rows) and _is_number(self.rows[0][place]))
            for place, column in enumerate(self.columns)
        ]

    @property
    def aligned_rows(self) -> list[list[tuple[Any, bool]]]:
        return [[(cell, _is_number(cell)) for cell in row] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Period:
    """The days a dashboard looks at, both included, in Europe/Rome."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Return the half-open UTC interval."""
        return day_start(self.first), day_start(self.last + timedelta(days=1))

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]

    @property
    def before(self) -> "Period":
        """Return as many days right before these."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Content:
    """What a dashboard shows now. `made_at` stamps cached figures."""

    made_at: datetime
    figures: Sequence[Figure] = field(default_factory=tuple)
    charts: Sequence[Chart] = field(default_factory=tuple)
    tables: Sequence[Table] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A board staff with `permission` see. `build` answers for a period; the site caches it for a minute.

    The cached answer serves readers of every language, so its texts must be lazy.
    """

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


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool)


def rows_of(model: type[Model], **filters: Any) -> str:
    """Return the address of the back-office list that shows the rows behind a figure."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address
