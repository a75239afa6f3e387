"""What is measured of impact: how soon stories open, how many do, how long reports take."""

from datetime import datetime, timedelta
from statistics import quantiles

from django.utils.translation import gettext_lazy as _

from goodplay.lib.events.models import Delivery, Event
from goodplay.lib.ids import first_id_of
from goodplay.lib.metrics.registry import measure
from impact.models import CommunityReport

LOOKED_AT = 200


def story_unlock_latency(now: datetime) -> float | None:
    """Return within how many milliseconds 95 of 100 donations of the last hour had reached their donors' stories."""
    donations = Event.objects.filter(
        name="donation_complete", pk__gte=first_id_of(now - timedelta(hours=1))
    ).order_by("-pk")
    done = Delivery.objects.filter(
        event__in=list(donations.values_list("pk", flat=True)[:LOOKED_AT]),
        handler="impact.track_donation",
        status=Delivery.Status.DONE,
    )
    waits = [
        (updated - recorded) / timedelta(milliseconds=1)
        for updated, recorded in done.values_list("updated_at", "event__recorded_at")
    ]
    if not waits:
        return None
    return round(quantiles(waits, n=20, method="inclusive")[-1] if len(waits) > 1 else waits[0], 1)


def daily_story_unlocks(now: datetime) -> int:
    since = first_id_of(now - timedelta(days=1))
    return Event.objects.filter(name="story_unlocked", pk__gte=since).count()


def report_generation_time(now: datetime) -> float | None:
    """Return how long the slowest of the reports of the last day took, in seconds; None while none was made."""
    made = CommunityReport.objects.filter(started_at__gte=now - timedelta(days=1))
    took = [
        facts.get("generation_time_seconds")
        for facts in made.order_by("-started_at").values_list("generation_metadata", flat=True)[:LOOKED_AT]
    ]
    known = [float(seconds) for seconds in took if seconds is not None]
    return round(max(known), 3) if known else None


measure(
    "story_unlock_latency",
    metric_type="performance",
    label=_("Stories open after, 95 of 100"),
    unit="ms",
    read=story_unlock_latency,
)
measure(
    "daily_story_unlocks",
    metric_type="user_activity",
    label=_("Stories opened in a day"),
    gather="last",
    read=daily_story_unlocks,
)
measure(
    "report_generation_time",
    metric_type="performance",
    label=_("Slowest report"),
    unit="s",
    gather="last",
    read=report_generation_time,
)
