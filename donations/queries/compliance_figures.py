"""The figures of the compliance dashboard: each counts rows a list of the back office can show."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, Q

from donations.models import Case, ComplianceCheck, IdentityVerification, Review, RiskDecision, ScreeningHit
from donations.queries.compliance import RISKS
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.alerts.models import Alert, Area

AGES = (1, 3, 7)  # days


def reviews() -> dict[str, Any]:
    return Review.objects.open().aggregate(count=Count("pk"), oldest=Min("created_at"))


def checks_by_risk() -> dict[str, int]:
    """Count the checks that wait for a person, the gravest first."""
    counted = dict(ComplianceCheck.objects.pending().values_list("risk_level").annotate(count=Count("pk")))
    return {risk: counted.get(risk, 0) for risk in reversed(RISKS)}


def identities() -> int:
    """Count who handed in documents and waits for a person."""
    return IdentityVerification.objects.filter(status=IdentityVerification.Status.SUBMITTED).count()


def hits() -> int:
    return ScreeningHit.objects.open().count()


def cases(now: datetime) -> dict[str, int]:
    return Case.objects.open().aggregate(
        open=Count("pk"),
        late=Count("pk", filter=Q(due_at__lte=now)),
        unassigned=Count("pk", filter=Q(assignee=None)),
        closing=Count("pk", filter=Q(status=Case.Status.CLOSING)),
    )


def closed_in_time(period: Period) -> tuple[int, int]:
    """Return how many of the cases closed in the period were closed by their deadline, and how many there were."""
    start, end = period.bounds
    rows = Case.objects.filter(closed_at__gte=start, closed_at__lt=end)
    found = rows.aggregate(all=Count("pk"), good=Count("pk", filter=Q(closed_at__lte=F("due_at"))))
    return found["good"], found["all"]


def alerts() -> int:
    return Alert.objects.unresolved().filter(area=Area.COMPLIANCE).count()


def decisions(period: Period) -> dict[str, int]:
    """Count what the rules decided in the period, by action."""
    start, end = period.bounds
    rows = RiskDecision.objects.filter(created_at__gte=start, created_at__lt=end)
    return dict(rows.order_by().values_list("action").annotate(count=Count("pk")))


def next_cases(most: int) -> list[Case]:
    """Return the open cases that are due first."""
    rows = Case.objects.open().select_related("assignee", "subject_user", "subject_onlus")
    return list(rows.order_by("due_at", "id")[:most])
