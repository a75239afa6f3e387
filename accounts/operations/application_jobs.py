"""What becomes due with applications by the calendar. Each is done once, however often it is asked for."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import ApprovalCondition, Onlus, OnlusApplication, OnlusDocument, VerificationCheck
from accounts.operations import verification
from accounts.operations.application_states import (
    Status,
    locked,
    move,
    refresh_progress,
    speaking_to,
    wait_for_applicant,
)
from accounts.operations.documents import AGAIN_WITHIN
from accounts.operations.escalation import escalate
from accounts.operations.renewals import overdue_key
from accounts.signals import application_expired, application_rejected, document_expired, document_expiring
from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.time import rome_day
from goodplay.lib.working_days import after_working_days

OVER_AFTER = timedelta(days=90)
REMINDED_BEFORE = (7, 30)  # days
PAPERS_OWED = timedelta(days=30)
ESCALATED_AT = 0.9  # of the time there is


def expire_due(*, now: datetime) -> int:
    """End what is not decided ninety days after it was handed in, and drafts nobody touched for as long."""
    may_expire = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DOCUMENTATION_PENDING)
    long_ago = now - OVER_AFTER
    rows = OnlusApplication.objects.filter(status__in=may_expire, submitted_at__lte=long_ago)
    drafts = OnlusApplication.objects.filter(status=Status.DRAFT, updated_at__lte=long_ago)
    keys = [*rows.values_list("pk", flat=True), *drafts.values_list("pk", flat=True)]
    return sum(_expire(key, long_ago, now) for key in keys)


@transaction.atomic
def _expire(key: UUID, long_ago: datetime, now: datetime) -> bool:
    application = locked(key)
    since = application.submitted_at or application.updated_at
    may = application.status in OnlusApplication.LIVE and application.status != Status.DUE_DILIGENCE
    if not may or since > long_ago:
        return False
    move(application, status=Status.EXPIRED, now=now)
    application_expired.announce(application=application)
    return True


def reject_unanswered(*, now: datetime) -> int:
    """Turn down those who did not answer by the day they were given."""
    keys = list(OnlusApplication.objects.unanswered(now).values_list("pk", flat=True))
    return sum(_reject_unanswered(key, now) for key in keys)


@transaction.atomic
def _reject_unanswered(key: UUID, now: datetime) -> bool:
    application = locked(key)
    due_at = application.answer_due_at
    if application.status != Status.DOCUMENTATION_PENDING or due_at is None or due_at > now:
        return False
    with speaking_to(application):
        reason = gettext("We did not get an answer in time.")
    move(application, status=Status.REJECTED, rejection_reason=reason, note=reason, now=now)
    application_rejected.announce(application=application)
    return True


def watch_deadlines(*, now: datetime) -> int:
    """Escalate what has used nine tenths of its time and is not decided; return how many are new."""
    rows = OnlusApplication.objects.open().filter(escalated_at=None).order_by("review_deadline")
    found = 0
    for key, submitted_at, deadline in list(rows.values_list("pk", "submitted_at", "review_deadline")):
        if deadline is None or submitted_at is None:
            continue
        if now >= submitted_at + (deadline - submitted_at) * ESCALATED_AT:
            found += _escalate(key, now)
    return found


@transaction.atomic
def _escalate(key: UUID, now: datetime) -> bool:
    application = locked(key)
    because = gettext("Nine tenths of the time are used and it is not decided.")
    return application.is_open and escalate(application, because=because, now=now)


def expire_documents(*, now: datetime) -> int:
    """End papers whose time is over. Of an application under review they are asked for again."""
    rows = OnlusDocument.objects.current().filter(expires_at__lte=now)
    keys = list(
        rows.exclude(status=OnlusDocument.Status.EXPIRED).values_list("pk", "application_id").order_by("pk")
    )
    return sum(_expire_document(key, application_id, now) for key, application_id in keys)


@transaction.atomic
def _expire_document(key: UUID, application_id: UUID, now: datetime) -> bool:
    application = locked(application_id)
    rows = OnlusDocument.objects.current().filter(pk=key, expires_at__lte=now)
    document = rows.exclude(status=OnlusDocument.Status.EXPIRED).first()
    if document is None:
        return False
    document.status = OnlusDocument.Status.EXPIRED
    document.save(update_fields=["status"])
    document_expired.announce(document=document)
    if application.status in OnlusApplication.LIVE:
        refresh_progress(application)
    if application.status in OnlusApplication.REVIEWED:
        with speaking_to(application):
            words = {"document": document.get_document_type_display()}
            told = gettext("%(document)s is no longer valid.") % words
        wait_for_applicant(application, until=after_working_days(now, AGAIN_WITHIN), note=told, now=now)
    return True


def remind_of_documents(*, now: datetime) -> int:
    """Tell those whose paper ends within thirty days, and again within seven; each once."""
    told = 0
    for days in REMINDED_BEFORE:
        rows = OnlusDocument.objects.current().filter(
            expires_at__gt=now,
            expires_at__lte=now + timedelta(days=days),
            application__status__in=[*OnlusApplication.LIVE, Status.APPROVED],
        )
        due = rows.exclude(reminded_days__lte=days)
        told += sum(_remind(key, days) for key in list(due.values_list("pk", flat=True)))
    return told


@transaction.atomic
def _remind(key: UUID, days: int) -> bool:
    rows = OnlusDocument.objects.current().filter(pk=key).exclude(reminded_days__lte=days)
    if rows.update(reminded_days=days) != 1:
        return False
    document_expiring.announce(document=OnlusDocument.objects.get(pk=key))
    return True


def expire_checks(*, now: datetime) -> int:
    """Let answers that are a year old count no more, as long as their application is not decided."""
    rows = VerificationCheck.objects.filter(
        status=VerificationCheck.Status.COMPLETED,
        expires_at__lte=now,
        application__status__in=OnlusApplication.OPEN,
    )
    keys = list(rows.values_list("pk", "application_id"))
    return sum(_expire_check(key, application_id, now) for key, application_id in keys)


@transaction.atomic
def _expire_check(key: UUID, application_id: UUID, now: datetime) -> bool:
    application = locked(application_id)
    rows = application.verification_checks.filter(pk=key, status=VerificationCheck.Status.COMPLETED)
    if rows.update(status=VerificationCheck.Status.EXPIRED) != 1:
        return False
    verification.refresh_risk(application, now=now)
    return True


def watch_papers(*, now: datetime) -> int:
    """Raise an alert for each paper that a taken-in organisation owes for thirty days since it ended."""
    rows = OnlusDocument.objects.current().filter(
        status=OnlusDocument.Status.EXPIRED,
        is_required=True,
        expires_at__lte=now - PAPERS_OWED,
        application__status=Status.APPROVED,
        application__onlus__status__in=(Onlus.Status.ACTIVE, Onlus.Status.UNDER_REVIEW),
    )
    late = list(rows.select_related("application").order_by("expires_at", "pk"))
    for document in late:
        raise_alert(
            area="compliance",
            alert_type="paper_overdue",
            severity="high",
            title=gettext("An organisation owes a document"),
            message=f"{document.application.organization_name}: {document.get_document_type_display()}",
            dedupe_key=overdue_key(document.application_id, document.document_type),
            source="accounts.applications",
            data={"onlus_id": str(document.application.onlus_id)},
            now=now,
        )
    return len(late)


def watch_conditions(*, now: datetime) -> int:
    """Raise an alert for each condition of an approval that was not met by its day."""
    rows = ApprovalCondition.objects.filter(met_at=None, due_on__lt=rome_day(now))
    late = list(rows.select_related("application").order_by("due_on"))
    for condition in late:
        raise_alert(
            area="compliance",
            alert_type="approval_condition_overdue",
            severity="high",
            title=gettext("A condition of an approval is overdue"),
            message=f"{condition.application.organization_name}: {condition.text}",
            dedupe_key=f"approval-condition-{condition.pk}",
            source="accounts.applications",
            data={"application_id": str(condition.application_id)},
            now=now,
        )
    return len(late)
