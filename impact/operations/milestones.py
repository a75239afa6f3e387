"""Recording thresholds that were crossed, once and for good."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from donations.models import Donation
from goodplay.lib.db import transaction_lock
from impact.donor_statistics import DonorStatistics
from impact.levels import DONATION_COUNTS, LEVELS
from impact.milestones import COMMUNITY
from impact.models import CommunityMilestone, StoryUnlock, UserMilestone
from impact.queries.community import all_time_totals
from impact.signals import community_milestone, user_milestone_reached

Kind = UserMilestone.Kind


@transaction.atomic
def record_due(
    *, user_id: UUID, statistics: DonorStatistics, donation: Donation, now: datetime
) -> list[UserMilestone]:
    """Record every threshold reached and not yet recorded. The caller holds the player's lock."""
    known = set(UserMilestone.objects.filter(user_id=user_id).values_list("kind", "threshold"))
    due = [each for each in _reached(statistics) if (each[0], each[2]) not in known]
    return [_record(user_id, kind, level, threshold, donation, now) for kind, level, threshold in due]


def _reached(statistics: DonorStatistics) -> list[tuple[str, int, Decimal]]:
    """List kind, level and threshold of everything the statistics have reached."""
    amounts = [(Kind.AMOUNT.value, level.number, level.amount) for level in LEVELS]
    counts = [(Kind.COUNT.value, number, Decimal(count)) for number, count in enumerate(DONATION_COUNTS, 1)]
    return [each for each in amounts if each[2] <= statistics.total_donated] + [
        each for each in counts if each[2] <= statistics.donation_count
    ]


def _record(
    user_id: UUID, kind: str, level: int, threshold: Decimal, donation: Donation, now: datetime
) -> UserMilestone:
    milestone = UserMilestone.objects.create(
        user_id=user_id, kind=kind, level=level, threshold=threshold, donation=donation, reached_at=now
    )
    user_milestone_reached.announce(milestone=milestone)
    return milestone


@transaction.atomic
def record_community_milestones(*, now: datetime) -> list[CommunityMilestone]:
    """Record every threshold the community has reached and announce it to everybody."""
    transaction_lock("community milestones")
    totals = all_time_totals()
    values = {
        CommunityMilestone.Kind.DONATIONS: totals.amount,
        CommunityMilestone.Kind.DONORS: Decimal(totals.donors),
        CommunityMilestone.Kind.ONLUS: Decimal(totals.organisations),
        CommunityMilestone.Kind.STORIES: Decimal(StoryUnlock.objects.count()),
    }
    known = set(CommunityMilestone.objects.values_list("kind", "threshold"))
    return [
        _record_for_all(kind, Decimal(threshold), values[kind], now)
        for kind, thresholds in COMMUNITY.items()
        for threshold in thresholds
        if threshold <= values[kind] and (kind.value, Decimal(threshold)) not in known
    ]


def _record_for_all(
    kind: CommunityMilestone.Kind, threshold: Decimal, value: Decimal, now: datetime
) -> CommunityMilestone:
    milestone = CommunityMilestone.objects.create(kind=kind, threshold=threshold, value=value, reached_at=now)
    community_milestone.announce(milestone=milestone)
    return milestone
