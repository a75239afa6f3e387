"""Taking in a batch: all of its lines are in order, or none is stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import BatchLine, BatchOperation
from donations.operations.batch_kinds import KINDS
from donations.operations.batch_lines import Fault, LineDraft
from goodplay.lib.audit import trail
from goodplay.lib.errors import DomainError
from goodplay.lib.money import ZERO

SECONDS_PER_LINE = Decimal("0.5")


class BatchTypeNotAvailable(DomainError):
    code = "BATCH_TYPE_NOT_AVAILABLE"
    message = _("Batches of this type cannot be handed in.")


class LinesMissing(DomainError):
    code = "DONATIONS_LIST_REQUIRED"
    message = _("Send at least one line.")


class BatchTooLarge(DomainError):
    code = "BATCH_SIZE_TOO_LARGE"

    def __str__(self) -> str:
        return str(
            _("One batch takes at most %(most)s lines: hand in several.") % {"most": settings.BATCH_MAX_SIZE}
        )


class BatchNotValid(DomainError):
    """Says in `data` what is wrong with which line."""

    code = "BATCH_VALIDATION_FAILED"
    message = _("Some lines are not in order, so nothing was stored. Correct them and send the batch again.")

    def __init__(self, faults: Sequence[Fault], count: int) -> None:
        invalid = len({fault.line for fault in faults})
        shown = [{"line": each.line, "code": each.code, "message": each.message} for each in faults]
        super().__init__(
            data={
                "validation_errors": shown,
                "valid_donations": count - invalid,
                "invalid_donations": invalid,
            }
        )


@transaction.atomic
def create_batch(
    *,
    operation_type: str,
    lines: Sequence[LineDraft],
    created_by: User,
    now: datetime,
    unreadable: Sequence[Fault] = (),
    options: Mapping[str, Any] | None = None,
    address: str = "",
) -> BatchOperation:
    """Store a batch that waits for its release. `unreadable` are faults of lines that could not even be read.

    `options`: batch_size, max_retries, priority. Raises BatchTypeNotAvailable, LinesMissing, BatchTooLarge,
    BatchNotValid.
    """
    if faults := faults_of(operation_type=operation_type, lines=lines, unreadable=unreadable, now=now):
        raise BatchNotValid(faults, _count(lines, unreadable))
    kind = KINDS[operation_type]
    rows = [_line(kind.row(line), line, now) for line in kind.complete(lines)]
    batch = BatchOperation.objects.create(
        operation_type=operation_type,
        total_items=len(rows),
        total_amount=sum((row.amount for row in rows if row.amount), ZERO),
        metadata=_metadata(rows),
        retry_delay_seconds=settings.BATCH_RETRY_DELAY,
        created_by=created_by,
        created_at=now,
        last_updated_at=now,
        **(options or {}),
    )
    for row in rows:
        row.batch = batch
    BatchLine.objects.bulk_create(rows, batch_size=100)
    trail.record(
        actor=created_by,
        action="batch_create",
        target=batch,
        after={"type": operation_type, "lines": batch.total_items, "total_amount": str(batch.total_amount)},
        address=address,
        now=now,
    )
    return batch


def faults_of(
    *, operation_type: str, lines: Sequence[LineDraft], unreadable: Sequence[Fault] = (), now: datetime
) -> list[Fault]:
    """Return what is wrong with the lines, in their order. Raises what refuses the batch as a whole."""
    if operation_type not in KINDS:
        raise BatchTypeNotAvailable
    count = _count(lines, unreadable)
    if not count:
        raise LinesMissing
    if count > settings.BATCH_MAX_SIZE:
        raise BatchTooLarge
    return sorted([*unreadable, *KINDS[operation_type].faults(lines, now)], key=lambda fault: fault.line)


def estimate(count: int) -> dict[str, Any]:
    """Say how long so many lines may take, at the pace that is promised."""
    workers = settings.BATCH_MAX_WORKERS
    seconds = _tenth(SECONDS_PER_LINE * count / workers)
    return {
        "estimated_duration_seconds": seconds,
        "estimated_duration_minutes": (seconds / 60).quantize(Decimal("0.01"), ROUND_HALF_UP),
        "concurrent_workers": workers,
        "items_per_worker": -(-count // workers),
    }


def _tenth(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _count(lines: Sequence[LineDraft], unreadable: Sequence[Fault]) -> int:
    return len({line.number for line in lines} | {fault.line for fault in unreadable})


def _line(row: BatchLine, draft: LineDraft, now: datetime) -> BatchLine:
    row.processing_order = draft.number
    row.source_reference = draft.source_reference
    row.metadata = dict(draft.metadata)
    row.created_at = row.updated_at = now
    return row


def _metadata(rows: Sequence[BatchLine]) -> dict[str, Any]:
    return {
        "donation_count": len(rows),
        "total_amount": str(sum((row.amount for row in rows if row.amount), ZERO)),
        "unique_users": len({row.player_id for row in rows if row.player_id}),
        "unique_onlus": len({row.onlus_id for row in rows if row.onlus_id}),
    }
