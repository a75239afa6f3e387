"""Counting donations towards the metrics of their ONLUS, and no longer counting what was given back."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from donations.models import Donation, DonationRefund
from goodplay.lib.db import StaleVersion, claim
from goodplay.lib.money import ZERO
from impact.caches import forget_onlus
from impact.models import DonationImpact, ImpactMetric, MetricPoint, MetricTally


@transaction.atomic
def count_donation(*, donation: Donation) -> list[UUID]:
    """Add the donation to the tally of every active metric of its ONLUS, and return which they are.

    Tallies are rows of the SQL database: they stand or fall with the donation's tracking, wherever metrics live.
    """
    metrics = list(ImpactMetric.objects.active().of_onlus(donation.onlus_id).order_by("id"))
    # A metric may come with donations already counted; its tally goes on from there.
    starts = [
        MetricTally(
            metric_id=metric.pk,
            donations_count=metric.related_donations_count,
            donations_amount=metric.related_donations_amount,
            first_count=metric.related_donations_count,
            first_amount=metric.related_donations_amount,
        )
        for metric in metrics
    ]
    MetricTally.objects.bulk_create(starts, ignore_conflicts=True)
    tallies = _locked_tallies([metric.pk for metric in metrics])
    for tally in tallies:
        tally.donations_count += 1
        tally.donations_amount += donation.amount
    MetricTally.objects.bulk_update(tallies, ["donations_count", "donations_amount"])
    return [tally.pk for tally in tallies]


@transaction.atomic
def take_back(*, impact: DonationImpact, amount: Decimal, whole: bool) -> int:
    """Take so much off the tallies the donation was counted in, the donation itself with the last of it.

    Returns how many tallies there are. The caller sees to it that each refund comes here once.
    """
    tallies = _locked_tallies(_counted_in(impact))
    for tally in tallies:
        # No tally falls below nothing, whatever a metric that came from elsewhere had counted.
        tally.donations_count = max(tally.donations_count - int(whole), 0)
        tally.donations_amount = max(tally.donations_amount - amount, ZERO)
    MetricTally.objects.bulk_update(tallies, ["donations_count", "donations_amount"])
    return len(tallies)


def _counted_in(impact: DonationImpact) -> list[UUID]:
    """Return the metrics the donation counted towards. Where nobody noted them: those there were by then."""
    if impact.metric_ids is not None:
        return [UUID(key) for key in impact.metric_ids]
    then = ImpactMetric.objects.active().of_onlus(impact.onlus_id).filter(created_at__lte=impact.tracked_at)
    return list(then.values_list("id", flat=True))


@transaction.atomic
def follow_tallies(
    *, donation: Donation, now: datetime, refund: DonationRefund | None = None
) -> list[ImpactMetric]:
    """Bring the metrics of the donation's ONLUS up to their tallies. Doing it twice changes nothing more."""
    active = ImpactMetric.objects.active().of_onlus(donation.onlus_id)
    counted = _locked_tallies(list(active.values_list("id", flat=True)))
    followed = [_follow(tally, now) for tally in counted]
    for metric in followed:
        if metric.follows_donations:
            _note_reading(metric, donation, refund, now)
    return followed


@transaction.atomic
def follow_tally(*, metric_id: UUID, now: datetime) -> bool:
    """Bring one metric up to its tally, when nothing else has since; say whether there is such a tally."""
    tallies = _locked_tallies([metric_id])
    for tally in tallies:
        _follow(tally, now)
    return bool(tallies)


def _locked_tallies(metric_ids: list[UUID]) -> list[MetricTally]:
    """Lock in the order of the keys, so that two donations never wait for each other crosswise."""
    return list(MetricTally.objects.select_for_update().filter(pk__in=metric_ids).order_by("pk"))


def _follow(tally: MetricTally, now: datetime) -> ImpactMetric:
    """Move one metric from the figures it shows to its tally's, provided nobody moved it meanwhile.

    A value never falls below nothing, however little its ONLUS has reported since.
    """
    metric = ImpactMetric.objects.get(pk=tally.metric_id)
    count, amount = metric.related_donations_count, metric.related_donations_amount
    if (count, amount) == (tally.donations_count, tally.donations_amount):
        return metric
    changes: dict[str, Any] = {
        "related_donations_count": tally.donations_count,
        "related_donations_amount": tally.donations_amount,
    }
    shown = ImpactMetric.objects.filter(
        pk=metric.pk, related_donations_count=count, related_donations_amount=amount
    )
    if metric.follows_donations and amount != tally.donations_amount:
        moved = max(tally.donations_amount - amount, -metric.current_value)
        changes["previous_value"] = F("current_value")
        changes["current_value"] = F("current_value") + moved
        changes["collection_date"] = now
        shown = shown.filter(current_value__gte=-moved)
    if not claim(shown, updated_at=now, **changes):
        raise StaleVersion
    metric.refresh_from_db()
    forget_onlus(metric.onlus_id)
    return metric


def _note_reading(
    metric: ImpactMetric, donation: Donation, refund: DonationRefund | None, now: datetime
) -> None:
    moved_by = {"refund": refund} if refund else {"donation": donation}
    [(kind, mover)] = moved_by.items()
    MetricPoint.objects.get_or_create(
        metric_id=metric.pk,
        **moved_by,
        defaults={
            "value": metric.current_value,
            "donations_amount": metric.related_donations_amount,
            "source": f"{kind}_{mover.pk}",
            "recorded_at": now,
        },
    )
