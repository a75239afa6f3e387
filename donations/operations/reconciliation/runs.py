"""Running a reconciliation: fetch, match, keep what was found, clear what is found no more."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Discrepancy, MatchLine, ReconciliationRun
from donations.models.reconciliation import Account
from donations.operations.reconciliation import books, inspections, keeping, settlements, statements
from donations.operations.reconciliation.books import Window
from donations.operations.reconciliation.matches import store_matches
from donations.reconciling.lines import BANK, PROVIDER, Break, Line, Tolerance, total
from donations.reconciling.matching import reconcile
from goodplay.lib.alerts.operations import raise_alert, resolve_alert
from goodplay.lib.audit import trail
from goodplay.lib.days import is_of_our_books
from goodplay.lib.db import transaction_lock, try_transaction_lock
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.money import ZERO
from goodplay.lib.time import ROME, day_start, rome_day

Type, Status = ReconciliationRun.Type, ReconciliationRun.Status
Side = MatchLine.Side

LONGEST = 366
"""Days one run may cover."""
LOOKED_BACK = timedelta(days=62)
"""How old an open break may be for the daily job to look at its day again."""
_ALERT_RATE = Decimal(5)
"""Percent of lines with a break from which a period wants attention."""
RUNNING = "reconciliation"
"""The lock of whoever lays lines beside each other, until they are done."""
BREAKS_ALERT, SILENT_ALERT = "reconciliation-breaks", "reconciliation-silent-providers"
_HUNDREDTH = Decimal("0.01")


class InvalidDateRange(DomainError):
    code = "INVALID_DATE_RANGE"
    message = _("The period must begin before it ends, be a year long at most, and not begin before 2020.")


class FutureDate(DomainError):
    code = "FUTURE_DATE_NOT_ALLOWED"
    message = _("Only days that are over can be reconciled.")


class ReconciliationBusy(Conflict):
    code = "RECONCILIATION_ERROR"
    message = _("A reconciliation is running. Try again in a minute.")


class ReconciliationNotFound(NotFound):
    code = "RECONCILIATION_REPORT_ERROR"
    message = _("There is no such reconciliation.")


@dataclass(frozen=True, slots=True)
class _Pair:
    """An account with two sides: how far apart they may be, and how far around the period is looked."""

    account: Account
    tolerance: Tolerance
    margin: timedelta


_PAIRS = (
    _Pair(Account.PROVIDER, PROVIDER, timedelta(days=2)),
    _Pair(Account.BANK, BANK, timedelta(days=10)),
)


@dataclass(slots=True)
class _Count:
    ours: int = 0
    theirs: int = 0
    matched: int = 0
    matched_theirs: int = 0
    amount_ours: Decimal = ZERO
    amount_theirs: Decimal = ZERO


def start(
    *,
    type: ReconciliationRun.Type,
    start_date: date,
    end_date: date,
    now: datetime,
    started_by: User | None = None,
    address: str = "",
) -> ReconciliationRun:
    """Reconcile a period, both days included. The same period again is the same run, brought up to date.

    Providers are asked first, outside of any transaction; one that does not answer leaves the run `partial`. The rest
    stands or falls together. Raises InvalidDateRange, FutureDate and
    ReconciliationBusy.
    """
    check_period(start_date, end_date, now)
    run = _open(Type(type), start_date, end_date, started_by, now)
    began = monotonic()
    silent = ask_providers(start_date, end_date, now)
    return _carry_out(run, silent, began, started_by, address, now)


def check_period(start_date: date, end_date: date, now: datetime) -> None:
    """Raise InvalidDateRange and FutureDate."""
    is_meant = is_of_our_books(start_date, now) and is_of_our_books(end_date, now)
    if not is_meant or start_date > end_date or (end_date - start_date).days >= LONGEST:
        raise InvalidDateRange
    if end_date >= rome_day(now):
        raise FutureDate


def ask_providers(start_date: date, end_date: date, now: datetime) -> list[str]:
    """Take in what the providers tell of a period, and return those that did not answer."""
    window = _window(start_date, end_date, _PAIRS[0].margin)
    return statements.fetch_reports(since=window.since, until=min(window.until, now), now=now)


def bring_up_to_date(
    *,
    type: ReconciliationRun.Type,
    start_date: date,
    end_date: date,
    silent: list[str],
    started_by: User,
    now: datetime,
) -> ReconciliationRun:
    """Reconcile a period with what was told already, in the caller's transaction. `silent`: who did not answer.

    Waits for a reconciliation that is running. Raises InvalidDateRange and FutureDate.
    """
    check_period(start_date, end_date, now)
    transaction_lock(RUNNING)
    run = _open(type, start_date, end_date, started_by, now)
    return _carry_out(run, silent, monotonic(), started_by, "", now)


def reconcile_due(*, now: datetime) -> ReconciliationRun:
    """Reconcile yesterday, after the days that still have open breaks: what came since may close them."""
    yesterday = rome_day(now) - timedelta(days=1)
    since = yesterday - timedelta(days=3)
    silent = statements.fetch_reports(since=day_start(since), until=day_start(rome_day(now)), now=now)
    recent = Discrepancy.objects.open().of_days(rome_day(now - LOOKED_BACK), yesterday)
    days = {*recent.values_list("happened_on", flat=True), yesterday}
    for day in sorted(days):
        run = _open(Type.DAILY, day, day, None, now)
        with transaction.atomic():
            transaction_lock(RUNNING)
            run = _carry_out(run, silent, monotonic(), None, "", now)
    return run


@transaction.atomic
def _open(
    type: ReconciliationRun.Type,
    start_date: date,
    end_date: date,
    started_by: User | None,
    now: datetime,
) -> ReconciliationRun:
    transaction_lock("reconciliation number")
    period = {"type": type, "start_date": start_date, "end_date": end_date}
    known = ReconciliationRun.objects.filter(**period).first()
    if known is not None:
        return known
    number = f"REC-{type.value[:3].upper()}-{now.astimezone(ROME):%Y%m%d%H%M%S%f}"
    taken = ReconciliationRun.objects.filter(reconciliation_id__startswith=number).count()
    return ReconciliationRun.objects.create(
        **period,
        reconciliation_id=f"{number}-{taken + 1}" if taken else number,
        started_by=started_by,
        started_at=now,
    )


@transaction.atomic
def _carry_out(
    run: ReconciliationRun,
    silent: list[str],
    began: float,
    started_by: User | None,
    address: str,
    now: datetime,
) -> ReconciliationRun:
    if not try_transaction_lock(RUNNING):
        raise ReconciliationBusy
    run = ReconciliationRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    settlements.settle_provider_payouts(run=run, now=now)
    counts, kept = {}, set()
    for pair in _PAIRS:
        count, found = _reconcile(pair, run, now)
        counts[pair.account] = count
        kept |= keeping.keep(pair.account, found, run, now)
    for account, found in inspections.all_of(now=now):
        kept |= keeping.keep(account, found, run, now)
    keeping.clear(run, kept, now)
    _conclude(run, counts, silent, began, now)
    trail.record(
        actor=started_by,
        action="reconciliation_run",
        target=run,
        after={"status": run.status, "lines": run.internal_count, "breaks": run.break_count},
        address=address,
        now=now,
    )
    return run


def _window(first: date, last: date, margin: timedelta) -> Window:
    begins, ends = day_start(first), day_start(last + timedelta(days=1))
    return Window(begins, ends, begins - margin, ends + margin)


# Matching ----------------------------------------------------------------------------------------------------------


def _reconcile(pair: _Pair, run: ReconciliationRun, now: datetime) -> tuple[_Count, list[Break]]:
    window = _window(run.start_date, run.end_date, pair.margin)
    keeping.judge_anew(pair.account, run)
    ours = books.lines_of(pair.account, window)
    theirs = statements.lines_of(pair.account, window)
    matched = _matched(pair.account, window)
    count = _counted(ours, theirs, matched)
    open_theirs = [line for line in theirs if (Side.THEIRS, line.key) not in matched]
    if pair.account == Account.PROVIDER:
        booked = {name for line in ours for name in line.names}
        told = {name for line in open_theirs for name in line.names}
        ours += books.unpaid(told - booked)
    outcome = reconcile(
        [line for line in ours if (Side.OURS, line.key) not in matched],
        open_theirs,
        tolerance=pair.tolerance,
        settled=[line for line in theirs if (Side.THEIRS, line.key) in matched],
    )
    store_matches(pair.account, outcome.matches, run, now)
    count.matched += sum(line.is_due for match in outcome.matches for line in match.ours)
    count.matched_theirs += sum(line.is_due for match in outcome.matches for line in match.theirs)
    return count, [*outcome.breaks, *keeping.standing(pair.account, run)]


def _matched(account: Account, window: Window) -> set[tuple[str, str]]:
    """Read which lines have their partner. A line's day may be some weeks from when it was booked."""
    rows = MatchLine.objects.filter(
        account=account, moved_at__gte=window.since - LOOKED_BACK, moved_at__lt=window.until + LOOKED_BACK
    )
    return set(rows.values_list("side", "key").iterator(chunk_size=5000))


def _counted(ours: list[Line], theirs: list[Line], matched: set[tuple[str, str]]) -> _Count:
    due_ours = [line for line in ours if line.is_due and not line.state]
    due_theirs = [line for line in theirs if line.is_due]
    return _Count(
        ours=len(due_ours),
        theirs=len(due_theirs),
        matched=sum((Side.OURS, line.key) in matched for line in due_ours),
        matched_theirs=sum((Side.THEIRS, line.key) in matched for line in due_theirs),
        amount_ours=total(tuple(due_ours)),
        amount_theirs=total(tuple(due_theirs)),
    )


# The summary -------------------------------------------------------------------------------------------------------


def _conclude(
    run: ReconciliationRun,
    counts: Mapping[Account, _Count],
    silent: list[str],
    began: float,
    now: datetime,
) -> None:
    every = list(counts.values())
    run.internal_count = sum(each.ours for each in every)
    run.external_count = sum(each.theirs for each in every)
    run.matched_count = sum(each.matched for each in every)
    rows = Discrepancy.objects.open().of_days(run.start_date, run.end_date)
    found = list(rows.values_list("type", "severity", "break_class"))
    run.break_count = len(found)
    run.summary = _summary(run, every, found) | {
        "accounts": {account.value: _told(count) for account, count in counts.items()},
        "providers_without_answer": silent,
        "processing_time_seconds": round(monotonic() - began, 3),
    }
    run.status = Status.PARTIAL if silent else Status.COMPLETED
    run.error = ", ".join(silent)[:500]
    run.times_run += 1
    run.completed_at = now
    run.save()
    _alert(run, silent, now)


def _alert(run: ReconciliationRun, silent: list[str], now: datetime) -> None:
    grave = Discrepancy.objects.open().filter(severity=Discrepancy.Severity.HIGH).count()
    if grave:
        raise_alert(
            area="financial",
            alert_type="reconciliation_discrepancy",
            severity="high",
            title=lambda: _("Grave breaks of the reconciliation are open: %(count)s.") % {"count": grave},
            dedupe_key=BREAKS_ALERT,
            data={"run": run.reconciliation_id, "open": grave},
            source="donations.reconciliation",
            now=now,
        )
    else:
        resolve_alert(dedupe_key=BREAKS_ALERT, now=now)
    if silent:
        raise_alert(
            area="financial",
            alert_type="provider_report_missing",
            severity="medium",
            title=lambda: (
                _("Providers did not tell their account: %(names)s.") % {"names": ", ".join(silent)}
            ),
            dedupe_key=SILENT_ALERT,
            data={"run": run.reconciliation_id, "providers": silent},
            source="donations.reconciliation",
            now=now,
        )
    else:
        resolve_alert(dedupe_key=SILENT_ALERT, now=now)


def _summary(
    run: ReconciliationRun, every: list[_Count], found: list[tuple[str, str, str]]
) -> dict[str, Any]:
    ours, theirs = (
        sum((each.amount_ours for each in every), ZERO),
        sum((each.amount_theirs for each in every), ZERO),
    )
    matched_theirs = sum(each.matched_theirs for each in every)
    broken = _percent(len(found), run.internal_count + run.external_count)
    return {
        "transactions": {
            "total_internal": run.internal_count,
            "total_external": run.external_count,
            "matched": run.matched_count,
            "unmatched_internal": run.internal_count - run.matched_count,
            "unmatched_external": run.external_count - matched_theirs,
        },
        "rates": {
            "match_rate": str(_percent(run.matched_count, run.internal_count)),
            "discrepancy_rate": str(broken),
        },
        "amounts": {
            "total_internal_amount": str(ours),
            "total_external_amount": str(theirs),
            "amount_variance": str(theirs - ours),
        },
        "discrepancies": {
            "total_count": len(found),
            "by_type": dict(Counter(each[0] for each in found)),
            "by_severity": dict(Counter(each[1] for each in found)),
            "by_class": dict(Counter(each[2] for each in found)),
        },
        "status": "healthy" if broken < _ALERT_RATE else "requires_attention",
    }


def _told(count: _Count) -> dict[str, Any]:
    return {
        "internal": count.ours,
        "external": count.theirs,
        "matched": count.matched,
        "internal_amount": str(count.amount_ours),
        "external_amount": str(count.amount_theirs),
    }


def _percent(part: int, whole: int) -> Decimal:
    if not whole:
        return Decimal(100 if part else 0).quantize(_HUNDREDTH)
    return (Decimal(100 * part) / whole).quantize(_HUNDREDTH)
