"""Making, publishing and putting away the reports of what everybody achieved.

One report for each kind and period. Its row is claimed before it is made, by counting an attempt, so that two who begin
at once make one report, and what a crash left is taken up again. Publishing is told once, by a row that stays.
"""

from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.models import User
from donations.models import RollupState
from donations.operations import rollups
from donations.queries.rollup_sources import SETTLED_AFTER, STATE
from goodplay.lib.audit import trail
from goodplay.lib.db import claim, limited_statements, one_snapshot
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.time import rome_day
from impact.models import CommunityReport, ReportPublication
from impact.queries.given import FiguresNotReady
from impact.queries.report_figures import due_since, first_day_of_giving, report_figures
from impact.report_periods import REGULAR, ReportPeriod, period_covered, period_of
from impact.report_values import stored
from impact.report_words import highlights_of, summary_of, title_of
from impact.signals import report_published

logger = structlog.get_logger("goodplay.reports")

Status = CommunityReport.Status
MOST_ATTEMPTS = 5
ARCHIVED_AFTER = timedelta(days=365)
KEPT_FOR_GOOD = (CommunityReport.Type.MONTHLY, CommunityReport.Type.ANNUAL)
# How far back reports that were missed are made up for.
LOOKED_BACK = {"daily": 7, "weekly": 5, "monthly": 12, "quarterly": 4, "annual": 2}


class PeriodNotOver(DomainError):
    code = "REPORT_PERIOD_INVALID"
    message = _("These days are not over yet. Choose a period that has ended.")


class PeriodDatesInvalid(DomainError):
    code = "REPORT_PERIOD_DATES_INVALID"
    message = _("The last day must not be before the first, and a year apart at most.")


class TitleRequired(DomainError):
    code = "REPORT_TITLE_REQUIRED"
    message = _("Give the report of a special event a title.")


class ReportIsFinal(Conflict):
    code = "REPORT_FINAL"
    message = _("This report is published or put away: its figures do not change any more.")


class ReportNotPublishable(Conflict):
    code = "REPORT_NOT_PUBLISHABLE"
    message = _("Only a report that was made and is not put away can be published.")


class ReportNotArchivable(Conflict):
    code = "REPORT_NOT_ARCHIVABLE"
    message = _("This report is not made yet, or is put away already.")


class ReportUnderWay(Conflict):
    code = "REPORT_UNDER_WAY"
    message = _("This report is being made right now. Look again in a few minutes.")


class ReportTookTooLong(Exception):
    """Raised when the figures were not there in REPORT_GENERATION_TIMEOUT seconds."""


# Making ---------------------------------------------------------------------------------------------------------


def make_due(*, now: datetime) -> list[CommunityReport]:
    """Make and publish every regular report that is due, the shortest period first, and return those touched.

    Whatever this finds finished it leaves alone: a second run makes, sends and changes nothing.
    """
    rollups.roll_up(now=now)
    first = first_day_of_giving()
    if first is None:
        return []
    settled = now - SETTLED_AFTER
    touched = []
    for report_type in REGULAR:
        for period in due_since(report_type, first, settled, how_many=LOOKED_BACK[report_type]):
            report = _of(period, publishes_itself=True)
            if _is_due(report, now):
                touched.append(make(report=report, now=now))
            if report.status == Status.COMPLETED and report.publishes_itself:
                touched.append(publish(report=report, now=now))
    announce_published(now=now)
    return list({report.pk: report for report in touched}.values())


def generate(
    *, period: ReportPeriod, title: str = "", actor: User, reason: str, address: str, now: datetime
) -> CommunityReport:
    """Make the report of a period for staff, who publish it themselves. One that is made already is only returned."""
    _check(period, title, now)
    report = _of(period, title=title)
    if report.status not in (Status.GENERATING, Status.ERROR):
        return report
    _note(report, "generate", actor=actor, reason=reason, address=address, now=now)
    rollups.roll_up(now=now)
    return make(report=report, now=now)


def make_again(
    *, report: CommunityReport, actor: User, reason: str, address: str, now: datetime
) -> CommunityReport:
    """Reckon a report anew that failed, hangs, or was made and not published yet."""
    if not report.may_be_made_again:
        raise ReportIsFinal
    _note(report, "retry", actor=actor, reason=reason, address=address, now=now)
    rollups.roll_up(now=now)
    return make(report=report, now=now)


def make(*, report: CommunityReport, now: datetime) -> CommunityReport:
    """Reckon the report. What goes wrong is written on it: nobody who waits for other reports is kept from them."""
    if not _take(report, now):
        raise ReportUnderWay
    began = monotonic()
    try:
        figures = _reckoned(period_covered(report), began)
    except Exception as error:
        logger.exception("report failed", report=str(report))
        problem = f"{type(error).__name__}: {error}"[:500]
        _finish(
            report, Status.ERROR, {"generation_metadata": _metadata(began) | {"error_message": problem}}, now
        )
        return report
    _finish(report, Status.COMPLETED, {**figures, "generation_metadata": _metadata(began)}, now)
    return report


def _check(period: ReportPeriod, title: str, now: datetime) -> None:
    if period.last < period.first or period.days > 366:
        raise PeriodDatesInvalid
    if period.end > now - SETTLED_AFTER:
        raise PeriodNotOver
    if period.report_type == CommunityReport.Type.SPECIAL_EVENT and not title:
        raise TitleRequired


def _of(period: ReportPeriod, *, title: str = "", publishes_itself: bool = False) -> CommunityReport:
    """Return the one report of the period; new, it waits to be made."""
    report, _created = CommunityReport.objects.get_or_create(
        report_type=period.report_type,
        period_start=period.start,
        period_end=period.end,
        defaults={"title": title or period.name, "publishes_itself": publishes_itself},
    )
    return report


def _is_due(report: CommunityReport, now: datetime) -> bool:
    return report.attempts < MOST_ATTEMPTS and _unfinished(now).filter(pk=report.pk).exists()


def _unfinished(now: datetime) -> Any:
    return CommunityReport.objects.unfinished(now - _timeout())


def _take(report: CommunityReport, now: datetime) -> bool:
    """Claim the report: whoever counts the attempt makes it. One that is being made right now is not taken."""
    free = _unfinished(now) | CommunityReport.objects.filter(status=Status.COMPLETED)
    mine = free.filter(pk=report.pk, attempts=report.attempts)
    taken = claim(mine, status=Status.GENERATING, attempts=report.attempts + 1, started_at=now)
    report.refresh_from_db()
    return taken


def _reckoned(period: ReportPeriod, began: float) -> dict[str, Any]:
    with one_snapshot(), limited_statements(_timeout()):
        state = RollupState.objects.filter(pk=STATE).first()
        if state is None or state.rolled_to < period.end + SETTLED_AFTER:
            raise FiguresNotReady
        figures = report_figures(period)
    if monotonic() - began > settings.REPORT_GENERATION_TIMEOUT:
        raise ReportTookTooLong
    return figures


def _finish(report: CommunityReport, status: str, columns: dict[str, Any], now: datetime) -> None:
    """Write what was reckoned, unless somebody else took the report over meanwhile."""
    for name, value in columns.items():
        setattr(report, name, stored(value) if isinstance(value, dict | list) else value)
    if status == Status.COMPLETED:
        with override(settings.LANGUAGE_CODE):
            report.title = title_of(report)[:200]
            report.executive_summary = summary_of(report)
            report.highlights = highlights_of(report)
    report.status, report.updated_at = Status(status), now
    names = {*columns, "title", "executive_summary", "highlights", "status", "updated_at"}
    mine = CommunityReport.objects.filter(pk=report.pk, status=Status.GENERATING, attempts=report.attempts)
    if not claim(mine, **{name: getattr(report, name) for name in names}):
        raise ReportUnderWay


def _metadata(began: float) -> dict[str, Any]:
    return {
        "generation_time_seconds": round(monotonic() - began, 3),
        "data_sources": ["ledger", "donation days", "player days", "verified figures"],
        "calculation_methods": [
            "days of Europe/Rome; what was given back before the period ended is left out",
            "growth = (current - previous) / previous * 100; from nothing to something is 100",
        ],
        "data_quality_score": 100,
        "error_message": None,
    }


def _timeout() -> timedelta:
    return timedelta(seconds=settings.REPORT_GENERATION_TIMEOUT)


# Publishing and putting away --------------------------------------------------------------------------------------


@transaction.atomic
def publish(
    *, report: CommunityReport, now: datetime, actor: User | None = None, reason: str = "", address: str = ""
) -> CommunityReport:
    """Let everybody read the report, and tell it once. The second time does nothing."""
    if report.is_published:
        return report
    if not report.may_be_published:
        raise ReportNotPublishable
    ready = CommunityReport.objects.filter(pk=report.pk, status=report.status)
    published_at = report.published_at or now
    if not claim(ready, status=Status.PUBLISHED, published_at=published_at, updated_at=now):
        raise Conflict
    before, report.status, report.published_at = report.status, Status.PUBLISHED, published_at
    _tell(report, now)
    if actor is not None:
        _note(report, "publish", actor=actor, reason=reason, address=address, now=now, before=before)
    return report


@transaction.atomic
def archive(
    *, report: CommunityReport, now: datetime, actor: User | None = None, reason: str = "", address: str = ""
) -> CommunityReport:
    """Put a report away: nobody but staff reads it any more."""
    if not report.may_be_archived:
        raise ReportNotArchivable
    standing = CommunityReport.objects.filter(pk=report.pk, status=report.status)
    if not claim(standing, status=Status.ARCHIVED, updated_at=now):
        raise Conflict
    before, report.status = report.status, Status.ARCHIVED
    if actor is not None:
        _note(report, "archive", actor=actor, reason=reason, address=address, now=now, before=before)
    return report


def archive_old(*, now: datetime) -> int:
    """Put away what ended more than a year ago; reports of months and years stay."""
    old = CommunityReport.objects.published().filter(period_end__lt=now - ARCHIVED_AFTER)
    due = list(old.exclude(report_type__in=KEPT_FOR_GOOD).order_by("period_end", "id")[:500])
    return len([archive(report=report, now=now) for report in due])


def announce_published(*, now: datetime) -> int:
    """Tell of reports that are published and were not told: where documents live elsewhere, a crash may leave one."""
    latest = {
        each.pk: each
        for each in CommunityReport.objects.published().filter(attempts__gt=0).order_by("-published_at")[:100]
    }
    told = set(ReportPublication.objects.filter(pk__in=list(latest)).values_list("pk", flat=True))
    missing = [report for key, report in latest.items() if key not in told]
    for report in missing:
        with transaction.atomic():
            _tell(report, now)
    return len(missing)


def _tell(report: CommunityReport, now: datetime) -> None:
    _publication, is_first = ReportPublication.objects.get_or_create(
        report_id=report.pk,
        defaults={
            "report_type": report.report_type,
            "period_start": report.period_start,
            "published_at": report.published_at or now,
        },
    )
    if is_first:
        report_published.announce(report=report)


def _note(
    report: CommunityReport,
    action: str,
    *,
    actor: User,
    reason: str,
    address: str,
    now: datetime,
    before: str | None = None,
) -> None:
    trail.record(
        actor=actor,
        action=action,
        target=report,
        before={"status": before or report.status},
        after={"status": report.status},
        reason=reason,
        address=address,
        now=now,
    )


def regular_period(report_type: str, day: date | None, now: datetime) -> ReportPeriod:
    """Return the period the day is in; without a day the one that ended last."""
    settled = rome_day(now - SETTLED_AFTER)
    return period_of(report_type, day) if day else period_of(report_type, settled).before
