"""What was given on each day, or in each hour, week or month, of a period. Completed donations only."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, Sum

from donations.models import DonationHour, DonorDay
from donations.queries.sums import euros_of
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.time import month_start, week_start

Bucket = date | datetime
PERIODS = ("hourly", "daily", "weekly", "monthly")


@dataclass(frozen=True, slots=True)
class Given:
    """What was given in a stretch of time, less what went back since."""

    volume: Decimal = ZERO
    count: int = 0

    @property
    def average(self) -> Decimal:
        return to_cents(self.volume / self.count) if self.count else ZERO

    def __add__(self, other: "Given") -> "Given":
        return Given(self.volume + other.volume, self.count + other.count)

    def of(self, metric: str) -> Decimal:
        return {"volume": self.volume, "count": Decimal(self.count), "average": self.average}[metric]


def by_day(period: Period) -> dict[date, Given]:
    """Sum each day of the period; days nothing was given on are there too."""
    rows = (
        DonationHour.objects.filter(day__range=(period.first, period.last))
        .values("day")
        .annotate(total=Sum("amount"), donations=Sum("count"))
        .order_by("day")
    )
    found = {row["day"]: Given(euros_of(row["total"]), row["donations"]) for row in rows}
    return {day: found.get(day, Given()) for day in period.dates}


def by_hour(period: Period) -> dict[Bucket, Given]:
    """Sum each hour of the period in which something was given."""
    rows = DonationHour.objects.filter(day__range=(period.first, period.last), count__gt=0).order_by("hour")
    return {row.hour: Given(row.amount, row.count) for row in rows}


def series(
    period: Period,
    by: str,
    *,
    by_day: Callable[[Period], dict[date, Given]] = by_day,
    by_hour: Callable[[Period], dict[Bucket, Given]] = by_hour,
) -> Mapping[Bucket, Given]:
    """Sum the period by hour, day, week (from its Monday) or month (from its first)."""
    if by == "hourly":
        return by_hour(period)
    starts: dict[str, Callable[[date], date]] = {
        "daily": lambda day: day,
        "weekly": week_start,
        "monthly": month_start,
    }
    return _grouped(by_day(period).items(), starts[by])


def donors_of(*periods: Period) -> list[int]:
    """Count the people who gave in each of the periods."""
    columns = {
        f"period_{number}": Count("donor", distinct=True, filter=Q(day__range=(period.first, period.last)))
        for number, period in enumerate(periods)
    }
    first, last = min(each.first for each in periods), max(each.last for each in periods)
    found = DonorDay.objects.filter(day__range=(first, last)).aggregate(**columns)
    return [found[name] for name in columns]


def _grouped(days: Iterable[tuple[date, Given]], start: Callable[[date], date]) -> dict[Bucket, Given]:
    found: dict[Bucket, Given] = {}
    for day, given in days:
        found[start(day)] = found.get(start(day), Given()) + given
    return found
