"""Counting donations towards the metrics of their ONLUS."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from donations.models import Donation
from goodplay.lib.db import StaleVersion, claim
from impact.models import ImpactMetric, MetricPoint, MetricTally


@transaction.atomic
def count_donation(*, donation: Donation) -> int:
    """Add the donation to the tally of every active metric of its ONLUS, and return how many there are.

    Tallies are rows of the SQL database: they stand or fall with the donation's tracking, wherever metrics live.
    """
    metrics = list(ImpactMetric.objects.active().of_onlus(donation.onlus_id).order_by("id"))
    # A metric may come with donations already counted; its tally goes on from there.
    starts = [
        MetricTally(
            metric_id=metric.pk,
            donations_count=metric.related_donations_count,
            donations_amount=metric.related_donations_amount,
        )
        for metric in metrics
    ]
    MetricTally.objects.bulk_create(starts, ignore_conflicts=True)
    tallies = _locked_tallies([metric.pk for metric in metrics])
    for tally in tallies:
        tally.donations_count += 1
        tally.donations_amount += donation.amount
    MetricTally.objects.bulk_update(tallies, ["donations_count", "donations_amount"])
    return len(tallies)


@transaction.atomic
def follow_tallies(*, donation: Donation, now: datetime) -> list[ImpactMetric]:
    """Bring the metrics of the donation's ONLUS up to their tallies. Doing it twice changes nothing more."""
    active = ImpactMetric.objects.active().of_onlus(donation.onlus_id)
    counted = _locked_tallies(list(active.values_list("id", flat=True)))
    followed = [_follow(tally, now) for tally in counted]
    for metric in followed:
        if metric.follows_donations:
            _note_reading(metric, donation, now)
    return followed


def _locked_tallies(metric_ids: list[UUID]) -> list[MetricTally]:
    """Lock in the order of the keys, so that two donations never wait for each other crosswise."""
    return list(MetricTally.objects.select_for_update().filter(pk__in=metric_ids).order_by("pk"))


def _follow(tally: MetricTally, now: datetime) -> ImpactMetric:
    """Move one metric from the figures it shows to its tally's, provided nobody moved it meanwhile."""
    metric = ImpactMetric.objects.get(pk=tally.metric_id)
    count, amount = metric.related_donations_count, metric.related_donations_amount
    if (count, amount) == (tally.donations_count, tally.donations_amount):
        return metric
    changes: dict[str, Any] = {
        "related_donations_count": tally.donations_count,
        "related_donations_amount": tally.donations_amount,
    }
    if metric.follows_donations and amount != tally.donations_amount:
        changes["previous_value"] = F("current_value")
        changes["current_value"] = F("current_value") + (tally.donations_amount - amount)
        changes["collection_date"] = now
    shown = ImpactMetric.objects.filter(
        pk=metric.pk, related_donations_count=count, related_donations_amount=amount
    )
    if not claim(shown, updated_at=now, **changes):
        raise StaleVersion
    metric.refresh_from_db()
    return metric


def _note_reading(metric: ImpactMetric, donation: Donation, now: datetime) -> None:
    MetricPoint.objects.get_or_create(
        metric_id=metric.pk,
        donation=donation,
        defaults={
            "value": metric.current_value,
            "source": f"donation_{donation.pk}",
            "recorded_at": now,
        },
    )
