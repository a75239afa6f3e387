"""Cases: opening and joining, working on them, closing them with a second person."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.models import Case, CaseEvent, CaseLink
from donations.signals import case_opened
from goodplay.lib.audit import trail
from goodplay.lib.errors import AccessDenied, Conflict, DomainError
from goodplay.lib.ids import new_id
from goodplay.lib.private_files import checks as file_checks
from goodplay.lib.private_files import operations as private_files
from goodplay.lib.private_files.models import PrivateFile

Kind = CaseEvent.Kind
Status = Case.Status

RISKS = ("low", "medium", "high", "critical")
DEADLINES = {
    "critical": timedelta(hours=48),
    "high": timedelta(days=5),
    "medium": timedelta(days=10),
    "low": timedelta(days=20),
}


class CaseClosed(Conflict):
    code = "CASE_CLOSED"
    message = _("This case is closed.")


class ClosingNotProposed(Conflict):
    code = "CASE_CLOSING_NOT_PROPOSED"
    message = _("Somebody proposes to close the case first.")


class FourEyesRequired(AccessDenied):
    code = "FOUR_EYES_REQUIRED"
    message = _("A second person closes the case: not the one who proposed it, nor its subject.")


class SubjectMissing(DomainError):
    code = "CASE_SUBJECT_REQUIRED"
    message = _("A case is about one player or one organisation.")


class NoteMissing(DomainError):
    code = "CASE_NOTE_REQUIRED"
    message = _("Write what you found.")


class NothingToLink(DomainError):
    code = "CASE_LINK_NOT_FOUND"
    message = _("There is no such check or review.")


# Opening --------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_case(
    *,
    kind: str,
    subject_user: User | None = None,
    subject_onlus: Onlus | None = None,
    title: str,
    risk_level: str,
    checks: Iterable[models.Model] = (),
    evidence: Iterable[str] = (),
    now: datetime,
    opened_by: User | None = None,
) -> Case:
    """Open a case, or join the open one of the same subject and kind, which a graver risk makes more urgent.

    `checks` are whatever the case is about: checks, reviews, hits; `evidence` sentences about what was seen.
    """
    if (subject_user is None) == (subject_onlus is None):
        raise SubjectMissing
    subject = {"kind": Case.Kind(kind), "subject_user": subject_user, "subject_onlus": subject_onlus}
    case = _open_one(subject)
    if case is None:
        case, is_new = _create(subject, title, risk_level, now, opened_by)
    else:
        is_new = False
    if not is_new:
        _join(case, title, risk_level, now, opened_by)
    for target in checks:
        link(case=case, target=target, actor=opened_by, now=now)
    for text in evidence:
        _write(case, Kind.EVIDENCE, opened_by, now, text=text)
    return case


def _open_one(subject: dict[str, Any]) -> Case | None:
    return Case.objects.open().filter(**subject).select_for_update().first()


def _create(
    subject: dict[str, Any], title: str, risk_level: str, now: datetime, opened_by: User | None
) -> tuple[Case, bool]:
    """Make the case, or find the one a twin made meanwhile, and say which."""
    case = Case(
        case_id=f"CASE-{now:%Y%m%d%H%M%S}-{new_id().hex[-8:].upper()}",
        title=title[:200],
        risk_level=risk_level,
        due_at=now + DEADLINES[risk_level],
        opened_by=opened_by,
        opened_at=now,
        last_updated_at=now,
        **subject,
    )
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        twin = _open_one(subject)
        if twin is None:
            raise
        return twin, False
    _write(case, Kind.OPENED, opened_by, now, text=title, risk_level=risk_level)
    case_opened.announce(case=case)
    return case, True


def _join(case: Case, title: str, risk_level: str, now: datetime, actor: User | None) -> None:
    """Write down that it came up again. Risk only rises and the deadline only comes nearer."""
    if RISKS.index(risk_level) > RISKS.index(case.risk_level):
        case.risk_level = risk_level
        case.due_at = min(case.due_at, now + DEADLINES[risk_level])
    case.last_updated_at = now
    case.save(update_fields=["risk_level", "due_at", "last_updated_at"])
    _write(case, Kind.JOINED, actor, now, text=title, risk_level=risk_level)


# Working --------------------------------------------------------------------------------------------------------


@transaction.atomic
def assign(*, case: Case, to: User, actor: User, now: datetime) -> Case:
    """Give the case to somebody, or take it."""
    row = _locked(case)
    row.assignee = to
    if row.status == Status.OPEN:
        row.status = Status.IN_PROGRESS
    return _save(row, ["assignee", "status"], Kind.ASSIGNED, actor, now, str(to))


@transaction.atomic
def add_note(*, case: Case, text: str, actor: User, now: datetime) -> CaseEvent:
    if not text.strip():
        raise NoteMissing
    row = _locked(case)
    _touch(row, now)
    return _write(row, Kind.NOTE, actor, now, text=text)


def add_evidence(*, case: Case, upload: Any, text: str, actor: User, now: datetime) -> CaseEvent:
    """Keep a file with the case, encrypted. Raises what `private_files.checks` refuses."""
    read = file_checks.read_upload(upload)
    return keep_file(
        case=case,
        kind=Kind.EVIDENCE,
        content=read.content,
        name=read.name,
        content_type=read.content_type,
        text=text or read.name,
        actor=actor,
        now=now,
    )


def keep_file(
    *,
    case: Case,
    kind: Kind,
    content: bytes,
    name: str,
    content_type: str,
    text: str,
    actor: User,
    now: datetime,
) -> CaseEvent:
    """Put a file into the timeline, encrypted; it and its line stand or fall together."""
    with private_files.with_files():
        row = _locked(case)
        file = private_files.store(content=content, name=name, content_type=content_type, owner=row, now=now)
        _touch(row, now)
        return _write(row, kind, actor, now, text=text, file=file, sha256=file.sha256)


@transaction.atomic
def link(*, case: Case, target: models.Model, actor: User | None, now: datetime) -> CaseLink:
    """Put a check, a review, a hit or a decision into the case, once."""
    row, created = CaseLink.objects.get_or_create(
        case=case,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        defaults={"label": f"{target._meta.verbose_name}: {target}"[:200], "created_at": now},
    )
    if created:
        _write(case, Kind.LINKED, actor, now, text=row.label, target=row.target_type, id=row.target_id)
    return row


@transaction.atomic
def escalate(*, case: Case, reason: str, actor: User, now: datetime) -> Case:
    """Raise the case by one level: it becomes as urgent as the next graver risk."""
    row = _locked(case)
    row.escalation_level += 1
    row.risk_level = RISKS[min(RISKS.index(row.risk_level) + 1, len(RISKS) - 1)]
    row.due_at = min(row.due_at, now + DEADLINES[row.risk_level])
    return _save(row, ["escalation_level", "risk_level", "due_at"], Kind.ESCALATED, actor, now, reason)


# Closing --------------------------------------------------------------------------------------------------------


@transaction.atomic
def propose_closing(*, case: Case, outcome: str, reason: str, actor: User, now: datetime) -> Case:
    """Ask a second person to close the case with this outcome; a new proposal replaces the one before."""
    row = _locked(case)
    if actor.pk == row.subject_user_id:
        raise FourEyesRequired
    row.status, row.outcome = Status.CLOSING, Case.Outcome(outcome)
    row.proposed_by, row.proposed_at = actor, now
    names = ["status", "outcome", "proposed_by", "proposed_at"]
    return _save(row, names, Kind.CLOSING_PROPOSED, actor, now, reason, outcome=outcome)


@transaction.atomic
def close(*, case: Case, proposal: str, reason: str, actor: User, now: datetime) -> Case:
    """Close the case as that proposal says. Raises ClosingNotProposed, FourEyesRequired, Conflict when it was replaced."""
    row = _proposed(case, proposal, actor)
    row.status, row.closed_by, row.closed_at = Status.CLOSED, actor, now
    names = ["status", "closed_by", "closed_at"]
    return _save(row, names, Kind.CLOSED, actor, now, reason, outcome=row.outcome)


@transaction.atomic
def refuse_closing(*, case: Case, proposal: str, reason: str, actor: User, now: datetime) -> Case:
    """Send the case back to be worked on. Raises what `close` raises."""
    row = _proposed(case, proposal, actor)
    row.status, row.outcome, row.proposed_by, row.proposed_at = Status.IN_PROGRESS, "", None, None
    names = ["status", "outcome", "proposed_by", "proposed_at"]
    return _save(row, names, Kind.CLOSING_REFUSED, actor, now, reason)


# The steps ------------------------------------------------------------------------------------------------------


def _locked(case: Case) -> Case:
    row = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not row.is_open:
        raise CaseClosed
    return row


def _proposed(case: Case, proposal: str, actor: User) -> Case:
    row = _locked(case)
    if row.status != Status.CLOSING:
        raise ClosingNotProposed
    if actor.pk in (row.proposed_by_id, row.subject_user_id):
        raise FourEyesRequired
    if row.proposal != proposal:
        raise Conflict
    return row


def _touch(row: Case, now: datetime) -> None:
    row.last_updated_at = now
    row.save(update_fields=["last_updated_at"])


def _save(
    row: Case, names: list[str], kind: Kind, actor: User, now: datetime, text: str, **facts: Any
) -> Case:
    """Write the columns, the line of the timeline and the audit trail together."""
    row.last_updated_at = now
    row.save(update_fields=[*names, "last_updated_at"])
    _write(row, kind, actor, now, text=text, **facts)
    trail.record(
        actor=actor,
        action=f"case_{kind.value}",
        target=row,
        now=now,
        after={"status": str(row.status), "risk_level": str(row.risk_level), **facts},
        reason=text[:500],
    )
    return row


def _write(
    case: Case,
    kind: Kind,
    actor: User | None,
    now: datetime,
    *,
    text: str = "",
    file: PrivateFile | None = None,
    **facts: Any,
) -> CaseEvent:
    return CaseEvent.objects.create(
        case=case, kind=kind, text=text[:2000], facts=facts, file=file, actor=actor, created_at=now
    )
