"""The passes that go by names: references, shared references, references in texts, and orders paid as one."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import groupby

from goodplay.lib.money import ZERO

from .lines import Line, Rule, plain, total
from .table import Table

_WORD = re.compile(r"[^\s,;:()<>\"'|]+")
_SHORTEST = 6
"""Signs of a reference that may be found in a text: shorter ones are there by chance."""

Buckets = Iterable[tuple[list[Line], list[Line]]]


def by_reference(table: Table, *, is_strict: bool = True) -> None:
    """Match lines of one name. Strictly, their amounts are equal; else what differs is told as a break."""
    _by_names(table, Rule.REFERENCE, lambda line: line.references, is_strict=is_strict)


def by_related(table: Table, *, is_strict: bool = True) -> None:
    _by_names(table, Rule.RELATED, lambda line: line.names, is_strict=is_strict)


def by_text(table: Table, *, is_strict: bool = True) -> None:
    """Find our references in the texts of the statement."""
    names: dict[tuple[str, str], str] = {}
    for line in table.ours.values():
        for name in line.names:
            if len(plain(name)) >= _SHORTEST:
                names.setdefault((line.lane, plain(name)), line.key)
    found: dict[str, list[Line]] = defaultdict(list)
    for line in table.theirs.values():
        for word in _WORD.findall(line.text):
            table.looked_at += 1
            if key := names.get((line.lane, plain(word))):
                found[key].append(line)
                break
    for key, lines in found.items():
        resolve(table, Rule.TEXT, [table.ours[key]], lines, is_strict=is_strict)


def by_group(table: Table) -> None:
    """Let one line stand for all parts of an order, or of a settlement, that names it."""
    ours, theirs = _groups(table.ours.values()), _groups(table.theirs.values())
    for line in list(table.theirs.values()):
        for name in (line.group, *line.references):
            if (parts := ours.get((name, line.lane, line.currency))) and line.key in table.theirs:
                _one_for_many(table, line, [each for each in parts if each.key in table.ours], is_ours=False)
    for line in list(table.ours.values()):
        for name in line.references:
            if (parts := theirs.get((name, line.lane, line.currency))) and line.key in table.ours:
                _one_for_many(table, line, [each for each in parts if each.key in table.theirs], is_ours=True)


def _groups(lines: Iterable[Line]) -> dict[tuple[str, str, str], list[Line]]:
    found: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        if line.group:
            found[line.group, line.lane, line.currency].append(line)
    return found


def _one_for_many(table: Table, one: Line, parts: list[Line], *, is_ours: bool) -> None:
    """Match a line with the parts it is the sum of; a part that makes the whole difference is left open."""
    if not parts:
        return
    over = total(tuple(parts)) - one.amount
    table.looked_at += len(parts)
    if over != ZERO and len(parts) > 1:
        odd = next((part for part in parts if part.amount == over), None)
        parts = [part for part in parts if part is not odd]
    ours, theirs = ((one,), tuple(parts)) if is_ours else (tuple(parts), (one,))
    table.settle(Rule.GROUP, ours, theirs, group=one.group or parts[0].group)


# Buckets of names --------------------------------------------------------------------------------------------------


def _by_names(
    table: Table, rule: Rule, names_of: Callable[[Line], tuple[str, ...]], *, is_strict: bool
) -> None:
    for ours, theirs in _buckets(table, names_of):
        resolve(table, rule, ours, theirs, is_strict=is_strict)


def _buckets(table: Table, names_of: Callable[[Line], tuple[str, ...]]) -> Buckets:
    """Put lines together that share a name, directly or through others. Work: one step for each name."""
    roots: dict[tuple[str, str], tuple[str, str]] = {}

    def root(name: tuple[str, str]) -> tuple[str, str]:
        while roots.setdefault(name, name) != name:
            roots[name] = name = roots[roots[name]]
        return name

    named = [
        (side, line, [(line.lane, plain(name)) for name in names_of(line) if plain(name)])
        for side, lines in (("ours", table.ours), ("theirs", table.theirs))
        for line in lines.values()
    ]
    for _side, _line, names in named:
        for name in names[1:]:
            roots[root(name)] = root(names[0])
    found: dict[tuple[str, str], dict[str, list[Line]]] = {}
    for side, line, names in named:
        table.looked_at += 1
        if names:
            found.setdefault(root(names[0]), {"ours": [], "theirs": []})[side].append(line)
    return [(each["ours"], each["theirs"]) for each in found.values() if each["ours"] and each["theirs"]]


def resolve(table: Table, rule: Rule, ours: list[Line], theirs: list[Line], *, is_strict: bool) -> None:
    """Match the lines of one name: equal amounts first, then one as the sum of many, then what is left, by size."""
    ours, theirs = _equal(table, rule, ours, theirs)
    # One more of what has its partner is a duplicate, and no other line's partner.
    ours = [line for line in ours if not table.is_known(line, "ours")]
    theirs = [line for line in theirs if not table.is_known(line, "theirs")]
    if not ours or not theirs:
        return
    if len({line.currency for line in (*ours, *theirs)}) == 1 and total(tuple(ours)) == total(tuple(theirs)):
        table.settle(rule, tuple(ours), tuple(theirs))
    elif not is_strict:
        _by_size(table, rule, ours, theirs)


def _by_size(table: Table, rule: Rule, ours: list[Line], theirs: list[Line]) -> None:
    ours.sort(key=lambda line: (line.amount, line.key))
    theirs.sort(key=lambda line: (line.amount, line.key))
    for one, other in zip(ours, theirs, strict=False):
        table.looked_at += 1
        table.settle(rule, (one,), (other,))


def _equal(table: Table, rule: Rule, ours: list[Line], theirs: list[Line]) -> tuple[list[Line], list[Line]]:
    """Match equal amounts of one name, the earliest with the earliest; return what is left."""
    waiting: dict[tuple[str, Decimal], list[Line]] = {}
    for size, lines in groupby(sorted(ours, key=_size), key=_size):
        waiting[size] = sorted(lines, key=lambda line: (bool(line.state), line.at, line.key), reverse=True)
    left = []
    for line in sorted(theirs, key=lambda line: (line.at, line.key)):
        table.looked_at += 1
        if partners := waiting.get(_size(line)):
            table.settle(rule, (partners.pop(),), (line,))
        else:
            left.append(line)
    return [line for lines in waiting.values() for line in lines], left


def _size(line: Line) -> tuple[str, Decimal]:
    return line.currency, line.amount
