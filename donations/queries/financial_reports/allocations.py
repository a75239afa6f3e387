"""What became of requests for funding in a stretch of days."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet

from donations.models import AllocationResult, Donation, Transfer
from donations.queries.assessments import ENDED, GIVEN
from donations.queries.financial_reports.movements import Kind, sum_of
from donations.queries.sums import euros_of
from donations.report_periods import Stretch
from goodplay.lib.money import to_cents

HUNDRED = Decimal(100)


def ended_allocations(stretch: Stretch, onlus_id: UUID | None = None) -> dict[str, Any]:
    """Count the allocations that ended in these days; rates of none are not known."""
    ended = AllocationResult.objects.filter(
        status__in=ENDED, finished_at__gte=stretch.start, finished_at__lt=stretch.end
    )
    if onlus_id is not None:
        ended = ended.filter(request__onlus=onlus_id)
    took = ExpressionWrapper(F("finished_at") - F("created_at"), output_field=DurationField())
    found = ended.aggregate(
        count=Count("pk"), succeeded=Count("pk", filter=Q(status__in=GIVEN)), took=Avg(took)
    )
    return {
        "allocation_count": found["count"],
        "allocation_success_rate": percent(found["succeeded"], found["count"]),
        "mean_allocation_seconds": seconds(found["took"]),
    }


def allocated(rows: QuerySet[Transfer], stretch: Stretch, incoming: Q, outgoing: Q) -> Decimal:
    """Add up what allocations moved of these transfers: grants of pools and gifts of donors, less what went back."""
    by_donors = Donation.objects.filter(origin=Donation.Origin.ALLOCATION, completed_at__lt=stretch.end)
    given = rows.filter(Q(kind=Kind.GRANT) | Q(kind=Kind.DONATION, transaction_id__in=by_donors.values("pk")))
    found: dict[str, Any] = given.aggregate(came=sum_of(incoming), went=sum_of(outgoing))
    return euros_of(found["came"]) - euros_of(found["went"])


def percent(some: int, of_all: int) -> Decimal | None:
    """Return a share in hundredths; of nothing it is not known."""
    return to_cents(HUNDRED * some / of_all) if of_all else None


def seconds(length: timedelta | None) -> Decimal | None:
    return None if length is None else to_cents(Decimal(length.total_seconds()))
