"""Reading what the operations dashboard shows."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from goodplay.lib.events.models import Delivery
from goodplay.lib.jobs.models import JobRecord, JobRun
from goodplay.lib.metrics import queries
from goodplay.lib.metrics.models import RouteTotal, SystemMetric
from goodplay.lib.metrics.operations import gathered
from goodplay.lib.metrics.registry import Number
from goodplay.lib.time import ROME, rome_day

HOURS = 24
Figures = dict[str, Number | None]


def last_hours(now: datetime) -> list[tuple[datetime, dict[str, Any]]]:
    """Return the figures of each of the last 24 hours, the running one included; empty where nothing was measured."""
    this = now.replace(minute=0, second=0, microsecond=0)
    starts = [this - timedelta(hours=back) for back in reversed(range(HOURS))]
    rows = SystemMetric.objects.filter(
        metric_type="performance", period="1m", timestamp__gte=starts[0], timestamp__lte=now
    )
    by_hour: dict[datetime, list[Figures]] = defaultdict(list)
    for moment, data in rows.order_by("timestamp").values_list("timestamp", "data"):
        by_hour[moment.replace(minute=0, second=0, microsecond=0)].append(data)
    return [(start, gathered(by_hour[start]) if by_hour[start] else {}) for start in starts]


def by_day(start: datetime, end: datetime) -> dict[date, dict[str, Any]]:
    """Return the figures of each day of Rome in the window on which anything was measured."""
    parts: dict[date, list[Figures]] = defaultdict(list)
    for moment, data in queries.rows("performance", start, end):
        parts[rome_day(moment)].append(data)
    return {day: gathered(rows) for day, rows in parts.items()}


def hour_of(moment: datetime) -> str:
    return f"{moment.astimezone(ROME):%H:%M}"


def jobs(now: datetime) -> tuple[list[JobRun], list[JobRun], int]:
    """Return the late jobs, the failing ones, and how many there are."""
    runs = list(JobRun.objects.filter(is_scheduled=True).order_by("name"))
    return (
        [run for run in runs if run.is_overdue(now)],
        [run for run in runs if run.failures_in_row],
        len(runs),
    )


def open_deliveries() -> list[dict[str, Any]]:
    """Return what each handler still owes: parked, being retried, and the oldest of it."""
    undone = Delivery.objects.exclude(status=Delivery.Status.DONE)
    found = (
        undone.values("handler")
        .annotate(
            parked=Count("pk", filter=Q(status=Delivery.Status.PARKED)),
            retrying=Count("pk", filter=Q(status=Delivery.Status.RETRYING)),
            oldest=Min("event__recorded_at"),
        )
        .order_by("-parked", "oldest", "handler")
    )
    return [dict(each) for each in found]


def failed_runs(start: datetime, end: datetime, most: int) -> list[JobRecord]:
    records = JobRecord.objects.filter(succeeded=False, started_at__gte=start, started_at__lt=end)
    return list(records.order_by("-started_at")[:most])


def failing_routes(most: int) -> list[RouteTotal]:
    return list(RouteTotal.objects.filter(errors__gt=0).order_by("-errors", "route")[:most])
