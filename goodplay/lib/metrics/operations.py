"""Taking the figures of a minute, and gathering minutes into hours and days."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from goodplay.lib.db import try_transaction_lock
from goodplay.lib.metrics import machine
from goodplay.lib.metrics.durations import Durations
from goodplay.lib.metrics.models import RequestTally, RouteTotal, SystemMetric
from goodplay.lib.metrics.registry import MEASURES, Number
from goodplay.lib.time import day_bounds, rome_day

logger = structlog.get_logger("goodplay.metrics")

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LATE_AFTER = timedelta(minutes=2)  # what was counted before belongs to no current minute any more
# Pages that add up much: the boards of the back office, and those of the API.
BACK_OFFICE = "GET admin/"
COUNTED = ("failed_logins",)
Figures = dict[str, Number | None]
Type, Period = SystemMetric.Type, SystemMetric.Period


@transaction.atomic
def collect(*, now: datetime) -> int:
    """Keep the figures of the minute that begins at `now`'s, and return how many are known.

    Reads and takes away what all processes counted. A twin of the same minute changes nothing.
    """
    minute = now.replace(second=0, microsecond=0)
    if not try_transaction_lock("metrics") or _taken(minute):
        return 0
    before = SystemMetric.objects.filter(metric_type=Type.PERFORMANCE, period=Period.MINUTE)
    last = before.order_by("-timestamp").values_list("tags", flat=True).first()
    reading = machine.reading()
    figures: Figures = {**machine.figures(reading, last), **_requests(now), **_declared(now)}
    _store(figures, minute, Period.MINUTE, tags=reading)
    return sum(value is not None for value in figures.values())


def _taken(minute: datetime) -> bool:
    return SystemMetric.objects.filter(period=Period.MINUTE, timestamp=minute).exists()


def _declared(now: datetime) -> Figures:
    figures: Figures = {}
    for measure in MEASURES.values():
        if measure.read is not None:
            try:
                with transaction.atomic():
                    figures[measure.name] = measure.read(now)
            except Exception:
                # One figure that cannot be read is not known; the others are.
                logger.exception("a figure could not be read", measure=measure.name)
                figures[measure.name] = None
    return figures


def _requests(now: datetime) -> Figures:
    tallies = list(RequestTally.objects.filter(ended_at__lte=now).order_by("pk"))
    _add_to_totals(tallies, now)
    fresh = [tally for tally in tallies if tally.ended_at > now - LATE_AFTER]
    routes, counts = _merged(fresh), _counted(fresh)
    RequestTally.objects.filter(pk__in=[tally.pk for tally in tallies]).delete()
    every = _together(routes.values())
    api = _together(each for route, each in routes.items() if _address(route).startswith("api/"))
    boards = _together(each for route, each in routes.items() if _is_board(route))
    looked_up = counts["board_cache_hit"] + counts["board_cache_miss"]
    return {
        "requests": every.count,
        "request_errors": every.errors,
        "response_time_total": round(every.total_ms, 3),
        "response_time_avg": _rounded(every.average_ms),
        "response_time_p95": _rounded(every.percentile_ms(95)),
        "response_time_max": _rounded(every.longest_ms) if every.count else None,
        "error_rate": _rounded(every.error_percent),
        "api_error_rate": _rounded(api.error_percent),
        "dashboard_load_time": _rounded(boards.percentile_ms(95)),
        "cache_hit_rate": _rounded(100 * counts["board_cache_hit"] / looked_up) if looked_up else None,
        **{name: counts[name] for name in COUNTED},
    }


def _merged(tallies: Iterable[RequestTally]) -> dict[str, Durations]:
    routes: dict[str, Durations] = defaultdict(Durations)
    for tally in tallies:
        for route, row in tally.routes.items():
            routes[route].merge(Durations.from_row(row))
    return routes


def _counted(tallies: Iterable[RequestTally]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for tally in tallies:
        counts.update(tally.counts)
    return counts


def _address(route: str) -> str:
    return route.partition(" ")[2].lstrip("^")


def _is_board(route: str) -> bool:
    return route == BACK_OFFICE or (route.startswith("GET ") and "dashboard" in route)


def _together(parts: Iterable[Durations]) -> Durations:
    whole = Durations()
    for part in parts:
        whole.merge(part)
    return whole


def _add_to_totals(tallies: list[RequestTally], now: datetime) -> None:
    routes = _merged(tallies)
    known = RouteTotal.objects.in_bulk(list(routes))
    rows = []
    for route, more in routes.items():
        row = known.get(route) or RouteTotal(route=route[:300], buckets=Durations().buckets)
        row.requests += more.count
        row.errors += more.errors
        row.refusals += more.refusals
        row.total_ms += more.total_ms
        row.buckets = [own + added for own, added in zip(row.buckets, more.buckets, strict=True)]
        row.updated_at = now
        rows.append(row)
    columns = ["requests", "errors", "refusals", "total_ms", "buckets", "updated_at"]
    RouteTotal.objects.bulk_create(
        rows, update_conflicts=True, update_fields=columns, unique_fields=["route"]
    )


def _store(figures: Figures, timestamp: datetime, period: str, *, tags: dict[str, Any]) -> None:
    """Write one row a type. What hours and days are reckoned from stands beside the figures it belongs to."""
    by_type: dict[str, Figures] = {Type.PERFORMANCE: {}}
    for name, value in figures.items():
        measure = MEASURES.get(name)
        by_type.setdefault(measure.metric_type if measure else Type.PERFORMANCE, {})[name] = value
    SystemMetric.objects.bulk_create(
        SystemMetric(
            metric_type=metric_type,
            period=period,
            timestamp=timestamp,
            data=data,
            tags=tags if metric_type == Type.PERFORMANCE else {},
        )
        for metric_type, data in by_type.items()
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


# Hours and days -------------------------------------------------------------------------------------------------


def roll_up(*, now: datetime) -> str:
    """Gather the hours and the days (of Rome) that are over and not gathered yet, a fortnight back at most."""
    hours = [_gather_hour(start) for start in _hours_due(now)]
    days = [_gather_day(start, end) for start, end in _days_due(now)]
    return f"{sum(hours)} hours, {sum(days)} days"


def _hours_due(now: datetime) -> list[datetime]:
    this = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return _not_gathered(Period.MINUTE, Period.HOUR, [this - HOUR * back for back in range(1, 24 * 14)])


def _days_due(now: datetime) -> list[tuple[datetime, datetime]]:
    today = rome_day(now)
    days = [day_bounds(today - timedelta(days=back)) for back in range(1, 15)]
    due = set(_not_gathered(Period.HOUR, Period.DAY, [start for start, _end in days]))
    return [(start, end) for start, end in days if start in due]


def _not_gathered(fine: str, coarse: str, starts: list[datetime]) -> list[datetime]:
    done = set(
        SystemMetric.objects.filter(period=coarse, timestamp__gte=starts[-1]).values_list(
            "timestamp", flat=True
        )
    )
    oldest = SystemMetric.objects.filter(period=fine, timestamp__gte=starts[-1]).order_by("timestamp")
    first = oldest.values_list("timestamp", flat=True).first()
    if first is None:
        return []
    length = starts[0] - starts[1] if len(starts) > 1 else HOUR
    return [start for start in starts if start not in done and start > first - length]


def _gather_hour(start: datetime) -> bool:
    return _gather(Period.MINUTE, Period.HOUR, start, start + HOUR)


def _gather_day(start: datetime, end: datetime) -> bool:
    return _gather(Period.HOUR, Period.DAY, start, end)


@transaction.atomic
def _gather(fine: str, coarse: str, start: datetime, end: datetime) -> bool:
    rows = SystemMetric.objects.filter(period=fine, timestamp__gte=start, timestamp__lt=end)
    by_type: dict[str, list[Figures]] = defaultdict(list)
    for row in rows.order_by("timestamp"):
        by_type[row.metric_type].append(row.data)
    made = SystemMetric.objects.bulk_create(
        (
            SystemMetric(metric_type=kind, period=coarse, timestamp=start, data=gathered(parts))
            for kind, parts in by_type.items()
        ),
        ignore_conflicts=True,
    )
    return bool(made)


def gathered(parts: list[Figures]) -> Figures:
    """Gather the figures of consecutive stretches: `minutes` says how many minutes were measured."""
    names = sorted({name for part in parts for name in part if name != "minutes"})
    whole: Figures = {name: _one(name, parts) for name in names}
    for name in names:
        measure = MEASURES.get(name)
        if measure and measure.gather == "average" and not name.endswith("_max"):
            highest = [part.get(f"{name}_max", part.get(name)) for part in parts]
            whole[f"{name}_max"] = max((value for value in highest if value is not None), default=None)
    _of_requests(whole)
    whole["minutes"] = sum(part.get("minutes", 1) or 0 for part in parts)
    return whole


def _one(name: str, parts: list[Figures]) -> Number | None:
    measure = MEASURES.get(name)
    gather = "sum" if name == "response_time_total" else measure.gather if measure else "average"
    known = [(value, part.get("minutes") or 1) for part in parts if (value := part.get(name)) is not None]
    if not known:
        return None
    if gather == "sum":
        return round(sum(value for value, _minutes in known), 3)
    if gather == "last":
        return known[-1][0]
    if name.endswith("_max"):
        return max(value for value, _minutes in known)
    return round(sum(value * minutes for value, minutes in known) / sum(m for _value, m in known), 3)


def _of_requests(whole: Figures) -> None:
    """Averages of requests weigh each request, not each minute."""
    requests, errors, total = (
        whole.get(name) for name in ("requests", "request_errors", "response_time_total")
    )
    if requests:
        whole["response_time_avg"] = round((total or 0) / requests, 3)
        whole["error_rate"] = round(100 * (errors or 0) / requests, 3)
