"""What is known of organisations, for their assessments, and what the assessments say."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import Onlus, VerificationCheck
from donations.assessment_sources import reported_figures
from donations.models import (
    AllocationResult,
    ComplianceAssessment,
    ComplianceIssue,
    ComplianceRecommendation,
    Donation,
)
from donations.queries.assessment_score import WEIGHTS, Facts
from goodplay.lib.kept import kept, mark_after_commit
from goodplay.lib.money import to_cents

OVERDUE = timedelta(days=7)
LATELY = timedelta(days=30)
"""So long a check that failed counts."""
FEWEST_PEERS = 5
TOP_KEY, TOP_MARK, TOP_KEPT_FOR, MOST_TOP = "compliance:top", "compliance:top:mark", 3600, 100
GIVEN = (AllocationResult.Status.COMPLETED, AllocationResult.Status.PARTIAL)
ENDED = (*GIVEN, AllocationResult.Status.FAILED)


def facts_of(onlus: Onlus, start: datetime, now: datetime) -> Facts:
    """Gather what the formula weighs, from what happened since `start`. Six queries."""
    results = list(
        AllocationResult.objects.filter(
            request__onlus=onlus, status__in=ENDED, finished_at__gte=start, finished_at__lt=now
        ).order_by("finished_at", "pk")
    )
    given = [each for each in results if each.status in GIVEN]
    shares = _reported(given, reported_figures([onlus.pk]).get(onlus.pk, []))
    gifts = Donation.objects.filter(onlus=onlus, created_at__gte=start, created_at__lt=now)
    passed, failed = _checks(onlus, now)
    return Facts(
        verification_level=onlus.verification_level,
        status=onlus.status,
        compliance_status=onlus.compliance_status,
        has_tax_id=bool(onlus.tax_id),
        has_legal_form=bool(onlus.legal_entity_type),
        has_incorporation_date=onlus.incorporation_date is not None,
        days_since_verification=(now - onlus.checked_at).days if onlus.checked_at else None,
        success=_part(len(given), len(results)),
        efficiency=_mean([each.given_amount / each.target_amount for each in results]),
        processing_seconds=_mean([_seconds(each) for each in results]),
        reported=shares[0],
        well_reported=shares[1],
        passed_checks=passed,
        failed_checks=failed,
        repeat_donors=_repeat_donors(gifts),
        completion=_completion(gifts),
    )


def _reported(
    given: Sequence[AllocationResult], collected: Sequence[datetime]
) -> tuple[Decimal | None, Decimal | None]:
    """Reckon after how many of the results figures were reported, and after how many three or more."""
    counts = [sum(moment >= (each.finished_at or each.created_at) for moment in collected) for each in given]
    return _part(sum(count >= 1 for count in counts), len(counts)), _part(
        sum(count >= 3 for count in counts), len(counts)
    )


def _checks(onlus: Onlus, now: datetime) -> tuple[int, int]:
    """Count the checks of its dossier that were passed, and those that failed lately."""
    state = VerificationCheck.Status
    counts = VerificationCheck.objects.filter(application__onlus=onlus).aggregate(
        passed=Count("pk", filter=Q(status=state.COMPLETED)),
        failed=Count("pk", filter=Q(status=state.FAILED, completed_at__gt=now - LATELY)),
    )
    return counts["passed"], counts["failed"]


def _seconds(result: AllocationResult) -> Decimal:
    finished = result.finished_at or result.created_at
    return Decimal((finished - result.created_at).total_seconds())


def _repeat_donors(gifts: QuerySet[Donation]) -> Decimal | None:
    donors = (
        gifts.filter(status=Donation.Status.COMPLETED).order_by().values("donor").annotate(times=Count("pk"))
    )
    times = Counter(row["times"] >= 2 for row in donors)
    return _part(times[True], times.total())


def _completion(gifts: QuerySet[Donation]) -> Decimal | None:
    """Return which part of the gifts that came to an end was completed and kept."""
    ended = Q(status=Donation.Status.COMPLETED)
    broken = Q(status__in=(Donation.Status.FAILED, Donation.Status.CANCELLED, Donation.Status.REFUNDED))
    counts = gifts.aggregate(done=Count("pk", filter=ended), all=Count("pk", filter=ended | broken))
    return _part(counts["done"], counts["all"])


def _part(some: int, of_all: int) -> Decimal | None:
    return Decimal(some) / of_all if of_all else None


def _mean(values: list[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if values else None


# What is due, and what is shown ----------------------------------------------------------------------------------


def due_for_assessment(now: datetime) -> QuerySet[Onlus]:
    """List verified organisations that were never assessed, or whose next assessment is due."""
    fresh = ComplianceAssessment.objects.filter(is_current=True, next_due_at__gt=now)
    closed = Onlus.Status.DEACTIVATED
    return (
        Onlus.objects.filter(verified_at__isnull=False)
        .exclude(status=closed)
        .exclude(pk__in=fresh.values("onlus"))
        .order_by("pk")
    )


def at_risk() -> QuerySet[ComplianceAssessment]:
    risky = (ComplianceAssessment.Risk.HIGH, ComplianceAssessment.Risk.CRITICAL)
    return _current().filter(risk_level__in=risky).order_by("overall_score", "pk")


def overdue(now: datetime) -> QuerySet[ComplianceAssessment]:
    return _current().filter(next_due_at__lt=now - OVERDUE).order_by("next_due_at", "pk")


def _current() -> QuerySet[ComplianceAssessment]:
    live = (Onlus.Status.ACTIVE, Onlus.Status.UNDER_REVIEW, Onlus.Status.SUSPENDED)
    return ComplianceAssessment.objects.filter(is_current=True, onlus__status__in=live).select_related(
        "onlus"
    )


def current_of(onlus_id: UUID) -> ComplianceAssessment | None:
    return ComplianceAssessment.objects.filter(onlus=onlus_id, is_current=True).first()


def history_of(onlus_id: UUID) -> QuerySet[ComplianceAssessment]:
    return ComplianceAssessment.objects.filter(onlus=onlus_id).order_by("-assessed_at", "-id")


def open_issues(onlus_id: UUID) -> QuerySet[ComplianceIssue]:
    return ComplianceIssue.objects.open().filter(onlus=onlus_id).order_by("-identified_at", "-id")


def recommendations_for(onlus_id: UUID) -> QuerySet[ComplianceRecommendation]:
    open_ones = ComplianceRecommendation.objects.filter(onlus=onlus_id, done_at=None)
    return open_ones.order_by("-expected_gain", "pk")


def benchmarks(assessment: ComplianceAssessment, category: str) -> dict[str, dict[str, Any]]:
    """Compare with the current assessments of others in the same field; nothing when they are fewer than five."""
    others = ComplianceAssessment.objects.filter(
        is_current=True, onlus__category=category, onlus__status=Onlus.Status.ACTIVE
    ).exclude(onlus=assessment.onlus_id)
    peers = list(others.values_list("categories", flat=True))
    if len(peers) < FEWEST_PEERS:
        return {}
    return {name: _compared(assessment.categories, peers, name) for name in WEIGHTS}


def top_performers() -> list[dict[str, Any]]:
    """List the best assessed organisations of those the public sees; kept for an hour, or until one is assessed anew.

    Names, and who is public, are asked for each time: one that was suspended since is gone at once.
    """
    best = kept(TOP_KEY, (TOP_MARK,), TOP_KEPT_FOR, _top_performers)
    public = Onlus.objects.public().filter(pk__in=[row["onlus_id"] for row in best])
    names = dict(public.values_list("pk", "name"))
    found = [row for row in best if row["onlus_id"] in names]
    return [
        {**row, "organization_name": names[row["onlus_id"]], "rank": rank}
        for rank, row in enumerate(found, start=1)
    ]


def forget_top_performers() -> None:
    mark_after_commit(TOP_MARK)


def _top_performers() -> list[dict[str, Any]]:
    public = Onlus.objects.public().values("pk")
    best = ComplianceAssessment.objects.filter(is_current=True, onlus__in=public)
    rows = best.order_by("-overall_score", "onlus__name", "pk")[:MOST_TOP]
    return [
        {
            "onlus_id": row.onlus_id,
            "overall_score": row.overall_score,
            "category_scores": {name: row.categories[name]["score"] for name in WEIGHTS},
            "compliance_level": row.level,
        }
        for row in rows
    ]


def _compared(own: dict[str, Any], peers: Iterable[dict[str, Any]], name: str) -> dict[str, Any]:
    value, theirs = Decimal(own[name]["score"]), [Decimal(each[name]["score"]) for each in peers]
    below = sum(each < value for each in theirs)
    return {
        "organization_value": value,
        "peer_average": to_cents(sum(theirs, Decimal(0)) / len(theirs)),
        "percentile": below * 100 // len(theirs),
    }
