"""From a completed donation to everything it sets in motion, and back when it is given back."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from donations.models import Donation, DonationRefund
from donations.queries.sums import euros_of
from impact.models import DonationImpact, ImpactReversal
from impact.operations import events, metrics, milestones, stories
from impact.operations.locks import lock_player
from impact.queries.donors import donor_statistics
from impact.signals import donation_tracked, refund_tracked


@transaction.atomic
def track_donation(*, donation: Donation, now: datetime) -> DonationImpact:
    """Count a completed donation, open the stories and record the milestones it brings. The second time does nothing.

    The donor's other donations completed meanwhile count as well: nothing falls between two of them.
    """
    lock_player(donation.donor_id)
    earlier = DonationImpact.objects.filter(donation=donation).first()
    if earlier is not None:
        return earlier
    events.count_gift(donation=donation)
    statistics = donor_statistics(donation.donor_id)
    unlocks = stories.unlock_due(user_id=donation.donor_id, statistics=statistics, donation=donation, now=now)
    milestones.record_due(user_id=donation.donor_id, statistics=statistics, donation=donation, now=now)
    counted = metrics.count_donation(donation=donation)
    impact = DonationImpact.objects.create(
        donation=donation,
        onlus_id=donation.onlus_id,
        amount=donation.amount,
        metrics_updated=len(counted),
        metric_ids=[str(key) for key in counted],
        stories_unlocked=len(unlocks),
        tracked_at=now,
    )
    donation_tracked.announce(impact=impact)
    return impact


@transaction.atomic
def track_refund(*, refund: DonationRefund, now: datetime) -> ImpactReversal:
    """Take back what the donation counts for, as far as it was given back. The second time does nothing.

    What the donation opened stays open and what was reached stays reached: only figures fall. Told before the donation
    itself, this counts the donation first, so that both are counted once in either order.
    """
    lock_player(refund.donation.donor_id)
    earlier = ImpactReversal.objects.filter(refund=refund).first()
    if earlier is not None:
        return earlier
    impact = track_donation(donation=refund.donation, now=now)
    before = euros_of(impact.reversals.aggregate(total=Sum("amount"))["total"])
    counted = metrics.take_back(
        impact=impact, amount=refund.amount, whole=before + refund.amount == impact.amount
    )
    reversal = ImpactReversal.objects.create(
        refund=refund, impact=impact, amount=refund.amount, metrics_updated=counted, tracked_at=now
    )
    refund_tracked.announce(reversal=reversal)
    return reversal
