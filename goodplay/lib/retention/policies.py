"""Periods: known from what the apps declare, longer at once, shorter with a second person, never below the least."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import ReasonRequired, request_approval
from goodplay.lib.audit import trail
from goodplay.lib.errors import AccessDenied, Conflict, DomainError
from goodplay.lib.retention.models import RetentionPolicy
from goodplay.lib.retention.registry import KEPT

CHANGE = "retention.change_period"
SHORTER = "retention_shorter"
LONGEST_DAYS = 36_500


class PeriodTooShort(DomainError):
    code = "RETENTION_BELOW_MINIMUM"
    message = _("The law or our own proofs need this data for longer.")


class PeriodTooLong(DomainError):
    code = "RETENTION_TOO_LONG"
    message = _("Nothing is kept for more than a hundred years.")


class PeriodUnchanged(DomainError):
    code = "RETENTION_UNCHANGED"
    message = _("That is the period already.")


class PeriodChanged(Conflict):
    code = "RETENTION_CHANGED"
    message = _("The period was changed since this was asked for.")


def learn_policies() -> None:
    """Add the rows of kinds that are new, with the period they were declared with; what staff set stays."""
    RetentionPolicy.objects.bulk_create(
        [RetentionPolicy(kind=kept.kind, days=kept.days) for kept in KEPT.values()], ignore_conflicts=True
    )


@transaction.atomic
def change_period(
    *, policy: RetentionPolicy, days: int, by: Any, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest | None:
    """Keep longer at once, or ask a second person to keep less long; returns what waits for that person."""
    row = RetentionPolicy.objects.select_for_update().get(pk=policy.pk)
    _check(row, days, by)
    if not reason.strip():
        raise ReasonRequired
    if days < row.days:
        return request_approval(
            kind=SHORTER,
            target=row,
            facts={"kind": row.kind, "days_now": row.days, "days": days},
            requested_by=by,
            reason=reason,
            now=now,
            address=address,
        )
    _set(row, days, by, reason, now, address)
    return None


def shorten(*, request: ApprovalRequest, now: datetime) -> dict[str, Any]:
    """Set the shorter period a second person approved; refuse when it is not what they saw."""
    row = RetentionPolicy.objects.select_for_update().get(pk=request.target_id)
    if row.days != request.facts["days_now"]:
        raise PeriodChanged
    _check(row, request.facts["days"], request.requested_by)
    _set(row, request.facts["days"], request.decided_by, request.reason, now, "")
    return {"days": row.days}


def _check(row: RetentionPolicy, days: int, by: Any) -> None:
    if not by.has_perm(CHANGE):
        raise AccessDenied
    if days == row.days:
        raise PeriodUnchanged
    if days > LONGEST_DAYS:
        raise PeriodTooLong
    declared = KEPT.get(row.kind)
    if declared is None or days < declared.least_days:
        raise PeriodTooShort


def _set(row: RetentionPolicy, days: int, by: Any, reason: str, now: datetime, address: str) -> None:
    before, row.days, row.changed_at = row.days, days, now
    row.save(update_fields=["days", "changed_at"])
    trail.record(
        actor=by,
        action="retention_change",
        target=row,
        before={"days": before},
        after={"days": days},
        reason=reason.strip(),
        address=address,
        now=now,
    )
