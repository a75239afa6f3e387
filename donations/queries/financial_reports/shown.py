"""Which financial reports people outside the staff may read."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Onlus
from donations.models import FinancialReport


def published_summaries(onlus_ids: Any) -> QuerySet[FinancialReport]:
    """List the published summaries of organisations, the latest days first."""
    return (
        FinancialReport.objects.published_of(onlus_ids)
        .select_related("onlus")
        .order_by("-last", "-first", "-id")
    )


def summaries_seen_by(user_id: UUID) -> QuerySet[FinancialReport]:
    """List the published summaries of the organisations a person has a seat in."""
    return published_summaries(Onlus.objects.filter(memberships__user=user_id).values("pk"))
