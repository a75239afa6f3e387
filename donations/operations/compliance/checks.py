"""Compliance checks: opening one, and deciding on it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import ComplianceCheck
from donations.queries import compliance_settings
from donations.signals import check_decided, check_needs_review
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import AccessDenied, Conflict, NotFound
from goodplay.lib.ids import new_id

EXEMPTION = "compliance_exemption"

Status = ComplianceCheck.Status
Type = ComplianceCheck.Type
HUNDRED = Decimal(100)
FINAL = (Status.PASSED, Status.FAILED, Status.EXEMPTED)


class CheckNotFound(NotFound):
    code = "COMPLIANCE_CHECK_NOT_FOUND"
    message = _("There is no such check.")


class CheckAlreadyDecided(Conflict):
    code = "COMPLIANCE_CHECK_ALREADY_DECIDED"
    message = _("This check was decided already.")


class OwnCheck(AccessDenied):
    code = "FOUR_EYES_REQUIRED"
    message = _("Nobody decides on a check about themselves or one they asked for: ask a colleague.")


@transaction.atomic
def open_check(
    *,
    user: User,
    check_type: str,
    risk_level: str,
    risk_score: Decimal,
    risk_factors: list[str],
    results: dict[str, Any],
    reason: str,
    now: datetime,
    transaction_id: UUID | None = None,
    status: str = Status.REQUIRES_REVIEW,
    criteria: dict[str, Any] | None = None,
    sources: list[str] | None = None,
    external_check_ids: list[str] | None = None,
    started_by: User | None = None,
) -> ComplianceCheck:
    """Store a check with what it found. One that needs a person is announced, so that its queue is seen."""
    days = int(compliance_settings.current().number("system_settings.check_expiration_days"))
    check = ComplianceCheck.objects.create(
        check_id=_name(now),
        user=user,
        transaction_id=transaction_id,
        check_type=Type(check_type),
        status=Status(status),
        risk_level=risk_level,
        risk_score=risk_score,
        compliance_score=HUNDRED - risk_score,
        risk_factors=list(risk_factors),
        check_criteria=criteria or {},
        check_results=results,
        data_sources=sources or [],
        external_check_ids=external_check_ids or [],
        check_reason=reason[:300],
        manual_review_required=status == Status.REQUIRES_REVIEW,
        started_by=started_by,
        created_at=now,
        completed_at=now if status in FINAL else None,
        expires_at=now + timedelta(days=days),
        last_updated_at=now,
    )
    if check.requires_review:
        check_needs_review.announce(check=check)
    return check


@transaction.atomic
def approve(
    *, check: ComplianceCheck, decided_by: User, notes: str, now: datetime, address: str = ""
) -> ComplianceCheck:
    """Let a check pass. Raises CheckAlreadyDecided, OwnCheck."""
    return _decide(check, Status.PASSED, decided_by, notes, now, address)


@transaction.atomic
def reject(
    *, check: ComplianceCheck, decided_by: User, notes: str, now: datetime, address: str = ""
) -> ComplianceCheck:
    return _decide(check, Status.FAILED, decided_by, notes, now, address)


@transaction.atomic
def escalate(
    *, check: ComplianceCheck, decided_by: User, notes: str, now: datetime, address: str = ""
) -> ComplianceCheck:
    """Hand a check to the next level; it stays open. Raises CheckAlreadyDecided, OwnCheck."""
    row = _locked(check, decided_by)
    row.escalation_level, row.escalated_at = row.escalation_level + 1, now
    row.manual_review_required, row.review_notes = True, notes[:1000]
    row.status, row.last_updated_at = Status.REQUIRES_REVIEW, now
    row.save(
        update_fields=[
            "escalation_level",
            "escalated_at",
            "manual_review_required",
            "review_notes",
            "status",
            "last_updated_at",
        ]
    )
    _note(row, "compliance_check_escalate", decided_by, notes, now, address, level=row.escalation_level)
    check_needs_review.announce(check=row)
    return row


@transaction.atomic
def request_exemption(
    *, check: ComplianceCheck, requested_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Ask a second person to exempt somebody from a check. It stays open until they agree."""
    row = _locked(check, requested_by)
    row.approval_required, row.last_updated_at = True, now
    row.save(update_fields=["approval_required", "last_updated_at"])
    return request_approval(
        kind=EXEMPTION,
        target=row,
        facts=_exemption(row),
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def exempt(*, request: ApprovalRequest, now: datetime) -> dict[str, Any]:
    """Exempt from a check that still waits, as it was when that was asked for."""
    assert request.decided_by is not None  # noqa: S101  (approvals call it when somebody decided)
    row = _locked(ComplianceCheck.objects.get(pk=request.target_id), request.decided_by)
    if _exemption(row) != request.facts:
        raise Conflict
    row.exemption_reason, row.approved_by, row.approved_at = request.reason[:500], request.decided_by, now
    _write(row, Status.EXEMPTED, request.requested_by, request.reason, now, "")
    return {"status": Status.EXEMPTED.value}


def keep_unexempted(*, request: ApprovalRequest, now: datetime) -> None:
    """Nobody agreed: the check waits for a decision like any other."""
    ComplianceCheck.objects.filter(pk=request.target_id).update(approval_required=False, last_updated_at=now)


def _exemption(row: ComplianceCheck) -> dict[str, Any]:
    return {
        "check": row.check_id,
        "type": str(row.check_type),
        "who": str(row.user),
        "risk_level": str(row.risk_level),
        "risk_score": str(row.risk_score),
    }


def expire_due(*, now: datetime) -> int:
    """Let what is older than it may be expire, each once; what still waited for a person is asked for anew by them."""
    due = ComplianceCheck.objects.overdue(now).values_list("pk", flat=True)
    return sum(_expire(key, now) for key in list(due))


def _expire(key: UUID, now: datetime) -> bool:
    rows = ComplianceCheck.objects.overdue(now).filter(pk=key)
    return claim(rows, status=Status.EXPIRED, last_updated_at=now)


def _decide(
    check: ComplianceCheck, status: Status, decided_by: User, notes: str, now: datetime, address: str
) -> ComplianceCheck:
    return _write(_locked(check, decided_by), status, decided_by, notes, now, address)


def _write(
    row: ComplianceCheck, status: Status, decided_by: User, notes: str, now: datetime, address: str
) -> ComplianceCheck:
    """Write the decision about a check whose row is locked."""
    before, row.approval_required = row.status, False
    row.status, row.reviewed_by, row.reviewed_at, row.review_notes = status, decided_by, now, notes[:1000]
    row.completed_at = row.last_updated_at = now
    row.save(
        update_fields=[
            "status",
            "reviewed_by",
            "reviewed_at",
            "review_notes",
            "completed_at",
            "last_updated_at",
            "approval_required",
            "exemption_reason",
            "approved_by",
            "approved_at",
        ]
    )
    _note(row, f"compliance_check_{status.value}", decided_by, notes, now, address, before=before)
    check_decided.announce(check=row)
    return row


def _locked(check: ComplianceCheck, person: User) -> ComplianceCheck:
    """Return the open check with its row locked, when this person may decide on it."""
    row = ComplianceCheck.objects.select_for_update().get(pk=check.pk)
    if not row.may_be_reviewed_by(person):
        raise OwnCheck
    if not row.is_pending:
        raise CheckAlreadyDecided
    return row


def _note(
    row: ComplianceCheck,
    action: str,
    actor: User,
    notes: str,
    now: datetime,
    address: str,
    before: str = "",
    **facts: Any,
) -> None:
    trail.record(
        actor=actor,
        action=action,
        target=row,
        now=now,
        before={"status": before} if before else {},
        after={"status": str(row.status), **facts},
        reason=notes,
        address=address,
    )


def _name(now: datetime) -> str:
    """Name a check by its moment and a part of a fresh key nobody can guess."""
    return f"CHK-{now:%Y%m%d%H%M%S}-{new_id().hex[-8:].upper()}"
