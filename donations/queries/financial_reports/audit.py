"""What an audit looks at, and what it finds. The thresholds and points are the specification's."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, F, Q
from django.db.models.functions import Round

from donations.models import (
    AllocationResult,
    ComplianceAssessment,
    ComplianceIssue,
    Donation,
    FundingPool,
)
from donations.queries.financial_reports.allocations import allocated, ended_allocations, percent
from donations.queries.financial_reports.movements import COMES_IN, GOES_OUT, flows, support
from donations.report_periods import Stretch
from goodplay.lib.money import to_cents

WARNING, CRITICAL, CLEAN = "warning", "critical", "clean"
MOST_FAILED, MOST_PENDING = Decimal(5), Decimal(2)
FEWEST_SUCCESSFUL, FAR_TOO_FEW = Decimal(90), Decimal(80)
LONGEST_SECONDS = Decimal(300)
MOST_DEPLETED = Decimal(30)
COSTS = {CRITICAL: 20, WARNING: 10}
_TAKEN = Round(F("reserved") + F("spent"), precision=2)  # SQLite adds in floating point
_PENDING = (Donation.Status.PENDING, Donation.Status.PROCESSING)


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    severity: str
    value: Decimal
    threshold: Decimal

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "value": self.value,
            "threshold": self.threshold,
        }


def audit_figures(stretch: Stretch, scope: Iterable[str]) -> dict[str, Any]:
    sections = {name: SECTIONS[name](stretch) for name in scope}
    found = findings(sections)
    return {
        "sections": sections,
        "findings": [each.facts for each in found],
        "score": score(found),
        "audit_status": verdict(found),
    }


def findings(sections: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """Hold the figures against the thresholds; what is not known, or not looked at, is no finding."""
    donations, allocations = sections.get("transactions", {}), sections.get("allocations", {})
    pools = sections.get("funding_pools", {})
    found = [
        _above("failed_donations", donations.get("failed_rate"), MOST_FAILED),
        _above("pending_donations", donations.get("pending_rate"), MOST_PENDING),
        _success(allocations.get("allocation_success_rate")),
        _above("slow_allocations", allocations.get("mean_allocation_seconds"), LONGEST_SECONDS),
        _above("depleted_pools", pools.get("depleted_rate"), MOST_DEPLETED),
    ]
    return [each for each in found if each is not None]


def score(found: Iterable[Finding]) -> int:
    return max(0, 100 - sum(COSTS[each.severity] for each in found))


def verdict(found: Iterable[Finding]) -> str:
    severities = {each.severity for each in found}
    return next((each for each in (CRITICAL, WARNING) if each in severities), CLEAN)


def _above(code: str, value: Decimal | None, threshold: Decimal) -> Finding | None:
    return Finding(code, WARNING, value, threshold) if value is not None and value > threshold else None


def _success(rate: Decimal | None) -> Finding | None:
    if rate is None or rate >= FEWEST_SUCCESSFUL:
        return None
    if rate < FAR_TOO_FEW:
        return Finding("failed_allocations", CRITICAL, rate, FAR_TOO_FEW)
    return Finding("failed_allocations", WARNING, rate, FEWEST_SUCCESSFUL)


# The sections ----------------------------------------------------------------------------------------------------


def _transactions(stretch: Stretch) -> dict[str, Any]:
    begun = Donation.objects.filter(created_at__gte=stretch.start, created_at__lt=stretch.end)
    counts = begun.aggregate(
        donation_count=Count("pk"),
        failed_count=Count("pk", filter=Q(status=Donation.Status.FAILED)),
        pending_count=Count("pk", filter=Q(status__in=_PENDING)),
    )
    sums = flows(support(stretch), COMES_IN, GOES_OUT)
    return {
        **counts,
        "failed_rate": percent(counts["failed_count"], counts["donation_count"]),
        "pending_rate": percent(counts["pending_count"], counts["donation_count"]),
        "total_donations": sums["donations"],
        "given_back": sums["donations_given_back"],
    }


def _allocations(stretch: Stretch) -> dict[str, Any]:
    waiting = AllocationResult.objects.filter(
        status=AllocationResult.Status.SCHEDULED, created_at__lt=stretch.end
    )
    return {
        **ended_allocations(stretch),
        "under_way_count": waiting.count(),
        "total_allocated_amount": allocated(support(stretch), stretch, COMES_IN, GOES_OUT),
    }


def _compliance(stretch: Stretch) -> dict[str, Any]:
    made = ComplianceAssessment.objects.filter(
        assessed_at__gte=stretch.start, assessed_at__lt=stretch.end
    ).aggregate(assessment_count=Count("pk"), mean=Avg("overall_score"))
    critical = Q(severity=ComplianceIssue.Severity.CRITICAL)
    issues = ComplianceIssue.objects.open().aggregate(
        open_issue_count=Count("pk"), critical_issue_count=Count("pk", filter=critical)
    )
    mean = made["mean"]
    return {
        "assessment_count": made["assessment_count"],
        "mean_assessment_score": None if mean is None else to_cents(Decimal(mean)),
        **issues,
    }


def _funding_pools(stretch: Stretch) -> dict[str, Any]:
    """Look at the pools as they stand; one is depleted when nothing is left that is not promised."""
    counts = FundingPool.objects.exclude(status=FundingPool.Status.CLOSED).aggregate(
        pool_count=Count("pk"),
        depleted_count=Count("pk", filter=Q(total__lte=_TAKEN)),
    )
    return {**counts, "depleted_rate": percent(counts["depleted_count"], counts["pool_count"])}


SECTIONS: Mapping[str, Callable[[Stretch], dict[str, Any]]] = {
    "transactions": _transactions,
    "allocations": _allocations,
    "compliance": _compliance,
    "funding_pools": _funding_pools,
}
SCOPES = tuple(SECTIONS)
