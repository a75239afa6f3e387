"""What a break of the matcher is called in the queue, how grave it is, and which row keeps it."""

import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from donations.models import Discrepancy, ReconciliationRun
from donations.models.reconciliation import Account
from donations.reconciling.lines import Break, BreakClass, Line, total
from goodplay.lib.money import ZERO
from goodplay.lib.time import rome_day

Class, Type, Severity = Discrepancy.Class, Discrepancy.Type, Discrepancy.Severity

GRAVE = Decimal("1.00")
"""More than this between two amounts is grave."""

_TYPES = {
    BreakClass.MISSING: Type.MISSING_TRANSACTION,
    BreakClass.EXTRA: Type.ORPHANED_PAYMENT,
    BreakClass.AMOUNT: Type.AMOUNT_MISMATCH,
    BreakClass.FEE: Type.AMOUNT_MISMATCH,
    BreakClass.CURRENCY: Type.EXTERNAL_MISMATCH,
    BreakClass.DUPLICATE: Type.DUPLICATE_TRANSACTION,
    BreakClass.DATE_SHIFT: Type.TIMING_DISCREPANCY,
    BreakClass.SPLIT: Type.EXTERNAL_MISMATCH,
    BreakClass.MERGED: Type.EXTERNAL_MISMATCH,
    BreakClass.STATUS: Type.STATUS_MISMATCH,
}
_SEVERITIES = {
    BreakClass.MISSING: Severity.HIGH,
    BreakClass.EXTRA: Severity.MEDIUM,
    BreakClass.CURRENCY: Severity.HIGH,
    BreakClass.DUPLICATE: Severity.HIGH,
    BreakClass.DATE_SHIFT: Severity.LOW,
    BreakClass.SPLIT: Severity.LOW,
    BreakClass.MERGED: Severity.LOW,
    BreakClass.STATUS: Severity.HIGH,
}


def severity_of(found: Break) -> Discrepancy.Severity:
    if found.kind in (BreakClass.AMOUNT, BreakClass.FEE):
        return Severity.HIGH if abs(found.difference) > GRAVE else Severity.MEDIUM
    return _SEVERITIES[found.kind]


def subject_of(account: Account, found: Break) -> str:
    """Name a break by its class and its lines: found again, it has the same name."""
    ours = sorted(line.key for line in found.ours)
    theirs = sorted(line.key for line in found.theirs)
    return hashlib.sha256(repr((account.value, found.kind.value, ours, theirs)).encode()).hexdigest()


def discrepancy(account: Account, found: Break, run: ReconciliationRun, now: Any) -> Discrepancy:
    """Make the row of a break, unsaved."""
    return Discrepancy(
        run=run,
        account=account,
        subject=subject_of(account, found),
        break_class=Class(found.kind.value),
        type=_TYPES[found.kind],
        severity=severity_of(found),
        internal_transaction=_transaction(found.ours),
        external_payment=found.theirs[0].key if found.theirs else "",
        internal_amount=total(found.ours) if found.ours else None,
        external_amount=total(found.theirs) if found.theirs else None,
        difference=found.difference,
        amount=_amount(found),
        ours=[shown(line) for line in found.ours],
        theirs=[shown(line) for line in found.theirs],
        facts=dict(found.facts),
        happened_on=day_of((*found.ours, *found.theirs)),
        detected_at=now,
    )


def day_of(lines: Iterable[Line]) -> date:
    """Return the day a break is counted on: that of its first line in the period."""
    listed = list(lines)
    due = [line for line in listed if line.is_due] or listed
    return rome_day(min(line.at for line in due))


def shown(line: Line) -> dict[str, str]:
    told = {
        "key": line.key,
        "amount": str(line.amount),
        "currency": line.currency,
        "at": line.at.isoformat(),
        "names": ", ".join(line.names),
        "party": line.party,
        "text": line.text,
        "state": line.state,
        "fee": "" if line.fee is None else str(line.fee),
    }
    return {name: value for name, value in told.items() if value}


def _amount(found: Break) -> Decimal:
    """Return how much money the break is about."""
    if found.kind in (BreakClass.AMOUNT, BreakClass.FEE):
        return abs(found.difference)
    return max((abs(total(side)) for side in (found.ours, found.theirs) if side), default=ZERO)


def _transaction(lines: Iterable[Line]) -> UUID | None:
    for line in lines:
        return UUID(line.key.rpartition(":")[2])
    return None
