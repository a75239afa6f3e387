"""Making, publishing and putting away financial reports.

One stands for each kind and stretch of days: asking again returns it. Its figures are sums of the ledger, frozen with a
hash over them.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.models import FinancialReport
from donations.queries.financial_reports.audit import CRITICAL, SCOPES, audit_figures
from donations.queries.financial_reports.movements import first_gift, moved_organisations
from donations.queries.financial_reports.onlus import onlus_figures
from donations.queries.financial_reports.periodic import periodic_figures
from donations.queries.rollup_sources import SETTLED_AFTER
from donations.report_periods import Stretch, ended, last_months, month_of, quarter_of, year_of
from donations.report_words import findings_shown, title_of
from donations.signals import financial_report_ready
from goodplay.lib.alerts.models import Area, Severity
from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.audit import trail
from goodplay.lib.db import claim, one_snapshot
from goodplay.lib.errors import Conflict, DomainError

logger = structlog.get_logger("goodplay.reports")

Type, Status = FinancialReport.Type, FinancialReport.Status
CALENDARS = {Type.MONTHLY: month_of, Type.QUARTERLY: quarter_of, Type.ANNUAL: year_of}
MONTHS = (1, 60)
LONGEST = timedelta(days=366 * 5)
# How far back the job makes up for reports that were missed.
LOOKED_BACK = {Type.MONTHLY: 12, Type.QUARTERLY: 4, Type.ANNUAL: 2}
MONTHS_OF_ONLUS, YEARS_OF_ONLUS = 2, 1
WARNED_OF = timedelta(days=28)


class ReportDaysInvalid(DomainError):
    code = "INVALID_DATE_RANGE"
    message = _("Choose days that are over, at most five years of them, the first before the last.")


class ReportMonthsInvalid(DomainError):
    code = "INVALID_PERIOD"
    message = _("Choose 1 to 60 months.")


class ReportScopeInvalid(DomainError):
    code = "INVALID_AUDIT_SCOPE"
    message = _("Choose at least one of the things an audit looks at.")


class ReportNotPublishable(Conflict):
    code = "REPORT_NOT_PUBLISHABLE"
    message = _("Only the summary of an organisation is published, once.")


class ReportNotArchivable(Conflict):
    code = "REPORT_NOT_ARCHIVABLE"
    message = _("This report is put away already.")


# Making ----------------------------------------------------------------------------------------------------------


def make_periodic(
    *, report_type: FinancialReport.Type, stretch: Stretch, now: datetime, **by: Any
) -> FinancialReport:
    """Make the report of a month, a quarter or a year over everybody."""
    return _made(report_type, stretch, now=now, **by)


def make_audit(
    *, stretch: Stretch, now: datetime, scope: Sequence[str] = SCOPES, **by: Any
) -> FinancialReport:
    """Look at these things over these days, and write down what is found."""
    if not scope or not set(scope) <= set(SCOPES):
        raise ReportScopeInvalid
    looked_at = ",".join(each for each in SCOPES if each in scope)
    return _made(Type.AUDIT, stretch, scope=looked_at, now=now, **by)


def make_summary(*, onlus: Onlus, stretch: Stretch, now: datetime, **by: Any) -> FinancialReport:
    """Make the summary of an organisation. Its people read it once it is published."""
    return _made(Type.ONLUS, stretch, onlus=onlus, now=now, **by)


def ask_for_summary(
    *, onlus: Onlus, months: int, member: User, now: datetime, address: str = ""
) -> FinancialReport:
    """Make and publish the summary of the last whole months for somebody of the organisation."""
    if not MONTHS[0] <= months <= MONTHS[1]:
        raise ReportMonthsInvalid
    stretch = last_months(months, now - SETTLED_AFTER)
    report = make_summary(onlus=onlus, stretch=stretch, made_by=member, address=address, now=now)
    return _published(report, now, actor=member, address=address)


def make_due(*, now: datetime) -> tuple[int, list[str]]:
    """Make every regular report that is due; return how many, and what went wrong with others.

    A second run finds them made and changes nothing. One that fails holds up no other.
    """
    count, problems = 0, []
    for report_type, stretch, onlus in _due(now):
        try:
            report = _made(report_type, stretch, onlus=onlus, scope=_scope_of(report_type), now=now)
            _published(report, now)
            count += 1
        except Exception as error:
            logger.exception("financial report failed", report_type=report_type, first=str(stretch.first))
            problems.append(f"{report_type} {stretch.first}: {type(error).__name__}: {error}"[:300])
    return count, problems


def _due(now: datetime) -> Iterator[tuple[FinancialReport.Type, Stretch, Onlus | None]]:
    """Yield what ended, was not made, or not published to the end, and has something to tell."""
    began, settled = first_gift(), now - SETTLED_AFTER
    if began is None:
        return
    for report_type, calendar in CALENDARS.items():
        for stretch in ended(calendar, settled, how_many=LOOKED_BACK[report_type]):
            if stretch.end > began and not _known(report_type, stretch):
                yield report_type, stretch, None
    for stretch in ended(month_of, settled, how_many=LOOKED_BACK[Type.MONTHLY]):
        if stretch.end > began and not _known(Type.AUDIT, stretch):
            yield Type.AUDIT, stretch, None
    yield from _due_summaries(began, settled)


def _due_summaries(
    began: datetime, settled: datetime
) -> Iterator[tuple[FinancialReport.Type, Stretch, Onlus | None]]:
    for calendar, how_many in ((month_of, MONTHS_OF_ONLUS), (year_of, YEARS_OF_ONLUS)):
        for stretch in ended(calendar, settled, how_many=how_many):
            if stretch.end > began:
                cut_off = Q(status=Status.COMPLETED, made_by=None)
                known = _of(Type.ONLUS, stretch).exclude(cut_off).values("onlus")
                for onlus in moved_organisations(stretch).exclude(pk__in=known):
                    yield Type.ONLUS, stretch, onlus


def _known(report_type: FinancialReport.Type, stretch: Stretch) -> bool:
    """Say whether there is one, or was: what staff put away the job does not bring back."""
    return _of(report_type, stretch).filter(scope=_scope_of(report_type)).exists()


def _of(report_type: FinancialReport.Type, stretch: Stretch) -> Any:
    return FinancialReport.objects.filter(report_type=report_type, first=stretch.first, last=stretch.last)


def _scope_of(report_type: FinancialReport.Type) -> str:
    return ",".join(SCOPES) if report_type == Type.AUDIT else ""


def _made(
    report_type: FinancialReport.Type,
    stretch: Stretch,
    *,
    now: datetime,
    onlus: Onlus | None = None,
    scope: str = "",
    made_by: User | None = None,
    reason: str = "",
    address: str = "",
) -> FinancialReport:
    """Return the report that stands, or reckon it in one snapshot of the ledger and keep it."""
    _check(stretch, now)
    standing = _of(report_type, stretch).standing().filter(onlus=onlus, scope=scope)
    known: FinancialReport | None = standing.first()
    if known is not None:
        return known
    with one_snapshot():
        facts = _plain(_reckoned(report_type, stretch, onlus, scope))
    report = FinancialReport(
        report_type=report_type,
        onlus=onlus,
        first=stretch.first,
        last=stretch.last,
        scope=scope,
        facts=facts,
        sha256=trail.digest_of(facts),
        made_by=made_by,
        made_at=now,
    )
    try:
        return _kept(report, reason, address, now)
    except IntegrityError:
        twin: FinancialReport = standing.get()
        return twin


@transaction.atomic
def _kept(report: FinancialReport, reason: str, address: str, now: datetime) -> FinancialReport:
    report.save(force_insert=True)
    if not report.is_of_onlus:
        financial_report_ready.announce(report=report)
    if report.made_by is not None:
        _note(report, "make", report.made_by, reason, address, now)
    elif report.facts.get("findings"):
        _warn(report, now)
    return report


def _warn(report: FinancialReport, now: datetime) -> None:
    """Tell staff of what an audit of the job found, unless it makes up for days long past."""
    if Stretch(report.first, report.last).end < now - WARNED_OF:
        return
    is_critical = report.facts["audit_status"] == CRITICAL
    raise_alert(
        area=Area.FINANCIAL,
        alert_type="audit_findings",
        severity=Severity.HIGH if is_critical else Severity.MEDIUM,
        title=lambda: title_of(report),
        message=lambda: " ".join(each["words"] for each in findings_shown(report)),
        dedupe_key=f"audit_findings:{report.pk}",
        source="financial_reports",
        now=now,
        data={"report_id": str(report.pk), "score": report.facts["score"]},
    )


def _check(stretch: Stretch, now: datetime) -> None:
    if stretch.last < stretch.first or stretch.last - stretch.first > LONGEST:
        raise ReportDaysInvalid
    if stretch.end > now - SETTLED_AFTER:
        raise ReportDaysInvalid


def _reckoned(
    report_type: FinancialReport.Type, stretch: Stretch, onlus: Onlus | None, scope: str
) -> dict[str, Any]:
    if onlus is not None:
        return onlus_figures(onlus, stretch)
    if report_type == Type.AUDIT:
        return audit_figures(stretch, scope.split(","))
    return periodic_figures(stretch)


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    """Write amounts as text, as they are stored."""
    plain: dict[str, Any] = json.loads(json.dumps(facts, cls=DjangoJSONEncoder))
    return plain


# Publishing and putting away ---------------------------------------------------------------------------------------


@transaction.atomic
def publish(
    *,
    report: FinancialReport,
    now: datetime,
    actor: User | None = None,
    reason: str = "",
    address: str = "",
) -> FinancialReport:
    """Let the people of the organisation read its summary, and tell them once."""
    if not report.is_of_onlus:
        raise ReportNotPublishable
    waiting = FinancialReport.objects.filter(pk=report.pk, status=Status.COMPLETED)
    if not claim(waiting, status=Status.PUBLISHED, published_at=now):
        raise ReportNotPublishable
    report.status, report.published_at = Status.PUBLISHED, now
    financial_report_ready.announce(report=report)
    if actor is not None:
        _note(report, "publish", actor, reason, address, now)
    return report


@transaction.atomic
def archive(
    *, report: FinancialReport, actor: User, reason: str, now: datetime, address: str = ""
) -> FinancialReport:
    """Put a report away: only staff reads it after that, and it can be made anew."""
    if not claim(
        FinancialReport.objects.standing().filter(pk=report.pk), status=Status.ARCHIVED, archived_at=now
    ):
        raise ReportNotArchivable
    report.status, report.archived_at = Status.ARCHIVED, now
    _note(report, "archive", actor, reason, address, now)
    return report


def _published(report: FinancialReport, now: datetime, **by: Any) -> FinancialReport:
    """Publish it, if that is still to do. Whoever comes second finds it published."""
    if not report.may_be_published:
        return report
    try:
        return publish(report=report, now=now, **by)
    except ReportNotPublishable:
        report.refresh_from_db()
        if report.status != Status.PUBLISHED:
            raise
        return report


def _note(
    report: FinancialReport, action: str, actor: User, reason: str, address: str, now: datetime
) -> None:
    trail.record(
        actor=actor,
        action=f"financial_report_{action}",
        target=report,
        after={
            "report": str(report),
            "onlus": str(report.onlus_id or ""),
            "status": report.status,
            "sha256": report.sha256,
        },
        reason=reason,
        address=address,
        now=now,
    )
