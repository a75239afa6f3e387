"""The checks an export is asked for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from donations.models import ComplianceCheck


def exported_checks(parameters: Mapping[str, Any]) -> QuerySet[ComplianceCheck]:
    rows = ComplianceCheck.objects.filter(check_type__in=parameters["check_types"])
    for name, lookup in (("start_date", "created_at__gte"), ("end_date", "created_at__lt")):
        if parameters["date_range"].get(name):
            rows = rows.filter(**{lookup: datetime.fromisoformat(parameters["date_range"][name])})
    return rows.order_by("created_at", "id")
