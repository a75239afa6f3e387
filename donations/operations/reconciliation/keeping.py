"""Keeping breaks from run to run: new ones are stored, cleared ones opened again, what is found no more is closed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from donations.models import Discrepancy, MatchLine, ReconciliationMatch, ReconciliationRun
from donations.models.reconciliation import Account, DiscrepancyQuerySet
from donations.operations.reconciliation import inspections, judging
from donations.operations.reconciliation.steps import note_many
from donations.reconciling.lines import Break, BreakClass, Line
from donations.signals import reconciliation_discrepancy
from goodplay.lib.db import in_parts

Side = MatchLine.Side
Status = Discrepancy.Status


def judge_anew(account: Account, run: ReconciliationRun) -> None:
    """Take matches that show an open break apart: what came since may explain it."""
    stale = Discrepancy.objects.open().of_days(run.start_date, run.end_date).filter(account=account)
    keys = _keys(stale.exclude(status=Status.AWAITING_APPROVAL))
    matches = {
        match
        for (_account, side), known in keys.items()
        for part in in_parts(known)
        for match in MatchLine.objects.filter(account=account, side=side, key__in=part).values_list(
            "match_id", flat=True
        )
    }
    for part in in_parts(matches):
        MatchLine.objects.filter(match__in=part).delete()
        ReconciliationMatch.objects.filter(pk__in=part).delete()


def standing(account: Account, run: ReconciliationRun) -> list[Break]:
    """Return breaks that wait for a second person: their matches were left alone, so they are not found again."""
    waiting = Discrepancy.objects.of_days(run.start_date, run.end_date).filter(
        account=account, status=Status.AWAITING_APPROVAL
    )
    return [
        Break(BreakClass(each.break_class), _read(each.ours), _read(each.theirs), each.facts)
        for each in waiting.order_by("pk")
    ]


def keep(account: Account, found: Iterable[Break], run: ReconciliationRun, now: datetime) -> set[str]:
    """Store breaks that are new, open those again that had been cleared; return the names of all."""
    rows = {row.subject: row for row in (judging.discrepancy(account, each, run, now) for each in found)}
    known: set[str] = set()
    cleared: list[UUID] = []
    for part in in_parts(rows):
        kept = Discrepancy.objects.filter(subject__in=part).values_list("pk", "subject", "status")
        for key, subject, status in kept:
            known.add(subject)
            if status == Status.CLEARED:
                cleared.append(key)
    new = [row for subject, row in rows.items() if subject not in known]
    Discrepancy.objects.bulk_create(new, batch_size=500)
    note_many([(row.pk, "") for row in new], Status.OPEN, run=run, now=now)
    _move(cleared, (Status.CLEARED,), Status.OPEN, None, run, now)
    if new:
        reconciliation_discrepancy.announce(run=run, found=new)
    return set(rows)


def clear(run: ReconciliationRun, kept: set[str], now: datetime) -> None:
    """Close open breaks that are found no more: their partner came, or they are another break now.

    Those of the period, those of what is looked into as it stands, and lines of other days that this run matched.
    """
    found = Discrepancy.objects.open().filter(
        Q(happened_on__gte=run.start_date, happened_on__lte=run.end_date)
        | Q(account__in=inspections.ACCOUNTS)
    )
    stale = {key for key, subject in found.values_list("pk", "subject") if subject not in kept}
    _move(stale | _met_elsewhere(run), Discrepancy.OPEN, Status.CLEARED, now, run, now)


def _met_elsewhere(run: ReconciliationRun) -> set[UUID]:
    """Return breaks of other days whose lines have their partner since this run."""
    lonely = (Discrepancy.Class.MISSING, Discrepancy.Class.EXTRA)
    others = Discrepancy.objects.open().filter(break_class__in=lonely)
    others = others.exclude(happened_on__gte=run.start_date, happened_on__lte=run.end_date)
    lines = MatchLine.objects.filter(match__run=run)
    return {
        known[key]
        for (account, side), known in _keys(others).items()
        for part in in_parts(known)
        for key in lines.filter(account=account, side=side, key__in=part).values_list("key", flat=True)
    }


def _keys(rows: DiscrepancyQuerySet) -> Mapping[tuple[str, Side], dict[str, UUID]]:
    """Return the keys of the breaks' lines by account and side, each with its break."""
    keys: dict[tuple[str, Side], dict[str, UUID]] = defaultdict(dict)
    columns = rows.values_list("pk", "account", "ours", "theirs")
    for row, account, ours, theirs in columns.iterator(chunk_size=2000):
        for side, lines in ((Side.OURS, ours), (Side.THEIRS, theirs)):
            keys[account, side].update((line["key"], row) for line in lines)
    return keys


def _move(
    keys: Collection[UUID],
    before: tuple[str, ...],
    status: Discrepancy.Status,
    resolved_at: datetime | None,
    run: ReconciliationRun,
    now: datetime,
) -> None:
    """Bring breaks to another state and write the steps down. What staff did to one meanwhile stands."""
    for part in in_parts(sorted(keys)):
        rows = Discrepancy.objects.filter(pk__in=part, status__in=before).order_by("pk")
        found = list(rows.select_for_update().values_list("pk", "status"))
        note_many(found, status, run=run, now=now)
        changed = Discrepancy.objects.filter(pk__in=[key for key, _status in found])
        changed.update(status=status, resolved_at=resolved_at)


def _read(lines: Iterable[Mapping[str, str]]) -> tuple[Line, ...]:
    return tuple(
        Line(
            key=line["key"],
            amount=Decimal(line["amount"]),
            at=datetime.fromisoformat(line["at"]),
            currency=line["currency"],
        )
        for line in lines
    )
