"""What compliance does by itself: checks behind reviews, cases behind grave checks, alerts, and its jobs."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from donations.models import ComplianceCheck, ComplianceNotification, Review, RiskSubject
from donations.operations.compliance import cases, checks, running
from donations.queries import compliance_settings
from donations.queries.compliance import renewals_due
from goodplay.lib.alerts.operations import raise_alert, resolve_alert

GRAVE = ("high", "critical")
RENEWED_AT_ONCE = 200
_CHECKED_AS = {
    RiskSubject.DONATION.value: ComplianceCheck.Type.AML,
    RiskSubject.TOP_UP.value: ComplianceCheck.Type.AML,
    RiskSubject.SESSION.value: ComplianceCheck.Type.FRAUD,
}


@transaction.atomic
def follow_review(*, review_id: UUID, now: datetime) -> ComplianceCheck | None:
    """Check the person whose movement waits with a grave risk; once for each review. Grave checks become a case."""
    review = Review.objects.select_related("player").get(pk=review_id)
    kind = _CHECKED_AS.get(review.subject)
    is_on = compliance_settings.current().flag("system_settings.auto_check_enabled")
    if kind is None or review.player is None or review.risk_level not in GRAVE or not is_on:
        return None
    play = review.subject == RiskSubject.SESSION
    check = running.run_check(
        user_id=review.player.pk,
        check_type=kind,
        reason=f"Review of a {review.subject}: {', '.join(review.reasons)}",
        transaction_id=None if play else review.subject_id,
        now=now,
    )
    if check.requires_review:
        case = cases.open_case(
            kind=check.check_type,
            subject_user=review.player,
            title=", ".join(review.reasons),
            risk_level=check.risk_level,
            checks=[check],
            now=now,
        )
        cases.link(case=case, target=review, actor=None, now=now)
    return check


@transaction.atomic
def warn(*, check_id: str, now: datetime) -> None:
    """Tell the staff of a check that is critical, or was escalated as far as the settings say."""
    check = ComplianceCheck.objects.get(check_id=check_id)
    settings = compliance_settings.current()
    is_far = check.escalation_level >= settings.number("system_settings.escalation_threshold")
    if not settings.flag("system_settings.notification_enabled"):
        return
    if check.is_pending and (check.risk_level == "critical" or is_far):
        _alert(check, "critical", "high", _("A check needs a decision now"), now)


def calm(*, check_id: str, now: datetime) -> None:
    for alert_type in ("critical", "expired"):
        resolve_alert(dedupe_key=f"compliance-{alert_type}-{check_id}", now=now)


def expire(*, now: datetime) -> int:
    """Let old checks expire; those nobody decided on are told about."""
    waiting = list(ComplianceCheck.objects.overdue(now).pending())
    count = checks.expire_due(now=now)
    for check in waiting:
        _alert(check, "expired", "medium", _("A check expired undecided"), now)
    return count


def renew(*, now: datetime) -> int:
    """Check people again whose last check of money is a year old, the oldest first; at most a batch."""
    due = renewals_due(now - timedelta(days=365))[:RENEWED_AT_ONCE]
    for user_id in due:
        running.run_check(
            user_id=user_id, check_type=ComplianceCheck.Type.AML, reason="Yearly review", now=now
        )
    return len(due)


def _alert(check: ComplianceCheck, alert_type: str, severity: str, title: Promise, now: datetime) -> None:
    """Tell whoever reads the alerts of compliance, and keep with the check that they were told."""
    ComplianceNotification.objects.create(
        compliance_check=check, kind=alert_type, recipient="compliance", message=str(title), sent_at=now
    )
    raise_alert(
        area="compliance",
        alert_type=alert_type,
        severity=severity,
        title=title,
        message=lambda: f"{check.check_id}: {check.get_check_type_display()}, {check.risk_level}.",
        dedupe_key=f"compliance-{alert_type}-{check.check_id}",
        data={
            "check_id": check.check_id,
            "user_id": str(check.user_id),
            "escalation_level": check.escalation_level,
        },
        source="compliance",
        now=now,
    )
