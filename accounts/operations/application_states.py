"""What every step of an application has in common: its lock, its timeline, its progress, who may take it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import ApplicationStep, Onlus, OnlusApplication, OnlusDocument, User
from accounts.queries.applications import has_conflict, open_questions, progress_of
from goodplay.lib.audit import trail
from goodplay.lib.errors import AccessDenied, Conflict, NotFound

Status = OnlusApplication.Status
Phase = OnlusApplication.Phase

REVIEW = "accounts.review_onlusapplication"
DECIDE_RISKY = "accounts.decide_risky_onlusapplication"


class ApplicationNotFound(NotFound):
    code = "APPLICATION_NOT_FOUND"
    message = _("There is no such application.")


class ApplicationNotReviewable(Conflict):
    code = "APPLICATION_NOT_REVIEWABLE"
    message = _("In its present state this cannot be done with the application.")


class OwnApplication(AccessDenied):
    code = "CONFLICT_OF_INTEREST"
    message = _("You belong to this organisation or applied for it: a colleague decides.")


def locked(application_id: UUID) -> OnlusApplication:
    """Return the application, held until the transaction ends. Everything about it is locked after it."""
    rows = OnlusApplication.objects.select_for_update(of=("self",)).select_related("category", "applicant")
    found = rows.filter(pk=application_id).first()
    if found is None:
        raise ApplicationNotFound
    return found


def own(applicant_id: UUID, application_id: UUID) -> OnlusApplication:
    """Return the applicant's own, held; somebody else's is not there."""
    found = locked(application_id)
    if found.applicant_id != applicant_id:
        raise ApplicationNotFound
    return found


def refuse_own(onlus: Onlus, actor: User | None) -> None:
    """Raise OwnApplication when this person has a seat in the organisation."""
    if onlus.memberships.filter(user=actor).exists():
        raise OwnApplication


def reviewing(application_id: UUID, actor: User, *statuses: str) -> OnlusApplication:
    """Return the application, held, when this person may review it and it is in one of the states."""
    if not actor.has_perm(REVIEW):
        raise AccessDenied
    found = locked(application_id)
    if has_conflict(actor, found):
        raise OwnApplication
    if found.status not in statuses:
        raise ApplicationNotReviewable
    return found


def move(
    application: OnlusApplication,
    *,
    status: str | None = None,
    phase: str | None = None,
    now: datetime,
    note: str = "",
    **columns: Any,
) -> None:
    """Take a step, and write it into the timeline. Waiting for the applicant ends with any other state."""
    application.status = status or application.status
    application.phase = phase or application.phase
    if application.status != Status.DOCUMENTATION_PENDING:
        columns["answer_due_at"] = None
    if application.status in OnlusApplication.CLOSED:
        columns["closed_at"] = now
    for name, value in columns.items():
        setattr(application, name, value)
    application.updated_at = now
    application.save(update_fields=["status", "phase", "updated_at", *columns])
    ApplicationStep.objects.create(
        application=application,
        status=application.status,
        phase=application.phase,
        note=note,
        taken_at=now,
    )


def speaking_to(application: OnlusApplication) -> Any:
    """Let what is written into the timeline be in the applicant's language: `with speaking_to(application): …`."""
    language = application.applicant.preferred_language
    return translation.override(language if language in dict(settings.LANGUAGES) else "en")


def refresh_progress(application: OnlusApplication) -> None:
    application.progress = progress_of(application, application.documents.current())
    application.save(update_fields=["progress"])


def wait_for_applicant(application: OnlusApplication, *, until: datetime, note: str, now: datetime) -> None:
    """Hand the application back to the applicant; of two days by which to answer the later one counts."""
    if application.status == Status.DOCUMENTATION_PENDING:
        until = max(until, application.answer_due_at or until)
    phase = Phase.DOCUMENTATION
    move(
        application, status=Status.DOCUMENTATION_PENDING, phase=phase, answer_due_at=until, note=note, now=now
    )


def is_answered(application: OnlusApplication) -> bool:
    """Say whether everything that was asked for is there: no question open, no paper to be handed in again."""
    asked_again = application.documents.current().filter(status__in=OnlusDocument.ASKED_AGAIN)
    return not asked_again.exists() and not open_questions(application).exists()


def note(
    application: OnlusApplication, actor: Any, action: str, *, now: datetime, address: str = "", **facts: Any
) -> None:
    """Write on the audit trail what a person did with an application."""
    reason = facts.pop("reason", "")
    before = facts.pop("before", None)
    after = {"status": application.status, "phase": application.phase, **facts}
    trail.record(
        actor=actor,
        action=action,
        target=application,
        before=before,
        after=after,
        reason=reason,
        address=address,
        now=now,
    )
