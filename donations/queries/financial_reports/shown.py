"""Which financial reports somebody may read."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Onlus
from donations.models import FinancialReport


def published_summaries(onlus_ids: Any) -> QuerySet[FinancialReport]:
    """List the published summaries of organisations, the latest days first."""
    return (
        FinancialReport.objects.published_of(onlus_ids)
        .select_related("onlus")
        .order_by("-last", "-first", "-id")
    )


def reports_seen_by(user_id: UUID) -> QuerySet[FinancialReport]:
    """List the published summaries of the organisations a person has a seat in, and what was opened to them by name."""
    published = published_summaries(Onlus.objects.filter(memberships__user=user_id).values("pk"))
    opened = FinancialReport.objects.opened_to(user_id)
    return (
        FinancialReport.objects.filter(
            Q(pk__in=published.order_by().values("pk")) | Q(pk__in=opened.values("pk"))
        )
        .select_related("onlus")
        .order_by("-last", "-first", "-id")
    )


def without_confidential(reports: QuerySet[FinancialReport], user_id: UUID) -> QuerySet[FinancialReport]:
    """Leave out what is confidential, unless it was opened to this member of staff by name."""
    opened = FinancialReport.objects.opened_to(user_id)
    return reports.filter(Q(is_confidential=False) | Q(pk__in=opened.values("pk")))
