"""What compliance reports on besides its checks: what the rules stopped, what staff did, what an authority asks."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Avg,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import TruncDate

from donations.models import (
    Case,
    ComplianceCheck,
    ComplianceSettings,
    Donation,
    IdentityVerification,
    PaymentIntent,
    Review,
    RiskDecision,
    RiskRule,
    ScreeningDecision,
    ScreeningEdition,
    ScreeningHit,
)
from donations.queries.sums import euros_of
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.time import ROME

STOPPED = (RiskDecision.Action.REVIEW, RiskDecision.Action.BLOCK)
HIGH_FLAGGED, HIGH_FAILED, MEDIUM_FLAGGED, MEDIUM_FAILED = 50, 100, 20, 50
WATCHED = (
    "case",
    "compliancecheck",
    "compliancesettings",
    "fraudflag",
    "identitylevel",
    "identityverification",
    "review",
    "riskrule",
    "screeningedition",
    "screeninghit",
)
"""The kinds of rows whose trail is the trail of compliance."""


def flagged(*, since: datetime, subject: str = "", action: str = "") -> QuerySet[RiskDecision]:
    """List the movements the rules held or refused, newest first, each with what became of its review."""
    rows = RiskDecision.objects.filter(created_at__gte=since, action__in=[action] if action else STOPPED)
    if subject:
        rows = rows.filter(subject=subject)
    decided = Review.objects.filter(subject=OuterRef("subject"), subject_id=OuterRef("subject_id"))
    return rows.annotate(review_status=Subquery(decided.values("status")[:1])).order_by("-created_at", "-id")


def failed_movements(since: datetime) -> int:
    failed = PaymentIntent.objects.filter(status=PaymentIntent.Status.FAILED, created_at__gte=since).count()
    return failed + Donation.objects.filter(status=Donation.Status.FAILED, created_at__gte=since).count()


def overall_risk(flagged_count: int, failed_count: int) -> str:
    if flagged_count > HIGH_FLAGGED or failed_count > HIGH_FAILED:
        return "high"
    return "medium" if flagged_count > MEDIUM_FLAGGED or failed_count > MEDIUM_FAILED else "low"


def trail_of_compliance(*, action: str = "") -> QuerySet[AuditEntry]:
    """List what staff and the system did in compliance, newest first."""
    kinds = [f"donations.{name}" for name in WATCHED]
    rows = AuditEntry.objects.filter(target_type__in=kinds).select_related("actor")
    return (rows.filter(action=action) if action else rows).order_by("-sequence")


def detailed(*, since: datetime, until: datetime) -> dict[str, Any]:
    """Tell the checks of a period apart: by day, type and outcome, by what was found, and by who decided how fast."""
    rows = ComplianceCheck.objects.filter(created_at__gte=since, created_at__lt=until).order_by()
    took = ExpressionWrapper(F("reviewed_at") - F("created_at"), output_field=DurationField())
    reviewed = rows.filter(reviewed_at__isnull=False)
    days = rows.annotate(day=TruncDate("created_at", tzinfo=ROME)).values("day")
    by_person = reviewed.values("reviewed_by_id").annotate(decided=Count("pk"), took=Avg(took))
    average = reviewed.aggregate(took=Avg(took))["took"]
    factors: dict[str, int] = {}
    for found in rows.values_list("risk_factors", flat=True).iterator(chunk_size=2000):
        for code in found:
            factors[code] = factors.get(code, 0) + 1
    return {
        "daily": list(days.annotate(count=Count("pk")).order_by("day")),
        "outcomes": list(
            rows.values("check_type", "status").annotate(count=Count("pk")).order_by("check_type", "status")
        ),
        "risk_factors": dict(sorted(factors.items(), key=lambda each: (-each[1], each[0]))),
        "reviewers": [
            {
                "reviewer_id": each["reviewed_by_id"],
                "decided": each["decided"],
                "average_hours": _hours(each["took"]),
            }
            for each in by_person.order_by("-decided", "reviewed_by_id")
        ],
        "average_hours_to_decision": _hours(average),
    }


def regulatory(*, since: datetime, until: datetime) -> dict[str, Any]:
    """Tell what an authority asks about: suspicions and what came of them, who was known and screened, by what rules."""
    within = {"gte": since, "lt": until}
    return {
        "cases": {
            "opened": Case.objects.filter(**_in("opened_at", within)).count(),
            "closed": _by(Case, "closed_at", within, "outcome"),
            "open_at_end": Case.objects.filter(opened_at__lt=until).exclude(closed_at__lt=until).count(),
        },
        "held": {
            "count": Review.objects.filter(**_in("created_at", within)).count(),
            "amount": euros_of(
                Review.objects.filter(**_in("created_at", within)).aggregate(sum=Sum("amount"))["sum"]
            ),
            "by_outcome": _by(Review, "created_at", within, "status"),
        },
        "decisions": _by(RiskDecision, "created_at", within, "action"),
        "identities": _by(IdentityVerification, "decided_at", within, "status"),
        "screening": {
            "answers": ScreeningDecision.objects.filter(**_in("decided_at", within)).count(),
            "hits": _by(ScreeningHit, "opened_at", within, "status"),
            "lists": list(_lists_until(until)),
        },
        "rules_in_force": list(
            RiskRule.objects.filter(status=RiskRule.Status.ACTIVE)
            .order_by("subject", "code")
            .values("subject", "code", "version", "action", "score")
        ),
        "settings_versions": ComplianceSettings.objects.filter(**_in("created_at", within)).count(),
    }


def _lists_until(until: datetime) -> QuerySet[ScreeningEdition, Any]:
    """Name the editions that were in force at the end."""
    believed = ScreeningEdition.objects.exclude(status=ScreeningEdition.Status.REFUSED)
    rows = believed.filter(imported_at__lt=until).exclude(superseded_at__lt=until)
    return rows.order_by("source").values("source", "vintage", "published_on", "entry_count")


def _in(column: str, within: dict[str, datetime]) -> dict[str, Any]:
    return {f"{column}__{name}": moment for name, moment in within.items()}


def _by(model: Any, moment: str, within: dict[str, datetime], column: str) -> dict[str, int]:
    rows = model.objects.filter(**_in(moment, within)).order_by(column)
    return dict(rows.values_list(column).annotate(count=Count("pk")))


def _hours(length: timedelta | None) -> float | None:
    return None if length is None else round(length.total_seconds() / 3600, 2)
