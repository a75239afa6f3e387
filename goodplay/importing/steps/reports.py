"""Community reports, as they were published."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from goodplay.importing.carrying import Step
from goodplay.importing.context import Context
from goodplay.importing.steps.documents import LONG, keep
from goodplay.importing.values import Left, Reader, Refused
from goodplay.lib.time import rome_day
from impact.models import CommunityReport
from impact.report_periods import REGULAR, period_of

COLLECTION = "community_reports"
Type, Status = CommunityReport.Type, CommunityReport.Status
UNFINISHED = (Status.GENERATING, Status.ERROR)
BLOCKS = (
    "impact_metrics",
    "detailed_metrics",
    "donation_breakdown",
    "geographic_distribution",
    "fee_transparency",
    "user_engagement_stats",
    "growth_metrics",
    "comparative_data",
    "generation_metadata",
)


def bring(reader: Reader, key: str, context: Context) -> str:
    report = old_report(reader, context)
    report.id = UUID(key)
    start, end = report.period_start.isoformat(), report.period_end.isoformat()
    reader.natural_key = f"{report.report_type}/{start}/{end}"
    return keep(report, COLLECTION, reader, context)


def old_report(reader: Reader, context: Context) -> CommunityReport:
    report_type = reader.needed_choice("report_type", Type.values)
    status = reader.choice("status", Status.values, Status.DRAFT)
    if report_type == Type.REAL_TIME or status in UNFINISHED:
        raise Left("NOT_KEPT")
    start, end = _period(reader, report_type)
    created_at = reader.moment("created_at") or context.now
    is_published = status == Status.PUBLISHED
    return CommunityReport(
        report_type=report_type,
        period_start=start,
        period_end=end,
        title=reader.needed_text("title", 200),
        executive_summary=_summary(reader),
        total_donations_amount=_amount(reader),
        total_donations_count=_count(reader, "total_donations_count"),
        unique_donors_count=_count(reader, "unique_donors_count", "total_donors"),
        onlus_supported_count=_count(reader, "onlus_supported_count", "active_onlus_count"),
        milestones_reached=_list(reader, "milestones_reached"),
        highlights=reader.texts("highlights", 2000),
        status=status,
        published_at=reader.moment("published_at") or (created_at if is_published else None),
        created_at=created_at,
        **{name: reader.mapping(name) for name in BLOCKS},
    )


def _period(reader: Reader, report_type: str) -> tuple[datetime, datetime]:
    """Return the period. Regular ones are the whole days, weeks, … of Rome's calendar that they began in."""
    start, end = reader.moment("period_start"), reader.moment("period_end")
    if start is None:
        raise Refused("MISSING", "period_start")
    if report_type in REGULAR:
        whole = period_of(report_type, rome_day(start))
        return whole.start, whole.end
    if end is None or end <= start:
        raise Refused("UNREADABLE_PERIOD")
    return start, end


def _summary(reader: Reader) -> str:
    name = "executive_summary" if "executive_summary" in reader.document else "summary"
    return reader.text(name, LONG)


def _amount(reader: Reader) -> Decimal:
    name = "total_donations_amount" if "total_donations_amount" in reader.document else "total_donations"
    return reader.number(name) or Decimal("0.00")


def _count(reader: Reader, *names: str) -> int:
    name = next((name for name in names if name in reader.document), names[0])
    return reader.whole(name, least=0, most=2_000_000_000, default=0)


def _list(reader: Reader, name: str) -> list[Any]:
    """Read a list of milestones; names of donors never travel in one."""
    value = reader.document.get(name)
    if not isinstance(value, list):
        return []
    kept: list[Any] = Reader({"of": {"them": value}}).mapping("of")["them"]
    return kept


REPORTS = Step(COLLECTION, bring)
