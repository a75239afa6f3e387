"""The public directory of organisations."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Onlus, OnlusCategory

COLUMNS = (
    "id",
    "name",
    "category_id",
    "mission_statement",
    "description",
    "website_url",
    "city",
    "region",
    "runts_section",
    "verified_at",
)


def directory(*, category: str = "", search: str = "") -> QuerySet[Onlus, dict[str, Any]]:
    """List the public organisations, the latest verified first."""
    rows = Onlus.objects.public()
    if category:
        rows = rows.filter(category=category)
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(mission_statement__icontains=search))
    return rows.order_by("-verified_at", "-id").values(*COLUMNS)


def categories() -> QuerySet[OnlusCategory]:
    public = Count("organisations", filter=Q(organisations__status=Onlus.Status.ACTIVE))
    return (
        OnlusCategory.objects.filter(is_active=True)
        .annotate(organisation_count=public)
        .order_by("-priority", "name")
    )
