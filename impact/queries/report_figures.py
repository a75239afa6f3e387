"""Everything a community report says, reckoned for its period."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Avg, Count, Min

from accounts.models import Onlus, User
from donations.models import OnlusDay, PlayerDay
from games.models import GameSession
from goodplay.lib.money import ZERO, to_cents
from impact.models import CommunityReport, ImpactMetric, StoryUnlock
from impact.queries.community import growth, growth_figures, impact_figures, milestones_between
from impact.queries.given import Given, fees_collected, given_in, returning_donors
from impact.queries.leaderboard import donors_between
from impact.report_periods import ReportPeriod, last_ended
from impact.report_values import read

TOP = 10
TREND_MONTHS = 12
UNKNOWN = "unknown"
FIRST_DAY = date(2020, 1, 1)
"""Before anything was given."""
TREND_FIGURES = ("donations_amount", "donations_count", "donors", "onlus", "beneficiaries", "projects")
Block = dict[str, Any]


def report_figures(period: ReportPeriod) -> Block:
    """Return what each column of the period's report holds. Call it inside one snapshot."""
    now, before, earlier = (given_in(each) for each in (period, period.before, period.year_before))
    organisations = Onlus.objects.in_bulk(list(now.by_onlus))
    impact, engagement = impact_figures(), engagement_figures(period, now)
    growing = growth_figures(now, before)
    by_category = _by(now, organisations, "category_id")
    return {
        "total_donations_amount": now.amount,
        "total_donations_count": now.count,
        "unique_donors_count": now.donors,
        "onlus_supported_count": now.organisations,
        "impact_metrics": impact,
        "detailed_metrics": {
            "donations_by_category": {name: each["amount"] for name, each in by_category.items()},
            "user_engagement": {
                "stories_unlocked": engagement["stories_unlocked"],
                "avg_session_duration": engagement["average_session_time"],
                "return_rate": engagement["platform_retention_rate"],
            },
        },
        "donation_breakdown": {
            "by_category": by_category,
            "by_amount_range": {
                name: {"amount": each.amount, "count": each.count} for name, each in now.by_amount.items()
            },
            "by_frequency": {name: {"donors": donors} for name, donors in now.donors_by_times.items()},
            "by_source": {"earned_credits": now.earned, "own_money": now.paid},
        },
        "geographic_distribution": {
            "by_country": {"IT": now.amount},
            "by_region": _by(now, organisations, "region"),
            "international_reach": 0,
        },
        "top_contributors": donors_between(period.start, period.end, limit=TOP),
        "onlus_rankings": _ranking(now, organisations),
        "fee_transparency": fee_figures(period, now),
        "user_engagement_stats": engagement,
        "growth_metrics": growing,
        "comparative_data": {
            "previous_period": {"name": period.before.name, **_compared(now, before)},
            "year_over_year": {"name": period.year_before.name, **_compared(now, earlier)},
            "all_time_comparison": _share_of_all_time(period, now),
            "twelve_month_trend": twelve_month_trend(period, now, impact),
        },
        "milestones_reached": milestones_between(period.start, period.end),
    }


def fee_figures(period: ReportPeriod, given: Given) -> Block:
    """Tell what was kept: nothing of what was given. The platform's fee, where there is one, is taken from payments.

    `operational_costs` are not known to the books, so they are not told. The score is the share of the supported
    organisations with at least one figure that staff verified.
    """
    verified = ImpactMetric.objects.active().filter(
        verification_status=ImpactMetric.Verification.VERIFIED, onlus_id__in=list(given.by_onlus)
    )
    proven = set(verified.values_list("onlus_id", flat=True))
    share = to_cents(Decimal(100 * len(proven)) / given.organisations) if given.organisations else None
    return {
        "platform_fee_percentage": settings.TOP_UP_FEE_PERCENT,
        "total_fees_collected": fees_collected(period),
        "fees_to_onlus": given.amount,
        "operational_costs": None,
        "transparency_score": share,
    }


def engagement_figures(period: ReportPeriod, given: Given) -> Block:
    played = GameSession.objects.filter(
        started_at__gte=period.start, started_at__lt=period.end, ended_at__isnull=False
    )
    average = played.aggregate(average=Avg("played_for"))["average"]
    new = User.objects.filter(created_at__gte=period.start, created_at__lt=period.end, is_staff=False)
    unlocked = StoryUnlock.objects.filter(unlocked_at__gte=period.start, unlocked_at__lt=period.end)
    return {
        "active_donors": given.donors,
        "new_users": new.count(),
        "returning_donors": returning_donors(period),
        "stories_unlocked": unlocked.count(),
        "average_session_time": int(average.total_seconds()) if average is not None else None,
        "platform_retention_rate": _retention(period),
    }


def twelve_month_trend(period: ReportPeriod, given: Given, impact: Mapping[str, Any]) -> Block:
    """Compare the first with the last of the months up to the period, by the reports that were published.

    A report of a month counts itself as the last one.
    """
    rows = CommunityReport.objects.published().filter(
        report_type=CommunityReport.Type.MONTHLY, period_end__lte=period.end
    )
    months = [
        (each.period_start, _trend_values(each)) for each in rows.order_by("-period_start")[:TREND_MONTHS]
    ]
    if period.report_type == CommunityReport.Type.MONTHLY:
        own = (given.amount, given.count, given.donors, given.organisations)
        helped = (impact["total_beneficiaries"], impact["projects_funded"])
        others = [month for month in months if month[0] != period.start]
        months = [(period.start, [Decimal(value) for value in (*own, *helped)]), *others][:TREND_MONTHS]
    if len(months) < 2:
        return {"months": len(months), "trend": "insufficient_data"}
    last, first = months[0][1], months[-1][1]
    return {
        "months": len(months),
        **{
            name: {
                "first_value": old,
                "last_value": new,
                "growth_percentage": growth(new, old),
                "trend": _label(new - old, "increasing", "decreasing", "stable"),
            }
            for name, old, new in zip(TREND_FIGURES, first, last, strict=True)
        },
    }


def _trend_values(report: CommunityReport) -> list[Decimal]:
    values = (
        report.total_donations_amount,
        report.total_donations_count,
        report.unique_donors_count,
        report.onlus_supported_count,
        read(report.impact_metrics.get("total_beneficiaries", 0)),
        read(report.impact_metrics.get("projects_funded", 0)),
    )
    return [Decimal(str(value or 0)) for value in values]


def due_since(report_type: str, first_day: date, now: datetime, *, how_many: int) -> list[ReportPeriod]:
    """List the periods of a kind that are over and in which anything may have been given, the earliest first."""
    periods = [each for each in last_ended(report_type, now, how_many=how_many) if each.last >= first_day]
    return periods[::-1]


def first_day_of_giving() -> date | None:
    return OnlusDay.objects.aggregate(first=Min("day"))["first"]


def _by(given: Given, organisations: Mapping[UUID, Onlus], column: str) -> Block:
    """Add up what organisations of the same kind received, the most first."""
    sums: defaultdict[str, list[Any]] = defaultdict(lambda: [ZERO, 0, 0])
    for key, received in given.by_onlus.items():
        row = sums[getattr(organisations[key], column) or UNKNOWN]
        row[0], row[1], row[2] = row[0] + received.amount, row[1] + received.count, row[2] + 1
    ordered = sorted(sums.items(), key=lambda each: (-each[1][0], each[0]))
    return {
        name: {
            "amount": amount,
            "count": count,
            "organisations": number,
            "share_percent": _percent(amount, given.amount),
        }
        for name, (amount, count, number) in ordered
    }


def _ranking(given: Given, organisations: Mapping[UUID, Onlus]) -> list[Block]:
    ordered = sorted(given.by_onlus.items(), key=lambda each: (-each[1].amount, each[0]))[:TOP]
    amounts = [received.amount for _key, received in ordered]
    return [
        {
            "rank": amounts.index(received.amount) + 1,
            "onlus_id": key,
            "name": organisations[key].name,
            "total_received": received.amount,
            "donations_count": received.count,
        }
        for key, received in ordered
    ]


def _compared(now: Given, then: Given) -> Block:
    pairs = {
        "donations_amount": (now.amount, then.amount),
        "donations_count": (Decimal(now.count), Decimal(then.count)),
        "donors": (Decimal(now.donors), Decimal(then.donors)),
        "onlus": (Decimal(now.organisations), Decimal(then.organisations)),
    }
    rows = {
        name: {
            "value": new,
            "value_then": old,
            "change": new - old,
            "growth_percentage": growth(new, old),
            "direction": _label(new - old, "up", "down", "flat"),
        }
        for name, (new, old) in pairs.items()
    }
    return {**rows, "overall": _overall(row["direction"] for row in rows.values())}


def _overall(directions: Iterable[Any]) -> str:
    """Say what most of the figures do."""
    found = list(directions)
    half = len(found) / 2
    if found.count("up") > half:
        return "overall_growth"
    return "overall_decline" if found.count("down") > half else "mixed_trends"


def _share_of_all_time(period: ReportPeriod, given: Given) -> Block:
    ever = given_in(ReportPeriod(period.report_type, FIRST_DAY, period.last))
    return {
        "donations_amount": ever.amount,
        "donations_count": ever.count,
        "donors": ever.donors,
        "share_percent": _percent(given.amount, ever.amount),
    }


def _retention(period: ReportPeriod) -> Decimal | None:
    """Return how many in a hundred of the players of the period before played again."""
    before = PlayerDay.objects.filter(day__range=(period.before.first, period.before.last))
    then = before.aggregate(players=Count("player", distinct=True))["players"]
    if not then:
        return None
    here = PlayerDay.objects.filter(
        day__range=(period.first, period.last), player__in=before.order_by().values("player")
    )
    again = here.aggregate(players=Count("player", distinct=True))["players"]
    return to_cents(Decimal(100 * again) / then)


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return to_cents(part * 100 / whole) if whole else ZERO


def _label(change: Decimal, more: str, less: str, same: str) -> str:
    if not change:
        return same
    return more if change > 0 else less
