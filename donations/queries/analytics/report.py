"""The custom report: what was asked for, of a period, grouped as asked."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from donations.queries.analytics.core import core, growth, share
from donations.queries.analytics.daily import Bucket, Given, by_day, by_hour, donors_of, series
from donations.queries.analytics.trends import trends_of
from donations.queries.analytics.users import behaviour, donor_sums, retention
from donations.queries.analytics.values import Values, value_distribution, values, volume_analysis
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.money import CENT

METRICS = ("volume", "count", "average", "growth_rate", "conversion_rate", "distribution")


class Source(Protocol):
    """Where the sums of a report come from: the rollups, or some of the donations."""

    def by_day(self, period: Period) -> dict[date, Given]: ...
    def by_hour(self, period: Period) -> dict[Bucket, Given]: ...
    def donors_of(self, *periods: Period) -> list[int]: ...
    def values(self, period: Period) -> Values: ...
    def donor_sums(self, period: Period) -> Any: ...
    def retention(self, period: Period) -> Decimal | None: ...


class Rollups:
    """All completed donations."""

    by_day = staticmethod(by_day)
    by_hour = staticmethod(by_hour)
    donors_of = staticmethod(donors_of)
    values = staticmethod(values)
    donor_sums = staticmethod(donor_sums)
    retention = staticmethod(retention)


ALL: Source = Rollups()


def custom_metrics(period: Period, metrics: Iterable[str], by: str, source: Source = ALL) -> dict[str, Any]:
    """Show the metrics asked for: of the period, and of each hour, day, week or month of it."""
    found = core(period, by_day=source.by_day, donors_of=source.donors_of)
    now, then = found.current, found.previous
    shown: dict[str, Any] = {
        "volume": now.volume,
        "count": now.count,
        "average": now.average,
        "growth_rate": {"volume": growth(now.volume, then.volume), "count": growth(now.count, then.count)},
        "conversion_rate": share(found.donors, found.users),
    }
    asked = [name for name in METRICS if name in set(metrics)]
    answer = {name: shown[name] for name in asked if name in shown}
    if "distribution" in asked:
        answer["distribution"] = value_distribution(source.values(period))
    return answer | {"series": grouped(period, by, source)}


def grouped(period: Period, by: str, source: Source = ALL) -> list[dict[str, Any]]:
    found = series(period, by, by_day=source.by_day, by_hour=source.by_hour)
    return [
        {"start": start.isoformat(), "volume": given.volume, "count": given.count, "average": given.average}
        for start, given in found.items()
    ]


def custom_report(period: Period, metrics: Iterable[str], by: str, source: Source = ALL) -> dict[str, Any]:
    """Analyse volume, count, donors and trend of the period, and show what was asked for beside it."""
    found, shown = source.values(period), trends_of(source.by_day(period))
    best = shown["peak_days"]["highest_count"]
    return {
        "metrics": custom_metrics(period, metrics, by, source),
        "volume_analysis": volume_analysis(found),
        "transaction_count_analysis": {
            "total_transactions": found.count,
            "daily_average": _per(found.count, period.days),
            "peak_day_transactions": best["value"] if best else 0,
            "transactions_per_hour": _per(found.count, period.days * 24),
        },
        "user_behavior_analysis": behaviour(source.donor_sums(period), found, source.retention(period)),
        "trend_analysis": shown,
    }


def _per(count: int, units: int) -> Decimal:
    return (Decimal(count) / units).quantize(CENT)
