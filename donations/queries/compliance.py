"""Reads of compliance: where a person stands, what waits, what a period brought."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case as Choice
from django.db.models import Count, IntegerField, Max, Model, Q, QuerySet, Value, When

from donations.models import Case, ComplianceCheck, RiskLevel
from goodplay.lib.alerts.models import Alert, Area, Severity

Status = ComplianceCheck.Status
REVIEWED_AGAIN = timedelta(days=365)
HUNDRED = Decimal(100)
RISKS = [level.value for level in RiskLevel]

BY_RISK = Choice(
    *(When(risk_level=level, then=Value(-place)) for place, level in enumerate(RISKS)),
    output_field=IntegerField(),
)


def checks() -> QuerySet[ComplianceCheck]:
    return ComplianceCheck.objects.select_related("user").order_by("-created_at", "-id")


def cases_about(target: Model) -> QuerySet[Case]:
    """List the cases a check, a hit or a review belongs to, the newest first."""
    named = {"links__target_type": target._meta.label_lower, "links__target_id": str(target.pk)}
    return Case.objects.filter(**named).order_by("-opened_at", "-id")


def pending_checks(*, check_type: str = "", risk_level: str = "") -> QuerySet[ComplianceCheck]:
    """List what waits for a person, the gravest first, then the oldest."""
    rows = ComplianceCheck.objects.pending()
    if check_type:
        rows = rows.filter(check_type=check_type)
    if risk_level:
        rows = rows.filter(risk_level=risk_level)
    return rows.order_by(BY_RISK, "created_at", "id")


def status_of(user_id: UUID, now: datetime) -> dict[str, Any]:
    """Tell where a person stands: by the latest check of each type, of which none may have failed or be waiting."""
    counted = ComplianceCheck.objects.annotate(notifications_count=Count("notifications"))
    rows = list(counted.filter(user_id=user_id).order_by("-created_at", "-id")[:500])
    latest = list({row.check_type: row for row in reversed(rows)}.values())
    waiting = [row for row in rows if row.is_pending and not row.is_expired(now)]
    passed = [row for row in latest if row.status in (Status.PASSED, Status.EXEMPTED)]
    failed = [row for row in latest if row.status == Status.FAILED]
    completed = [row.completed_at for row in rows if row.completed_at]
    return {
        "user_id": user_id,
        "overall_status": _overall(latest, waiting, failed, now),
        "last_check_date": rows[0].created_at if rows else None,
        "pending_checks": waiting,
        "passed_checks": passed,
        "failed_checks": failed,
        "next_review_date": max(completed) + REVIEWED_AGAIN if completed else None,
        "risk_level": _gravest(row.risk_level for row in latest),
        "compliance_score": min((row.compliance_score for row in latest), default=None),
    }


def report(*, since: datetime, until: datetime) -> dict[str, Any]:
    """Count the checks of a period: by outcome, risk and type."""
    rows = ComplianceCheck.objects.filter(created_at__gte=since, created_at__lt=until)
    counted = rows.aggregate(
        total_checks=Count("pk"),
        passed_checks=Count("pk", filter=Q(status__in=[Status.PASSED, Status.EXEMPTED])),
        failed_checks=Count("pk", filter=Q(status=Status.FAILED)),
        pending_checks=Count("pk", filter=Q(status__in=ComplianceCheck.PENDING)),
        expired_checks=Count("pk", filter=Q(status=Status.EXPIRED)),
        escalated_checks=Count("pk", filter=Q(escalation_level__gt=0)),
        **{f"{level}_risk": Count("pk", filter=Q(risk_level=level)) for level in RISKS},
    )
    risks = {f"{level}_risk": counted.pop(f"{level}_risk") for level in RISKS}
    decided = counted["passed_checks"] + counted["failed_checks"]
    rate = HUNDRED * counted["passed_checks"] / decided if decided else None
    counted["success_rate"] = rate.quantize(Decimal("0.01")) if rate is not None else None
    by_type = dict(rows.order_by().values_list("check_type").annotate(count=Count("pk")))
    types = {name: by_type.get(name, 0) for name in ComplianceCheck.Type.values}
    return {"summary": counted, "risk_analysis": risks, "check_types": types}


def alerts(*, alert_type: str = "") -> QuerySet[Alert]:
    """List the warnings of compliance nobody resolved, the most urgent first. What is neither critical nor expired is
    an anomaly."""
    rows = Alert.objects.unresolved().filter(area=Area.COMPLIANCE)
    if alert_type == "anomaly":
        rows = rows.exclude(alert_type__in=["critical", "expired"])
    elif alert_type:
        rows = rows.filter(alert_type=alert_type)
    return rows.by_urgency()


def urgent(rows: QuerySet[Alert]) -> int:
    return rows.filter(severity__in=[Severity.CRITICAL, Severity.HIGH]).count()


def renewals_due(before: datetime) -> list[UUID]:
    """Name the people whose last check of money was made before, the oldest first."""
    rows = ComplianceCheck.objects.filter(check_type=ComplianceCheck.Type.AML, user__is_active=True)
    last = rows.order_by().values("user_id").annotate(last=Max("created_at"))
    return list(last.filter(last__lte=before).order_by("last", "user_id").values_list("user_id", flat=True))


def _overall(
    latest: Sequence[ComplianceCheck],
    waiting: Sequence[ComplianceCheck],
    failed: Sequence[ComplianceCheck],
    now: datetime,
) -> str:
    if failed:
        return "non_compliant"
    if waiting:
        return "pending_review"
    if not latest:
        return "not_checked"
    return "expired" if any(row.is_expired(now) for row in latest) else "compliant"


def _gravest(levels: Iterable[str]) -> str | None:
    return max(levels, key=RISKS.index, default=None)
