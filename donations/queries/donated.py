"""A donor's own donations."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from donations.models import Donation
from goodplay.lib.money import ZERO


def donation_history(donor_id: UUID) -> QuerySet[Donation]:
    return Donation.objects.of_donor(donor_id).select_related("receipt").order_by("-created_at", "-id")


def donation_totals(donor_id: UUID) -> dict[str, Any]:
    """Total over all completed donations, not only over the page shown."""
    rows = Donation.objects.of_donor(donor_id).completed().aggregate(total=Sum("amount"), count=Count("id"))
    return {"total_donated": rows["total"] or Decimal(ZERO), "donation_count": rows["count"]}
