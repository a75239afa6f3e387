"""The compliance dashboard: what waits for a person, how grave and how old, and what the rules decide."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from donations.models import (
    Case,
    ComplianceCheck,
    IdentityVerification,
    Review,
    RiskDecision,
    RiskLevel,
    ScreenedSubject,
    ScreeningHit,
    ScreeningQuality,
    ScreeningRun,
)
from donations.queries import compliance_figures as queries
from donations.queries import screening, screening_quality
from goodplay.lib.admin.dashboards import (
    Chart,
    Content,
    Dashboard,
    Figure,
    Period,
    Series,
    Table,
    register,
    rows_of,
)
from goodplay.lib.alerts.models import Alert, Area

LATEST = 8
WAITING = ",".join(ComplianceCheck.PENDING)
OPEN_CASES = ",".join(status.value for status in Case.Status if status != Case.Status.CLOSED)
UNRESOLVED = ",".join(status.value for status in Alert.Status if status != Alert.Status.RESOLVED)


def build(period: Period, now: datetime) -> Content:
    return Content(
        made_at=now,
        figures=[
            _reviews(now),
            *_checks(),
            *_people(),
            _screener(),
            *_everybody(),
            *_cases(now),
            _in_time(period),
            _alerts(),
            *_decisions(period),
        ],
        charts=[_by_risk()],
        tables=[_next()],
    )


def _reviews(now: datetime) -> Figure:
    found = queries.reviews()
    rows = rows_of(Review, status__exact=Review.Status.OPEN.value)
    if not found["count"]:
        return Figure(_("Movements held"), 0, rows, _("Nothing waits"), tone="good")
    days = (now - found["oldest"]).days
    note = _("The oldest for %(days)s days")
    return Figure(_("Movements held"), found["count"], rows, note, {"days": days}, "warn" if days else "")


def _checks() -> list[Figure]:
    found = queries.checks_by_risk()
    grave = found["critical"] + found["high"]
    return [
        Figure(
            _("Checks waiting"),
            sum(found.values()),
            rows_of(ComplianceCheck, status__in=WAITING),
            _("Of all kinds"),
        ),
        Figure(
            _("Grave checks waiting"),
            grave,
            rows_of(ComplianceCheck, status__in=WAITING, risk_level__in="high,critical"),
            _("High or critical risk"),
            tone="bad" if found["critical"] else "warn" if grave else "good",
        ),
    ]


def _people() -> list[Figure]:
    identities, hits = queries.identities(), queries.hits()
    return [
        Figure(
            _("Identities waiting"),
            identities,
            rows_of(IdentityVerification, status__exact=IdentityVerification.Status.SUBMITTED.value),
            _("Documents to be reviewed"),
            tone="" if identities else "good",
        ),
        Figure(
            _("Open list hits"),
            hits,
            rows_of(ScreeningHit, status__exact=ScreeningHit.Status.OPEN.value),
            _("Money waits until somebody decides"),
            tone="bad" if hits else "good",
        ),
    ]


def _screener() -> Figure:
    found = screening_quality.latest()
    rows = rows_of(ScreeningQuality)
    if found is None:
        return Figure(_("Screener quality (F1)"), _("Not measured"), rows)
    return Figure(
        _("Screener quality (F1)"),
        str(found.f1),
        rows,
        _("Precision %(precision)s, recall %(recall)s"),
        {"precision": str(found.precision), "recall": str(found.recall)},
    )


def _everybody() -> list[Figure]:
    """Tell how far the screening of everybody is, and what it changed both ways."""
    run = screening.latest_run()
    if run is None:
        return []
    words = {"new": run.hit_count, "gone": run.closed_count + run.lost_count}
    note = _("%(new)s new hits, %(gone)s no longer found")
    if run.finished_at is not None:
        return [Figure(_("Everybody screened"), run.subject_count, rows_of(ScreeningRun), note, words)]
    value = f"{run.subject_count} / {ScreenedSubject.objects.count()}"
    return [Figure(_("Screening everybody"), value, rows_of(ScreeningRun), note, words, "warn")]


def _cases(now: datetime) -> list[Figure]:
    found = queries.cases(now)
    return [
        Figure(
            _("Open cases"),
            found["open"],
            rows_of(Case, status__in=OPEN_CASES),
            _("%(unassigned)s with nobody, %(closing)s wait for a second person"),
            {"unassigned": found["unassigned"], "closing": found["closing"]},
        ),
        Figure(
            _("Cases past their deadline"),
            found["late"],
            rows_of(Case, status__in=OPEN_CASES, due_at__lte=now.isoformat()),
            tone="bad" if found["late"] else "good",
        ),
    ]


def _in_time(period: Period) -> Figure:
    good, every = queries.closed_in_time(period)
    rows = rows_of(Case, **_within("closed_at", period))
    if not every:
        return Figure(_("Closed in time"), _("None closed"), rows, _("In the period"))
    tone = "good" if good == every else "warn"
    return Figure(
        _("Closed in time"),
        f"{100 * good // every} %",
        rows,
        _("%(good)s of %(all)s"),
        {"good": good, "all": every},
        tone,
    )


def _alerts() -> Figure:
    count = queries.alerts()
    rows = rows_of(Alert, area__exact=Area.COMPLIANCE.value, status__in=UNRESOLVED)
    return Figure(_("Compliance alerts"), count, rows, _("Not resolved"), tone="bad" if count else "good")


def _decisions(period: Period) -> list[Figure]:
    found = queries.decisions(period)
    return [
        Figure(
            label,
            found.get(action, 0),
            rows_of(RiskDecision, action__exact=action, **_within("created_at", period)),
            _("By the rules, in the period"),
        )
        for action, label in (
            (RiskDecision.Action.REVIEW.value, _("Held")),
            (RiskDecision.Action.BLOCK.value, _("Refused")),
            (RiskDecision.Action.ALLOW.value, _("Allowed with a remark")),
        )
    ]


def _by_risk() -> Chart:
    found = queries.checks_by_risk()
    labels = [RiskLevel(risk).label for risk in found]
    counts = list(found.values())
    return Chart(_("Checks by risk"), _("Risk"), labels, [Series(_("Waiting"), counts)], kind="ranking")


def _next() -> Table:
    rows = [
        (
            case.case_id,
            Case.Kind(case.kind).label,
            RiskLevel(case.risk_level).label,
            case.due_at,
            str(case.assignee or "–"),  # noqa: RUF001  (a dash for nobody)
        )
        for case in queries.next_cases(LATEST)
    ]
    columns = [_("Case"), _("Kind"), _("Risk"), _("Due"), _("Assigned to")]
    return Table(_("Due first"), columns, rows, rows_of(Case, status__in=OPEN_CASES), _("No open cases."))


def _within(column: str, period: Period) -> dict[str, Any]:
    start, end = (moment.isoformat() for moment in period.bounds)
    return {f"{column}__gte": start, f"{column}__lt": end}


register(Dashboard("compliance", _("Compliance"), "donations.view_case", build, order=20))
