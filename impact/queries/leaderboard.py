"""Who gave most, among those who want to be seen, and which organisations received most."""

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.models import Donation
from donations.queries.sums import euros_of, sum_kept
from goodplay.lib.money import ZERO
from goodplay.lib.time import day_start, month_start, rome_day, week_start


class Period(TextChoices):
    DAILY = "daily", _("Today")
    WEEKLY = "weekly", _("This week")
    MONTHLY = "monthly", _("This month")
    YEARLY = "yearly", _("This year")
    ALL_TIME = "all_time", _("All time")


class Metric(TextChoices):
    TOTAL_DONATED = "total_donated", _("Euros donated")
    DONATION_COUNT = "donation_count", _("Number of donations")
    ONLUS_DIVERSITY = "onlus_diversity", _("ONLUS supported")
    IMPACT_SCORE = "impact_score", _("Impact score")


class Row(TypedDict):
    rank: int
    user_id: UUID
    user_name: str
    total_donated: Decimal
    donation_count: int
    onlus_diversity: int
    impact_score: Decimal


# A board shows a name beside figures to everybody: the player must have opened all three, in so many words.
CONSENT = {
    "leaderboard_participation": True,
    "profile_visibility": "public",
    "impact_score_visibility": "public",
}
TAKES_PART = Q(
    donor__is_active=True,
    **{f"donor__preferences__privacy__{name}": value for name, value in CONSENT.items()},
)


def _taking_part(user_ids: list[Any]) -> list[tuple[UUID, str]]:
    people = User.objects.filter(
        pk__in=user_ids,
        is_active=True,
        **{f"preferences__privacy__{name}": value for name, value in CONSENT.items()},
    )
    return list(people.values_list("pk", "display_name"))


def top_donors(period: Period, metric: Metric, *, limit: int, now: datetime) -> list[Row]:
    """List the donors who take part, best first; equals share a rank. Anonymous donations stay out of it."""
    rows = _by_donor(period, now).filter(TAKES_PART).order_by(F(metric.value).desc(nulls_last=True), "donor")
    named = rows.annotate(user_name=F("donor__display_name"))
    listed: list[Row] = []
    for number, row in enumerate(named[:limit], 1):
        entry = _row(row, rank=number)
        if listed and listed[-1][metric.value] == entry[metric.value]:  # type: ignore[literal-required]
            entry["rank"] = listed[-1]["rank"]
        listed.append(entry)
    return listed


def donors_between(start: datetime, end: datetime, *, limit: int) -> list[dict[str, Any]]:
    """List who gave most in a period among those who take part today, without a name: that is asked for when it is shown."""
    given = Donation.objects.completed().filter(
        TAKES_PART, is_anonymous=False, completed_at__gte=start, completed_at__lt=end
    )
    rows = given.order_by().values("donor").annotate(total=sum_kept()).order_by("-total", "donor")
    return [{"user_id": row["donor"], "total_donated": euros_of(row["total"])} for row in rows[:limit]]


def named(contributors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the contributors of a report their names; who no longer takes part, or is gone, is left out."""
    names = dict(_taking_part([each["user_id"] for each in contributors]))
    shown = [each for each in contributors if UUID(str(each["user_id"])) in names]
    totals = [each["total_donated"] for each in shown]
    return [
        {
            "rank": totals.index(each["total_donated"]) + 1,
            "user_id": each["user_id"],
            "user_name": names[UUID(str(each["user_id"]))],
            "total_donated": each["total_donated"],
        }
        for each in shown
    ]


def own_position(user_id: UUID, period: Period, metric: Metric, *, now: datetime) -> dict[str, Any] | None:
    """Return where the donor is, or would be, on the board; None without a donation in the period."""
    donors = _by_donor(period, now)
    own = next(iter(donors.filter(donor=user_id)), None)
    if own is None:
        return None
    value = own[metric.value] or ZERO
    better = donors.filter(TAKES_PART).exclude(donor=user_id).filter(**{f"{metric.value}__gt": value})
    figures = {name: own[name] if own[name] is not None else ZERO for name in Metric.values}
    return {"rank": better.count() + 1, "user_id": user_id, **figures}


def top_organisations(period: Period, *, limit: int, now: datetime) -> list[dict[str, Any]]:
    """List the public organisations by what they received and kept, anonymous donations included."""
    rows = (
        _completed(period, now)
        .filter(onlus__in=Onlus.objects.public())
        .order_by()
        .values("onlus_id", name=F("onlus__name"))
        .annotate(total_received=sum_kept(), donors_count=Count("donor", distinct=True))
        .order_by("-total_received", "onlus_id")
    )
    ranked: list[dict[str, Any]] = []
    for number, row in enumerate(rows[:limit], 1):
        tied = bool(ranked) and ranked[-1]["total_received"] == row["total_received"]
        ranked.append({"rank": ranked[-1]["rank"] if tied else number, **row})
    return ranked


def period_start(period: Period, now: datetime) -> datetime | None:
    """Return when the running period of the Rome calendar began; None for all time."""
    today = rome_day(now)
    firsts = {
        Period.DAILY: today,
        Period.WEEKLY: week_start(today),
        Period.MONTHLY: month_start(today),
        Period.YEARLY: today.replace(month=1, day=1),
    }
    return day_start(firsts[period]) if period in firsts else None


def _completed(period: Period, now: datetime) -> "QuerySet[Donation]":
    donations = Donation.objects.completed()
    start = period_start(period, now)
    return donations if start is None else donations.filter(completed_at__gte=start)


def _by_donor(period: Period, now: datetime) -> Any:
    return (
        _completed(period, now)
        .filter(is_anonymous=False)
        .order_by()
        .values("donor")
        .annotate(
            total_donated=sum_kept(),
            donation_count=Count("id"),
            onlus_diversity=Count("onlus", distinct=True),
            impact_score=F("donor__impact_score__score"),
        )
    )


def _row(row: dict[str, Any], *, rank: int) -> Row:
    return Row(
        rank=rank,
        user_id=row["donor"],
        user_name=row["user_name"],
        total_donated=row["total_donated"],
        donation_count=row["donation_count"],
        onlus_diversity=row["onlus_diversity"],
        impact_score=row["impact_score"] if row["impact_score"] is not None else ZERO,
    )
