"""A person decides; where the money came from takes two."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import IdentityDocument, IdentityLevel, IdentityVerification
from donations.operations.compliance import checks
from donations.signals import identity_decided
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import ReasonRequired, request_approval
from goodplay.lib.audit import trail
from goodplay.lib.errors import AccessDenied, Conflict
from goodplay.lib.private_files import operations as files
from goodplay.lib.time import rome_day

FUNDS_PROVEN = "identity_funds_proven"

Status = IdentityVerification.Status


class NotSubmitted(Conflict):
    code = "IDENTITY_VERIFICATION_NOT_SUBMITTED"
    message = _("Only a verification that was handed in and waits can be decided on.")


class NeedsSecondPerson(Conflict):
    code = "IDENTITY_NEEDS_SECOND_PERSON"
    message = _("Where money came from is approved by two: propose it, and a colleague decides.")


class OwnIdentity(AccessDenied):
    code = "FOUR_EYES_REQUIRED"
    message = _("Nobody decides about themselves: ask a colleague.")


class DocumentOver(Conflict):
    code = "IDENTITY_DOCUMENT_EXPIRED"
    message = _("A document of identity has expired meanwhile. Reject, and ask for one that is valid.")


class VerificationChanged(Conflict):
    code = "IDENTITY_VERIFICATION_CHANGED"
    message = _("It is not what it was when approval was asked for. Ask again.")


def read_document(
    *, document: IdentityDocument, actor: User, purpose: str, now: datetime, address: str = ""
) -> bytes:
    """Return a document's content; who looked and what for is on record."""
    if not purpose.strip():
        raise ReasonRequired
    return files.open_file(file=document.file, actor=actor, purpose=purpose, now=now, address=address)


@transaction.atomic
def approve(
    *, verification: IdentityVerification, decided_by: User, reason: str, now: datetime, address: str = ""
) -> IdentityVerification:
    """Approve an identity. Raises NeedsSecondPerson for a source of funds, NotSubmitted, OwnIdentity, DocumentOver."""
    row = _deciding(verification, decided_by, reason)
    if row.level == IdentityLevel.Level.FUNDS:
        raise NeedsSecondPerson
    return _approve(row, decided_by, reason, now, address)


@transaction.atomic
def propose(
    *, verification: IdentityVerification, proposed_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Ask a second person to approve the source of funds."""
    row = _deciding(verification, proposed_by, reason)
    return request_approval(
        kind=FUNDS_PROVEN,
        target=row,
        facts=_facts(row, now),
        requested_by=proposed_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def perform_approval(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    assert request.decided_by is not None  # noqa: S101  (approvals call it when somebody decided)
    found = IdentityVerification.objects.get(pk=UUID(request.target_id))
    row = _deciding(found, request.decided_by, request.reason)
    if {**_facts(row, now), "until": ""} != {**request.facts, "until": ""}:
        raise VerificationChanged
    row.proposed_by = request.requested_by
    _approve(row, request.decided_by, request.reason, now, "")
    return {"status": Status.APPROVED.value}


@transaction.atomic
def reject(
    *, verification: IdentityVerification, decided_by: User, reason: str, now: datetime, address: str = ""
) -> IdentityVerification:
    """Say no; the player is told the reason and may begin anew."""
    row = _deciding(verification, decided_by, reason)
    return _decide(row, Status.REJECTED, decided_by, reason, now, address)


def _deciding(verification: IdentityVerification, by: User, reason: str) -> IdentityVerification:
    if not reason.strip():
        raise ReasonRequired
    row = IdentityVerification.objects.select_for_update().get(pk=verification.pk)
    if row.status != Status.SUBMITTED:
        raise NotSubmitted
    if row.user_id == by.pk:
        raise OwnIdentity
    return row


def _approve(
    row: IdentityVerification, by: User, reason: str, now: datetime, address: str
) -> IdentityVerification:
    row.expires_at = holds_until(row, now)
    if row.expires_at <= now:
        raise DocumentOver
    return _decide(row, Status.APPROVED, by, reason, now, address)


def holds_until(row: IdentityVerification, now: datetime) -> datetime:
    """Return when the proof ends: after the time of the setting, or with the first document of identity."""
    ends = [each.expires_on for each in row.documents.all() if each.is_of_identity and each.expires_on]
    latest = now + timedelta(days=settings.IDENTITY_VALID_DAYS)
    return min([latest, *map(_start_of, ends)])


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _decide(
    row: IdentityVerification, status: Status, by: User, reason: str, now: datetime, address: str
) -> IdentityVerification:
    row.status, row.decided_by, row.decided_at = status, by, now
    row.decision_reason = reason.strip()[:500]
    row.save(
        update_fields=[
            "status",
            "proposed_by",
            "decided_by",
            "decided_at",
            "decision_reason",
            "expires_at",
        ]
    )
    _check(row, reason, now)
    trail.record(
        actor=by,
        action=f"identity_{status.value}",
        target=row,
        before={"status": Status.SUBMITTED.value},
        after={"status": status.value, "level": row.level, "until": row.expires_at},
        reason=reason,
        address=address,
        now=now,
    )
    identity_decided.announce(verification=row)
    return row


def _check(row: IdentityVerification, reason: str, now: datetime) -> None:
    """Keep the outcome among the player's compliance checks."""
    passed = row.status == Status.APPROVED
    checks.open_check(
        user=row.user,
        check_type="kyc",
        risk_level="low" if passed else "medium",
        risk_score=Decimal(0) if passed else Decimal(50),
        risk_factors=[] if passed else ["identity_rejected"],
        results={"verification_id": str(row.pk), "level": row.level, "status": row.status},
        reason=gettext("Identity verification"),
        status="passed" if passed else "failed",
        external_check_ids=[row.provider_reference] if row.provider_reference else [],
        now=now,
    )


def _facts(row: IdentityVerification, now: datetime) -> dict[str, str]:
    """Tell what is approved, as the second person reads it, and as it must still be then."""
    documents = [f"{each}" for each in row.documents.order_by("uploaded_at", "pk")]
    return {
        "who": str(row.user),
        "name": row.full_name,
        "born_on": row.born_on.isoformat(),
        "nationality": row.nationality,
        "documents": ", ".join(documents),
        "until": rome_day(holds_until(row, now)).isoformat(),
    }
