"""A donor's own donations."""

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from donations.models import Donation
from donations.queries.sums import euros_of, sum_kept


def donation_history(donor_id: UUID) -> QuerySet[Donation]:
    return Donation.objects.of_donor(donor_id).order_by("-created_at", "-id")


def donation_totals(donor_id: UUID) -> dict[str, Any]:
    """Total what was not given back over all completed donations, not only over the page shown."""
    rows = Donation.objects.of_donor(donor_id).completed().aggregate(total=sum_kept(), count=Count("id"))
    return {"total_donated": euros_of(rows["total"]), "donation_count": rows["count"]}
