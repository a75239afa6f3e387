"""Batches of reconciliations: each line brings one period up to date. No money moves, so nobody releases them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from donations.models import BatchLine, BatchOperation, ReconciliationRun
from donations.operations.batch_lines import BatchKind, Fault, LineDraft
from donations.operations.reconciliation import runs
from goodplay.lib.errors import DomainError

RECONCILES, SEES = "donations.start_reconciliationrun", "donations.view_reconciliationrun"

Period = tuple[object, ...]
Days = tuple[date, date]
ONE_DAY = timedelta(days=1)


class PeriodNamedTwice(DomainError):
    code = "RECONCILIATION_NAMED_TWICE"
    message = _("Another line asks for this period already.")


def faults(lines: Sequence[LineDraft], now: datetime) -> list[Fault]:
    wanted = Counter(map(_period, lines))
    return [fault for line in lines for fault in _faults_of(line, wanted, now)]


def _faults_of(line: LineDraft, wanted: Counter[Period], now: datetime) -> Iterator[Fault]:
    try:
        runs.check_period(line.first_day, line.last_day, now)
    except DomainError as error:
        yield Fault.of(line.number, type(error))
    if wanted[_period(line)] > 1:
        yield Fault.of(line.number, PeriodNamedTwice)


def _period(line: LineDraft) -> Period:
    return line.period_type, line.first_day, line.last_day


def row(line: LineDraft) -> BatchLine:
    return BatchLine(
        period_type=line.period_type or ReconciliationRun.Type.DAILY,
        first_day=line.first_day,
        last_day=line.last_day,
    )


def prepare(batch: BatchOperation, now: datetime) -> None:
    """Ask the providers once for each stretch of days that waits, outside of any transaction. Silence leaves lines `partial`."""
    waiting = batch.lines.waiting().values_list("first_day", "last_day").distinct()
    periods = {(first, last) for first, last in waiting if first and last}
    batch.silent_providers = {}
    for stretch in _stretches(each for each in periods if _is_in_order(*each, now)):
        silent = runs.ask_providers(stretch[0][0], max(last for _first, last in stretch), now)
        batch.silent_providers |= dict.fromkeys(stretch, silent)


def _is_in_order(first: date, last: date, now: datetime) -> bool:
    """Say whether the period can be asked for; the line of another is refused when its turn comes."""
    try:
        runs.check_period(first, last, now)
    except DomainError:
        return False
    return True


def _stretches(periods: Iterable[Days]) -> list[list[Days]]:
    """Put periods together that overlap or follow each other without a day between them."""
    found: list[list[Days]] = []
    end = date.min
    for first, last in sorted(periods):
        if not found or first - end > ONE_DAY:
            found.append([])
        found[-1].append((first, last))
        end = max(end, last)
    return found


def carry_out(line: BatchLine, now: datetime) -> None:
    """Reconcile every provider and the bank over the period, as statements and books are now."""
    assert line.first_day is not None and line.last_day is not None  # noqa: S101, PT018  (a constraint says so)
    runs.check_period(line.first_day, line.last_day, now)
    line.reconciliation = runs.bring_up_to_date(
        type=ReconciliationRun.Type(line.period_type),
        start_date=line.first_day,
        end_date=line.last_day,
        silent=line.batch.silent_providers[line.first_day, line.last_day],
        started_by=line.batch.created_by,
        now=now,
    )


RECONCILIATIONS = BatchKind(
    faults=faults,
    row=row,
    prepare=prepare,
    carry_out=carry_out,
    right_to_add=RECONCILES,
    right_to_run=RECONCILES,
    right_to_see=SEES,
)
