"""The financial analytics as they are asked for: brought up to date, made once a quarter of an hour, and stamped.

A donation, a refund or a payment drops what was made before it (donations.receivers).
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.core.serializers.json import DjangoJSONEncoder

from donations.forecasting import moving_average
from donations.forecasting.outlook import Day, Outlook, outlook
from donations.models import DonationHour
from donations.operations import rollups
from donations.queries.analytics.cohorts import cohorts
from donations.queries.analytics.core import core_metrics
from donations.queries.analytics.daily import by_day
from donations.queries.analytics.narrowed import Narrowing
from donations.queries.analytics.payments import payment_analytics
from donations.queries.analytics.performance import performance
from donations.queries.analytics.report import ALL, custom_metrics, custom_report
from donations.queries.analytics.trends import trend_of, trends
from donations.queries.analytics.users import user_analytics
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.money import CENT, to_cents
from goodplay.lib.time import rome_day

CACHED_FOR = 15 * 60  # seconds
GENERATION = "analytics:generation"
HISTORY_DAYS = 90
WEEK = 7
METRICS = ("volume", "count", "average")


def dashboard(period: Period, now: datetime) -> dict[str, Any]:
    return _once("dashboard", {"period": period.bounds}, now, lambda: _sections(period, now))


def metrics(period: Period, names: Sequence[str], by: str, now: datetime) -> dict[str, Any]:
    asked = {"period": period.bounds, "names": sorted(names), "by": by}
    return _once("metrics", asked, now, lambda: {"metrics": custom_metrics(period, names, by), "period": by})


def trend(period: Period, metric: str, now: datetime) -> dict[str, Any]:
    asked = {"period": period.bounds, "metric": metric}
    return _once("trend", asked, now, lambda: trend_of(period, metric))


def users(period: Period, segment: str, now: datetime) -> dict[str, Any]:
    asked = {"period": period.bounds, "segment": segment}
    made = lambda: user_analytics(period, segment) | {"cohorts": cohort_table(period.last)}  # noqa: E731
    return _once("users", asked, now, made)


def payments(period: Period, method: str, now: datetime) -> dict[str, Any]:
    asked = {"period": period.bounds, "method": method}
    return _once("payments", asked, now, lambda: payment_analytics(period, method))


def report(
    period: Period, names: Sequence[str], by: str, now: datetime, filters: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    asked = {"period": period.bounds, "names": sorted(names), "by": by, "filters": dict(filters or {})}
    source = Narrowing.of(filters or {}) or ALL
    return _once("report", asked, now, lambda: custom_report(period, names, by, source))


def forecast(metric: str, days: int, now: datetime) -> dict[str, Any]:
    return _once("forecast", {"metric": metric, "days": days}, now, lambda: _forecast(metric, days, now))


def forget() -> None:
    """Let nothing made up to now be shown again."""
    try:
        cache.incr(GENERATION)
    except ValueError:
        cache.set(GENERATION, 1, None)


def outlook_of(metric: str, days: int, now: datetime) -> Outlook | None:
    """Predict from the days that ended; None while there are fewer than seven since the first donation."""
    history = _history(metric, rome_day(now))
    try:
        return outlook(history, first=rome_day(now), days=days)
    except moving_average.TooShort:
        return None


def cohort_table(last: date) -> list[dict[str, Any]]:
    return [
        {
            "month": cohort.month,
            "registered": cohort.people,
            "donors": list(cohort.donors),
            "retention": list(cohort.shares),
        }
        for cohort in cohorts(last)
    ]


def _sections(period: Period, now: datetime) -> dict[str, Any]:
    start, end = period.bounds
    return {
        "core_metrics": core_metrics(period),
        "trends": trends(period),
        "user_analytics": user_analytics(period),
        "payment_analytics": payment_analytics(period),
        "performance_metrics": performance(now, hours=24),
        "forecasting": _forecast_section(now),
        "period": {"start_date": start, "end_date": end, "days": period.days},
    }


def _history(metric: str, today: date) -> list[Decimal]:
    """Return the days that ended, up to ninety, from the first donation on."""
    first = DonationHour.objects.order_by("hour").values_list("day", flat=True).first()
    if first is None or first >= today:
        return []
    period = Period(max(first, today - timedelta(days=HISTORY_DAYS)), today - timedelta(days=1))
    return [given.of(metric) for given in by_day(period).values()]


def _forecast_section(now: datetime) -> dict[str, Any]:
    """Show the coming week as the dashboard's section names it."""
    found = outlook_of("volume", WEEK, now)
    if found is None:
        return _too_short(now)
    return {
        "forecasts": [
            {"date": day.date, "predicted_volume": to_cents(day.value), "confidence": day.confidence}
            for day in found.days
        ],
        "methodology": moving_average.METHOD,
        "confidence_note": _note(found),
        "next_week_total": to_cents(found.next_week_total),
        "growth_rate_daily": found.growth.quantize(Decimal("0.0001")),
        "accuracy": _accuracy(found),
    }


def _forecast(metric: str, days: int, now: datetime) -> dict[str, Any]:
    found = outlook_of(metric, days, now)
    if found is None:
        return _too_short(now)
    bands = [day for day in found.days if day.lower is not None]
    return {
        "metric": metric,
        "forecast_data": [_predicted(metric, day) for day in found.days],
        "methodology": moving_average.METHOD,
        "confidence_intervals": {
            "lower": [_rounded(day.lower) for day in bands],
            "upper": [_rounded(day.upper) for day in bands],
        },
        "growth_rate_daily": found.growth.quantize(Decimal("0.0001")),
        "accuracy": _accuracy(found),
    }


def _predicted(metric: str, day: Day) -> dict[str, Any]:
    return {"date": day.date, f"predicted_{metric}": to_cents(day.value), "confidence": day.confidence} | {
        "lower": _rounded(day.lower),
        "upper": _rounded(day.upper),
    }


def _accuracy(found: Outlook) -> dict[str, Any]:
    """Say what the method got wrong on the days that are known."""
    past = found.past
    return {
        "predictions_checked": past.count,
        "mean_absolute_error": _rounded(past.mean_absolute_error),
        "mean_absolute_percentage_error": _rounded(past.mean_absolute_percentage_error),
    }


def _note(found: Outlook) -> str:
    error = _rounded(found.past.mean_absolute_percentage_error)
    if error is None:
        return "Not checked yet: there are no earlier days to predict."
    return f"Earlier predictions were {error} % off on average ({found.past.count} checked)."


def _too_short(now: datetime) -> dict[str, Any]:
    known = len(_history("volume", rome_day(now)))
    return {"error": "INSUFFICIENT_HISTORY", "days_needed": moving_average.WEEK, "days_known": known}


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(CENT)


def _once(
    name: str, asked: Mapping[str, Any], now: datetime, make: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Return what was made for the same question within the quarter of an hour, or make it."""
    written = json.dumps({**asked, "day": rome_day(now)}, cls=DjangoJSONEncoder, sort_keys=True)
    digest = hashlib.sha256(written.encode()).hexdigest()[:32]
    key = f"analytics:{cache.get(GENERATION, 0)}:{name}:{digest}"
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        rollups.roll_up(now=now)
        found = make() | {"generated_at": now}
        cache.set(key, found, CACHED_FOR)
    return found
