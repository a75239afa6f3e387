"""The passes that go by size: equal amounts at nearly the same time, sums of a few, and likeness."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import combinations
from operator import attrgetter

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from goodplay.lib.money import ZERO

from .lines import Line, Rule, plain, total
from .table import Table, are_strangers, same_party

_MOST_PARTS = 4
_MOST_CANDIDATES = 12
"""So many neighbours in time are tried as parts of a sum: at most 781 sums for a line."""
_MOST_ALIKE = 20
_ALIKE = 85
"""Of 100: as like as a name and the same name with a typo, or in another order."""
_SHORTEST_NAME = 8
_NEAR_AMOUNT = Decimal("0.10")

Bucket = tuple[object, ...]
_when = attrgetter("at")


def by_amount_and_date(table: Table) -> None:
    """Match equal amounts within the tolerance: of the same party first, then of anybody."""
    apart = table.tolerance.apart
    _pair_up(table, lambda line: (line.lane, line.currency, line.amount, line.party.casefold()), apart)
    _pair_up(table, lambda line: (line.lane, line.currency, line.amount), apart)


def by_amount_but_a_cent(table: Table) -> None:
    for off in (table.tolerance.amount, -table.tolerance.amount):
        _pair_up(table, lambda line: (line.lane, line.currency, line.amount), table.tolerance.apart, off=off)


def by_wrong_currency(table: Table) -> None:
    _pair_up(table, lambda line: (line.lane, line.amount), table.tolerance.apart)


def by_wrong_date(table: Table) -> None:
    _pair_up(table, lambda line: (line.lane, line.currency, line.amount), table.tolerance.shift)


def _pair_up(
    table: Table, bucket: Callable[[Line], Bucket], within: timedelta, *, off: Decimal = ZERO
) -> None:
    """Match lines of one bucket that are near in time, walking both sides once in the order of time."""
    waiting: dict[Bucket, list[Line]] = defaultdict(list)
    for line in sorted(table.ours.values(), key=lambda line: (line.at, line.key)):
        waiting[bucket(_moved(line, off))].append(line)
    places: dict[Bucket, int] = defaultdict(int)
    for line in sorted(table.theirs.values(), key=lambda line: (line.at, line.key)):
        here = bucket(line)
        lines = waiting.get(here, ())
        while places[here] < len(lines) and _is_over(table, lines[places[here]], line, within):
            places[here] += 1
            table.looked_at += 1
        for candidate in lines[places[here] : places[here] + _MOST_ALIKE]:
            table.looked_at += 1
            if candidate.at - line.at > within:
                break
            if candidate.key in table.ours and _may_be_one(candidate, line):
                table.settle(Rule.AMOUNT_AND_DATE, (candidate,), (line,))
                break


def _is_over(table: Table, candidate: Line, line: Line, within: timedelta) -> bool:
    return candidate.key not in table.ours or line.at - candidate.at > within


def _may_be_one(ours: Line, theirs: Line) -> bool:
    """A line that is not booked is only met by one of the same name or party."""
    if ours.state and not (ours.party and theirs.party):
        return False
    return same_party(ours, theirs) and not are_strangers(ours, theirs)


def _moved(line: Line, off: Decimal) -> Line:
    if off == ZERO:
        return line
    return Line(key=line.key, amount=line.amount + off, at=line.at, currency=line.currency, lane=line.lane)


# Sums --------------------------------------------------------------------------------------------------------------


def by_sum(table: Table) -> None:
    """Find the few lines of one side that one of the other is the sum of. More than one way to do so is none."""
    for is_ours in (False, True):
        singles, others = (table.ours, table.theirs) if is_ours else (table.theirs, table.ours)
        timelines = _timelines(others.values())
        for one in sorted(singles.values(), key=lambda line: (line.at, line.key)):
            parts = _parts(table, one, timelines.get((one.lane, one.currency), ()), others)
            if parts:
                ours, theirs = ((one,), parts) if is_ours else (parts, (one,))
                table.settle(Rule.SUM, ours, theirs)


def _parts(
    table: Table, one: Line, timeline: Sequence[Line], still_open: dict[str, Line]
) -> tuple[Line, ...] | None:
    nearby = _around(timeline, one.at, table.tolerance.apart, _MOST_CANDIDATES * 4)
    fitting = [
        line
        for line in nearby
        if line.key in still_open
        and not line.state
        and abs(line.amount) < abs(one.amount)
        and (line.amount > ZERO) == (one.amount > ZERO)
    ][:_MOST_CANDIDATES]
    found: list[tuple[Line, ...]] = []
    for size in range(2, _MOST_PARTS + 1):
        for parts in combinations(fitting, size):
            table.looked_at += 1
            if total(parts) == one.amount and _may_be_parts(one, parts):
                found.append(parts)
                if len(found) > 1:
                    return None
    return found[0] if found else None


def _may_be_parts(one: Line, parts: tuple[Line, ...]) -> bool:
    """Parts under other names are believed of the same party only, or when one of them has the whole's name."""
    if one.names and any(part.names and not are_strangers(one, part) for part in parts):
        return True
    if any(are_strangers(one, part) for part in parts):
        return bool(one.party) and all(part.party and same_party(one, part) for part in parts)
    return all(same_party(one, part) for part in parts)


def _timelines(lines: Iterable[Line]) -> dict[tuple[str, str], list[Line]]:
    found: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: (line.at, line.key)):
        found[line.lane, line.currency].append(line)
    return found


def _around(timeline: Sequence[Line], at: datetime, within: timedelta, most: int) -> list[Line]:
    """Return the lines nearest in time, at most so many, the nearest first."""
    middle = bisect_left(timeline, at, key=_when)
    start = max(bisect_left(timeline, at - within, key=_when), middle - most)
    end = min(bisect_right(timeline, at + within, key=_when), middle + most)
    return sorted(timeline[start:end], key=lambda line: (abs(line.at - at), line.key))


# Likeness ----------------------------------------------------------------------------------------------------------


def by_likeness(table: Table) -> None:
    """Match what reads alike and is nearly the same amount: what differs is told as a break."""
    timelines = _timelines(table.ours.values())
    for line in sorted(table.theirs.values(), key=lambda line: (line.at, line.key)):
        if table.is_known(line, "theirs"):
            continue
        nearby = _around(
            timelines.get((line.lane, line.currency), ()), line.at, table.tolerance.shift, _MOST_ALIKE
        )
        scored = []
        for other in nearby:
            table.looked_at += 1
            if other.key in table.ours and not other.state and _is_near(other, line):
                scored.append((likeness(other, line), other))
        best = max(scored, key=lambda each: (each[0], each[1].key), default=None)
        if best and best[0] >= _ALIKE:
            table.settle(Rule.LIKENESS, (best[1],), (line,), likeness=f"{best[0]:.0f}")


def _is_near(one: Line, other: Line) -> bool:
    return abs(one.amount - other.amount) <= abs(one.amount) * _NEAR_AMOUNT


def likeness(one: Line, other: Line) -> float:
    """Return how alike two lines read, from 0 to 100: by who is named, or by what is written.

    Where both have names and share none, only a typo in a name speaks for them.
    """
    pairs = ((one.party, other.party), (one.text, other.text))
    if are_strangers(one, other):
        return 100.0 * any(_is_typo(left, right) for left in one.names for right in other.names)
    return max(
        (fuzz.token_sort_ratio(left.casefold(), right.casefold()) for left, right in pairs if left and right),
        default=0.0,
    )


def _is_typo(one: str, other: str) -> bool:
    """Say whether a sign was lost, doubled or swapped. Another digit in its place makes another number of a row."""
    left, right = plain(one), plain(other)
    if min(len(left), len(right)) < _SHORTEST_NAME:
        return False
    if len(left) == len(right):
        return sorted(left) == sorted(right) and DamerauLevenshtein.distance(left, right) == 1
    return DamerauLevenshtein.distance(left, right) == 1
