"""Asking for exports, making them in the background, handing them out, and erasing them after a day."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any
from uuid import UUID

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.text import Truncator, slugify
from django.utils.translation import gettext_lazy as _

from goodplay.lib.access_log.operations import record_access
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import AccessDenied, Conflict, DomainError
from goodplay.lib.exports.files import CONTENT_TYPES, ENDINGS, as_file
from goodplay.lib.exports.models import ExportJob
from goodplay.lib.exports.registry import KINDS
from goodplay.lib.exports.signals import export_requested
from goodplay.lib.private_files import operations as private_files
from goodplay.lib.private_files.models import PrivateFile
from goodplay.lib.time import ROME

logger = structlog.get_logger("goodplay.exports")

KEPT_FOR = timedelta(hours=24)
MOST_ATTEMPTS = 3
GAVE_UP = "EXPORT_FAILED"

Status = ExportJob.Status


class InvalidExportFormat(DomainError):
    code = "INVALID_EXPORT_FORMAT"
    message = _("Choose one of the formats that are offered.")
    status = 400


class ExportNotReady(Conflict):
    code = "EXPORT_NOT_READY"
    message = _("This file is not there: it is still being made, it failed, or it was erased after a day.")


@transaction.atomic
def request_export(
    *,
    kind: str,
    format: str,
    parameters: Mapping[str, Any],
    requested_by: Any,
    now: datetime,
    address: str = "",
    reason: str = "",
    title: str = "",
    action: str = "",
) -> ExportJob:
    """Ask for a file that is made in the background, soon. On the trail it is `action`, by default "<kind>_export".

    Raises InvalidExportFormat, and AccessDenied without the right of the kind.
    """
    asked, declared = _plain(parameters), KINDS[kind]
    if format not in ExportJob.Format.values:
        raise InvalidExportFormat
    if not requested_by.has_perm(declared.right(asked)):
        raise AccessDenied
    job = _job(kind, declared.prefix, format, asked, requested_by, now, reason=reason, title=title)
    job.save(force_insert=True)
    _note(job, requested_by, action or f"{kind}_export", address, now)
    export_requested.announce(job=job)
    return job


@transaction.atomic
def record_delivered(
    *,
    kind: str,
    action: str,
    format: str,
    parameters: Mapping[str, Any],
    title: str,
    row_count: int,
    delivered_to: Any,
    reason: str,
    now: datetime,
    address: str = "",
) -> ExportJob:
    """Write down that a file was handed out at once: in the list of exports, on the trail, in the access log."""
    job = _job(kind, "EXP", format, _plain(parameters), delivered_to, now, reason=reason, title=title)
    job.status, job.row_count = Status.DELIVERED, row_count
    job.started_at = job.finished_at = now
    job.save(force_insert=True)
    _note(job, delivered_to, action, address, now)
    record_access(
        actor=delivered_to, target=job, purpose=reason, what=f"export {title}"[:200], now=now, address=address
    )
    return job


def build(*, job_id: UUID, now: datetime) -> bool:
    """Make the file of a job that waits, and say whether it is there.

    One maker takes a job; what was lost on the way is taken again, three times in all.
    """
    due = ExportJob.objects.to_build(now).filter(pk=job_id)
    if not claim(due, status=Status.PROCESSING, started_at=now, attempts=F("attempts") + 1):
        return False
    job = ExportJob.objects.get(pk=job_id)
    if job.attempts > MOST_ATTEMPTS:
        return _fail(job, GAVE_UP, now)
    try:
        with translation.override(job.language), private_files.with_files():
            _make(job, now)
    except DomainError as error:
        return _fail(job, error.code, now)
    return True


def build_waiting(*, now: datetime) -> int:
    keys = list(ExportJob.objects.to_build(now).order_by("created_at").values_list("pk", flat=True)[:50])
    made = 0
    for key in keys:
        try:
            made += build(job_id=key, now=now)
        except Exception:
            # One that cannot be made holds up no other; it is tried again, and given up in the end.
            logger.exception("an export failed", export_job=str(key))
    return made


@transaction.atomic
def download(*, job: ExportJob, actor: Any, now: datetime, address: str = "") -> bytes:
    """Return the file, and record who took it. Raises AccessDenied and ExportNotReady."""
    if not may_download(actor, job):
        raise AccessDenied
    row = ExportJob.objects.select_related("file").get(pk=job.pk)
    if not row.is_open(now):
        raise ExportNotReady
    assert row.file is not None  # noqa: S101  (a constraint: ready means there is a file)
    purpose = row.reason or f"export {row.export_id}"
    return private_files.open_file(file=row.file, actor=actor, purpose=purpose, now=now, address=address)


def may_download(actor: Any, job: ExportJob) -> bool:
    """Say whether this person may have the file: with the right of its kind; a personal one is the asker's alone."""
    kind = KINDS.get(job.kind)
    if kind is None or not actor.has_perm(kind.right(job.parameters)):
        return False
    return not kind.is_personal or job.created_by_id == actor.pk


def file_name(job: ExportJob) -> str:
    return f"{slugify(job.title) or job.kind}-{job.export_id}.{ENDINGS[ExportJob.Format(job.format)]}".lower()


def content_type(job: ExportJob) -> str:
    return CONTENT_TYPES[ExportJob.Format(job.format)]


def expire_due(*, now: datetime) -> int:
    """Erase the files whose day is over, each in its own transaction; return how many."""
    return sum(_expire(key, now) for key in ExportJob.objects.overdue(now).values_list("pk", flat=True))


@transaction.atomic
def _expire(key: UUID, now: datetime) -> bool:
    if not claim(ExportJob.objects.overdue(now).filter(pk=key), status=Status.EXPIRED):
        return False
    private_files.delete(file=PrivateFile.objects.get(pk=_file_of(key)), now=now)
    return True


def _file_of(key: UUID) -> Any:
    return ExportJob.objects.values_list("file_id", flat=True).get(pk=key)


def _make(job: ExportJob, now: datetime) -> None:
    """Build, store and mark ready in one transaction. Somebody who lost the right meanwhile gets no file."""
    kind = KINDS[job.kind]
    if not (job.created_by.is_active and job.created_by.has_perm(kind.right(job.parameters))):
        raise AccessDenied
    table = kind.build(job.parameters, now)
    content, job.row_count = as_file(table, job.format, now)
    job.title = Truncator(job.title or table.title).chars(200)
    job.file = private_files.store(
        content=content, name=file_name(job), content_type=content_type(job), owner=job, now=now
    )
    job.status, job.finished_at, job.expires_at = Status.READY, now, now + KEPT_FOR
    job.save(update_fields=["row_count", "title", "file", "status", "finished_at", "expires_at"])


def _fail(job: ExportJob, code: str, now: datetime) -> bool:
    ExportJob.objects.filter(pk=job.pk).update(status=Status.FAILED, error_code=code, finished_at=now)
    return False


def _job(
    kind: str,
    prefix: str,
    format_: str,
    parameters: dict[str, Any],
    asker: Any,
    now: datetime,
    *,
    reason: str,
    title: str,
) -> ExportJob:
    return ExportJob(
        export_id=f"{prefix}-{now.astimezone(ROME):%Y%m%d%H%M%S}-{token_hex(3).upper()}",
        kind=kind,
        title=Truncator(title).chars(200),
        format=format_,
        parameters=parameters,
        reason=reason[:500],
        language=translation.get_language() or "en",
        created_by=asker,
        created_at=now,
    )


def _note(job: ExportJob, actor: Any, action: str, address: str, now: datetime) -> None:
    after = {
        "export_id": job.export_id,
        "kind": job.kind,
        "title": job.title,
        "format": job.format,
        "parameters": job.parameters,
        "rows": job.row_count,
    }
    trail.record(
        actor=actor, action=action, target=job, after=after, reason=job.reason, address=address, now=now
    )


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(parameters), cls=DjangoJSONEncoder))
    return plain
