"""Published reports, found by their period."""

from django.db.models import QuerySet

from impact.models import CommunityReport
from impact.report_periods import period_named


def published_report(report_type: str, name: str) -> CommunityReport | None:
    """Find a published report by the name of its period, such as 2026-03."""
    period = period_named(report_type, name)
    if period is None:
        return None
    found = CommunityReport.objects.published().filter(
        report_type=report_type, period_start=period.start, period_end=period.end
    )
    return found.first()


def published_reports(report_type: str = "") -> "QuerySet[CommunityReport]":
    """List what everybody may read, the latest first."""
    rows = CommunityReport.objects.published().exclude(report_type=CommunityReport.Type.REAL_TIME)
    rows = rows.filter(report_type=report_type) if report_type else rows
    return rows.order_by("-period_end", "-period_start", "id")


def neighbours(report: CommunityReport) -> tuple[CommunityReport | None, CommunityReport | None]:
    """Find the published reports of its kind before and after it."""
    kind = CommunityReport.objects.published().filter(report_type=report.report_type)
    before = kind.filter(period_start__lt=report.period_start).order_by("-period_start").first()
    return before, kind.filter(period_start__gt=report.period_start).order_by("period_start").first()


def latest_until(report: CommunityReport, *, limit: int) -> list[CommunityReport]:
    """List the last published reports of its kind up to the report, the earliest first."""
    kind = CommunityReport.objects.published().filter(
        report_type=report.report_type, period_start__lte=report.period_start
    )
    return list(kind.order_by("-period_start")[:limit])[::-1]
