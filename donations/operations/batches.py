"""The life of a batch: released by a second person, run, retried, cancelled, ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import BatchLine, BatchOperation, Review
from donations.models.reviews import ReviewQuerySet
from donations.operations import reviews
from donations.operations.risk import judging
from donations.signals import batch_finished, batch_started
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import FourEyesRequired, request_approval
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, NotFound

BATCH_RUN = "batch_run"

Status = BatchOperation.Status
LineStatus = BatchLine.Status


class BatchNotFound(NotFound):
    code = "BATCH_OPERATION_NOT_FOUND"
    message = _("There is no such batch.")


class BatchAlreadyProcessing(Conflict):
    code = "BATCH_ALREADY_PROCESSING"
    message = _("This batch is running.")


class BatchAlreadyCompleted(Conflict):
    code = "BATCH_ALREADY_COMPLETED"
    message = _("This batch has ended.")


class BatchAlreadyReleased(Conflict):
    code = "BATCH_ALREADY_RELEASED"
    message = _("A second person released this batch already: it can be run.")


class ReleaseNotNeeded(Conflict):
    code = "BATCH_RELEASE_NOT_NEEDED"
    message = _("This batch moves no money: it can be run at once.")


class BatchNotReleased(Conflict):
    code = "BATCH_RELEASE_REQUIRED"
    message = _("A second person has to release this batch before it can be run.")


class BatchChanged(Conflict):
    code = "BATCH_CHANGED"
    message = _("The batch is not what it was when its release was asked for. Ask again.")


class BatchUnderReview(Conflict):
    code = "BATCH_UNDER_REVIEW"
    message = _("Somebody is looking at this batch. It can be released once that is decided.")


class BatchFraudDetected(judging.FraudDetected):
    code = "BATCH_FRAUD_DETECTION_TRIGGERED"
    message = _("The risk rules refuse this batch. Why is among the risk decisions.")


class BatchNotRetriable(Conflict):
    code = "BATCH_CANNOT_BE_RETRIED"
    message = _("Only a batch that ended with failures can be tried again.")


class NothingToRetry(Conflict):
    code = "NO_ITEMS_TO_RETRY"
    message = _("No line is left to try again: each was tried as often as it may be.")


# Four eyes -------------------------------------------------------------------------------------------------------


@transaction.atomic
def request_release(
    *, batch: BatchOperation, requested_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Ask a second person to let the batch run.

    The risk rules are asked first: they may refuse it (BatchFraudDetected), or have it reviewed before it can be
    released. Raises BatchAlreadyReleased, ReleaseNotNeeded, and what refuses one that has begun.
    """
    batch = locked(batch.pk)
    _refuse_begun(batch)
    if batch.is_released:
        raise BatchAlreadyReleased
    if not batch.moves_money:
        raise ReleaseNotNeeded
    _look_closer(batch, now)
    return request_approval(
        kind=BATCH_RUN,
        target=batch,
        facts=_facts(batch),
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def release(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    """Let a batch run that is still as it was when its release was asked for; not by whoever handed it in."""
    batch = locked(UUID(request.target_id))
    _refuse_begun(batch)
    if batch.created_by_id == request.decided_by_id:
        raise FourEyesRequired
    if _facts(batch) != request.facts:
        raise BatchChanged
    if _review_of(batch).open().exists():
        raise BatchUnderReview
    batch.released_by, batch.released_at, batch.last_updated_at = request.decided_by, now, now
    batch.save(update_fields=["released_by", "released_at", "last_updated_at"])
    return {"lines": batch.total_items, "total_amount": str(batch.total_amount)}


def _look_closer(batch: BatchOperation, now: datetime) -> None:
    """Ask the risk rules about a batch, once it is to be released; what was reviewed already stays so."""
    if _review_of(batch).exists():
        return
    movement = judging.Movement(
        subject=reviews.Subject.BATCH.value,
        subject_id=batch.pk,
        player_id=batch.created_by_id,
        amount=batch.total_amount,
    )
    judgement = judging.judge(movement=movement, now=now)
    if judgement.blocks:
        raise BatchFraudDetected(judgement)
    if judgement.holds:
        reviews.open_review(judgement=judgement, now=now)
    else:
        judging.keep(judgement)


def _review_of(batch: BatchOperation) -> ReviewQuerySet:
    return Review.objects.filter(subject=reviews.Subject.BATCH, subject_id=batch.pk)


def let_pass(batch_id: UUID, now: datetime) -> None:
    """The check point let the batch pass: it can be released."""


def call_off(batch_id: UUID, now: datetime) -> None:
    """Cancel a batch the check point refused; one that was cancelled meanwhile stays so."""
    batch = BatchOperation.objects.get(pk=batch_id)
    if batch.status in BatchOperation.CANCELLABLE:
        cancel(batch=batch, actor=None, reason="REJECTED_BY_REVIEW", now=now)


reviews.decides(reviews.Subject.BATCH, release=let_pass, reject=call_off)


def _facts(batch: BatchOperation) -> dict[str, Any]:
    """Tell the batch as the one who releases it reads it."""
    names = batch.lines.order_by("onlus__name").values_list("onlus__name", flat=True).distinct()
    return {
        "type": batch.operation_type,
        "lines": batch.total_items,
        "total_amount": str(batch.total_amount),
        "players": batch.metadata["unique_users"],
        "organisations": list(names),
        "handed_in_by": str(batch.created_by),
    }


# Running ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def start(*, batch: BatchOperation, actor: User, now: datetime, address: str = "") -> BatchOperation:
    """Hand a batch that may run to the workers. Raises BatchNotReleased, BatchAlreadyProcessing, BatchAlreadyCompleted."""
    batch = locked(batch.pk)
    _refuse_begun(batch)
    if not batch.may_run:
        raise BatchNotReleased
    batch.status, batch.started_at, batch.last_updated_at = Status.PROCESSING, now, now
    batch.save(update_fields=["status", "started_at", "last_updated_at"])
    _note(batch, actor, "batch_start", now, address)
    batch_started.announce(batch=batch, lines=batch.total_items)
    return batch


@transaction.atomic
def retry(*, batch: BatchOperation, actor: User, now: datetime, address: str = "") -> int:
    """Let the lines that failed be tried again, each when its delay is over; return how many there are.

    Raises BatchNotRetriable and NothingToRetry.
    """
    if batch.status not in BatchOperation.RETRIABLE:
        raise BatchNotRetriable
    # Lines before their batch, as workers lock them.
    keys = list(batch.lines.retriable().select_for_update(of=("self",)).values_list("pk", flat=True))
    batch = locked(batch.pk)
    if batch.status not in BatchOperation.RETRIABLE:
        raise BatchNotRetriable
    if not keys:
        raise NothingToRetry
    BatchLine.objects.filter(pk__in=keys).update(
        status=LineStatus.RETRYING, retry_count=F("retry_count") + 1, last_retry_at=now, updated_at=now
    )
    batch.status, batch.completed_at, batch.last_updated_at = Status.PROCESSING, None, now
    batch.failed_items -= len(keys)
    batch.processed_items -= len(keys)
    batch.save(update_fields=["status", "completed_at", "last_updated_at", "failed_items", "processed_items"])
    _note(batch, actor, "batch_retry", now, address, after={"lines": len(keys)})
    batch_started.announce(batch=batch, lines=len(keys))
    return len(keys)


@transaction.atomic
def cancel(
    *, batch: BatchOperation, actor: User | None, reason: str, now: datetime, address: str = ""
) -> BatchOperation:
    """Leave out every line that is not carried out yet. What was done stays done. Raises BatchAlreadyCompleted.

    A line that is being carried out at this moment is finished; workers look before each line.
    """
    skipped = skip_waiting(batch.pk, now)
    batch = locked(batch.pk)
    if batch.status not in BatchOperation.CANCELLABLE:
        raise BatchAlreadyCompleted
    batch.status, batch.completed_at, batch.last_updated_at = Status.CANCELLED, now, now
    batch.cancel_reason = reason
    batch.skipped_items += skipped
    batch.processed_items += skipped
    batch.save(
        update_fields=[
            "status",
            "completed_at",
            "last_updated_at",
            "cancel_reason",
            "skipped_items",
            "processed_items",
        ]
    )
    _note(batch, actor, "batch_cancel", now, address, reason=reason, after={"skipped": skipped})
    reviews.withdraw(subject=reviews.Subject.BATCH, subject_id=batch.pk, now=now)
    batch_finished.announce(batch=batch)
    return batch


def skip_waiting(batch_id: UUID, now: datetime) -> int:
    """Leave out the lines that wait and that no worker holds; the caller counts them."""
    free = BatchLine.objects.waiting().filter(batch=batch_id).select_for_update(skip_locked=True)
    keys = list(free.values_list("pk", flat=True))
    return BatchLine.objects.filter(pk__in=keys).update(status=LineStatus.SKIPPED, updated_at=now)


@transaction.atomic
def finish(*, batch_id: UUID, now: datetime) -> bool:
    """End a running batch whose lines are all dealt with; say whether this call did. Its row's lock lets one do it."""
    done = BatchOperation.objects.filter(
        pk=batch_id, status=Status.PROCESSING, processed_items=F("total_items")
    )
    batch = done.select_for_update().first()
    if batch is None:
        return False
    batch.status, batch.completed_at, batch.last_updated_at = _outcome(batch), now, now
    batch.save(update_fields=["status", "completed_at", "last_updated_at"])
    batch_finished.announce(batch=batch)
    return True


def locked(batch_id: UUID) -> BatchOperation:
    batch = BatchOperation.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise BatchNotFound
    return batch


def _outcome(batch: BatchOperation) -> BatchOperation.Status:
    if not batch.failed_items:
        return Status.COMPLETED
    return Status.PARTIAL if batch.successful_items else Status.FAILED


def _refuse_begun(batch: BatchOperation) -> None:
    if batch.is_processing:
        raise BatchAlreadyProcessing
    if batch.is_completed:
        raise BatchAlreadyCompleted


def _note(
    batch: BatchOperation,
    actor: User | None,
    action: str,
    now: datetime,
    address: str,
    *,
    reason: str = "",
    after: Mapping[str, Any] | None = None,
) -> None:
    trail.record(
        actor=actor,
        action=action,
        target=batch,
        after={"status": batch.status, **(after or {})},
        reason=reason,
        address=address,
        now=now,
    )
