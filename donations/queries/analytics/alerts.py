"""The alerts of money that are not resolved."""

from typing import Any

from django.db.models import Count, Q

from goodplay.lib.alerts.models import Alert, Area, Severity

OWN_TYPES = ("anomaly", "threshold")


def financial_alerts(*, alert_type: str = "", severity: str = "", limit: int) -> dict[str, Any]:
    """List the most urgent, and count all that meet the filters."""
    rows = Alert.objects.unresolved().filter(area=Area.FINANCIAL)
    if alert_type == "system":
        rows = rows.exclude(alert_type__in=OWN_TYPES)
    elif alert_type:
        rows = rows.filter(alert_type=alert_type)
    if severity:
        rows = rows.filter(severity=severity)
    counted = rows.aggregate(
        total_count=Count("pk"),
        critical_count=Count("pk", filter=Q(severity=Severity.CRITICAL)),
        high_count=Count("pk", filter=Q(severity=Severity.HIGH)),
    )
    asked = {"alert_type": alert_type or None, "severity": severity or None, "limit": limit}
    return {"alerts": list(rows.by_urgency()[:limit]), **counted, "filters": asked}
