"""Deciding on an application: approve or reject, hear an appeal, tick off conditions. Nobody decides on an organisation of their own."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    ApplicationAppeal,
    ApprovalCondition,
    Onlus,
    OnlusApplication,
    OnlusMembership,
    RiskLevel,
    User,
)
from accounts.operations import documents, verification
from accounts.operations.application_review import is_verified
from accounts.operations.application_states import (
    DECIDE_RISKY,
    REVIEW,
    ApplicationNotReviewable,
    OwnApplication,
    Phase,
    Status,
    locked,
    move,
    note,
    reviewing,
    speaking_to,
)
from accounts.operations.applications import DECIDED_WITHIN
from accounts.operations.onlus import add_member
from accounts.queries.applications import (
    REVIEWERS_AUTHORITY,
    has_conflict,
)
from accounts.signals import (
    appeal_decided,
    application_approved,
    application_rejected,
    organization_approved,
)
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import FourEyesRequired, ReasonRequired, request_approval
from goodplay.lib.errors import AccessDenied, Conflict, DomainError
from goodplay.lib.time import rome_day

APPROVE = "onlus_application"

Condition = tuple[str, date]


class ApplicationNotApprovable(Conflict):
    code = "APPLICATION_NOT_APPROVED"
    message = _(
        "Only an application in its final phase, with documents and checks in order, can be approved."
    )


class SecondPersonRequired(Conflict):
    code = "APPLICATION_NEEDS_SECOND_PERSON"
    message = _("The risk is above what one person decides: propose it, and a senior colleague approves.")


class OrganizationAlreadyExists(Conflict):
    code = "ORGANIZATION_ALREADY_EXISTS"
    message = _("There is an organisation with this name already.")


class RejectionReasonRequired(DomainError):
    code = "REJECTION_REASON_REQUIRED"
    message = _("Say why: the applicant reads it.")


class ConditionInvalid(DomainError):
    code = "APPROVAL_CONDITION_INVALID"
    message = _("A condition needs words and a day that is still to come.")


class ConditionMet(Conflict):
    code = "APPROVAL_CONDITION_MET"
    message = _("This condition is met already.")


class ApplicationChanged(Conflict):
    code = "APPLICATION_CHANGED"
    message = _("The application is not what it was when this was asked for. Ask again.")


class AppealDecided(Conflict):
    code = "APPEAL_ALREADY_DECIDED"
    message = _("This appeal is decided already.")


# Approving -------------------------------------------------------------------------------------------------------


def needs_second_person(application: OnlusApplication) -> bool:
    """Say whether the risk, or overruled checks, ask for two people."""
    score = application.risk_score or Decimal(0)
    risky = application.risk_level in (RiskLevel.HIGH, RiskLevel.CRITICAL)
    return risky or score > REVIEWERS_AUTHORITY or bool(application.override_reason)


@transaction.atomic
def approve(
    *,
    application: OnlusApplication,
    decided_by: User,
    reason: str,
    now: datetime,
    conditions: Sequence[Condition] = (),
    address: str = "",
) -> Onlus:
    """Take the organisation in. Raises SecondPersonRequired where the risk is above what one person decides."""
    row = _approvable(application, decided_by, conditions, reason, now)
    if needs_second_person(row):
        raise SecondPersonRequired
    return _approve(row, decided_by, conditions, reason, now, address)


@transaction.atomic
def propose(
    *,
    application: OnlusApplication,
    proposed_by: User,
    reason: str,
    now: datetime,
    conditions: Sequence[Condition] = (),
    address: str = "",
) -> ApprovalRequest:
    """Ask a senior colleague to approve an application of high risk."""
    row = _approvable(application, proposed_by, conditions, reason, now)
    return request_approval(
        kind=APPROVE,
        target=row,
        facts={
            "organization_name": row.organization_name,
            "risk_level": row.risk_level,
            "risk_score": str(row.risk_score or ""),
            "override_reason": row.override_reason,
            "conditions": [{"text": text, "due_on": due_on.isoformat()} for text, due_on in conditions],
            "updated_at": row.updated_at.isoformat(),
        },
        requested_by=proposed_by,
        reason=reason,
        now=now,
        address=address,
    )


def perform_approval(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    """Approve what a second person agreed to, if the application is still what they read."""
    row = locked(request.target_id)  # type: ignore[arg-type]  # the text of its key
    if row.updated_at.isoformat() != request.facts["updated_at"]:
        raise ApplicationChanged
    decided_by = request.decided_by
    assert decided_by is not None  # noqa: S101  (whoever approves is named before)
    conditions = [(each["text"], date.fromisoformat(each["due_on"])) for each in request.facts["conditions"]]
    checked = _approvable(row, decided_by, conditions, request.reason, now)
    onlus = _approve(checked, decided_by, conditions, request.reason, now, "")
    return {"onlus_id": str(onlus.pk)}


def _approvable(
    application: OnlusApplication,
    actor: User,
    conditions: Iterable[Condition],
    reason: str,
    now: datetime,
) -> OnlusApplication:
    if not reason.strip():
        raise ReasonRequired
    row = reviewing(application.pk, actor, *OnlusApplication.OPEN)
    if row.status not in OnlusApplication.EXAMINED or row.phase != Phase.FINAL_APPROVAL:
        raise ApplicationNotApprovable
    if not documents.all_approved(row) or not (is_verified(row) or row.override_reason):
        raise ApplicationNotApprovable
    if any(not text.strip() or due_on <= rome_day(now) for text, due_on in conditions):
        raise ConditionInvalid
    return row


def _approve(
    row: OnlusApplication,
    decided_by: User,
    conditions: Sequence[Condition],
    reason: str,
    now: datetime,
    address: str,
) -> Onlus:
    onlus = _found(row, now)
    add_member(onlus=onlus, user=row.applicant, role=OnlusMembership.Role.OWNER, now=now)
    ApprovalCondition.objects.bulk_create(
        ApprovalCondition(application=row, text=text.strip()[:300], due_on=due_on)
        for text, due_on in conditions
    )
    move(row, status=Status.APPROVED, progress=100, onlus=onlus, decided_by=decided_by, now=now)
    note(row, decided_by, "application_approve", now=now, address=address, reason=reason, onlus=str(onlus.pk))
    application_approved.announce(application=row)
    organization_approved.announce(onlus=onlus)
    return onlus


def _found(row: OnlusApplication, now: datetime) -> Onlus:
    """Make the organisation of an application. It is verified, and public, once its bank account is."""
    address = row.address or {}
    onlus = Onlus(
        name=row.organization_name,
        legal_name=row.organization_name,
        category=row.category,
        mission_statement=row.mission_statement,
        description=row.description,
        contact_email=row.contact_email,
        contact_phone=row.contact_phone,
        street=str(address.get("street", ""))[:120],
        postal_code=str(address.get("postal_code", ""))[:10],
        website_url=row.website_url,
        city=str(address.get("city", ""))[:80],
        region=str(address.get("region", ""))[:80],
        tax_id=row.tax_id,
        runts_number=row.runts_number,
        runts_section=row.runts_section,
        legal_entity_type=row.get_legal_entity_type_display(),
        incorporation_date=row.incorporation_date,
        operational_scope=row.operational_scope,
        target_beneficiaries=row.target_beneficiaries,
        primary_activities=row.primary_activities,
        funding_sources=row.funding_sources,
        annual_budget=row.annual_budget,
        compliance_score=row.compliance_score,
        leadership_team=row.leadership_team,
        board_members=row.board_members,
        created_at=now,
    )
    if Onlus.objects.filter(name__iexact=onlus.name).exists():
        raise OrganizationAlreadyExists
    try:
        with transaction.atomic():
            onlus.save(force_insert=True)
    except IntegrityError as error:
        raise OrganizationAlreadyExists from error
    return onlus


# Rejecting, and what follows --------------------------------------------------------------------------------------


@transaction.atomic
def reject(
    *, application: OnlusApplication, decided_by: User, reason: str, now: datetime, address: str = ""
) -> OnlusApplication:
    """Turn an application down; the applicant reads why, and may appeal within thirty days."""
    if not reason.strip():
        raise RejectionReasonRequired
    row = reviewing(application.pk, decided_by, *OnlusApplication.OPEN)
    move(
        row,
        status=Status.REJECTED,
        decided_by=decided_by,
        rejection_reason=reason.strip(),
        note=reason.strip(),
        now=now,
    )
    note(row, decided_by, "application_reject", now=now, address=address, reason=reason.strip())
    application_rejected.announce(application=row)
    return row


@transaction.atomic
def decide_appeal(
    *, appeal: ApplicationAppeal, decided_by: User, grant: bool, reason: str, now: datetime, address: str = ""
) -> ApplicationAppeal:
    """Decide on an appeal, one level above and never by who rejected. Granted, another reviewer begins anew."""
    if not reason.strip():
        raise ReasonRequired
    application = locked(appeal.application_id)
    row = ApplicationAppeal.objects.select_for_update().get(pk=appeal.pk)
    if not decided_by.has_perm(DECIDE_RISKY):
        raise AccessDenied
    if row.rejected_by_id == decided_by.pk:
        raise FourEyesRequired
    if has_conflict(decided_by, application):
        raise OwnApplication
    if row.status != ApplicationAppeal.Status.OPEN:
        raise AppealDecided
    row.status = ApplicationAppeal.Status.GRANTED if grant else ApplicationAppeal.Status.REFUSED
    row.decided_by, row.decided_at, row.decision_reason = decided_by, now, reason.strip()
    row.save(update_fields=["status", "decided_by", "decided_at", "decision_reason"])
    if grant:
        _reopen(application, decided_by, now)
    note(application, decided_by, f"appeal_{row.status}", now=now, address=address, reason=reason.strip())
    appeal_decided.announce(application=application)
    return row


def _reopen(application: OnlusApplication, reviewer: User, now: datetime) -> None:
    """Put a rejected application back under review, with the one who granted the appeal until it is given to another."""
    others = OnlusApplication.objects.live().filter(name_key=application.name_key)
    if others.exclude(pk=application.pk).exists():
        raise ApplicationNotReviewable
    with speaking_to(application):
        told = gettext("Your appeal was granted: we look at the application anew.")
    move(
        application,
        status=Status.UNDER_REVIEW,
        phase=Phase.DOCUMENTATION,
        reviewer=reviewer,
        decided_by=None,
        rejection_reason="",
        closed_at=None,
        review_deadline=now + DECIDED_WITHIN,
        note=told,
        now=now,
    )
    application.documents.current().filter(status="pending").update(status="under_review")
    verification.open_checks(application, now=now)


@transaction.atomic
def meet_condition(
    *, condition: ApprovalCondition, actor: User, how: str, now: datetime, address: str = ""
) -> ApprovalCondition:
    """Note that an approved organisation did what it still owed."""
    if not actor.has_perm(REVIEW):
        raise AccessDenied
    application = locked(condition.application_id)
    if has_conflict(actor, application):
        raise OwnApplication
    row = ApprovalCondition.objects.get(pk=condition.pk)
    if row.met_at is not None:
        raise ConditionMet
    if not how.strip():
        raise ReasonRequired
    row.met_at, row.met_by, row.met_note = now, actor, how.strip()[:500]
    row.save(update_fields=["met_at", "met_by", "met_note"])
    note(
        application, actor, "condition_met", now=now, address=address, reason=how.strip(), condition=row.text
    )
    return row
