"""How large donations are: medians, percentiles and groups, exact to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.db.models import Sum

from donations.models import DonationValueDay
from donations.queries.sums import euros_of
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.money import ZERO, to_cents

# Each group's name and the amount it ends before; 100 itself still is in the third.
GROUPS: Sequence[tuple[str, Decimal]] = (
    ("under_10", Decimal("10.00")),
    ("10_to_50", Decimal("50.00")),
    ("50_to_100", Decimal("100.01")),
)
BEYOND = "over_100"


@dataclass(frozen=True, slots=True)
class Values:
    """How many donations there are of each amount, the smallest first."""

    counts: tuple[tuple[Decimal, int], ...]

    @property
    def count(self) -> int:
        return sum(count for _amount, count in self.counts)

    @property
    def total(self) -> Decimal:
        return sum((amount * count for amount, count in self.counts), ZERO)

    @property
    def average(self) -> Decimal | None:
        return to_cents(self.total / self.count) if self.counts else None

    @property
    def median(self) -> Decimal | None:
        """Return the middle amount; of an even number, the mean of the two in the middle."""
        if not self.counts:
            return None
        low, high = self.at((self.count + 1) // 2), self.at(self.count // 2 + 1)
        return to_cents((low + high) / 2)

    @property
    def deviation(self) -> Decimal | None:
        if not self.counts:
            return None
        mean = self.total / self.count
        squares = sum(((amount - mean) ** 2 * count for amount, count in self.counts), Decimal(0))
        return to_cents((squares / self.count).sqrt())

    def percentile(self, percent: int) -> Decimal | None:
        """Return the smallest amount that so many percent of the donations do not exceed."""
        if not self.counts:
            return None
        rank = (Decimal(self.count) * percent / 100).to_integral_value(ROUND_CEILING)
        return self.at(max(1, int(rank)))

    def at(self, rank: int) -> Decimal:
        """Return the amount of the donation in this place, the smallest being in the first."""
        seen = 0
        for amount, count in self.counts:
            seen += count
            if seen >= rank:
                return amount
        raise IndexError(rank)


def values(period: Period) -> Values:
    rows = (
        DonationValueDay.objects.filter(day__range=(period.first, period.last))
        .values("amount")
        .annotate(donations=Sum("count"))
        .order_by("amount")
    )
    return Values(tuple((euros_of(row["amount"]), row["donations"]) for row in rows))


def value_distribution(found: Values) -> dict[str, int]:
    groups = dict.fromkeys((*(name for name, _below in GROUPS), BEYOND), 0)
    for amount, count in found.counts:
        groups[_group(amount)] += count
    return groups


def volume_analysis(found: Values) -> dict[str, Any]:
    smallest, largest = (found.counts[0][0], found.counts[-1][0]) if found.counts else (None, None)
    return {
        "total_volume": found.total,
        "average_amount": found.average,
        "median_amount": found.median,
        "min_amount": smallest,
        "max_amount": largest,
        "standard_deviation": found.deviation,
        "percentiles": {f"{percent}th": found.percentile(percent) for percent in (25, 75, 90)},
    }


def _group(amount: Decimal) -> str:
    return next((name for name, below in GROUPS if amount < below), BEYOND)
