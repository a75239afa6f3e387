"""The whole of a donor's impact, and the whole of one donation's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Sum

from donations.models import Donation
from donations.queries.donated import donation_history
from donations.queries.sums import euros_of, sum_kept
from goodplay.lib.money import ZERO, to_cents
from impact.donor_statistics import DonorStatistics
from impact.levels import LEVELS, features_of, percent_of
from impact.models import DonationImpact, ImpactMetric, UserMilestone
from impact.queries.donors import donor_statistics
from impact.queries.metrics import MetricView, donor_impact, impact_per_euro, metrics_of
from impact.queries.stories import StoryView, latest_unlocked, nearest_stories, unlocked_by
from impact.queries.timeline import Event, donation_timeline
from impact.queries.updates import UpdateView, updates_of

LATEST_STORIES = 5
NEXT_STORIES = 3
RECENT_DONATIONS = 10
RELATED_UPDATES = 5
MOST_COMPONENT, MOST_PART = Decimal(2000), Decimal(400)


@dataclass(frozen=True, slots=True)
class DonorSummary:
    user_id: UUID
    statistics: DonorStatistics
    score_components: dict[str, Any]
    unlocked_count: int
    unlocked_stories: list[StoryView]
    next_unlockable: list[StoryView]
    recent_donations: list[Donation]
    total_impact_tracked: Decimal
    estimates: dict[str, int | None]
    milestones: list[dict[str, Any]]
    unlocked_features: list[str]
    generated_at: datetime


def donor_summary(user_id: UUID, now: datetime) -> DonorSummary:
    statistics = donor_statistics(user_id)
    count, latest = latest_unlocked(user_id, statistics, limit=LATEST_STORIES, now=now)
    return DonorSummary(
        user_id=user_id,
        statistics=statistics,
        score_components=score_components(statistics),
        unlocked_count=count,
        unlocked_stories=latest,
        next_unlockable=nearest_stories(user_id, statistics, limit=NEXT_STORIES, now=now),
        recent_donations=list(donation_history(user_id)[:RECENT_DONATIONS]),
        total_impact_tracked=_impact_tracked(user_id),
        estimates=donor_impact(_given_by_onlus(user_id)),
        milestones=milestone_rows(user_id, statistics),
        unlocked_features=features_of(statistics.total_donated),
        generated_at=now,
    )


def score_components(statistics: DonorStatistics) -> dict[str, Any]:
    """Break the giving down the way older clients show it. For information: the score itself is the social area's."""
    donated = min(MOST_COMPONENT, statistics.total_donated * 2)
    return {
        "donation_component": donated,
        "total_donated": statistics.total_donated,
        "donation_count": statistics.donation_count,
        "onlus_diversity": statistics.onlus_diversity,
        "component_breakdown": {
            "amount_score": to_cents(donated * Decimal("0.6")),
            "frequency_score": min(MOST_PART, Decimal(statistics.donation_count * 10)),
            "diversity_score": min(MOST_PART, Decimal(statistics.onlus_diversity * 100)),
        },
    }


def milestone_rows(user_id: UUID, statistics: DonorStatistics) -> list[dict[str, Any]]:
    """List the ten levels, reached or not. A level once reached stays so after a refund."""
    reached = dict(
        UserMilestone.objects.filter(user_id=user_id, kind=UserMilestone.Kind.AMOUNT).values_list(
            "level", "reached_at"
        )
    )
    return [
        {
            "level": level.number,
            "name": level.name,
            "amount": level.amount,
            "reached": level.number in reached,
            "reached_at": reached.get(level.number),
            **_way_to(level.number in reached, statistics.total_donated, level.amount),
        }
        for level in LEVELS
    ]


def _way_to(reached: bool, total: Decimal, amount: Decimal) -> Mapping[str, Decimal]:  # noqa: FBT001  (a fact, no switch)
    return {} if reached else {"progress_percent": percent_of(total, amount)}


def _impact_tracked(user_id: UUID) -> Decimal:
    """Add up what is left of the donations that were counted."""
    left = F("donation__amount") - F("donation__refunded_amount")
    counted = DonationImpact.objects.filter(donation__donor=user_id)
    return euros_of(counted.aggregate(total=Sum(left))["total"])


def _given_by_onlus(user_id: UUID) -> dict[UUID, Decimal]:
    rows = Donation.objects.of_donor(user_id).completed().order_by().values("onlus_id")
    return {row["onlus_id"]: euros_of(row["total"]) for row in rows.annotate(total=sum_kept())}


@dataclass(frozen=True, slots=True)
class DonationStory:
    """Everything one donation set in motion."""

    donation: Donation
    related_updates: list[UpdateView]
    metrics: list[MetricView]
    efficiency: dict[str, Any]
    stories: list[StoryView]
    timeline: list[Event]


def donation_story(donation: Donation, now: datetime) -> DonationStory:
    since = donation.completed_at or donation.created_at
    updates = updates_of(donation.onlus_id, since=since, limit=RELATED_UPDATES, now=now)
    metrics = metrics_of(donation.onlus_id, period="", now=now)
    return DonationStory(
        donation=donation,
        related_updates=updates,
        metrics=metrics,
        efficiency=_efficiency(donation, [view.metric for view in metrics]),
        stories=unlocked_by(donation.pk, donation.donor_id, now),
        timeline=donation_timeline(donation, updates),
    )


def _efficiency(donation: Donation, metrics: list[ImpactMetric]) -> dict[str, Any]:
    """Tell what of a donation arrives: all of it. The platform's fee is one of payments, before anything is given."""
    return {
        "donation_amount": donation.amount,
        "refunded_amount": donation.refunded_amount,
        "platform_fee": ZERO,
        "net_to_onlus": donation.net_amount,
        "estimated_impact_per_euro": impact_per_euro(metrics),
    }
