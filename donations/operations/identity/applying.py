"""A player's own side: begin, hand in documents, submit, think better of it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import IdentityDocument, IdentityLevel, IdentityVerification
from donations.queries.identity import level_of
from donations.screening.countries import CODES
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.private_files import operations as files
from goodplay.lib.private_files.checks import Upload
from goodplay.lib.time import rome_day

Status = IdentityVerification.Status
Kind = IdentityDocument.Kind
Level = IdentityLevel.Level
MOST_DOCUMENTS = 10
OLDEST = timedelta(days=120 * 366)
RENEWED_BEFORE = timedelta(days=60)
"""So long before it ends a proof can be renewed."""


class VerificationNotFound(NotFound):
    code = "IDENTITY_VERIFICATION_NOT_FOUND"
    message = _("There is no such verification.")


class DocumentNotFound(NotFound):
    code = "IDENTITY_DOCUMENT_NOT_FOUND"
    message = _("There is no such document.")


class EmailNotProven(DomainError):
    code = "EMAIL_NOT_VERIFIED"
    message = _("Confirm your e-mail address first.")


class VerificationOpen(Conflict):
    code = "IDENTITY_VERIFICATION_OPEN"
    message = _("You have a verification that is not finished. Go on with it, or withdraw it.")


class AlreadyProven(Conflict):
    code = "IDENTITY_ALREADY_VERIFIED"
    message = _("This is proven already, and holds for long enough.")


class NotADraft(Conflict):
    code = "IDENTITY_VERIFICATION_NOT_DRAFT"
    message = _("This verification was handed in: nothing can be changed any more.")


class NotOpen(Conflict):
    code = "IDENTITY_VERIFICATION_CLOSED"
    message = _("This verification is finished.")


class BirthInvalid(DomainError):
    code = "IDENTITY_BIRTH_DATE_INVALID"
    message = _("This cannot be a day of birth.")


class NationalityInvalid(DomainError):
    code = "IDENTITY_NATIONALITY_INVALID"
    message = _("Send the nationality as a country's code of two letters.")


class DocumentExpired(DomainError):
    code = "IDENTITY_DOCUMENT_EXPIRED"
    message = _("This document is no longer valid.")


class DocumentFactsMissing(DomainError):
    code = "IDENTITY_DOCUMENT_FACTS_REQUIRED"
    message = _("Send the number of the document and the day it is valid until.")


class TooManyDocuments(DomainError):
    code = "IDENTITY_TOO_MANY_DOCUMENTS"
    message = _("No more documents fit into one verification. Take one out first.")


class DocumentsMissing(DomainError):
    """What is not there yet stands in `data`."""

    code = "IDENTITY_DOCUMENTS_MISSING"
    message = _("Documents are missing. Hand them in, then submit.")


@transaction.atomic
def begin(
    *,
    user: User,
    level: int,
    given_names: str,
    family_names: str,
    born_on: date,
    nationality: str,
    now: datetime,
) -> IdentityVerification:
    """Open a draft. One is open at a time, by the database; of two at once one wins."""
    if level_of(user, now) < Level.EMAIL:
        raise EmailNotProven
    _refuse_proven(user, level, now)
    if not rome_day(now) - OLDEST < born_on < rome_day(now):
        raise BirthInvalid
    if nationality.upper() not in CODES:
        raise NationalityInvalid
    verification = IdentityVerification(
        user=user,
        level=level,
        given_names=" ".join(given_names.split()),
        family_names=" ".join(family_names.split()),
        born_on=born_on,
        nationality=nationality.upper(),
        provider=settings.IDENTITY_PROVIDER,
        created_at=now,
    )
    try:
        with transaction.atomic():
            verification.save(force_insert=True)
    except IntegrityError as error:
        raise VerificationOpen from error
    return verification


def _refuse_proven(user: User, level: int, now: datetime) -> None:
    lasting = IdentityVerification.objects.proven(now + RENEWED_BEFORE)
    if lasting.filter(user=user, level__gte=level).exists():
        raise AlreadyProven


def add_document(
    *,
    user_id: UUID,
    verification_id: UUID,
    kind: str,
    upload: Upload,
    now: datetime,
    number: str = "",
    expires_on: date | None = None,
) -> IdentityDocument:
    """Add a document to one's own draft. Of its number only the last four signs are kept."""
    with files.with_files():
        verification = _draft(user_id, verification_id)
        if verification.documents.count() >= MOST_DOCUMENTS:
            raise TooManyDocuments
        number = "".join(number.split())
        if kind in IdentityDocument.OF_IDENTITY:
            _check_facts(number, expires_on, now)
        file = files.store(
            content=upload.content,
            name=upload.name,
            content_type=upload.content_type,
            owner=verification,
            now=now,
        )
        return IdentityDocument.objects.create(
            verification=verification,
            kind=Kind(kind),
            number_end=number[-4:],
            expires_on=expires_on,
            file=file,
            uploaded_at=now,
        )


def _check_facts(number: str, expires_on: date | None, now: datetime) -> None:
    if not number or expires_on is None:
        raise DocumentFactsMissing
    if expires_on <= rome_day(now):
        raise DocumentExpired


@transaction.atomic
def remove_document(*, user_id: UUID, verification_id: UUID, document_id: UUID, now: datetime) -> None:
    """Take a document out of one's own draft; its file is erased."""
    verification = _draft(user_id, verification_id)
    document = verification.documents.select_related("file").filter(pk=document_id).first()
    if document is None:
        raise DocumentNotFound
    forget(document, now)


def forget(document: IdentityDocument, now: datetime) -> None:
    """Erase a document in the caller's transaction; that its file was there stays known."""
    file = document.file
    document.delete()
    files.delete(file=file, now=now)


@transaction.atomic
def submit(*, user_id: UUID, verification_id: UUID, now: datetime) -> IdentityVerification:
    """Hand one's own draft in, when all its documents are there and still valid."""
    verification = _draft(user_id, verification_id)
    documents = list(verification.documents.all())
    if any(each.expires_on and each.expires_on <= rome_day(now) for each in documents):
        raise DocumentExpired
    if missing := missing_documents(verification.level, documents):
        raise DocumentsMissing(data={"missing": missing})
    verification.status, verification.submitted_at = Status.SUBMITTED, now
    verification.save(update_fields=["status", "submitted_at"])
    return verification


def missing_documents(level: int, documents: list[IdentityDocument]) -> list[str]:
    """Name what a level needs and nobody handed in: `identity` stands for any document of identity."""
    kinds = {each.kind for each in documents}
    needed: list[tuple[str, set[Any]]] = [
        ("identity", set(IdentityDocument.OF_IDENTITY)),
        (Kind.PROOF_OF_ADDRESS.value, {Kind.PROOF_OF_ADDRESS}),
    ]
    if level >= Level.FUNDS:
        needed.append((Kind.SOURCE_OF_FUNDS.value, {Kind.SOURCE_OF_FUNDS}))
    return [name for name, any_of in needed if kinds.isdisjoint(any_of)]


@transaction.atomic
def withdraw(*, user_id: UUID, verification_id: UUID, now: datetime) -> IdentityVerification:
    """Take back what nobody has decided on; its documents are erased."""
    verification = own(user_id, verification_id)
    waiting = IdentityVerification.objects.open().filter(pk=verification.pk)
    if not claim(waiting, status=Status.WITHDRAWN):
        raise NotOpen
    for document in verification.documents.select_related("file"):
        forget(document, now)
    verification.refresh_from_db()
    return verification


def own(user_id: UUID, verification_id: UUID, *, lock: bool = False) -> IdentityVerification:
    """Return the player's own; somebody else's is not there."""
    rows = IdentityVerification.objects.filter(user_id=user_id, pk=verification_id)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise VerificationNotFound
    return found


def _draft(user_id: UUID, verification_id: UUID) -> IdentityVerification:
    verification = own(user_id, verification_id, lock=True)
    if verification.status != Status.DRAFT:
        raise NotADraft
    return verification
