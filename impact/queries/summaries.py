"""The whole of a donor's impact, and the whole of one donation's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, Sum

from accounts.models import Onlus
from donations.models import Donation
from donations.queries.donated import donation_history
from donations.queries.sums import euros_of
from goodplay.lib.money import ZERO, to_cents
from impact.donor_statistics import DonorStatistics
from impact.levels import DONATION_COUNTS, LEVELS, features_of, percent_of
from impact.models import DonationImpact, ImpactMetric, UserMilestone
from impact.queries.donors import donor_statistics
from impact.queries.metrics import MetricView, donor_impact, impact_per_euro, metrics_of
from impact.queries.personal import given_by_onlus
from impact.queries.stories import StoryView, latest_unlocked, nearest_stories, unlocked_by
from impact.queries.timeline import Event, donation_timeline
from impact.queries.updates import UpdateView, updates_of
from impact.queries.your_euro import your_euro

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
    count_milestones: list[dict[str, Any]]
    unlocked_features: list[str]
    generated_at: datetime


def donor_summary(user_id: UUID, now: datetime) -> DonorSummary:
    statistics = donor_statistics(user_id)
    reached = milestones_reached(user_id)
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
        estimates=donor_impact(given_by_onlus(user_id)),
        milestones=milestone_rows(statistics, reached),
        count_milestones=count_milestone_rows(statistics, reached),
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


def milestone_rows(
    statistics: DonorStatistics, reached: Mapping[tuple[str, int], datetime]
) -> list[dict[str, Any]]:
    """List the ten levels, reached or not. A level once reached stays so after a refund."""
    return [
        {
            "level": level.number,
            "name": level.name,
            "amount": level.amount,
            "feature": level.feature,
            **_standing(reached.get((_AMOUNT, level.number)), statistics.total_donated, level.amount),
        }
        for level in LEVELS
    ]


def count_milestone_rows(
    statistics: DonorStatistics, reached: Mapping[tuple[str, int], datetime]
) -> list[dict[str, Any]]:
    """List the numbers of gifts that are milestones, reached or not."""
    done = Decimal(statistics.donation_count)
    return [
        {"count": count, **_standing(reached.get((_COUNT, number)), done, Decimal(count))}
        for number, count in enumerate(DONATION_COUNTS, 1)
    ]


def milestones_reached(user_id: UUID) -> dict[tuple[str, int], datetime]:
    rows = UserMilestone.objects.filter(user_id=user_id).values_list("kind", "level", "reached_at")
    return {(kind, level): reached_at for kind, level, reached_at in rows}


def _standing(reached_at: datetime | None, value: Decimal, threshold: Decimal) -> dict[str, Any]:
    way = {} if reached_at else {"progress_percent": percent_of(value, threshold)}
    return {"reached": reached_at is not None, "reached_at": reached_at, **way}


_AMOUNT, _COUNT = UserMilestone.Kind.AMOUNT.value, UserMilestone.Kind.COUNT.value


def _impact_tracked(user_id: UUID) -> Decimal:
    """Add up what is left of the donations that were counted."""
    left = F("donation__amount") - F("donation__refunded_amount")
    counted = DonationImpact.objects.filter(donation__donor=user_id)
    return euros_of(counted.aggregate(total=Sum(left))["total"])


@dataclass(frozen=True, slots=True)
class DonationStory:
    """Everything one donation set in motion."""

    donation: Donation
    related_updates: list[UpdateView]
    metrics: list[MetricView]
    efficiency: dict[str, Any]
    your_euro: dict[str, Any]
    stories: list[StoryView]
    timeline: list[Event]


def donation_story(donation: Donation, now: datetime) -> DonationStory:
    since = donation.completed_at or donation.created_at
    is_public = Onlus.objects.public().filter(pk=donation.onlus_id).exists()
    updates = updates_of(donation.onlus_id, since=since, limit=RELATED_UPDATES, now=now) if is_public else []
    metrics = metrics_of(donation.onlus_id, period="", now=now)
    return DonationStory(
        donation=donation,
        related_updates=updates,
        metrics=metrics,
        efficiency=_efficiency(donation, [view.metric for view in metrics]),
        your_euro=your_euro(donation, now),
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
