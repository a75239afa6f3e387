"""Whether people who registered in the same month gave, and kept giving, in the months after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count
from django.db.models.functions import TruncDate, TruncMonth

from accounts.models import User
from donations.models import DonorDay
from donations.queries.analytics.core import share
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.time import ROME, day_start, month_start, next_month, rome_day

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Cohort:
    """The people who registered in a month, and how many of them gave in that month, in the next, and so on."""

    month: date
    people: int
    donors: tuple[int, ...]

    @property
    def shares(self) -> tuple[Decimal | None, ...]:
        return tuple(share(donors, self.people) for donors in self.donors)


def months_until(last: date, count: int = MONTHS) -> list[date]:
    """Return the first days of so many months, the last one's month being the last."""
    months = [month_start(last)]
    while len(months) < count:
        earlier = months[0]
        months.insert(0, date(earlier.year - (earlier.month == 1), (earlier.month - 2) % 12 + 1, 1))
    return months


def cohorts(last: date, count: int = MONTHS) -> list[Cohort]:
    """Follow those who registered in the last months up to the month of `last`."""
    months = months_until(last, count)
    registered = registrations(months)
    gave: dict[tuple[date, date], int] = {
        (row["cohort"], row["month"]): row["donors"]
        for row in DonorDay.objects.filter(
            cohort__gte=months[0], day__gte=months[0], day__lt=next_month(months[-1])
        )
        .values("cohort", month=TruncMonth("day"))
        .annotate(donors=Count("donor", distinct=True))
        .order_by("cohort", "month")
    }
    return [
        Cohort(month, registered[month], tuple(gave.get((month, later), 0) for later in months[number:]))
        for number, month in enumerate(months)
    ]


def registrations(months: Sequence[date]) -> dict[date, int]:
    """Count the people who registered in each of the months, which follow each other."""
    rows = (
        User.objects.filter(
            is_staff=False,
            created_at__gte=day_start(months[0]),
            created_at__lt=day_start(next_month(months[-1])),
        )
        .values(month=TruncMonth("created_at", tzinfo=ROME))
        .annotate(people=Count("pk"))
        .order_by("month")
    )
    found = {rome_day(row["month"]): row["people"] for row in rows}
    return {month: found.get(month, 0) for month in months}


def registered_by_day(period: Period) -> list[int]:
    start, end = period.bounds
    rows = User.objects.filter(is_staff=False, created_at__gte=start, created_at__lt=end)
    grouped = rows.values(day=TruncDate("created_at", tzinfo=ROME)).annotate(people=Count("pk"))
    found = {row["day"]: row["people"] for row in grouped.order_by("day")}
    return [found.get(day, 0) for day in period.dates]
