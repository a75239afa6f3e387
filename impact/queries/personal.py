"""What a donor's levels open: the donor's own figures, and the community's as nobody else is shown them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Avg, Count, F, Max, Sum
from django.db.models.functions import TruncMonth

from accounts.models import Onlus, OnlusCategory
from donations.models import Donation, DonorDay, OnlusDay
from donations.queries.analytics.cohorts import registered_by_day
from donations.queries.analytics.daily import by_day
from donations.queries.sums import euros_of, sum_kept
from goodplay.lib.admin.dashboards import Period as Days
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.time import ROME, month_start, rome_day
from impact.models import ImpactMetric, ImpactUpdate
from impact.queries.activity import activity_by_day
from impact.queries.leaderboard import Metric, Period, own_position
from impact.queries.metrics import formatted_value
from impact.queries.updates import UpdateView, update_view

MONTHS = 12
NEWS_DAYS, MOST_NEWS = 90, 50
COMMUNITY_DAYS = 30
KEPT_FOR = 15 * 60

Figures = dict[str, Any]


def own_metrics(user_id: UUID, now: datetime) -> Figures:
    """Tell what the organisations the donor supports report, and the part of it the donor's euros stand for.

    The part is the donor's share of what was given to the metric since it is counted; figures nobody verified have none.
    """
    given = given_by_onlus(user_id)
    names = dict(Onlus.objects.filter(pk__in=list(given)).values_list("pk", "name"))
    metrics = ImpactMetric.objects.active().filter(onlus_id__in=list(given)).order_by("metric_name", "id")
    return {
        "organisations": [
            {
                "onlus_id": key,
                "onlus_name": names[key],
                "given": amount,
                "metrics": [_share(each, amount) for each in metrics if each.onlus_id == key],
            }
            for key, amount in sorted(given.items(), key=lambda each: (-each[1], each[0]))
        ]
    }


def own_trends(user_id: UUID, now: datetime) -> Figures:
    """Tell the donor's last twelve months, months of nothing too, and the sum so far at the end of each."""
    months = _months(rome_day(now))
    gifts = Donation.objects.of_donor(user_id).completed().order_by()
    by_month = gifts.values(month=TruncMonth("completed_at", tzinfo=ROME)).annotate(
        total=sum_kept(), count=Count("id"), organisations=Count("onlus", distinct=True)
    )
    found: dict[date, Figures] = {row["month"].date(): {**row} for row in by_month}
    total = sum((euros_of(row["total"]) for month, row in found.items() if month < months[0]), ZERO)
    nothing: Figures = {"total": ZERO, "count": 0, "organisations": 0}
    lines = []
    for month in months:
        row = found.get(month, nothing)
        total += euros_of(row["total"])
        lines.append(
            {
                "month": f"{month:%Y-%m}",
                "donated": euros_of(row["total"]),
                "donations": row["count"],
                "organisations": row["organisations"],
                "donated_so_far": total,
            }
        )
    return {"months": lines}


def own_analytics(user_id: UUID, now: datetime) -> Figures:
    """Break the donor's giving down: by organisation, field of work, origin, and where the money came from."""
    gifts = Donation.objects.of_donor(user_id).completed().order_by()
    sums = gifts.aggregate(
        earned=Sum("earned_amount"),
        paid=Sum("paid_amount"),
        matched=Sum("matched_amount"),
        average=Avg("amount"),
        largest=Max("amount"),
    )
    return {
        "by_organisation": _broken_down(gifts, "onlus_id", name=F("onlus__name")),
        "by_category": _named(_broken_down(gifts, category=F("onlus__category"))),
        "by_origin": _broken_down(gifts, source=F("origin")),
        "earned_amount": euros_of(sums["earned"]),
        "paid_amount": euros_of(sums["paid"]),
        "matched_amount": euros_of(sums["matched"]),
        "average_donation": to_cents(sums["average"]) if sums["average"] else ZERO,
        "largest_donation": euros_of(sums["largest"]),
    }


def own_news(user_id: UUID, now: datetime) -> list[UpdateView]:
    """List what the organisations the donor supports published in the last three months, the newest first."""
    since = now - timedelta(days=NEWS_DAYS)
    return [update_view(row, now) for row in news_of(supported_by(user_id), since=since)[:MOST_NEWS]]


def own_ranks(user_id: UUID, now: datetime) -> Figures:
    """Tell the donor's place on every board: by euros in each period, and by each figure of all time."""
    return {
        "by_period": {
            period.value: own_position(user_id, period, Metric.TOTAL_DONATED, now=now) for period in Period
        },
        "by_metric": {
            metric.value: own_position(user_id, Period.ALL_TIME, metric, now=now) for metric in Metric
        },
    }


def platform_insights(now: datetime) -> Figures:
    """Tell the platform's last twelve months, and what each field of work was given in them. Of a quarter of an hour ago."""
    figures = _kept("insights", _insights, now)
    return {**figures, "by_category": _named(figures["by_category"])}


def community_view(now: datetime) -> Figures:
    """Tell the community's last thirty days: who plays, who is new, what is given. Sums only, of nobody in particular."""
    return _kept("community", _community, now)


def supported_by(user_id: UUID) -> list[UUID]:
    """List the organisations a donor gave to whose news they read: those that are shown at present."""
    gifts = Donation.objects.of_donor(user_id).completed().filter(onlus__in=Onlus.objects.public())
    gifts = gifts.order_by("onlus_id")
    return list(gifts.values_list("onlus_id", flat=True).distinct())


def given_by_onlus(user_id: UUID) -> dict[UUID, Decimal]:
    rows = Donation.objects.of_donor(user_id).completed().order_by().values("onlus_id")
    return {row["onlus_id"]: euros_of(row["total"]) for row in rows.annotate(total=sum_kept())}


def news_of(onlus_ids: list[UUID], *, since: datetime) -> Any:
    rows = ImpactUpdate.objects.filter(onlus_id__in=onlus_ids).published_since(since)
    return rows.order_by("-published_at", "id")


def _share(metric: ImpactMetric, given: Decimal) -> Figures:
    counted = metric.is_verified and metric.metric_unit != ImpactMetric.Unit.EUR
    total = metric.related_donations_amount
    share = min(given / total, Decimal(1)) * metric.current_value if counted and total else None
    return {
        "metric_id": metric.pk,
        "metric_name": metric.metric_name,
        "metric_unit": metric.metric_unit,
        "current_value": metric.current_value,
        "formatted_value": formatted_value(metric),
        "verification_status": metric.verification_status,
        "your_part": share.quantize(Decimal("0.01")) if share is not None else None,
    }


def _broken_down(gifts: Any, *by: str, **named: Any) -> list[Figures]:
    """Sum the gifts by these columns, the largest sum first."""
    rows = gifts.values(*by, **named).annotate(total=sum_kept(), donations=Count("id"))
    found = [{"amount": euros_of(row.pop("total")), **row} for row in rows]
    return sorted(found, key=lambda row: (-row["amount"], str(row)))


def _named(rows: list[Figures]) -> list[Figures]:
    """Add the name of each field of work in the reader's language; what is kept has its code alone."""
    fields = OnlusCategory.objects.in_bulk([row["category"] for row in rows])
    return [{**row, "category_name": fields[row["category"]].label} for row in rows]


def _insights(now: datetime) -> Figures:
    months = _months(rome_day(now))
    days = DonorDay.objects.filter(day__gte=months[0]).order_by().values(month=TruncMonth("day"))
    found: dict[date, Figures] = {
        row["month"]: {**row}
        for row in days.annotate(
            total=Sum("amount"), gifts=Sum("count"), donors=Count("donor", distinct=True)
        )
    }
    nothing: Figures = {"total": ZERO, "gifts": 0, "donors": 0}
    lines = [(month, found.get(month, nothing)) for month in months]
    fields = OnlusDay.objects.filter(day__gte=months[0]).order_by().values(category=F("onlus__category"))
    return {
        "months": [
            {
                "month": f"{month:%Y-%m}",
                "donated": euros_of(row["total"]),
                "donations": row["gifts"],
                "donors": row["donors"],
                "average_donation": to_cents(euros_of(row["total"]) / row["gifts"]) if row["gifts"] else ZERO,
            }
            for month, row in lines
        ],
        "by_category": [
            {**row, "donated": euros_of(row["donated"])}
            for row in fields.annotate(donated=Sum("amount"), donations=Sum("count")).order_by("-donated")
        ],
        "generated_at": now,
    }


def _community(now: datetime) -> Figures:
    last = rome_day(now)
    days = Days(last - timedelta(days=COMMUNITY_DAYS - 1), last)
    sessions, players = activity_by_day(days)
    given, new = by_day(days), registered_by_day(days)
    return {
        "days": [
            {
                "day": day,
                "sessions": sessions[number],
                "players": players[number],
                "new_players": new[number],
                "donated": given[day].volume,
                "donations": given[day].count,
            }
            for number, day in enumerate(days.dates)
        ],
        "generated_at": now,
    }


def _kept(name: str, make: Callable[[datetime], Figures], now: datetime) -> Figures:
    key = f"impact:features:{name}"
    figures: Figures | None = cache.get(key)
    if figures is None:
        figures = make(now)
        cache.set(key, figures, KEPT_FOR)
    return figures


def _months(today: date) -> list[date]:
    """Return the first days of the last twelve months, the oldest first."""
    months = [month_start(today)]
    while len(months) < MONTHS:
        months.insert(0, month_start(months[0] - timedelta(days=1)))
    return months
