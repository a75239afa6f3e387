"""Keeping the rollups equal to the base rows: a day whose base rows changed is made anew as a whole.

Nothing is added up twice and nothing has to be undone: a refund, a late payment or a second run only mean that a day
is summed again. What changed is found by the moments base rows were written at, reaching back by as long as a
transaction may take to commit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Model

from donations.models import RollupState
from donations.queries.rollup_sources import SETTLED_AFTER, STATE, TOPICS, Topic
from goodplay.lib.db import one_snapshot, transaction_lock, try_transaction_lock

LOCK = "donation rollups"
AT_ONCE = 7  # days
ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """A rollup that does not say what the base rows say."""

    model: str
    day: date
    missing: int
    extra: int

    def __str__(self) -> str:
        return f"{self.model} {self.day}: {self.missing} rows missing, {self.extra} too many"


@transaction.atomic
def roll_up(*, now: datetime) -> int:
    """Bring the rollups up to now and return how many days were made anew, counted by topic.

    While a twin is at it nothing is done: what it leaves, the next call finds. So pages may call it before they read.
    """
    if not try_transaction_lock(LOCK):
        return 0
    state = RollupState.objects.filter(pk=STATE).first()
    since = state.rolled_to - SETTLED_AFTER if state else None
    made = sum(_make(topic, _due(topic, since)) for topic in TOPICS)
    RollupState.objects.update_or_create(pk=STATE, defaults={"rolled_to": now})
    return made


@transaction.atomic
def rebuild(*, since: date | None, now: datetime) -> int:
    """Make every day anew, or those from `since` on; days that lost all their base rows are emptied."""
    transaction_lock(LOCK)
    made = 0
    for topic in TOPICS:
        for model in topic.models:
            _rows(model, since).delete()
        made += _make(topic, _all_days(topic, since))
    if since is None:
        RollupState.objects.update_or_create(pk=STATE, defaults={"rolled_to": now})
    return made


def differences(*, since: date | None = None, settled_only: bool = False) -> list[Difference]:
    """Compare every rolled-up day with a fresh sum, outside of any transaction.

    While others write, some days are due to be made anew at any moment: with `settled_only` these are left out.
    """
    with one_snapshot():
        state = RollupState.objects.filter(pk=STATE).first()
        reached = state.rolled_to - SETTLED_AFTER if state and settled_only else None
        return [each for topic in TOPICS for each in _differences(topic, since, reached)]


def _due(topic: Topic, since: datetime | None) -> set[date]:
    return topic.changed(since) if since else set(_all_days(topic, None))


def _all_days(topic: Topic, since: date | None) -> Iterable[date]:
    span = topic.span()
    if span is None:
        return []
    first, last = max(span[0], since or span[0]), span[1]
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _make(topic: Topic, days: Iterable[date]) -> int:
    made = 0
    for first, last in _stretches(days):
        for model in topic.models:
            _rows(model, first, last).delete()
        for model, rows in _by_model(topic.rows(first, last)).items():
            model._default_manager.bulk_create(rows, batch_size=ROWS_AT_ONCE)
        made += (last - first).days + 1
    return made


def _stretches(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Group days that follow each other, so many at once."""
    first = last = None
    for day in sorted(days):
        if first is None or last is None or day - last > timedelta(days=1) or (day - first).days >= AT_ONCE:
            if first is not None and last is not None:
                yield first, last
            first = day
        last = day
    if first is not None and last is not None:
        yield first, last


def _differences(topic: Topic, since: date | None, reached: datetime | None) -> Iterator[Difference]:
    due = topic.changed(reached) if reached else set()
    for first, last in _stretches({*_all_days(topic, since), *_rolled_days(topic, since)} - due):
        fresh = _by_model(topic.rows(first, last))
        for model in topic.models:
            want = {_facts(row) for row in fresh.get(model, [])}
            have = {_facts(row) for row in _rows(model, first, last)}
            for day in sorted({facts[0] for facts in want ^ have}):
                missing = sum(facts[0] == day for facts in want - have)
                yield Difference(model.__name__, day, missing, sum(facts[0] == day for facts in have - want))


def _rolled_days(topic: Topic, since: date | None) -> set[date]:
    return {day for model in topic.models for day in _rows(model, since).values_list("day", flat=True)}


def _facts(row: Any) -> tuple[Any, ...]:
    """Read what a row says, its day first; its key says nothing."""
    names = [field.attname for field in row._meta.concrete_fields if field.attname not in ("id", "day")]
    return (row.day, *(getattr(row, name) for name in names))


def _rows(model: type[Model], first: date | None, last: date | None = None) -> Any:
    rows = model._default_manager.all()
    if first is not None:
        rows = rows.filter(day__gte=first)
    return rows.filter(day__lte=last) if last is not None else rows


def _by_model(rows: Iterable[Any]) -> dict[type[Model], list[Any]]:
    found: dict[type[Model], list[Any]] = {}
    for row in rows:
        found.setdefault(type(row), []).append(row)
    return found
