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
from django.utils.html import format_html
from django.utils.translation import get_language

from goodplay.lib.templatetags.house import shown
from goodplay.lib.time import day_start

Text = str | Promise
Build = Callable[["Period", datetime], "Content"]


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
        return _filled(self.note, self.note_values)


@dataclass(frozen=True, slots=True)
class Series:
    """Values over a chart's labels; None leaves a gap. `role` "lower" and "upper", in this order, make a band."""

    label: Text
    values: Sequence[Decimal | int | float | None]
    role: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with the same as a table. Each series has as many values as there are labels.

    `kind` is "bar" (columns over days, with lines for all series but the first), "line" (only lines) or "ranking" (lying
    bars, for names).
    """

    title: Text
    subject: Text
    labels: Sequence[date | Text]
    series: Sequence[Series]
    kind: str = "bar"
    note: Text = ""
    note_values: Mapping[str, Decimal | int | date | Text] = field(default_factory=dict)

    @property
    def written_note(self) -> str:
        return _filled(self.note, self.note_values)

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        columns = [["" if value is None else value for value in each.values] for each in self.series]
        return list(zip(self.labels, *columns, strict=True))

    @property
    def drawing(self) -> dict[str, Any]:
        """What the drawing script reads. Amounts travel as text, exact to the cent."""
        values = [value for each in self.series for value in each.values]
        return {
            "kind": self.kind,
            "money": any(isinstance(value, Decimal) for value in values),
            "labels": [shown(label) for label in self.labels],
            "series": [
                {"label": str(each.label), "role": each.role, "values": list(map(_exact, each.values))}
                for each in self.series
            ],
        }


@dataclass(frozen=True, slots=True)
class Worded:
    """A cell of rows that have their words in several languages: it reads as whoever looks does."""

    otherwise: str
    words: Mapping[str, str]

    def __str__(self) -> str:
        language = (get_language() or "").split("-")[0]
        return self.words.get(language) or self.otherwise


@dataclass(frozen=True, slots=True)
class Progress:
    """A cell that shows how much of something is done: a bar, and the same in words."""

    done: int
    total: int

    def __html__(self) -> str:
        return format_html(
            '<span class="done"><progress max="{}" value="{}" aria-hidden="true"></progress> {} / {}</span>',
            self.total,
            self.done,
            shown(self.done),
            shown(self.total),
        )


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

    The cached answer serves readers of every language, so its texts must be lazy or `Worded`.
    """

    slug: str
    title: Text
    permission: str
    build: Build
    order: int = 50


REGISTRY: dict[str, Dashboard] = {}
PARTS: dict[str, list[Build]] = {}


def register(dashboard: Dashboard) -> None:
    REGISTRY[dashboard.slug] = dashboard


def add_part(slug: str, build: Build) -> None:
    """Let an app show something of its own on a board of another: its readers need the board's right, no other."""
    PARTS.setdefault(slug, []).append(build)


def with_parts(slug: str, own: Content, period: Period) -> Content:
    """Return a board's own content followed by what apps added to it."""
    parts = [own, *(build(period, own.made_at) for build in PARTS.get(slug, []))]
    return Content(
        made_at=own.made_at,
        figures=[figure for part in parts for figure in part.figures],
        charts=[chart for part in parts for chart in part.charts],
        tables=[table for part in parts for table in part.tables],
    )


def visible_to(user: Any) -> list[Dashboard]:
    boards = [board for board in REGISTRY.values() if user.has_perm(board.permission)]
    return sorted(boards, key=lambda board: (board.order, board.slug))


def _filled(note: Text, values: Mapping[str, Decimal | int | date | Text]) -> str:
    written = {name: shown(value) for name, value in values.items()}
    return str(note) % written if written else str(note)


def _exact(value: Decimal | int | float | None) -> str | None:
    return None if value is None else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool)


def rows_of(model: type[Model], **filters: Any) -> str:
    """Return the address of the back-office list that shows the rows behind a figure."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address
