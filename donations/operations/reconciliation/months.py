"""Closing a month: nothing open, the books proved, every statement there; then signed by two people."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import LedgerAccount, LedgerSeal, MonthClose
from donations.models.ledger import PLAYER_KINDS
from donations.operations.closed_months import MonthClosed
from donations.operations.closing import seal_days
from donations.queries import month_closes as queries
from donations.queries.books import contradictions
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict
from goodplay.lib.time import month_start, next_month, rome_day

MONTH_CLOSE = "month_close"
MONTH_REOPEN = "month_reopen"


class MonthNotOver(Conflict):
    code = "MONTH_NOT_OVER"
    message = _("This month is not over yet.")


class MonthNotReady(Conflict):
    """Says in `data` what is missing."""

    code = "MONTH_CANNOT_BE_CLOSED"

    def __init__(self, obstacles: list[str]) -> None:
        super().__init__(data={"obstacles": obstacles})
        self.obstacles = obstacles

    def __str__(self) -> str:
        return " ".join(self.obstacles)


class MonthNotClosed(Conflict):
    code = "MONTH_NOT_CLOSED"
    message = _("This month is not closed.")


class MonthChanged(Conflict):
    code = "MONTH_CHANGED"
    message = _("The month is not what it was when its close was asked for. Ask again.")


@transaction.atomic
def request_close(
    *, month: date, requested_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Ask a second person to sign a month. Raises MonthNotOver, MonthClosed, MonthNotReady."""
    first = month_start(month)
    _refuse(first, now)
    return request_approval(
        kind=MONTH_CLOSE,
        target=_anchor(),
        facts=_facts(first, now),
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def perform_close(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    """Sign the month as it was when it was asked for; everything is looked at once more."""
    assert request.decided_by is not None  # noqa: S101  (whoever approves is written down first)
    first = date.fromisoformat(request.facts["month"])
    _refuse(first, now)
    facts = _facts(first, now)
    if facts != request.facts:
        raise MonthChanged
    try:
        with transaction.atomic():
            row = MonthClose.objects.create(
                month=first,
                balances=facts["balances"],
                statement_balance=_decimal(facts["statement_balance"]),
                seal=facts["seal"],
                hash=facts["signature"],
                asked_by_id=request.requested_by_id,
                closed_by=request.decided_by,
                closed_at=now,
            )
    except IntegrityError as error:
        raise MonthClosed from error
    _record(row, request, "month_close", now)
    return {"month_close": str(row.pk), "signature": row.hash}


@transaction.atomic
def request_reopen(
    *, close: MonthClose, requested_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Ask a second person to open a closed month again. Months after it must be open."""
    _refuse_reopening(close)
    return request_approval(
        kind=MONTH_REOPEN,
        target=close,
        facts={"month": close.month.isoformat(), "signature": close.hash},
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def perform_reopen(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    close = MonthClose.objects.select_for_update(of=("self",)).get(pk=request.target_id)
    _refuse_reopening(close)
    close.reopened_by, close.reopened_at, close.reopen_reason = request.decided_by, now, request.reason[:500]
    close.save(update_fields=["reopened_by", "reopened_at", "reopen_reason"])
    _record(close, request, "month_reopen", now)
    return {"month": close.month.isoformat()}


def signature_holds(close: MonthClose) -> bool:
    """Say whether the balances and the seal are still those that were signed."""
    last = next_month(close.month) - timedelta(days=1)
    seal = LedgerSeal.objects.filter(day=last).values_list("hash", flat=True).first()
    balances = queries.balances_at(next_month(close.month))
    signed = _signature(close.month, balances, _text(close.statement_balance), close.seal)
    return seal == close.seal and balances == close.balances and signed == close.hash


# Steps -------------------------------------------------------------------------------------------------------------


def _refuse(first: date, now: datetime) -> None:
    if month_start(rome_day(now)) <= first:
        raise MonthNotOver
    if queries.is_closed(first):
        raise MonthClosed
    seal_days(now=now)
    obstacles = queries.obstacles(first)
    if found := contradictions():
        obstacles.append(str(_("The books do not balance: %(what)s.") % {"what": found[0]}))
    if obstacles:
        raise MonthNotReady(obstacles)


def _refuse_reopening(close: MonthClose) -> None:
    if not close.is_closed:
        raise MonthNotClosed
    later = MonthClose.objects.filter(month__gt=close.month, reopened_at=None)
    if later.exists():
        raise MonthNotReady([str(_("A later month is closed: reopen that one first."))])


def _facts(first: date, now: datetime) -> dict[str, Any]:
    last = next_month(first) - timedelta(days=1)
    balances = queries.balances_at(next_month(first))
    seal = LedgerSeal.objects.filter(day=last).values_list("hash", flat=True).first()
    if seal is None:
        raise MonthNotReady([str(_("The last day of the month is not sealed yet."))])
    statement = _text(queries.statement_balance(last))
    return {
        "month": first.isoformat(),
        "balances": balances,
        "statement_balance": statement,
        "seal": seal,
        "signature": _signature(first, balances, statement, seal),
    }


def _signature(first: date, balances: Mapping[str, str], statement: str, seal: str) -> str:
    told = json.dumps([first.isoformat(), balances, statement, seal], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _anchor() -> LedgerAccount:
    """Return what the request is about while the month has no row yet: one close waits at a time."""
    return LedgerAccount.objects.exclude(kind__in=PLAYER_KINDS).get(
        kind=LedgerAccount.Kind.BANK, player=None, onlus=None
    )


def _record(row: MonthClose, request: ApprovalRequest, action: str, now: datetime) -> None:
    trail.record(
        actor=request.decided_by,
        action=action,
        target=row,
        after={"month": row.month.isoformat(), "signature": row.hash, "asked_by": str(row.asked_by)},
        reason=request.reason,
        now=now,
    )


def _text(amount: Decimal | None) -> str:
    return "" if amount is None else str(amount)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
