"""Laying both sides next to each other: the strongest reason first, each pass on what the ones before left over."""

from collections.abc import Callable, Iterable
from functools import partial

from . import measuring, naming
from .lines import Break, BreakClass, Line, Match, Outcome, Tolerance
from .table import Table

PASSES: tuple[Callable[[Table], None], ...] = (
    naming.by_reference,
    naming.by_group,
    naming.by_related,
    naming.by_text,
    measuring.by_amount_and_date,
    measuring.by_sum,
    # One name and two amounts is a break, unless the amount was a sum.
    partial(naming.by_reference, is_strict=False),
    partial(naming.by_related, is_strict=False),
    partial(naming.by_text, is_strict=False),
    measuring.by_amount_but_a_cent,
    measuring.by_wrong_currency,
    measuring.by_wrong_date,
    measuring.by_likeness,
)


def reconcile(
    ours: Iterable[Line], theirs: Iterable[Line], *, tolerance: Tolerance, settled: Iterable[Line] = ()
) -> Outcome:
    """Match two sides and name every break. The same lines give the same answer, in whatever order they come.

    `settled` are lines of theirs that have their partner since an earlier run: one that says the same again is a
    duplicate.
    """
    table = Table(_sorted(ours), _sorted(theirs), tolerance)
    table.met.update(("theirs", line.identity) for line in settled)
    for each in PASSES:
        each(table)
    _judge_the_rest(table)
    return Outcome(
        tuple(match for match in table.matches if _is_due(match)),
        tuple(each for each in table.breaks if _is_due(each)),
        table.looked_at,
    )


def _is_due(found: Match | Break) -> bool:
    """What concerns only lines around the period is left to the runs of their own periods."""
    return any(line.is_due for line in (*found.ours, *found.theirs))


def _sorted(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.at, line.key))


def _judge_the_rest(table: Table) -> None:
    for line in list(table.ours.values()):
        if line.is_due and not line.state:
            is_twin = table.is_known(line, "ours")
            table.give_up(BreakClass.DUPLICATE if is_twin else BreakClass.MISSING, line, "ours")
    for line in list(table.theirs.values()):
        if line.is_due:
            table.give_up(_alone(table, line), line, "theirs")


def _alone(table: Table, line: Line) -> BreakClass:
    if table.is_known(line, "theirs"):
        return BreakClass.DUPLICATE
    return BreakClass.FEE if line.is_charge else BreakClass.EXTRA
