"""What is measured of sign-ins and staff."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import AddressBlock, LoginSession, StaffSession
from accounts.queries.suspicious import watch
from goodplay.lib.metrics.registry import measure

IN_USE = timedelta(minutes=60)


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


measure(
    "suspicious_activities",
    metric_type="security",
    label=_("Suspicious activities in a day"),
    gather="last",
    read=suspicious_activities,
)
measure("blocked_ips", metric_type="security", label=_("Blocked networks"), gather="last", read=blocked_ips)
measure("active_sessions", metric_type="performance", label=_("Sign-ins in use"), read=active_sessions)
