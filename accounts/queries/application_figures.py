"""Applications in figures: what waits, what was decided, how long it took, and on whose desk it lies."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import TruncDate

from accounts.models import (
    ApplicationAppeal,
    ApprovalCondition,
    OnlusApplication,
    OnlusDocument,
    VerificationCheck,
)
from goodplay.lib.time import ROME, rome_day

Status = OnlusApplication.Status
SOON = timedelta(days=3)
ENDS_SOON = timedelta(days=30)
DECIDED = (Status.APPROVED, Status.REJECTED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many of each wait now."""

    open: int
    unassigned: int
    late: int
    soon: int
    with_applicant: int
    escalated: int
    appeals: int
    papers: int
    ending: int
    checks: int
    conditions_late: int


def handed_in() -> QuerySet[OnlusApplication]:
    return OnlusApplication.objects.filter(submitted_at__isnull=False)


def waiting(now: datetime) -> Waiting:
    """Count what is on the desks, in five queries."""
    is_open = Q(status__in=OnlusApplication.OPEN)
    counted = handed_in().aggregate(
        open=Count("pk", is_open),
        unassigned=Count("pk", is_open & Q(reviewer=None)),
        late=Count("pk", is_open & Q(review_deadline__lt=now)),
        soon=Count("pk", is_open & Q(review_deadline__gte=now, review_deadline__lt=now + SOON)),
        with_applicant=Count("pk", Q(status=Status.DOCUMENTATION_PENDING)),
        escalated=Count("pk", is_open & Q(escalated_at__isnull=False)),
    )
    of_open = Q(application__status__in=OnlusApplication.OPEN)
    ends = Q(expires_at__gt=now, expires_at__lte=now + ENDS_SOON, is_latest=True)
    papers = OnlusDocument.objects.exclude(application__submitted_at=None).aggregate(
        papers=Count("pk", of_open & Q(status__in=OnlusDocument.WAITING)), ending=Count("pk", ends)
    )
    checks = VerificationCheck.objects.filter(of_open).exclude(status__in=VerificationCheck.OVER).count()
    late = ApprovalCondition.objects.filter(met_at=None, due_on__lt=rome_day(now)).count()
    appeals = ApplicationAppeal.objects.filter(status=ApplicationAppeal.Status.OPEN).count()
    return Waiting(**counted, **papers, appeals=appeals, checks=checks, conditions_late=late)


def decided(bounds: tuple[datetime, datetime]) -> dict[str, Any]:
    """Count what was decided in a period, and the mean time it took."""
    rows = handed_in().filter(status__in=DECIDED, closed_at__gte=bounds[0], closed_at__lt=bounds[1])
    return rows.aggregate(
        approved=Count("pk", Q(status=Status.APPROVED)),
        rejected=Count("pk", Q(status=Status.REJECTED)),
        taken=Avg(F("closed_at") - F("submitted_at")),
    )


def by_day(bounds: tuple[datetime, datetime], days: list[date]) -> tuple[list[int], list[int]]:
    """Return how many were handed in, and how many decided, on each of the days."""
    came = _per_day(handed_in(), "submitted_at", bounds)
    went = _per_day(handed_in().filter(status__in=DECIDED), "closed_at", bounds)
    return [came.get(day, 0) for day in days], [went.get(day, 0) for day in days]


def _per_day(
    rows: QuerySet[OnlusApplication], column: str, bounds: tuple[datetime, datetime]
) -> dict[date, int]:
    within = rows.filter(**{f"{column}__gte": bounds[0], f"{column}__lt": bounds[1]})
    counted = within.annotate(day=TruncDate(column, tzinfo=ROME)).values("day")
    return dict(counted.annotate(count=Count("pk")).values_list("day", "count").order_by("day"))


def by_status() -> list[tuple[str, int, float]]:
    """Return each state with how many are in it and how complete they are, drafts included: they are only counted."""
    rows = OnlusApplication.objects.values("status").annotate(count=Count("pk"), mean=Avg("progress"))
    return list(rows.values_list("status", "count", "mean").order_by("-count", "status"))


def by_category() -> list[tuple[str, str, int, int]]:
    """Return each field of work, by its English and its Italian name, with how many are open and how many were taken in."""
    is_open, is_in = Q(status__in=OnlusApplication.OPEN), Q(status=Status.APPROVED)
    named = handed_in().values("category__name", "category__name_it")
    counted = named.annotate(open=Count("pk", is_open), taken=Count("pk", is_in))
    columns = ("category__name", "category__name_it", "open", "taken")
    return list(counted.values_list(*columns).order_by("category__name"))


def by_reviewer(now: datetime) -> list[tuple[str, int, int]]:
    """Return who has open ones: their name, how many, and how many of them are late."""
    rows = OnlusApplication.objects.open().exclude(reviewer=None).values("reviewer", "reviewer__display_name")
    counted = rows.annotate(open=Count("pk"), late=Count("pk", Q(review_deadline__lt=now)))
    return list(counted.values_list("reviewer__display_name", "open", "late").order_by("-open", "reviewer"))
