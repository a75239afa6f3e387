"""Papers of an application: handed in by the applicant, looked at by staff, replaced, expired."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import OnlusApplication, OnlusDocument, User
from accounts.operations.application_states import (
    REVIEW,
    OwnApplication,
    Status,
    locked,
    note,
    own,
    refresh_progress,
    speaking_to,
    wait_for_applicant,
)
from accounts.operations.applications import resume_review
from accounts.operations.escalation import escalate
from accounts.queries.applications import accepted_documents, has_conflict, required_documents
from accounts.signals import document_reviewed
from goodplay.lib.approvals.operations import ReasonRequired
from goodplay.lib.errors import AccessDenied, Conflict, DomainError, NotFound
from goodplay.lib.private_files import operations as files
from goodplay.lib.private_files.checks import JPEG, PDF, PNG, Upload
from goodplay.lib.working_days import after_working_days

State = OnlusDocument.Status
FORMATS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
HOLDS_FOR = timedelta(days=365)
AGAIN_WITHIN = 15  # working days
MOST_RESUBMISSIONS = 3
MOST_VERSIONS = 20
LINK_LIVES = 300  # seconds
_SALT = "accounts.documents"


class DocumentNotFound(NotFound):
    code = "DOCUMENT_NOT_FOUND"
    message = _("There is no such document.")


class UploadNotAllowed(Conflict):
    code = "DOCUMENT_UPLOAD_NOT_ALLOWED"
    message = _("Documents are taken while you fill the application in, and when we ask you for them.")


class TypeNotRequired(DomainError):
    code = "DOCUMENT_TYPE_NOT_REQUIRED"
    message = _("This type of document is not asked for in your field of work.")


class TooManyVersions(Conflict):
    code = "DOCUMENT_VERSIONS_EXCEEDED"
    message = _("This document was replaced too often. Write to us.")


class DeleteNotAllowed(Conflict):
    code = "DOCUMENT_DELETE_NOT_ALLOWED"
    message = _("Documents can be taken out before the application is handed in.")


class DeleteStatusNotAllowed(Conflict):
    code = "DOCUMENT_DELETE_STATUS_NOT_ALLOWED"
    message = _("This document was looked at already: it stays.")


class DocumentNotReviewable(Conflict):
    code = "DOCUMENT_NOT_REVIEWABLE"
    message = _("This document was decided on, replaced, or is not under review.")


class LinkOver(NotFound):
    code = "DOCUMENT_LINK_EXPIRED"
    message = _("This link is over. Ask for a new one.")


# The applicant ---------------------------------------------------------------------------------------------------


def upload(
    *,
    applicant_id: UUID,
    application_id: UUID,
    document_type: str,
    upload: Upload,
    now: datetime,
    title: str = "",
    description: str = "",
) -> OnlusDocument:
    """Hand a paper in. One of a type that is there already becomes its next version, and the old one stays."""
    with files.with_files():
        application = own(applicant_id, application_id)
        if not application.is_editable:
            raise UploadNotAllowed
        facts = {"title": title, "description": description}
        made = take_in(application, document_type, upload, uploaded_by_id=applicant_id, now=now, **facts)
        refresh_progress(application)
        resume_review(application, now=now)
        made.refresh_from_db()
        return made


def take_in(
    application: OnlusApplication,
    document_type: str,
    upload: Upload,
    *,
    uploaded_by_id: UUID,
    now: datetime,
    title: str = "",
    description: str = "",
) -> OnlusDocument:
    """Store a paper as the next version of its type. The caller holds the application, `with files.with_files()`."""
    kind = OnlusDocument.Type(document_type)
    if kind not in accepted_documents(application.category_id):
        raise TypeNotRequired
    before = _supersede(application, kind)
    file = files.store(
        content=upload.content,
        name=upload.name,
        content_type=upload.content_type,
        owner=application,
        now=now,
    )
    return OnlusDocument.objects.create(
        application=application,
        document_type=kind,
        title=(title.strip() or file.name)[:200],
        description=description.strip()[:500],
        file=file,
        file_format=FORMATS[upload.content_type],
        version=before.version + 1 if before else 1,
        previous_version=before,
        is_required=kind in required_documents(application.category_id),
        uploaded_by_id=uploaded_by_id,
        uploaded_at=now,
        expires_at=now + HOLDS_FOR if kind in OnlusDocument.EXPIRING else None,
    )


def _supersede(application: OnlusApplication, kind: str) -> OnlusDocument | None:
    before = application.documents.current().filter(document_type=kind).first()
    if before is None:
        return None
    if before.version >= MOST_VERSIONS:
        raise TooManyVersions
    before.is_latest, before.status = False, State.SUPERSEDED
    before.save(update_fields=["is_latest", "status"])
    return before


@transaction.atomic
def remove(*, applicant_id: UUID, document_id: UUID, now: datetime) -> OnlusDocument:
    """Take a paper out of a draft; its file is erased. The version before it, if any, counts again."""
    document = _own(applicant_id, document_id)
    application = own(applicant_id, document.application_id)
    document.refresh_from_db()
    if application.status != Status.DRAFT:
        raise DeleteNotAllowed
    if document.status not in (State.PENDING, State.REJECTED):
        raise DeleteStatusNotAllowed
    before, file = document.previous_version, document.file
    key = document.pk
    document.delete()
    if before is not None:
        before.is_latest, before.status = True, State.PENDING
        before.reviewed_at = before.reviewed_by = None
        before.save(update_fields=["is_latest", "status", "reviewed_at", "reviewed_by"])
    files.delete(file=file, now=now)
    refresh_progress(application)
    document.pk = key
    return document


def _own(applicant_id: UUID, document_id: UUID) -> OnlusDocument:
    rows = OnlusDocument.objects.select_related("file", "application", "previous_version")
    found = rows.filter(pk=document_id, application__applicant_id=applicant_id).first()
    if found is None:
        raise DocumentNotFound
    return found


def link_to(*, applicant_id: UUID, document_id: UUID) -> str:
    """Return a token that opens one's own paper for five minutes, without signing in."""
    document = _own(applicant_id, document_id)
    return signing.dumps([str(document.pk), str(applicant_id)], salt=_SALT)


def open_link(*, token: str, now: datetime, address: str = "") -> tuple[OnlusDocument, bytes]:
    """Return the paper a link was made for; who made it is on record as the one who looked."""
    try:
        document_id, applicant_id = signing.loads(token, salt=_SALT, max_age=LINK_LIVES)
    except signing.BadSignature as error:
        raise LinkOver from error
    return open_own(
        applicant=User.objects.get(pk=applicant_id), document_id=UUID(document_id), now=now, address=address
    )


def open_own(
    *, applicant: User, document_id: UUID, now: datetime, address: str = ""
) -> tuple[OnlusDocument, bytes]:
    document = _own(applicant.pk, document_id)
    content = files.open_file(
        file=document.file, actor=applicant, purpose="own application", now=now, address=address
    )
    return document, content


# Staff -----------------------------------------------------------------------------------------------------------


def read(*, document: OnlusDocument, actor: User, purpose: str, now: datetime, address: str = "") -> bytes:
    """Return a paper's content to a reviewer; who looked and what for is on record."""
    if not actor.has_perm(REVIEW):
        raise AccessDenied
    if has_conflict(actor, document.application):
        raise OwnApplication
    if not purpose.strip():
        raise ReasonRequired
    return files.open_file(file=document.file, actor=actor, purpose=purpose, now=now, address=address)


@transaction.atomic
def approve(
    *, document: OnlusDocument, reviewer: User, now: datetime, notes: str = "", address: str = ""
) -> OnlusDocument:
    application, row = _reviewable(document, reviewer)
    _decide(row, State.APPROVED, reviewer, notes, now)
    note(application, reviewer, "document_approve", now=now, address=address, document=str(row))
    return row


@transaction.atomic
def refuse(
    *,
    document: OnlusDocument,
    reviewer: User,
    reason: str,
    now: datetime,
    resubmit: bool = True,
    notes: str = "",
    address: str = "",
) -> OnlusDocument:
    """Reject a paper, or ask for a better one; the applicant has fifteen working days either way.

    Whoever had to hand one in again three times is looked at by a senior person. An organisation that was taken in stays
    so: its owners are told, and hand a better one in.
    """
    if not reason.strip():
        raise ReasonRequired
    application, row = _reviewable(document, reviewer)
    row.rejection_reason = reason.strip()
    _decide(row, State.RESUBMISSION_REQUIRED if resubmit else State.REJECTED, reviewer, notes, now)
    if application.status != Status.APPROVED:
        _ask_again(application, row, now)
    action = "document_resubmit" if resubmit else "document_reject"
    note(
        application,
        reviewer,
        action,
        now=now,
        address=address,
        document=str(row),
        reason=row.rejection_reason,
    )
    return row


def _ask_again(application: OnlusApplication, row: OnlusDocument, now: datetime) -> None:
    refresh_progress(application)
    with speaking_to(application):
        told = f"{row.get_document_type_display()}: {row.rejection_reason}"
    wait_for_applicant(application, until=after_working_days(now, AGAIN_WITHIN), note=told, now=now)
    if row.version > MOST_RESUBMISSIONS:
        escalate(application, because=gettext("A document was refused more than three times."), now=now)


def _reviewable(document: OnlusDocument, reviewer: User) -> tuple[OnlusApplication, OnlusDocument]:
    """Return application and paper, held, when this person may decide on it now."""
    if not reviewer.has_perm(REVIEW):
        raise AccessDenied
    application = locked(document.application_id)
    if has_conflict(reviewer, application):
        raise OwnApplication
    row = OnlusDocument.objects.select_related("application").get(pk=document.pk)
    if not row.is_waiting or application.status not in OnlusApplication.PAPERS_REVIEWED:
        raise DocumentNotReviewable
    return application, row


def _decide(row: OnlusDocument, state: str, reviewer: User, notes: str, now: datetime) -> None:
    row.status, row.reviewed_by, row.reviewed_at = state, reviewer, now
    row.reviewer_notes = notes.strip()
    columns = ["status", "reviewed_by", "reviewed_at", "reviewer_notes", "rejection_reason"]
    row.save(update_fields=columns)
    document_reviewed.announce(document=row)


def all_approved(application: OnlusApplication) -> bool:
    """Say whether every required type has a paper that was approved."""
    approved = application.documents.current().filter(status=State.APPROVED)
    types = set(approved.values_list("document_type", flat=True))
    return types >= {each.value for each in required_documents(application.category_id)}
