"""Where giving goes: day by day, its direction, how much it swings, and its best days."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from donations.queries.analytics.daily import Given, by_day
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.money import to_cents

STEADY = Decimal("0.1")  # a slope within this, either way, is neither up nor down


def trends(period: Period) -> dict[str, Any]:
    return trends_of(by_day(period))


def trends_of(days: Mapping[date, Given]) -> dict[str, Any]:
    volumes, counts = _values(days, "volume"), _values(days, "count")
    return {
        "daily_data": daily_data(days),
        "trends": {
            "volume_trend": direction(volumes),
            "count_trend": direction(counts),
            "volatility": {"volume_std": deviation(volumes), "count_std": deviation(counts)},
        },
        "peak_days": {"highest_volume": _peak(days, "volume"), "highest_count": _peak(days, "count")},
    }


def trend_of(period: Period, metric: str) -> dict[str, Any]:
    """Show one metric only: its days, its direction and how much it swings."""
    days = by_day(period)
    values = _values(days, metric)
    return {
        "metric": metric,
        "daily_data": daily_data(days),
        "trend_direction": direction(values),
        "slope": slope(values).quantize(Decimal("0.0001")),
        "volatility": deviation(values),
        "peak_day": _peak(days, metric),
    }


def daily_data(days: Mapping[date, Given]) -> list[dict[str, Any]]:
    return [
        {"date": day, "volume": given.volume, "count": given.count, "average": given.average}
        for day, given in days.items()
    ]


def slope(values: Sequence[Decimal]) -> Decimal:
    """Return by how much the values rise a day: the slope of the least-squares line."""
    count = len(values)
    if count < 2:
        return Decimal(0)
    middle, mean = Decimal(count - 1) / 2, sum(values, Decimal(0)) / count
    rise = sum(((number - middle) * (value - mean) for number, value in enumerate(values)), Decimal(0))
    return rise / sum(((number - middle) ** 2 for number in range(count)), Decimal(0))


def direction(values: Sequence[Decimal]) -> str:
    rise = slope(values)
    if rise > STEADY:
        return "increasing"
    return "decreasing" if rise < -STEADY else "stable"


def deviation(values: Sequence[Decimal]) -> Decimal:
    """Return the standard deviation of the days, in cents: all of them are known, so nothing is estimated."""
    if not values:
        return Decimal("0.00")
    mean = sum(values, Decimal(0)) / len(values)
    return to_cents((sum(((value - mean) ** 2 for value in values), Decimal(0)) / len(values)).sqrt())


def _values(days: Mapping[date, Given], metric: str) -> list[Decimal]:
    return [given.of(metric) for given in days.values()]


def _peak(days: Mapping[date, Given], metric: str) -> dict[str, Any] | None:
    """Return the best day, the earliest of equals; None when nothing was given at all."""
    best = max(days, key=lambda day: (days[day].of(metric), -day.toordinal()), default=None)
    if best is None or not days[best].count:
        return None
    value = days[best].count if metric == "count" else days[best].of(metric)
    return {"date": best, "value": value}
