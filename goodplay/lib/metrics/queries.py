"""Reading what was measured: the latest figures, a window of time, charts, health and score."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from goodplay.lib.metrics.models import SystemMetric
from goodplay.lib.metrics.operations import gathered
from goodplay.lib.metrics.registry import MEASURES, Number
from goodplay.lib.time import day_bounds, rome_day

FRESH_FOR = timedelta(minutes=5)
MINUTES_UP_TO, HOURS_UP_TO = timedelta(days=2), timedelta(days=62)
Period = SystemMetric.Period
_COARSE_FIRST = [Period.DAY, Period.HOUR, Period.MINUTE]


@dataclass(frozen=True, slots=True)
class Performance:
    """A window of time. What nobody measured is None."""

    requests: int
    request_errors: int
    average_response_ms: float | None
    p95_response_ms: float | None
    peak_response_ms: float | None
    error_rate_percent: float | None
    throughput_per_minute: float | None
    cpu_average: float | None
    cpu_peak: float | None
    memory_average: float | None
    memory_peak: float | None
    minutes_measured: int
    uptime_percent: float | None


def latest(now: datetime) -> dict[str, Number | None]:
    """Return the figures of the last minute that was measured, by name; nothing once they are five minutes old."""
    recent = SystemMetric.objects.filter(
        period=Period.MINUTE, timestamp__gt=now - FRESH_FOR, timestamp__lte=now
    )
    figures: dict[str, Number | None] = {}
    for data in recent.order_by("timestamp", "pk").values_list("data", flat=True):
        figures.update(data)
    return figures


def period_for(start: datetime, end: datetime) -> SystemMetric.Period:
    """Choose minutes, hours or days: enough points to see something, few enough to read at once."""
    length = end - start
    if length <= MINUTES_UP_TO:
        return Period.MINUTE
    return Period.HOUR if length <= HOURS_UP_TO else Period.DAY


def series(name: str, metric_type: str, start: datetime, end: datetime) -> list[tuple[datetime, Number]]:
    """Return the known values of one figure in the window, oldest first."""
    found = rows(metric_type, start, end)
    return [(moment, data[name]) for moment, data in found if data.get(name) is not None]


def performance(start: datetime, end: datetime) -> Performance:
    """Sum up the window. `uptime_percent` is the share of its minutes in which figures were taken, since the first ever."""
    figures: dict[str, Any] = gathered([data for _moment, data in rows("performance", start, end)])
    minutes = int(figures["minutes"])
    requests = int(figures.get("requests") or 0)
    return Performance(
        requests=requests,
        request_errors=int(figures.get("request_errors") or 0),
        average_response_ms=figures.get("response_time_avg"),
        p95_response_ms=figures.get("response_time_p95"),
        peak_response_ms=figures.get("response_time_max"),
        error_rate_percent=figures.get("error_rate"),
        throughput_per_minute=round(requests / minutes, 3) if minutes else None,
        cpu_average=figures.get("cpu_usage"),
        cpu_peak=figures.get("cpu_usage_max"),
        memory_average=figures.get("memory_usage"),
        memory_peak=figures.get("memory_usage_max"),
        minutes_measured=minutes,
        uptime_percent=_uptime(minutes, start, end),
    )


def rows(metric_type: str, start: datetime, end: datetime) -> list[tuple[datetime, dict[str, Any]]]:
    """Read the window in the coarsest rows that suit it, and in finer ones what is not gathered yet."""
    found: list[tuple[datetime, dict[str, Any]]] = []
    period = period_for(start, end)
    since = _aligned(start, period)
    for each in _COARSE_FIRST[_COARSE_FIRST.index(period) :]:
        of_period = SystemMetric.objects.filter(
            metric_type=metric_type, period=each, timestamp__gte=since, timestamp__lt=end
        )
        found += (part := list(of_period.order_by("timestamp").values_list("timestamp", "data")))
        if part:
            since = _end_of(part[-1][0], each)
    return found


def _aligned(moment: datetime, period: str) -> datetime:
    if period == Period.DAY:
        return day_bounds(rome_day(moment))[0]
    return moment.replace(minute=0, second=0, microsecond=0) if period == Period.HOUR else moment


def _end_of(start: datetime, period: str) -> datetime:
    if period == Period.DAY:
        return day_bounds(rome_day(start))[1]
    return start + timedelta(hours=1) if period == Period.HOUR else start + timedelta(minutes=1)


def _uptime(minutes: int, start: datetime, end: datetime) -> float | None:
    ever = SystemMetric.objects.filter(metric_type="performance", period__in=Period.values)
    first = ever.order_by("timestamp").values_list("timestamp", flat=True).first()
    since = max(_aligned(start, period_for(start, end)), first) if first else end
    passed = int((end - since) / timedelta(minutes=1))
    return round(min(100 * minutes / passed, 100.0), 2) if passed > 0 else None


# Health and score -----------------------------------------------------------------------------------------------

HEALTHY, WARNING, CRITICAL, UNKNOWN = ("healthy", 100), ("warning", 75), ("critical", 25), ("unknown", 0)
_LIMITS = (("cpu_usage", 80, 90), ("memory_usage", 85, 95), ("response_time_avg", 1000, 2000))
_COSTS = (
    ("cpu_average", ((80, 20), (60, 10))),
    ("memory_average", ((85, 20), (70, 10))),
    ("average_response_ms", ((1000, 30), (500, 15))),
)


def health(now: datetime) -> tuple[str, int]:
    """Return the state and its score; unknown without fresh figures of the machine."""
    figures = latest(now)
    read = [(figures.get(name), warn, bad) for name, warn, bad in _LIMITS]
    known = [(value, warn, bad) for value, warn, bad in read if value is not None]
    if not known:
        return UNKNOWN
    if any(value > bad for value, _warn, bad in known):
        return CRITICAL
    return WARNING if any(value > warn for value, warn, _bad in known) else HEALTHY


def performance_score(window: Performance) -> int | None:
    """Return 100 less what the window's averages cost; None when none of them was measured."""
    averages = [(getattr(window, name), steps) for name, steps in _COSTS]
    if all(value is None for value, _steps in averages):
        return None
    return 100 - sum(_cost(value, steps) for value, steps in averages if value is not None)


def _cost(value: float, steps: tuple[tuple[int, int], ...]) -> int:
    return next((cost for limit, cost in steps if value > limit), 0)


def over_minutes(name: str, minutes: int, now: datetime) -> Number | None:
    """Reckon one figure over the last minutes: counts added up, the rest averaged. None when nothing is known."""
    measure = MEASURES.get(name)
    if measure is None:
        return None
    if minutes == 1:
        return latest(now).get(name)
    start = now - timedelta(minutes=minutes)
    known = [value for _moment, value in series(name, measure.metric_type, start, now)]
    if not known:
        return None
    if measure.gather == "last":
        return known[-1]
    return sum(known) if measure.gather == "sum" else round(sum(known) / len(known), 3)
