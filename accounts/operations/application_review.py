"""The reviewers' side: take an application, ask, examine. Nobody works on an application of an organisation of their own."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    ApplicationMessage,
    OnlusApplication,
    RiskLevel,
    User,
)
from accounts.operations import documents, verification
from accounts.operations.application_states import (
    DECIDE_RISKY,
    REVIEW,
    Phase,
    Status,
    move,
    note,
    reviewing,
    speaking_to,
    wait_for_applicant,
)
from accounts.operations.applications import NothingToSay
from accounts.queries.applications import (
    has_conflict,
    rejected_before_by,
    verification_state,
)
from accounts.signals import (
    application_assigned,
    application_info_requested,
    application_message_written,
)
from goodplay.lib.errors import AccessDenied, Conflict, DomainError
from goodplay.lib.working_days import after_working_days

ANSWER_WITHIN = {
    ApplicationMessage.Kind.INFORMATION: 10,
    ApplicationMessage.Kind.CLARIFICATION: 5,
}
"""Working days."""


class ReviewerNotSuitable(DomainError):
    code = "REVIEWER_NOT_SUITABLE"
    message = _(
        "This person may not review this application: no right, a conflict, or they rejected it before."
    )


class ApplicationNotUnderReview(Conflict):
    code = "APPLICATION_NOT_UNDER_REVIEW"
    message = _("Only an application under review can go this step.")


class DocumentsNotApproved(Conflict):
    code = "DOCUMENTS_NOT_APPROVED"
    message = _("Not every required document is approved yet.")


class VerificationNotComplete(Conflict):
    code = "VERIFICATION_NOT_COMPLETE"
    message = _("The checks are not passed. Answer what is open, or let a senior person overrule them.")


class DueDiligenceRequired(Conflict):
    code = "DUE_DILIGENCE_REQUIRED"
    message = _("From medium risk on, the organisation is examined in depth first.")


# Taking it, and asking -------------------------------------------------------------------------------------------


@transaction.atomic
def assign(
    *, application: OnlusApplication, reviewer: User, actor: User, now: datetime, address: str = ""
) -> OnlusApplication:
    """Give an application to a reviewer: the review begins, its papers are looked at and its checks opened."""
    row = reviewing(application.pk, actor, *OnlusApplication.OPEN)
    if not _suits(reviewer, row):
        raise ReviewerNotSuitable
    before = {"reviewer": str(row.reviewer_id or "")}
    if row.status == Status.SUBMITTED:
        move(row, status=Status.UNDER_REVIEW, phase=Phase.DOCUMENTATION, reviewer=reviewer, now=now)
        row.documents.current().filter(status="pending").update(status="under_review")
        verification.open_checks(row, now=now)
    else:
        row.reviewer = reviewer
        row.save(update_fields=["reviewer"])
    facts = {"reviewer": str(reviewer.pk)}
    note(row, actor, "application_assign", now=now, address=address, before=before, **facts)
    application_assigned.announce(application=row)
    return row


def _suits(reviewer: User, application: OnlusApplication) -> bool:
    if not reviewer.is_active or not reviewer.is_staff or not reviewer.has_perm(REVIEW):
        return False
    return not has_conflict(reviewer, application) and reviewer.pk not in rejected_before_by(application)


@transaction.atomic
def ask(
    *,
    application: OnlusApplication,
    actor: User,
    text: str,
    now: datetime,
    kind: str = ApplicationMessage.Kind.INFORMATION,
    address: str = "",
) -> ApplicationMessage:
    """Ask the applicant for something: ten working days for information, five to make something clear."""
    if not text.strip():
        raise NothingToSay
    row = reviewing(application.pk, actor, *OnlusApplication.REVIEWED)
    due_at = after_working_days(now, ANSWER_WITHIN[ApplicationMessage.Kind(kind)])
    message = row.messages.create(
        author=actor, is_from_staff=True, kind=kind, text=text.strip(), written_at=now, due_at=due_at
    )
    with speaking_to(row):
        told = gettext("We have a question: see the messages.")
    wait_for_applicant(row, until=due_at, note=told, now=now)
    note(row, actor, "application_ask", now=now, address=address, reason=text.strip()[:500])
    application_info_requested.announce(application=row)
    return message


@transaction.atomic
def write(
    *, application: OnlusApplication, actor: User, text: str, now: datetime, address: str = ""
) -> ApplicationMessage:
    """Write to the applicant without asking for anything."""
    if not text.strip():
        raise NothingToSay
    row = reviewing(application.pk, actor, *OnlusApplication.OPEN)
    message = row.messages.create(author=actor, is_from_staff=True, text=text.strip(), written_at=now)
    note(row, actor, "application_write", now=now, address=address, reason=text.strip()[:500])
    application_message_written.announce(application=row)
    return message


@transaction.atomic
def keep_notes(
    *, application: OnlusApplication, actor: User, notes: str, now: datetime, address: str = ""
) -> OnlusApplication:
    """Change the reviewers' own notes and nothing else."""
    row = reviewing(application.pk, actor, *OnlusApplication.OPEN)
    row.reviewer_notes = notes.strip()
    row.save(update_fields=["reviewer_notes"])
    note(row, actor, "application_notes", now=now, address=address)
    return row


@transaction.atomic
def prioritise(
    *,
    application: OnlusApplication,
    actor: User,
    priority: str,
    reason: str,
    now: datetime,
    address: str = "",
) -> OnlusApplication:
    row = reviewing(application.pk, actor, *OnlusApplication.OPEN)
    before = {"priority": row.priority}
    row.priority = OnlusApplication.Priority(priority)
    row.save(update_fields=["priority"])
    facts = {"priority": row.priority, "reason": reason}
    note(row, actor, "application_prioritise", now=now, address=address, before=before, **facts)
    return row


# Examining -------------------------------------------------------------------------------------------------------


@transaction.atomic
def examine(
    *, application: OnlusApplication, actor: User, now: datetime, address: str = ""
) -> OnlusApplication:
    """Begin the examination in depth, once every required document is approved."""
    row = reviewing(application.pk, actor, *OnlusApplication.REVIEWED)
    if row.status != Status.UNDER_REVIEW:
        raise ApplicationNotUnderReview
    if not documents.all_approved(row):
        raise DocumentsNotApproved
    move(row, status=Status.DUE_DILIGENCE, phase=Phase.DUE_DILIGENCE, now=now)
    note(row, actor, "application_examine", now=now, address=address)
    return row


@transaction.atomic
def pass_verification(
    *,
    application: OnlusApplication,
    actor: User,
    now: datetime,
    override_reason: str = "",
    address: str = "",
) -> OnlusApplication:
    """Bring an application into its final phase: documents approved and checks passed, or overruled by a senior person."""
    row = reviewing(application.pk, actor, *OnlusApplication.EXAMINED)
    if row.phase == Phase.FINAL_APPROVAL:
        raise ApplicationNotUnderReview
    if not documents.all_approved(row):
        raise DocumentsNotApproved
    if row.risk_level not in (RiskLevel.LOW, RiskLevel.UNKNOWN) and row.status != Status.DUE_DILIGENCE:
        raise DueDiligenceRequired
    if not is_verified(row):
        if not override_reason.strip():
            raise VerificationNotComplete
        if not actor.has_perm(DECIDE_RISKY):
            raise AccessDenied
    overruled = "" if is_verified(row) else override_reason.strip()
    move(row, phase=Phase.FINAL_APPROVAL, override_reason=overruled, now=now)
    note(row, actor, "verification_approve", now=now, address=address, reason=overruled)
    return row


def is_verified(application: OnlusApplication) -> bool:
    """Say whether every check that is needed was passed."""
    return verification_state(list(application.verification_checks.all())) == "passed"
