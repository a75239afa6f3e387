"""One search for the whole back office: by what a row is known by, through indexes only, within one's own rights."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import Model, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst

from goodplay.lib.ids import NO_ID, parse_id

MOST_ROWS = 10
LONGEST = 100
SHORTEST_BEGINNING = 3

Finder = Callable[[str], Q | None]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one screen, and whether there are more than are shown."""

    title: str
    rows: list[tuple[str, str]]
    has_more: bool


_searchables: dict[type[Model], tuple[Finder, ...]] = {}


def searchable(model: type[Model], *finders: Finder) -> None:
    """Let rows of this model be found. A finder turns the words into a condition an index answers, or into none."""
    _searchables[model] = finders


def by_key(text: str) -> Q | None:
    key = parse_id(text)
    return None if key == NO_ID else Q(pk=key)


def exactly(column: str) -> Finder:
    return lambda text: Q(**{column: text})


def exactly_in_capitals(column: str) -> Finder:
    return lambda text: Q(**{column: text.upper().replace(" ", "")})


def beginning(column: str) -> Finder:
    """Find by the first letters of a column of lower-case words, once there are three."""
    return lambda text: (
        Q(**{f"{column}__startswith": text.lower()}) if len(text) >= SHORTEST_BEGINNING else None
    )


def search(request: HttpRequest, text: str) -> list[Found]:
    """Look through every screen the reader may open, in the order apps named them: at most one query for each."""
    words = " ".join(text.replace("\0", " ").split())[:LONGEST]
    return [found for model in _searchables if words and (found := _rows(request, model, words))]


def _rows(request: HttpRequest, model: type[Model], words: str) -> Found | None:
    screen: Any = admin.site._registry.get(model)
    conditions = [condition for finder in _searchables[model] if (condition := finder(words)) is not None]
    if screen is None or not conditions or not screen.has_view_or_change_permission(request):
        return None
    asked = conditions[0]
    for condition in conditions[1:]:
        asked |= condition
    rows = list(screen.get_queryset(request).filter(asked).order_by("pk")[: MOST_ROWS + 1])
    if not rows:
        return None
    address = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    shown = [(str(row), reverse(address, args=[quote(row.pk)])) for row in rows[:MOST_ROWS]]
    return Found(str(capfirst(str(model._meta.verbose_name_plural))), shown, len(rows) > MOST_ROWS)
