"""What is measured of sign-ins and staff."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import AddressBlock, LoginSession, OnlusApplication, StaffSession, VerificationCheck
from accounts.queries.suspicious import watch
from goodplay.lib.metrics.registry import measure

IN_USE = timedelta(minutes=60)
LATELY = timedelta(days=30)


def suspicious_activities(now: datetime) -> int:
    """Count the patterns of the last day that look wrong: those of the dashboard of staff."""
    return len(watch(now=now).patterns)


def blocked_ips(now: datetime) -> int:
    return AddressBlock.objects.in_force(now).values("network").distinct().count()


def active_sessions(now: datetime) -> int:
    """Count the sign-ins in use: devices that renewed their token within its life, and staff browsers seen in an hour."""
    renewed = LoginSession.objects.filter(
        ended_at=None, last_used_at__gt=now - settings.ACCESS_TOKEN_LIFETIME
    )
    return renewed.count() + StaffSession.objects.living().filter(seen_at__gt=now - IN_USE).count()


def application_processing_days(now: datetime) -> float | None:
    """Return how many days the decisions of the last thirty days took on average; None when nothing was decided."""
    decided = OnlusApplication.objects.filter(
        status__in=(OnlusApplication.Status.APPROVED, OnlusApplication.Status.REJECTED),
        submitted_at__isnull=False,
        closed_at__gt=now - LATELY,
        closed_at__lte=now,
    )
    lasted = ExpressionWrapper(F("closed_at") - F("submitted_at"), DurationField())
    average: timedelta | None = decided.aggregate(average=Avg(lasted))["average"]
    return round(average / timedelta(days=1), 2) if average is not None else None


def application_backlog(now: datetime) -> int:
    """Count the applications that were handed in and are not decided."""
    return OnlusApplication.objects.open().count()


def verification_completion(now: datetime) -> float | None:
    """Return how many in a hundred checks are answered, of applications whose deadline passed in the last thirty days."""
    due = {"application__review_deadline__gt": now - LATELY, "application__review_deadline__lte": now}
    checks = VerificationCheck.objects.filter(**due).aggregate(
        all=Count("pk"), over=Count("pk", filter=Q(status__in=VerificationCheck.OVER))
    )
    return round(100 * checks["over"] / checks["all"], 1) if checks["all"] else None


measure(
    "suspicious_activities",
    metric_type="security",
    label=_("Suspicious activities in a day"),
    gather="last",
    read=suspicious_activities,
)
measure("blocked_ips", metric_type="security", label=_("Blocked networks"), gather="last", read=blocked_ips)
measure("active_sessions", metric_type="performance", label=_("Sign-ins in use"), read=active_sessions)
measure(
    "application_processing_days",
    metric_type="business",
    label=_("Days until an application is decided"),
    gather="last",
    read=application_processing_days,
)
measure(
    "application_backlog",
    metric_type="business",
    label=_("Applications that wait"),
    gather="last",
    read=application_backlog,
)
measure(
    "verification_completion",
    metric_type="business",
    label=_("Checks answered by the deadline"),
    unit="%",
    gather="last",
    read=verification_completion,
)
