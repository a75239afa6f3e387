"""The figures that head every financial report, beside those of as many days before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from accounts.models import User
from donations.queries.analytics.daily import Given, by_day, donors_of
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.money import CENT, to_cents


@dataclass(frozen=True, slots=True)
class Core:
    current: Given
    previous: Given
    donors: int
    previous_donors: int
    users: int


def growth(current: Decimal | int, previous: Decimal | int) -> Decimal | None:
    """Return the change in percent; None when there was nothing before to compare with."""
    return share(Decimal(current) - Decimal(previous), previous)


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Return a part in percent of the whole, two decimals; None of nothing."""
    if not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(CENT, rounding=ROUND_HALF_UP)


def core(
    period: Period,
    *,
    by_day: Callable[[Period], dict[date, Given]] = by_day,
    donors_of: Callable[..., list[int]] = donors_of,
) -> Core:
    """Sum the period and the one before; count its donors and all people who may give."""
    days = by_day(Period(period.before.first, period.last))
    donors, previous_donors = donors_of(period, period.before)
    return Core(
        current=sum((given for day, given in days.items() if day >= period.first), Given()),
        previous=sum((given for day, given in days.items() if day < period.first), Given()),
        donors=donors,
        previous_donors=previous_donors,
        users=User.objects.filter(is_active=True, is_staff=False).count(),
    )


def core_metrics(period: Period) -> dict[str, Any]:
    found = core(period)
    now, then = found.current, found.previous
    return {
        "total_volume": _compared(now.volume, then.volume),
        "total_donations": _compared(now.count, then.count),
        "average_donation": {"current": now.average, "previous": then.average},
        "unique_donors": found.donors,
        "conversion_rate": share(found.donors, found.users),
        "donations_per_donor": to_cents(Decimal(now.count) / found.donors) if found.donors else None,
    }


def _compared(current: Decimal | int, previous: Decimal | int) -> dict[str, Any]:
    return {"current": current, "previous": previous, "growth_rate": growth(current, previous)}
