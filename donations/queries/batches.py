"""What batches look like to those who handed them in."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, QuerySet, Sum

from donations.models import BatchError, BatchLine, BatchOperation
from donations.models.batches import percentage

ERRORS_SHOWN = 1000
COUNTERS = ("total_items", "processed_items", "successful_items", "failed_items", "skipped_items")


def progress_of(batch_id: UUID) -> dict[str, Any]:
    """Return where a batch stands, for live events: plain facts."""
    batch = BatchOperation.objects.only("status", *COUNTERS).get(pk=batch_id)
    return {
        "batch_id": str(batch.pk),
        "status": batch.status,
        **{name: getattr(batch, name) for name in COUNTERS},
        "progress_percentage": str(batch.progress_percentage),
    }


def duration(batch: BatchOperation, now: datetime) -> Decimal | None:
    """Return for how many seconds it has run, or ran."""
    if batch.started_at is None:
        return None
    return _seconds((batch.completed_at or now) - batch.started_at)


def expected_end(batch: BatchOperation, now: datetime) -> datetime | None:
    """Guess from the pace so far when a running batch ends; before its first line nobody knows."""
    if not batch.is_processing or batch.started_at is None or not batch.processed_items:
        return None
    left = batch.total_items - batch.processed_items
    return now + (now - batch.started_at) / batch.processed_items * left


def results_of(batch: BatchOperation, now: datetime) -> dict[str, Any]:
    seconds = duration(batch, now) or Decimal(0)
    pace = batch.processed_items / seconds if seconds else Decimal(0)
    return {
        "successful_items": batch.successful_items,
        "failed_items": batch.failed_items,
        "skipped_items": batch.skipped_items,
        "total_processed": batch.processed_items,
        "processing_duration_seconds": seconds,
        "items_per_second": _hundredth(pace),
        "success_rate": batch.success_rate,
    }


def lines_by_status(batch_id: UUID) -> dict[str, int]:
    found = BatchLine.objects.filter(batch=batch_id).order_by().values_list("status").annotate(n=Count("pk"))
    return dict.fromkeys(BatchLine.Status.values, 0) | dict(found)


def recent_errors(batch_id: UUID, most: int) -> QuerySet[BatchError]:
    return BatchError.objects.filter(batch=batch_id).order_by("-created_at", "-id")[: min(most, ERRORS_SHOWN)]


def recent_failures(batch_id: UUID, most: int) -> QuerySet[BatchLine]:
    failed = BatchLine.objects.filter(batch=batch_id, status=BatchLine.Status.FAILED)
    return failed.order_by("-updated_at", "-processing_order")[:most]


def can_be_retried(batch: BatchOperation) -> bool:
    return batch.status in BatchOperation.RETRIABLE and batch.lines.retriable().exists()


def history(**filters: Any) -> QuerySet[BatchOperation]:
    """List batches, the latest first."""
    wanted = {name: value for name, value in filters.items() if value}
    return BatchOperation.objects.filter(**wanted).select_related("created_by").order_by("-created_at", "-id")


def statistics(*, since: datetime, until: datetime, operation_type: str = "") -> dict[str, Any]:
    """Count what was handed in within the period, by status and in all."""
    rows = BatchOperation.objects.filter(created_at__gte=since, created_at__lt=until)
    if operation_type:
        rows = rows.filter(operation_type=operation_type)
    took = ExpressionWrapper(F("completed_at") - F("started_at"), output_field=DurationField())
    found = (
        rows.order_by()
        .values("status")
        .annotate(
            count=Count("pk"),
            total_items=Sum("total_items"),
            total_processed=Sum("processed_items"),
            total_successful=Sum("successful_items"),
            total_failed=Sum("failed_items"),
            took=Avg(took),
        )
    )
    by_status = {row["status"]: _with_milliseconds(dict(row)) for row in found}
    return {"by_status": by_status, "totals": _totals(by_status)}


def _with_milliseconds(row: dict[str, Any]) -> dict[str, Any]:
    del row["status"]
    took: timedelta | None = row.pop("took")
    row["avg_processing_time_ms"] = int(took / timedelta(milliseconds=1)) if took is not None else 0
    return row


def _totals(by_status: dict[str, dict[str, Any]]) -> dict[str, Any]:
    names = ("total_items", "total_processed", "total_successful", "total_failed")
    sums = {name: sum(row[name] for row in by_status.values()) for name in names}
    return {
        "batch_count": sum(row["count"] for row in by_status.values()),
        **sums,
        "success_rate": percentage(sums["total_successful"], sums["total_processed"]),
    }


def _seconds(lasted: timedelta) -> Decimal:
    return _hundredth(Decimal(lasted // timedelta(microseconds=1)) / 1_000_000)


def _hundredth(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
