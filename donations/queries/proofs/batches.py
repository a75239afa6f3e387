"""Batches: what is done is there, once, as its line says; counters are what they count."""

from collections.abc import Iterator

from django.db.models import Count, F, Q, QuerySet

from donations.models import BatchLine, BatchOperation, Donation
from donations.queries.proofs.common import Contradiction

Status = BatchLine.Status


def lines_did_what_they_say() -> Iterator[Contradiction]:
    done = BatchLine.objects.filter(status=Status.COMPLETED)
    for kind, agrees in _AGREES.items():
        for line in done.filter(batch__operation_type=kind).exclude(agrees):
            yield Contradiction("I14", f"batch line {line.pk}", "is not what its result says")
    for donation in Donation.objects.filter(origin=Donation.Origin.BATCH, batch_line=None):
        yield Contradiction("I14", f"donation {donation.pk}", "came out of a batch, and no line tells of it")


def batches_count_their_lines() -> Iterator[Contradiction]:
    for batch in _counted().exclude(
        total_items=F("counted"),
        successful_items=F("done"),
        failed_items=F("failed"),
        skipped_items=F("skipped"),
    ):
        detail = f"counts {batch.successful_items}, {batch.failed_items} and {batch.skipped_items} of {batch.total_items}"
        yield Contradiction("I14", f"batch {batch.pk}", f"{detail}, its lines do not")


_AGREES = {
    BatchOperation.Type.DONATIONS: Q(
        donation__amount=F("processed_amount"),
        amount=F("processed_amount"),
        donation__donor=F("player"),
        donation__onlus=F("onlus"),
        donation__origin=Donation.Origin.BATCH,
    ),
    BatchOperation.Type.REFUNDS: Q(
        refund__amount=F("processed_amount"), amount=F("processed_amount"), refund__donation=F("gives_back")
    ),
    BatchOperation.Type.PAYOUTS: Q(payout__amount=F("processed_amount"), payout__onlus=F("onlus")),
    BatchOperation.Type.RECONCILIATION: Q(
        reconciliation__type=F("period_type"),
        reconciliation__start_date=F("first_day"),
        reconciliation__end_date=F("last_day"),
        processed_amount=None,
    ),
    BatchOperation.Type.COMPLIANCE_CHECK: Q(
        compliance_check__user=F("player"),
        compliance_check__check_type=F("check_type"),
        processed_amount=None,
    ),
}


def _counted() -> QuerySet[BatchOperation]:
    return BatchOperation.objects.annotate(
        counted=Count("lines"),
        done=Count("lines", filter=Q(lines__status=Status.COMPLETED)),
        failed=Count("lines", filter=Q(lines__status=Status.FAILED)),
        skipped=Count("lines", filter=Q(lines__status=Status.SKIPPED)),
    )
