"""Who gives: groups of donors, how they behave, and whether they come back."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum

from donations.models import DonorDay
from donations.queries.analytics.core import share
from donations.queries.analytics.values import Values, value_distribution, values
from donations.queries.sums import euros_of
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.money import ZERO, to_cents

HIGH_VALUE = Decimal(100)
FREQUENT = 5
SEGMENTS: dict[str, Q] = {
    "new_donors": Q(times=1),
    "returning_donors": Q(times__gt=1),
    "high_value": Q(total__gt=HIGH_VALUE),
    "frequent_donors": Q(times__gt=FREQUENT),
}


def user_analytics(period: Period, segment: str = "") -> dict[str, Any]:
    """Group the period's donors; with a segment, how the donors of it alone behave."""
    return behaviour(donor_sums(period), values(period), retention(period), segment)


def behaviour(donors: Any, spread: Values, retained: Decimal | None, segment: str = "") -> dict[str, Any]:
    """Tell how donors behave: of each, how often and how much in all."""
    found = _by_segment(donors)
    shown = {name: found[name] for name in SEGMENTS if segment in ("", name)}
    times, total, people = (
        (found[f"{segment}_times"], found[f"{segment}_total"], found[segment])
        if segment
        else (found["all_times"], found["all_total"], found["people"])
    )
    return {
        "total_active_donors": found["people"],
        "user_segments": shown,
        "behavior_metrics": {
            "average_donations_per_user": _ratio(Decimal(times or 0), people),
            "average_value_per_user": _ratio(euros_of(total), people),
            "median_donation_value": spread.median,
            "retention_rate": retained,
        },
        "value_distribution": value_distribution(spread),
    }


def retention(period: Period) -> Decimal | None:
    """Return what share of those who gave in the period before gave again in this one, in percent."""
    again = DonorDay.objects.filter(donor=OuterRef("donor"), day__range=(period.first, period.last))
    before = DonorDay.objects.filter(day__range=(period.before.first, period.before.last)).order_by()
    people = before.values("donor").distinct().annotate(again=Exists(again))
    found = people.aggregate(all=Count("donor"), back=Count("donor", filter=Q(again=True)))
    return share(found["back"], found["all"])


def donor_sums(period: Period) -> Any:
    """Sum how often and how much each donor of the period gave."""
    rows = DonorDay.objects.filter(day__range=(period.first, period.last)).order_by()
    return rows.values("donor").annotate(times=Sum("count"), total=Sum("amount"))


def _by_segment(donors: Any) -> dict[str, Any]:
    """Count the donors of each segment, and sum what they gave."""
    wanted: dict[str, Any] = {"people": Count("donor"), "all_times": Sum("times"), "all_total": Sum("total")}
    for name, condition in SEGMENTS.items():
        wanted[name] = Count("donor", filter=condition)
        wanted[f"{name}_times"] = Sum("times", filter=condition)
        wanted[f"{name}_total"] = Sum("total", filter=condition)
    return donors.aggregate(**wanted)


def _ratio(whole: Decimal, people: int) -> Decimal:
    return to_cents(whole / people) if people else ZERO
