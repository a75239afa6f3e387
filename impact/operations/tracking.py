"""From a completed donation to everything it sets in motion."""

from datetime import datetime

from django.db import transaction

from donations.models import Donation
from impact.models import DonationImpact
from impact.operations import metrics, milestones, stories
from impact.queries.donors import donor_statistics
from impact.signals import donation_tracked


@transaction.atomic
def track_donation(*, donation: Donation, now: datetime) -> DonationImpact:
    """Count a completed donation, open the stories and record the milestones it brings. The second time does nothing.

    The donor's other donations completed meanwhile count as well: nothing falls between two of them.
    """
    stories.lock_player(donation.donor_id)
    earlier = DonationImpact.objects.filter(donation=donation).first()
    if earlier is not None:
        return earlier
    statistics = donor_statistics(donation.donor_id)
    unlocks = stories.unlock_due(user_id=donation.donor_id, statistics=statistics, donation=donation, now=now)
    milestones.record_due(user_id=donation.donor_id, statistics=statistics, donation=donation, now=now)
    impact = DonationImpact.objects.create(
        donation=donation,
        onlus_id=donation.onlus_id,
        amount=donation.amount,
        metrics_updated=metrics.count_donation(donation=donation),
        stories_unlocked=len(unlocks),
        tracked_at=now,
    )
    donation_tracked.announce(impact=impact)
    return impact
