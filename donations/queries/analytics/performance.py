"""How the platform itself does, from what was measured. What nobody measured is null."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q

from goodplay.lib.alerts.models import Alert, Severity
from goodplay.lib.metrics import queries as metrics

PLACES, FINE = Decimal("0.01"), Decimal("0.0001")


def performance(now: datetime, hours: int) -> dict[str, Any]:
    """Sum up the last hours. Single queries are not measured, so nothing is said of slow ones; nor is there a pool."""
    since = now - timedelta(hours=hours)
    window, latest = metrics.performance(since, now), metrics.latest(now)
    a_minute = window.throughput_per_minute
    return {
        "transaction_processing": {
            "average_response_time_ms": rounded(window.average_response_ms),
            "peak_response_time_ms": rounded(window.peak_response_ms),
            "error_rate_percentage": rounded(window.error_rate_percent),
            "throughput_per_second": None if a_minute is None else Decimal(str(a_minute / 60)).quantize(FINE),
        },
        "database_performance": {
            "average_query_time_ms": rounded(latest.get("database_response_time")),
            "slow_queries_count": None,
            "connection_pool_utilization": None,
        },
        "system_health": {
            "uptime_percentage": rounded(window.uptime_percent),
            "memory_utilization": rounded(window.memory_average),
            "cpu_utilization": rounded(window.cpu_average),
            "disk_usage_percentage": rounded(latest.get("disk_usage")),
        },
        "alerts_and_incidents": alerts_and_incidents(since, now),
    }


def alerts_and_incidents(since: datetime, now: datetime) -> dict[str, Any]:
    """Count the alerts seen in the time, and how long those took that were resolved in it."""
    resolved = Q(resolved_at__gte=since, resolved_at__lt=now)
    took = ExpressionWrapper(F("resolved_at") - F("first_seen_at"), output_field=DurationField())
    found = Alert.objects.filter(Q(last_seen_at__gte=since, last_seen_at__lt=now) | resolved).aggregate(
        total=Count("pk"),
        critical=Count("pk", filter=Q(severity=Severity.CRITICAL)),
        resolved=Count("pk", filter=resolved),
        took=Avg(took, filter=resolved),
    )
    minutes = found["took"] / timedelta(minutes=1) if found["took"] is not None else None
    return {
        "total_alerts": found["total"],
        "critical_incidents": found["critical"],
        "resolved_issues": found["resolved"],
        "average_resolution_time_minutes": rounded(minutes),
    }


def rounded(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(PLACES)
