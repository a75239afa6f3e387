"""What GoodPlay measures whatever its apps do. Names are those of the architecture document."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from goodplay.lib.events.models import Delivery
from goodplay.lib.metrics.registry import measure


def parked_deliveries(now: datetime) -> int:
    return Delivery.objects.parked().count()


def retrying_deliveries(now: datetime) -> int:
    return Delivery.objects.filter(status=Delivery.Status.RETRYING).count()


def outbox_lag(now: datetime) -> float:
    """Return how old the oldest event is that a handler still owes something, in seconds; parked ones wait for people."""
    retrying = Delivery.objects.filter(status=Delivery.Status.RETRYING)
    oldest = retrying.order_by("event__recorded_at").values_list("event__recorded_at", flat=True).first()
    return round((now - oldest).total_seconds(), 1) if oldest else 0.0


# Of the requests of the last minute, all processes together.
measure("requests", metric_type="performance", label=_("Requests"), gather="sum")
measure("request_errors", metric_type="performance", label=_("Errors of the server"), gather="sum")
measure("response_time_avg", metric_type="performance", label=_("Response time, average"), unit="ms")
measure("response_time_p95", metric_type="performance", label=_("Response time, 95 of 100"), unit="ms")
measure("response_time_max", metric_type="performance", label=_("Response time, longest"), unit="ms")
measure("error_rate", metric_type="performance", label=_("Requests that failed"), unit="%")
measure("api_error_rate", metric_type="performance", label=_("API requests that failed"), unit="%")
measure("dashboard_load_time", metric_type="performance", label=_("Dashboards, 95 of 100"), unit="ms")

# Of the machine the jobs run on.
measure("cpu_usage", metric_type="performance", label=_("Processor"), unit="%")
measure("memory_usage", metric_type="performance", label=_("Memory"), unit="%")
measure("disk_usage", metric_type="performance", label=_("Disk"), unit="%")
measure("network_io", metric_type="performance", label=_("Network"), unit="B/s")
measure("server_uptime", metric_type="infrastructure", label=_("Machine up for"), unit="s", gather="last")
measure("database_connections", metric_type="performance", label=_("Database connections"))
measure("database_response_time", metric_type="infrastructure", label=_("Database answers in"), unit="ms")

# Counted where it happens.
measure("cache_hit_rate", metric_type="infrastructure", label=_("Dashboards from the cache"), unit="%")
measure("failed_logins", metric_type="security", label=_("Failed sign-ins"), gather="sum")

# Of the events that handlers owe something.
measure(
    "parked_deliveries",
    metric_type="infrastructure",
    label=_("Parked deliveries"),
    gather="last",
    read=parked_deliveries,
)
measure(
    "retrying_deliveries",
    metric_type="infrastructure",
    label=_("Deliveries being retried"),
    gather="last",
    read=retrying_deliveries,
)
measure(
    "outbox_lag",
    metric_type="infrastructure",
    label=_("Oldest delivery being retried"),
    unit="s",
    read=outbox_lag,
)
