"""Who plays, who is new, and who comes back, from the days summed up before."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from donations.models import PlayerDay
from donations.queries.analytics.cohorts import Cohort, months_until, registrations
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.time import next_month
from impact.models import CommentReport, CommunityReport, ImpactMetric, ImpactUpdate

RETENTION_MONTHS = 6
LATEST_REPORTS = 200
AGES = [timedelta(0), timedelta(days=3), timedelta(days=7), timedelta(days=30)]


@dataclass(frozen=True, slots=True)
class Activity:
    """Game sessions that began in a period, and the people who began them."""

    sessions: int
    players: int


@dataclass(frozen=True, slots=True)
class Queues:
    """What waits for a moderator."""

    pending_metrics: int
    disputed_metrics: int
    removed_updates: int
    stale_metrics: int
    reported_comments: int


@dataclass(frozen=True, slots=True)
class ReportHealth:
    published: int
    failed: int
    waiting: int
    slowest: float | None
    """In seconds, of those published in the period."""


def report_health(period: Period) -> ReportHealth:
    start, end = period.bounds
    status = CommunityReport.Status
    out = CommunityReport.objects.filter(published_at__gte=start, published_at__lt=end)
    made = out.order_by("-published_at").values_list("generation_metadata", flat=True)[:LATEST_REPORTS]
    took = [float(facts["generation_time_seconds"]) for facts in made if "generation_time_seconds" in facts]
    return ReportHealth(
        published=out.count(),
        failed=CommunityReport.objects.filter(status=status.ERROR).count(),
        waiting=CommunityReport.objects.filter(status=status.COMPLETED).count(),
        slowest=max(took, default=None),
    )


def activity(period: Period) -> tuple[Activity, Activity, int]:
    """Return the period's activity, that of as many days before, and how many players were there in both."""
    both = PlayerDay.objects.filter(day__range=(period.before.first, period.last))
    now, then = Q(day__gte=period.first), Q(day__lt=period.first)
    sums = both.aggregate(
        begun=Sum("sessions", filter=now),
        before=Sum("sessions", filter=then),
        players=Count("player", distinct=True, filter=now),
        players_before=Count("player", distinct=True, filter=then),
        in_all=Count("player", distinct=True),
    )
    again = sums["players"] + sums["players_before"] - sums["in_all"]
    return (
        Activity(sums["begun"] or 0, sums["players"]),
        Activity(sums["before"] or 0, sums["players_before"]),
        again,
    )


def activity_by_day(period: Period) -> tuple[list[int], list[int]]:
    """Count sessions, and players, on each day of the period."""
    rows = PlayerDay.objects.filter(day__range=(period.first, period.last)).values("day")
    found = {
        row["day"]: (row["begun"], row["people"])
        for row in rows.annotate(begun=Sum("sessions"), people=Count("pk")).order_by("day")
    }
    days = [found.get(day, (0, 0)) for day in period.dates]
    return [begun for begun, _people in days], [people for _begun, people in days]


def player_cohorts(last: date) -> list[Cohort]:
    """Follow those who registered in each of the last months: how many played in that month, in the next, and so on."""
    months = months_until(last, RETENTION_MONTHS)
    registered = registrations(months)
    rows = (
        PlayerDay.objects.filter(cohort__gte=months[0], day__gte=months[0], day__lt=next_month(months[-1]))
        .values("cohort", month=TruncMonth("day"))
        .annotate(people=Count("player", distinct=True))
        .order_by("cohort", "month")
    )
    played = {(row["cohort"], row["month"]): row["people"] for row in rows}
    return [
        Cohort(month, registered[month], tuple(played.get((month, later), 0) for later in months[number:]))
        for number, month in enumerate(months)
    ]


def moderation(now: datetime) -> Queues:
    waiting = ImpactMetric.Verification
    metrics = ImpactMetric.objects.filter(is_active=True)
    return Queues(
        pending_metrics=metrics.filter(verification_status=waiting.PENDING).count(),
        disputed_metrics=metrics.filter(verification_status=waiting.DISPUTED).count(),
        removed_updates=ImpactUpdate.objects.filter(status=ImpactUpdate.Status.REMOVED).count(),
        stale_metrics=ImpactMetric.objects.stale(now).count(),
        reported_comments=CommentReport.objects.filter(settled_at=None, comment__deleted_at=None)
        .values("comment")
        .distinct()
        .count(),
    )


def verification_ages(now: datetime) -> list[tuple[timedelta, int]]:
    """Count the metrics that wait to be verified by how long they have, from each of the ages on."""
    waiting = ImpactMetric.objects.to_verify().values_list("collection_date", flat=True)
    ages = [now - moment for moment in waiting]
    return [
        (since, sum(since <= age < until for age in ages))
        for since, until in zip(AGES, [*AGES[1:], timedelta.max], strict=True)
    ]
