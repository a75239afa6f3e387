"""The state of a reconciliation under way, and how two lines that belong together are judged."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from goodplay.lib.money import ZERO

from .lines import Break, BreakClass, Line, Match, Rule, Tolerance, plain, total

_BY_NAME = (Rule.REFERENCE, Rule.RELATED, Rule.TEXT, Rule.GROUP)


class Table:
    """What is still open on both sides, and what came of the rest. Each pass takes from it."""

    def __init__(self, ours: Iterable[Line], theirs: Iterable[Line], tolerance: Tolerance) -> None:
        self.ours = {line.key: line for line in ours}
        self.theirs = {line.key: line for line in theirs}
        self.tolerance = tolerance
        self.matches: list[Match] = []
        self.breaks: list[Break] = []
        self.looked_at = 0
        self.met: set[tuple[str, tuple[object, ...]]] = set()
        """Side and identity of every line that was dealt with: one more of them is a duplicate."""

    def settle(self, rule: Rule, ours: tuple[Line, ...], theirs: tuple[Line, ...], **facts: str) -> None:
        """Take lines that belong together off the table, and say what is odd about them."""
        for line in ours:
            del self.ours[line.key]
        for line in theirs:
            del self.theirs[line.key]
        self.met.update(("ours", line.identity) for line in ours)
        self.met.update(("theirs", line.identity) for line in theirs)
        found = list(self._oddities(rule, ours, theirs))
        self.breaks.extend(found)
        if not any(line.state for line in ours):
            self.matches.append(Match(rule, ours, theirs, self._confidence(rule, ours, theirs), facts))

    def give_up(self, kind: BreakClass, line: Line, side: str) -> None:
        """Take a line without a partner off the table."""
        lines = self.ours if side == "ours" else self.theirs
        del lines[line.key]
        self.met.add((side, line.identity))
        self.breaks.append(Break(kind, ours=(line,)) if side == "ours" else Break(kind, theirs=(line,)))

    def is_known(self, line: Line, side: str) -> bool:
        """Say whether the same was dealt with before. Lines of ours are facts of their own unless they bear one name."""
        return (side, line.identity) in self.met and (side == "theirs" or bool(line.references))

    def _oddities(self, rule: Rule, ours: tuple[Line, ...], theirs: tuple[Line, ...]) -> Iterable[Break]:
        kind = _difference(ours, theirs)
        states = [line.state for line in (*ours, *theirs) if line.state]
        # What is not booked has no fee yet.
        if states and kind in (None, BreakClass.FEE):
            yield Break(BreakClass.STATUS, ours, theirs, {"state": states[0]})
            return
        if kind is not None:
            yield Break(kind, ours, theirs)
        elif rule != Rule.GROUP and len(ours) != len(theirs):
            is_split = len(theirs) > len(ours)
            yield Break(BreakClass.SPLIT if is_split else BreakClass.MERGED, ours, theirs)
        allowed = self.tolerance.late if rule in _BY_NAME else self.tolerance.apart
        if (gap := apart(ours, theirs)) > allowed and not states:
            yield Break(
                BreakClass.DATE_SHIFT, ours, theirs, {"days": str(gap.days), "seconds": str(gap.seconds)}
            )

    def _confidence(self, rule: Rule, ours: tuple[Line, ...], theirs: tuple[Line, ...]) -> Decimal:
        sure = Decimal("0.5") if rule in _BY_NAME else ZERO
        difference = abs(total(theirs) - total(ours))
        if difference == ZERO:
            sure += Decimal("0.3")
        elif difference <= self.tolerance.amount:
            sure += Decimal("0.2")
        gap = apart(ours, theirs)
        if gap <= self.tolerance.near:
            sure += Decimal("0.2")
        elif gap <= self.tolerance.apart:
            sure += Decimal("0.1")
        return sure.quantize(Decimal("0.01"))


def _difference(ours: tuple[Line, ...], theirs: tuple[Line, ...]) -> BreakClass | None:
    if len({line.currency for line in (*ours, *theirs)}) > 1:
        return BreakClass.CURRENCY
    if total(ours) == total(theirs):
        return None
    gross_ours = sum((line.gross for line in ours), ZERO)
    gross_theirs = sum((line.gross for line in theirs), ZERO)
    return BreakClass.FEE if gross_ours == gross_theirs else BreakClass.AMOUNT


def apart(ours: tuple[Line, ...], theirs: tuple[Line, ...]) -> timedelta:
    """Return how far the nearest lines of both sides are from each other; for parts, the farthest of them."""
    if not ours or not theirs:
        return timedelta(0)
    few, many = (ours, theirs) if len(ours) <= len(theirs) else (theirs, ours)
    return max(min(abs(line.at - other.at) for other in few) for line in many)


def same_party(one: Line, other: Line) -> bool:
    """Say whether the lines may be of the same person: a side that does not tell speaks against nobody."""
    return not one.party or not other.party or one.party.casefold() == other.party.casefold()


def are_strangers(one: Line, other: Line) -> bool:
    """Say whether both lines are named, and by different names: then equal amounts are chance."""
    return bool(one.names) and bool(other.names) and not _plain_names(one) & _plain_names(other)


def _plain_names(line: Line) -> set[str]:
    return {plain(name) for name in line.names}
