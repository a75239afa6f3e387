"""What an application needs, how far it is, and who may see it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import (
    ApplicationMessage,
    OnlusApplication,
    OnlusDocument,
    OnlusMembership,
    RiskLevel,
    User,
    VerificationCheck,
)
from goodplay.lib.working_days import working_days_between

Type = OnlusDocument.Type
Check = VerificationCheck.Type

FOR_ALL = (
    Type.LEGAL_CERTIFICATE,
    Type.TAX_EXEMPT_STATUS,
    Type.MISSION_STATEMENT,
    Type.BOARD_COMPOSITION,
    Type.INSURANCE_COVERAGE,
)
_BY_CATEGORY = {
    "healthcare": (Type.OPERATIONAL_PLAN, Type.COMPLIANCE_CERTIFICATE),
    "humanitarian": (Type.OPERATIONAL_PLAN, Type.COMPLIANCE_CERTIFICATE),
    "animal_welfare": (Type.OPERATIONAL_PLAN, Type.COMPLIANCE_CERTIFICATE),
    "education": (Type.OPERATIONAL_PLAN, Type.IMPACT_EVIDENCE),
    "social_services": (Type.OPERATIONAL_PLAN, Type.IMPACT_EVIDENCE),
    "environment": (Type.IMPACT_EVIDENCE, Type.COMPLIANCE_CERTIFICATE),
    "arts_culture": (Type.OPERATIONAL_PLAN,),
}
OPTIONAL = (Type.FINANCIAL_REPORT, Type.REFERENCES)

_CHECKS_FOR_ALL = (
    Check.LEGAL_STATUS,
    Check.TAX_EXEMPT_STATUS,
    Check.FRAUD_SCREENING,
    Check.SANCTIONS_SCREENING,
    Check.FINANCIAL_HEALTH,
    Check.INSURANCE_VERIFICATION,
    Check.OPERATIONAL_ASSESSMENT,
)
_CHECKS_BY_CATEGORY = {
    "healthcare": (Check.COMPLIANCE_CHECK, Check.IMPACT_VALIDATION),
    "environment": (Check.COMPLIANCE_CHECK, Check.IMPACT_VALIDATION),
    "education": (Check.IMPACT_VALIDATION,),
    "social_services": (Check.BACKGROUND_CHECK, Check.IMPACT_VALIDATION),
    "humanitarian": (Check.BACKGROUND_CHECK, Check.COMPLIANCE_CHECK),
    "animal_welfare": (Check.COMPLIANCE_CHECK,),
}
# Category names of older clients.
ALIASES = {
    "culture_sport": "arts_culture",
    "civil_rights": "humanitarian",
    "international_cooperation": "humanitarian",
}

RISK_POINTS = {RiskLevel.LOW: 1, RiskLevel.MEDIUM: 2, RiskLevel.HIGH: 3, RiskLevel.CRITICAL: 4}
SUBMIT_FROM = 80  # per cent
REVIEWERS_AUTHORITY = 60
"""Up to this risk one reviewer decides; above, two people do."""


# Documents and progress ------------------------------------------------------------------------------------------


def required_documents(category: str) -> tuple[OnlusDocument.Type, ...]:
    return FOR_ALL + _BY_CATEGORY.get(category, ())


def accepted_documents(category: str) -> tuple[OnlusDocument.Type, ...]:
    return required_documents(category) + OPTIONAL


def checks_for(category: str) -> tuple[VerificationCheck.Type, ...]:
    return _CHECKS_FOR_ALL + _CHECKS_BY_CATEGORY.get(category, ())


def handed_in(documents: Iterable[OnlusDocument]) -> set[str]:
    """Return the types that are there and not refused."""
    refused = {*OnlusDocument.ASKED_AGAIN, OnlusDocument.Status.SUPERSEDED}
    return {each.document_type for each in documents if each.is_latest and each.status not in refused}


def missing_documents(application: OnlusApplication, documents: Iterable[OnlusDocument]) -> list[str]:
    there = handed_in(documents)
    return [each.value for each in required_documents(application.category_id) if each.value not in there]


def filled_blocks(application: OnlusApplication) -> dict[str, bool]:
    """Say of each of the five blocks whether it is filled in."""
    row = application
    return {
        "organisation": bool(row.organization_name and row.mission_statement),
        "contact": bool(row.contact_email and row.contact_phone),
        "legal": bool(row.legal_entity_type and row.tax_id),
        "work": bool(row.description and row.operational_scope),
        "people": bool(row.leadership_team and row.board_members),
    }


def progress_of(application: OnlusApplication, documents: Iterable[OnlusDocument]) -> int:
    """Per cent, rounded down: required types that are there and filled blocks, of all of them."""
    if application.status == OnlusApplication.Status.APPROVED:
        return 100
    required = required_documents(application.category_id)
    there = len({each.value for each in required} & handed_in(documents))
    filled = sum(filled_blocks(application).values())
    return min(100, (there + filled) * 100 // (len(required) + 5))


# Verification ----------------------------------------------------------------------------------------------------


def verification_state(checks: Sequence[VerificationCheck]) -> str:
    """Say in one word how the checks stand: pending, in_progress, failed, high_risk or passed."""
    if not checks:
        return "pending"
    if any(each.status == VerificationCheck.Status.FAILED for each in checks):
        return "failed"
    if not all(each.is_over for each in checks):
        return "in_progress"
    risky = {RiskLevel.HIGH, RiskLevel.CRITICAL}
    return "high_risk" if any(each.risk_level in risky for each in checks) else "passed"


def risk_of(checks: Iterable[VerificationCheck]) -> tuple[RiskLevel, Decimal | None]:
    """Return the level and the score (25 times the mean) over the checks whose risk is known."""
    points = [RISK_POINTS[RiskLevel(each.risk_level)] for each in checks if each.risk_level != "unknown"]
    if not points:
        return RiskLevel.UNKNOWN, None
    mean = Decimal(sum(points)) / len(points)
    bounds = (("3.5", RiskLevel.CRITICAL), ("2.5", RiskLevel.HIGH), ("1.5", RiskLevel.MEDIUM))
    level = next((each for least, each in bounds if mean >= Decimal(least)), RiskLevel.LOW)
    return level, (mean * 25).quantize(Decimal("0.01"))


def verification_figures(checks: Sequence[VerificationCheck]) -> dict[str, int]:
    done = sum(each.is_over for each in checks)
    return {
        "completed": done,
        "total": len(checks),
        "percentage": done * 100 // len(checks) if checks else 0,
    }


def suggestion(application: OnlusApplication) -> str:
    """Return what the mean score suggests; a person decides."""
    score = application.compliance_score
    if score is None:
        return ""
    return "approve" if score >= 90 else "reject" if score < 40 else ""


# Time ------------------------------------------------------------------------------------------------------------

_BANDS = ((30, (10, 14)), (60, (21, 28)), (100, (30, 45)))


def service_days(application: OnlusApplication) -> tuple[int, int]:
    """Return the working days a decision should take and may take, by the band of the risk."""
    score = application.risk_score or 0
    return next(days for most, days in _BANDS if score <= most)


def service_level(application: OnlusApplication, now: datetime) -> str:
    """Say how the time stands: "good", "warn" (past the target), "bad" (past the maximum), "" when nothing runs."""
    if not application.is_open or application.submitted_at is None:
        return ""
    target, maximum = service_days(application)
    used = working_days_between(application.submitted_at, now)
    if used > maximum or application.is_overdue(now):
        return "bad"
    return "warn" if used > target else "good"


# Whose -----------------------------------------------------------------------------------------------------------


def applications_of(user_id: Any) -> QuerySet[OnlusApplication]:
    """List somebody's own applications, newest first, with all that their pages and answers tell."""
    documents = OnlusDocument.objects.select_related("file").order_by("document_type", "-version")
    checks = VerificationCheck.objects.order_by("created_at", "check_type")
    return (
        OnlusApplication.objects.filter(applicant_id=user_id)
        .select_related("category", "onlus")
        .prefetch_related(Prefetch("documents", documents), Prefetch("verification_checks", checks))
        .order_by("-created_at", "-pk")
    )


def has_application(user: User) -> bool:
    return user.applications.exists()


def has_conflict(user: User, application: OnlusApplication) -> bool:
    """Say whether somebody may not decide on this one: the applicant, its people, whoever has a seat there."""
    if application.applicant_id == user.pk or application.contact_email == user.email:
        return True
    people = [*application.leadership_team, *application.board_members]
    if any(str(each.get("email", "")).lower() == user.email for each in people):
        return True
    own = OnlusMembership.objects.filter(user=user)
    same = Q(onlus__name__iexact=application.organization_name)
    if application.tax_id:
        same |= Q(onlus__tax_id=application.tax_id)
    if application.onlus_id:
        same |= Q(onlus_id=application.onlus_id)
    return own.filter(same).exists()


def names_to_screen(application: OnlusApplication) -> tuple[str, list[str]]:
    """Return what is asked of the sanctions lists: the organisation, and each person who leads it, once."""
    people = [*application.leadership_team, *application.board_members]
    names = [" ".join(str(each.get("name", "")).split()) for each in people]
    return application.organization_name, list(dict.fromkeys(filter(None, names)))


# Who should look at it --------------------------------------------------------------------------------------------

MOST_ON_A_DESK = 10


def reviewers() -> QuerySet[User]:
    """List active staff who may review."""
    right = Permission.objects.filter(
        codename="review_onlusapplication", content_type__app_label="accounts"
    ).values("pk")
    in_groups = User.groups.through.objects.filter(group__permissions__in=right).values("user")
    own = User.user_permissions.through.objects.filter(permission__in=right).values("user")
    holds = Q(pk__in=in_groups) | Q(pk__in=own) | Q(is_superuser=True)
    return User.objects.filter(holds, is_staff=True, is_active=True).order_by("display_name", "pk")


def suggested_reviewers(application: OnlusApplication, now: datetime) -> list[tuple[User, int]]:
    """Rank those who may review: workload 30, expertise 25, availability 20, past quality 15, no conflict 10.

    Whoever has a conflict of interest, or rejected this organisation before, is left out.
    """
    all_of = OnlusApplication.objects.filter
    busy = all_of(reviewer=OuterRef("pk"), status__in=OnlusApplication.OPEN)
    decided = all_of(decided_by=OuterRef("pk"))
    there = reviewers().annotate(
        busy=_counted(busy, "reviewer"),
        decided=_counted(decided, "decided_by"),
        known=_counted(decided.filter(category=application.category_id), "decided_by"),
        overturned=_counted(decided.filter(appeal__status="granted"), "decided_by"),
    )
    awake = set(
        User.objects.filter(
            staff_sessions__seen_at__gte=now - timedelta(days=7), pk__in=there.values("pk")
        ).values_list("pk", flat=True)
    )
    before = rejected_before_by(application)
    ranked = [
        (user, _points(user, is_awake=user.pk in awake))
        for user in there
        if user.pk not in before and not has_conflict(user, application)
    ]
    return sorted(ranked, key=lambda each: (-each[1], each[0].display_name))


def _counted(rows: QuerySet[OnlusApplication], by: str) -> Coalesce:
    count = rows.order_by().values(by).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(count), 0)


def _points(user: Any, *, is_awake: bool) -> int:
    workload = max(0, 1 - user.busy / MOST_ON_A_DESK)
    expertise = user.known / user.decided if user.decided else 0.5
    quality = 1 - user.overturned / user.decided if user.decided else 0.5
    return round(30 * workload + 25 * expertise + 20 * is_awake + 15 * quality + 10)


def rejected_before_by(application: OnlusApplication) -> set[Any]:
    """Return who rejected this organisation before: somebody else looks at it now."""
    same = Q(name_key=application.name_key)
    if application.tax_id:
        same |= Q(tax_id=application.tax_id)
    rows = OnlusApplication.objects.filter(same, status=OnlusApplication.Status.REJECTED)
    found = set(rows.exclude(pk=application.pk).exclude(decided_by=None).values_list("decided_by", flat=True))
    appeal = getattr(application, "appeal", None)
    return found | ({appeal.rejected_by_id} if appeal is not None and appeal.rejected_by_id else set())


def open_questions(application: OnlusApplication) -> QuerySet[ApplicationMessage]:
    asked = application.messages.filter(kind__in=ApplicationMessage.QUESTIONS, answered_at=None)
    return asked.order_by("written_at", "pk")
