"""Carrying out the lines of batches. Any number of workers may do it at once, and any of them may die at any moment.

A line and its result are one transaction: the row's lock is the claim, so a worker that dies leaves the line as it
was, for the next one.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from donations.models import BatchError, BatchLine, BatchOperation
from donations.operations import batches
from donations.operations.batch_kinds import KINDS
from donations.queries.batches import progress_of
from goodplay.lib import realtime
from goodplay.lib.errors import DomainError
from goodplay.lib.time import Clock

logger = structlog.get_logger("goodplay.batches")

STALLED_AFTER = timedelta(hours=2)
TOLD_EVERY = 1  # seconds

Status = BatchOperation.Status
LineStatus = BatchLine.Status


class LineBroke(DomainError):
    code = "PROCESSING_EXCEPTION"
    message = _("Something went wrong on our side. Nothing was moved.")


class BatchStalled(DomainError):
    code = "BATCH_STALLED"
    message = _("The batch did not get on for two hours, so this line was given up.")


def work(*, clock: Clock) -> int:
    """Carry out lines until none is due, the most urgent batch first; return how many.

    After each slice the most urgent batch is looked for anew.
    """
    count, passed = 0, set[UUID]()
    while (batch := _most_urgent(clock(), besides=passed)) is not None:
        dealt_with = _work_slice(batch, clock)
        count += dealt_with
        if dealt_with < batch.batch_size:
            passed.add(batch.pk)  # the rest of it is done, not due, or in others' hands
    return count


def process_next(*, batch: BatchOperation, now: datetime) -> bool:
    """Carry out the next line of the batch that is due and free, if there is one, and store what came of it.

    A line that fails, for whatever reason, says why and stops no other.
    """
    line: BatchLine | None = None
    try:
        with transaction.atomic():
            line = _take(batch, now)
            if line is not None:
                _attempt(line, now)
    except (OperationalError, InterfaceError):
        raise  # the database is away, or gave this transaction up: the line is as it was
    except Exception:
        if line is None:
            raise
        logger.exception("batch line broke", batch_id=str(batch.pk), line=line.processing_order)
        _fail_broken(line.pk, now)
    return line is not None


@transaction.atomic
def give_up_stalled(*, now: datetime) -> int:
    """Fail the lines of running batches that were due and did not get on for two hours, so that people see them."""
    stalled = BatchOperation.objects.filter(
        status=Status.PROCESSING, last_updated_at__lte=now - STALLED_AFTER
    )
    due = BatchLine.objects.waiting().filter(_due(now - STALLED_AFTER), batch__in=stalled)
    lines = list(due.select_for_update(of=("self",), skip_locked=True).select_related("batch"))
    for line in lines:
        _fail(line, BatchStalled(), now)
    return len(lines)


def tidy(*, now: datetime) -> int:
    """End batches whose last worker died before it could, and leave out what a cancelled batch still has."""
    dealt_with = BatchOperation.objects.filter(status=Status.PROCESSING, processed_items=F("total_items"))
    ended = sum(batches.finish(batch_id=key, now=now) for key in dealt_with.values_list("pk", flat=True))
    waiting = BatchLine.objects.waiting().filter(batch=OuterRef("pk"))
    cancelled = BatchOperation.objects.filter(Exists(waiting), status=Status.CANCELLED)
    for key in list(cancelled.values_list("pk", flat=True)):
        _skip_rest(key, now)
    return ended


# The steps -------------------------------------------------------------------------------------------------------


def _most_urgent(now: datetime, *, besides: Collection[UUID]) -> BatchOperation | None:
    due = BatchLine.objects.waiting().filter(_due(now), batch=OuterRef("pk"))
    running = BatchOperation.objects.filter(Exists(due), status=Status.PROCESSING).exclude(pk__in=besides)
    return running.order_by("-priority", "started_at", "pk").first()


def _work_slice(batch: BatchOperation, clock: Clock) -> int:
    count = 0
    if not _is_prepared(batch, clock()):
        return count
    while count < batch.batch_size and process_next(batch=batch, now=clock()):
        count += 1
        _tell_progress(batch)
    batches.finish(batch_id=batch.pk, now=clock())
    return count


def _is_prepared(batch: BatchOperation, now: datetime) -> bool:
    """Say whether the batch can go on. One that cannot holds up no other: it is tried again until it counts as stalled."""
    try:
        KINDS[batch.operation_type].prepare(batch, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("batch could not be prepared", batch_id=str(batch.pk))
        return False
    return True


def _tell_progress(batch: BatchOperation) -> None:
    """Show whoever handed the batch in how far it is, at most once a second whichever worker tells."""
    if cache.add(f"batch-progress:{batch.pk}", 1, TOLD_EVERY):
        tell(batch)


def tell(batch: BatchOperation) -> None:
    realtime.emit("batch_progress", progress_of(batch.pk), user_id=batch.created_by_id)


def _due(now: datetime) -> Q:
    return Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)


def _take(batch: BatchOperation, now: datetime) -> BatchLine | None:
    """Return the next line of a batch that still runs, locked; lines in others' hands are passed by.

    On SQLite nobody else can be in a writing transaction, so there the plain read is the claim.
    """
    free = BatchLine.objects.waiting().filter(_due(now), batch=batch, batch__status=Status.PROCESSING)
    free = free.select_related("player").order_by("processing_order")
    line = free.select_for_update(of=("self",), skip_locked=True).first()
    if line is not None:
        line.batch = batch  # what of it is read here never changes; its counters are counted in the database
    return line


def _attempt(line: BatchLine, now: datetime) -> None:
    try:
        KINDS[line.batch.operation_type].carry_out(line, now)
    except DomainError as refusal:
        refusal.settle()
        _fail(line, refusal, now)
    else:
        _complete(line, now)


def _complete(line: BatchLine, now: datetime) -> None:
    line.status, line.completed_at, line.updated_at = LineStatus.COMPLETED, now, now
    line.error_code = line.error_message = ""
    line.next_attempt_at = None
    line.save(
        update_fields=[
            "status",
            "completed_at",
            "updated_at",
            "error_code",
            "error_message",
            "next_attempt_at",
            "donation",
            "refund",
            "payout",
            "compliance_check",
            "reconciliation",
            "processed_amount",
        ]
    )
    _count(line, now, successful_items=F("successful_items") + 1)


def _fail(line: BatchLine, refusal: DomainError, now: datetime) -> None:
    """Keep why, and when it may be tried again: twice as long after each retry."""
    line.status, line.updated_at = LineStatus.FAILED, now
    line.error_code, line.error_message = refusal.code, str(refusal)[:500]
    line.next_attempt_at = now + timedelta(seconds=line.batch.retry_delay_seconds) * 2**line.retry_count
    line.save(update_fields=["status", "updated_at", "error_code", "error_message", "next_attempt_at"])
    BatchError.objects.create(
        batch_id=line.batch_id,
        line=line,
        code=line.error_code,
        message=line.error_message,
        details={"line": line.processing_order, "retries": line.retry_count},
        created_at=now,
    )
    _count(
        line,
        now,
        failed_items=F("failed_items") + 1,
        error_count=F("error_count") + 1,
        last_error=line.error_message,
    )


@transaction.atomic
def _fail_broken(line_id: UUID, now: datetime) -> None:
    waiting = BatchLine.objects.waiting().filter(pk=line_id).select_related("batch")
    line = waiting.select_for_update(of=("self",)).first()
    if line is not None:
        _fail(line, LineBroke(), now)


def _count(line: BatchLine, now: datetime, **changes: Any) -> None:
    """Count the line in its batch: the last statement of its transaction, so that workers hardly wait for each other."""
    BatchOperation.objects.filter(pk=line.batch_id).update(
        processed_items=F("processed_items") + 1, last_updated_at=now, **changes
    )


@transaction.atomic
def _skip_rest(batch_id: UUID, now: datetime) -> None:
    skipped = batches.skip_waiting(batch_id, now)
    BatchOperation.objects.filter(pk=batch_id).update(
        processed_items=F("processed_items") + skipped,
        skipped_items=F("skipped_items") + skipped,
        last_updated_at=now,
    )
