"""What a donor has done so far."""

from uuid import UUID

from django.db.models import Count, Max, Min

from donations.models import Donation
from donations.queries.sums import euros_of, sum_kept
from goodplay.lib.money import ZERO
from impact.donor_statistics import DonorStatistics
from impact.models import SpecialEventParticipation
from social.models import ImpactScore


def donor_statistics(user_id: UUID) -> DonorStatistics:
    """Add up what remains of the completed donations; one given back altogether no longer counts."""
    given = (
        Donation.objects.of_donor(user_id)
        .completed()
        .aggregate(
            total=sum_kept(),
            count=Count("id"),
            organisations=Count("onlus", distinct=True),
            first=Min("completed_at"),
            last=Max("completed_at"),
        )
    )
    score = ImpactScore.objects.filter(user_id=user_id).values_list("score", flat=True).first()
    events = SpecialEventParticipation.objects.filter(user_id=user_id).order_by("took_part_at", "id")
    return DonorStatistics(
        total_donated=euros_of(given["total"]),
        donation_count=given["count"],
        onlus_diversity=given["organisations"],
        impact_score=score or ZERO,
        first_donation_date=given["first"],
        last_donation_date=given["last"],
        special_events=dict(events.values_list("event_id", "event__code")),
    )


def has_uncounted_gifts(user_id: UUID) -> bool:
    """Say whether a gift is carried out whose impact is not counted yet: it will be, in a moment."""
    return Donation.objects.of_donor(user_id).completed().filter(impact=None).exists()
