"""What all players achieved together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from django.core.cache import cache
from django.db.models import Avg, Count, QuerySet

from accounts.models import User
from donations.models import Donation
from donations.queries.lifetime import lifetime
from donations.queries.sums import euros_of, sum_kept
from games.models import GameSession
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.time import day_start, rome_day
from impact.milestones import community_title
from impact.models import CommunityMilestone, CommunityReport, ImpactMetric, StoryUnlock

STATISTICS_KEY = "impact:community:stats"
STATISTICS_CACHED_FOR = 30 * 60
ACTIVE_WITHIN = timedelta(days=30)
IMPACT_BLOCKS = {
    "environmental_impact": ImpactMetric.Type.ENVIRONMENTAL,
    "social_impact": ImpactMetric.Type.SOCIAL,
    "educational_impact": ImpactMetric.Type.EDUCATIONAL,
    "healthcare_impact": ImpactMetric.Type.HEALTHCARE,
}


@dataclass(frozen=True, slots=True)
class Totals:
    """What remains of the completed donations of a period, added up."""

    amount: Decimal
    count: int
    donors: int
    organisations: int

    @property
    def engagement(self) -> Decimal:
        """Donations per donor."""
        return ratio(Decimal(self.count), self.donors)


class Sums(Protocol):
    """What two periods are compared by."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def donors(self) -> int: ...
    @property
    def organisations(self) -> int: ...
    @property
    def engagement(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Statistics:
    """The public picture: today's report so far, and the totals since the beginning."""

    report: CommunityReport
    totals: dict[str, Any]


def community_statistics(now: datetime) -> Statistics:
    """Return the picture of at most half an hour ago; a donation or a refund drops it (impact.receivers)."""
    statistics: Statistics | None = cache.get(STATISTICS_KEY)
    if statistics is None:
        statistics = Statistics(report=today_so_far(now), totals=_flat_totals(now))
        cache.set(STATISTICS_KEY, statistics, STATISTICS_CACHED_FOR)
    return statistics


def forget_statistics() -> None:
    cache.delete(STATISTICS_KEY)


def all_time_totals() -> Totals:
    given = lifetime()
    return Totals(given.amount, given.count, given.donors, given.organisations)


def totals_between(start: datetime, end: datetime) -> Totals:
    return _totals(_completed_between(start, end))


def today_so_far(now: datetime) -> CommunityReport:
    """Make the report of the Rome day up to now, compared with yesterday up to the same hour. It is not saved."""
    start = day_start(rome_day(now))
    today = totals_between(start, now)
    before = totals_between(day_start(rome_day(start - timedelta(hours=1))), now - timedelta(days=1))
    return CommunityReport(
        report_type=CommunityReport.Type.REAL_TIME,
        period_start=start,
        period_end=max(now, start + timedelta(seconds=1)),
        status=CommunityReport.Status.PUBLISHED,
        total_donations_amount=today.amount,
        total_donations_count=today.count,
        unique_donors_count=today.donors,
        onlus_supported_count=today.organisations,
        impact_metrics=impact_figures(),
        fee_transparency=_fees(today.amount),
        user_engagement_stats=_engagement(today, start, now),
        growth_metrics=growth_figures(today, before),
        milestones_reached=milestones_between(start, now),
        created_at=now,
        updated_at=now,
        published_at=now,
    )


def growth(current: Decimal, previous: Decimal) -> Decimal:
    """Return the change in per cent with two decimals. From nothing to something is 100."""
    if not previous:
        return Decimal("100.00") if current > 0 else Decimal("0.00")
    return ((current - previous) / previous * 100).quantize(Decimal("0.01"))


def growth_figures(current: Sums, previous: Sums) -> dict[str, Decimal]:
    """Name each change twice: clients of both generations read it."""
    donations = growth(current.amount, previous.amount)
    donors = growth(Decimal(current.donors), Decimal(previous.donors))
    engagement = growth(current.engagement, previous.engagement)
    return {
        "donation_growth_percentage": donations,
        "user_growth_percentage": donors,
        "onlus_growth_percentage": growth(Decimal(current.organisations), Decimal(previous.organisations)),
        "engagement_growth_percentage": engagement,
        "donations_growth": donations,
        "users_growth": donors,
        "engagement_growth": engagement,
    }


def ratio(value: Decimal, of: int) -> Decimal:
    """Divide to two decimals; by nothing gives zero."""
    return to_cents(value / of) if of else ZERO


def impact_figures() -> dict[str, Any]:
    """Add up what ONLUS report and staff verified, never across units."""
    verified = ImpactMetric.objects.active().filter(verification_status=ImpactMetric.Verification.VERIFIED)
    rows = list(verified.values_list("metric_type", "metric_unit", "current_value"))
    figures: dict[str, Any] = {
        "total_beneficiaries": int(
            _sum(value for _, unit, value in rows if unit == ImpactMetric.Unit.PEOPLE)
        ),
        "projects_funded": int(_sum(value for _, unit, value in rows if unit == ImpactMetric.Unit.PROJECTS)),
    }
    for block, metric_type in IMPACT_BLOCKS.items():
        units = {unit for kind, unit, _ in rows if kind == metric_type}
        figures[block] = {
            each: _sum(value for kind, unit, value in rows if (kind, unit) == (metric_type, each))
            for each in sorted(units)
        }
    return figures


def _sum(values: Any) -> Decimal:
    return sum(values, Decimal(0))


def _completed_between(start: datetime, end: datetime) -> "QuerySet[Donation]":
    return Donation.objects.completed().filter(completed_at__gte=start, completed_at__lt=end)


def _totals(donations: "QuerySet[Donation]") -> Totals:
    row = donations.aggregate(
        amount=sum_kept(),
        count=Count("id"),
        donors=Count("donor", distinct=True),
        organisations=Count("onlus", distinct=True),
    )
    return Totals(euros_of(row["amount"]), row["count"], row["donors"], row["organisations"])


def _fees(amount: Decimal) -> dict[str, Any]:
    """Tell what of the donations was kept: nothing. The platform's fee is one of payments."""
    return {
        "platform_fee_percentage": ZERO,
        "total_fees_collected": ZERO,
        "fees_to_onlus": amount,
        "operational_costs": None,
        "transparency_score": None,
    }


def _engagement(today: Totals, start: datetime, end: datetime) -> dict[str, Any]:
    donors = _completed_between(start, end).values("donor")
    returning = Donation.objects.completed().filter(donor__in=donors, completed_at__lt=start)
    played = GameSession.objects.filter(ended_at__gte=start, ended_at__lt=end)
    average = played.aggregate(average=Avg("played_for"))["average"]
    return {
        "active_donors": today.donors,
        "new_users": User.objects.filter(created_at__gte=start, created_at__lt=end).count(),
        "returning_donors": returning.aggregate(donors=Count("donor", distinct=True))["donors"],
        "stories_unlocked": StoryUnlock.objects.filter(unlocked_at__gte=start, unlocked_at__lt=end).count(),
        "average_session_time": int(average.total_seconds()) if average is not None else None,
        "platform_retention_rate": None,
    }


def milestones_between(start: datetime, end: datetime) -> list[dict[str, Any]]:
    reached = CommunityMilestone.objects.filter(reached_at__gte=start, reached_at__lt=end)
    return [
        {
            "title": community_title(milestone.kind, milestone.threshold),
            "description": "",
            "value": milestone.threshold,
            "onlus_id": None,
            "achieved_at": milestone.reached_at,
            "impact_type": milestone.kind,
        }
        for milestone in reached.order_by("reached_at", "id")
    ]


def _flat_totals(now: datetime) -> dict[str, Any]:
    totals = all_time_totals()
    recent = GameSession.objects.filter(started_at__gte=now - ACTIVE_WITHIN)
    return {
        "total_donated": totals.amount,
        "total_donations": totals.count,
        "total_donors": totals.donors,
        "onlus_supported": totals.organisations,
        "active_users": recent.aggregate(players=Count("user", distinct=True))["players"],
        "stories_unlocked": StoryUnlock.objects.count(),
    }
