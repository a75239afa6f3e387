"""What is measured of donations, counted from the events of the last hour or day."""

from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from donations.models import ComplianceIssue, RiskDecision
from donations.queries.analytics.core import share
from donations.queries.analytics.payments import fees, payment_sums
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.events.models import Event
from goodplay.lib.ids import first_id_of
from goodplay.lib.metrics.registry import measure
from goodplay.lib.time import rome_day


def _happened(name: str, since: datetime) -> int:
    return Event.objects.filter(name=name, pk__gte=first_id_of(since)).count()


def donations_per_hour(now: datetime) -> int:
    return _happened("donation_complete", now - timedelta(hours=1))


def refund_rate(now: datetime) -> float | None:
    """Return how many refunds came on a hundred donations in a day; None on a day without donations."""
    since = now - timedelta(days=1)
    given = _happened("donation_complete", since)
    return round(100 * _happened("donation_refunded", since) / given, 2) if given else None


def fraud_attempts(now: datetime) -> int:
    """Count the movements rules of risk refused in a day; those on trial refuse nothing."""
    refused = RiskDecision.objects.filter(action=RiskDecision.Action.BLOCK)
    return refused.filter(created_at__gt=now - timedelta(days=1), created_at__lte=now).count()


def critical_issue_hours(now: datetime) -> float:
    """Return for how long the oldest critical issue of an organisation is open, in hours."""
    critical = ComplianceIssue.objects.open().filter(severity=ComplianceIssue.Severity.CRITICAL)
    oldest = critical.aggregate(since=Min("identified_at"))["since"]
    return round((now - oldest) / timedelta(hours=1), 1) if oldest else 0.0


def processing_fees(now: datetime) -> float | None:
    """Return what share of the payments of thirty days their providers kept, in percent; None without payments."""
    today = rome_day(now)
    sums = payment_sums(Period(today - timedelta(days=29), today))
    percent = share(fees(sums), sums["amount"])
    return None if percent is None else float(percent)


measure(
    "donations_per_hour",
    metric_type="financial",
    label=_("Donations in an hour"),
    gather="last",
    read=donations_per_hour,
)
measure(
    "refund_rate",
    metric_type="financial",
    label=_("Refunds on a hundred donations"),
    unit="%",
    gather="last",
    read=refund_rate,
)
measure(
    "fraud_attempts",
    metric_type="security",
    label=_("Movements refused as fraud in a day"),
    gather="last",
    read=fraud_attempts,
)
measure(
    "processing_fees",
    metric_type="financial",
    label=_("Fees of providers"),
    unit="%",
    gather="last",
    read=processing_fees,
)
measure(
    "critical_issue_hours",
    metric_type="business",
    label=_("Hours the oldest critical issue is open"),
    unit="h",
    gather="last",
    read=critical_issue_hours,
)
