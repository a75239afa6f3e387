"""The dashboards of people: how safe the back office looks, and which organisations wait to be let in."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import (
    ApprovalCondition,
    OnlusApplication,
    OnlusDocument,
    StaffLock,
    StaffSession,
    VerificationCheck,
)
from accounts.operations.application_states import REVIEW
from accounts.queries import application_figures
from accounts.queries.suspicious import FAILED, Watch, watch
from goodplay.lib.admin.dashboards import (
    Chart,
    Content,
    Dashboard,
    Figure,
    Period,
    Series,
    Table,
    Worded,
    register,
    rows_of,
)
from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit.models import AuditEntry

NAMES = {
    "failed_sign_ins": _("Failed sign-ins from one address"),
    "identical_actions": _("The same action many times"),
    "many_addresses": _("Work from many addresses"),
    "session_moved": _("One browser at two addresses"),
    "permission_refused": _("Tried what they may not do"),
    "unusual_hours": _("Work outside 06:00-22:00"),
}
SEVERITIES = {"high": _("High"), "medium": _("Medium"), "low": _("Low")}
TONES = {"high": "bad", "medium": "warn", "low": "good"}


def build(period: Period, now: datetime) -> Content:
    found = watch(now=now)
    return Content(made_at=now, figures=_figures(found, now), tables=[_patterns(found)])


def _figures(found: Watch, now: datetime) -> list[Figure]:
    locked = StaffLock.objects.filter(locked_until__gt=now).count()
    signed_in = StaffSession.objects.living().count()
    return [
        Figure(_("Security score"), found.score, note=_("of 100, last 24 hours"), tone=TONES[found.threat]),
        Figure(_("Threat"), SEVERITIES[found.threat], tone=TONES[found.threat]),
        Figure(_("Failed sign-ins of staff"), found.failures, rows_of(AuditEntry, action=FAILED)),
        Figure(_("What looks wrong"), len(found.patterns), rows_of(Alert)),
        Figure(_("Locked accounts"), locked, tone="warn" if locked else ""),
        Figure(_("Browsers signed in"), signed_in, rows_of(StaffSession, ended_because__exact="")),
    ]


def _patterns(found: Watch) -> Table:
    columns = [_("What"), _("Severity"), _("About"), _("Times")]
    rows = [
        (NAMES[each.kind], SEVERITIES[each.severity], each.subject, each.count) for each in found.patterns
    ]
    return Table(_("Last 24 hours"), columns, rows, empty=_("Nothing looks wrong."))


register(Dashboard("staff", _("Staff"), "alerts.handle_security", build, order=60))


# Applications ----------------------------------------------------------------------------------------------------


def build_applications(period: Period, now: datetime) -> Content:
    came, went = application_figures.by_day(period.bounds, period.dates)
    chart = Chart(
        _("Handed in and decided"),
        _("Day"),
        period.dates,
        [Series(_("Handed in"), came), Series(_("Decided"), went)],
    )
    return Content(
        made_at=now,
        figures=[*_desks(application_figures.waiting(now)), *_decisions(period)],
        charts=[chart],
        tables=_application_tables(now),
    )


def _desks(found: application_figures.Waiting) -> list[Figure]:
    rows = OnlusApplication
    return [
        Figure(_("Open applications"), found.open, rows_of(rows)),
        Figure(_("Nobody's yet"), found.unassigned, rows_of(rows, desk="nobody"), tone=_if(found.unassigned)),
        Figure(_("Past the day"), found.late, rows_of(rows, time="late"), tone=_if(found.late, "bad")),
        Figure(_("Due within three days"), found.soon, rows_of(rows, time="soon"), tone=_if(found.soon)),
        Figure(
            _("Wait for the applicant"),
            found.with_applicant,
            rows_of(rows, status__exact="documentation_pending"),
        ),
        Figure(_("Escalated"), found.escalated, rows_of(rows, time="escalated"), tone=_if(found.escalated)),
        Figure(_("Appeals"), found.appeals, rows_of(rows, appeal="open"), tone=_if(found.appeals)),
        Figure(_("Papers to look at"), found.papers, rows_of(OnlusDocument, status__exact="under_review")),
        Figure(_("Papers that end within 30 days"), found.ending, tone=_if(found.ending)),
        Figure(_("Checks to answer"), found.checks, rows_of(VerificationCheck)),
        Figure(
            _("Conditions past their day"),
            found.conditions_late,
            rows_of(ApprovalCondition, state="late"),
            tone=_if(found.conditions_late, "bad"),
        ),
    ]


def _if(count: int, tone: str = "warn") -> str:
    return tone if count else ""


def _decisions(period: Period) -> list[Figure]:
    found = application_figures.decided(period.bounds)
    took = found["taken"]
    note = _("%(days)s days on average") if took is not None else ""
    values = {"days": round(took.total_seconds() / 86400)} if took is not None else {}
    return [
        Figure(_("Taken in"), found["approved"], rows_of(OnlusApplication, status__exact="approved")),
        Figure(_("Rejected"), found["rejected"], rows_of(OnlusApplication, status__exact="rejected")),
        Figure(_("Decided"), found["approved"] + found["rejected"], note=note, note_values=values),
    ]


def _application_tables(now: datetime) -> list[Table]:
    names = dict(OnlusApplication._meta.get_field("status").choices or ())
    states = [
        (names[status], count, round(mean or 0)) for status, count, mean in application_figures.by_status()
    ]
    none = _("There is none.")
    return [
        Table(_("By state"), [_("Status"), _("Applications"), _("Complete, %")], states, empty=none),
        Table(
            _("By reviewer"),
            [_("Reviewer"), _("Open"), _("Past the day")],
            application_figures.by_reviewer(now),
            empty=none,
        ),
        Table(
            _("By field of work"),
            [_("Field of work"), _("Open"), _("Taken in")],
            [
                (Worded(name, {"it": name_it}), waiting, taken)
                for name, name_it, waiting, taken in application_figures.by_category()
            ],
            empty=none,
        ),
    ]


register(Dashboard("applications", _("Applications"), REVIEW, build_applications, order=25))
