"""The operations dashboard: is it well, is anything late, what fails, and how fast it is."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

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
    with_parts,
)
from goodplay.lib.alerts.models import Alert, Area, Severity
from goodplay.lib.events.models import Delivery
from goodplay.lib.jobs.models import JobRecord, JobRun
from goodplay.lib.metrics import board, queries
from goodplay.lib.metrics.models import RouteTotal, SystemMetric

SHOWN = 10
STATES = {
    "healthy": (_("Healthy"), "good"),
    "warning": (_("Strained"), "warn"),
    "critical": (_("Critical"), "bad"),
    "unknown": (_("Not known"), "warn"),
}


def build(period: Period, now: datetime) -> Content:
    start, end = period.bounds
    window = queries.performance(start, min(end, now))
    own = Content(
        made_at=now,
        figures=[
            _health(window, now),
            _alerts(),
            *_jobs(now),
            *_deliveries(now),
            *_requests(window),
            *_machine(now),
        ],
        charts=_charts(period, now),
        tables=[_open_alerts(), _late_jobs(now), _owed(), _failed_runs(period), _failing_routes()],
    )
    return with_parts("operations", own, period)


def _metrics(metric_type: str = "performance") -> str:
    return rows_of(SystemMetric, metric_type__exact=metric_type, period__exact="1m")


def _health(window: queries.Performance, now: datetime) -> Figure:
    state, _score = queries.health(now)
    word, tone = STATES[state]
    score = queries.performance_score(window)
    if score is None:
        return Figure(_("Health"), word, _metrics(), _("Nothing was measured in this period"), tone=tone)
    return Figure(
        _("Health"), word, _metrics(), _("%(score)s of 100 points in this period"), {"score": score}, tone
    )


def _alerts() -> Figure:
    severities = list(Alert.objects.unresolved().filter(area=Area.SYSTEM).values_list("severity", flat=True))
    grave = sum(severity in (Severity.CRITICAL, Severity.HIGH) for severity in severities)
    rows = rows_of(Alert, status="unresolved", area__exact=Area.SYSTEM.value)
    tone = "bad" if grave else "warn" if severities else "good"
    note = _("%(grave)s of them critical or high")
    return Figure(_("Alerts of the system"), len(severities), rows, note, {"grave": grave}, tone)


def _jobs(now: datetime) -> list[Figure]:
    late, failing, every = board.jobs(now)
    return [
        Figure(
            _("Late jobs"),
            len(late),
            rows_of(JobRun, state="late"),
            _("Of %(every)s on the schedule"),
            {"every": every},
            "bad" if late else "good",
        ),
        Figure(
            _("Failing jobs"),
            len(failing),
            rows_of(JobRun, state="failing"),
            _("Their last run failed"),
            tone="bad" if failing else "good",
        ),
    ]


def _deliveries(now: datetime) -> list[Figure]:
    owed = board.open_deliveries()
    parked, retrying = sum(each["parked"] for each in owed), sum(each["retrying"] for each in owed)
    oldest = min((each["oldest"] for each in owed), default=None)
    since: dict[str, Any] = {"moment": oldest} if oldest else {}
    return [
        Figure(
            _("Parked deliveries"),
            parked,
            rows_of(Delivery, status__exact=Delivery.Status.PARKED.value),
            _("They wait for a person") if parked else _("Nothing waits for a person"),
            tone="bad" if parked else "good",
        ),
        Figure(
            _("Deliveries being retried"),
            retrying,
            rows_of(Delivery, status__exact=Delivery.Status.RETRYING.value),
            _("The oldest event is of %(moment)s") if oldest else _("The outbox is empty"),
            since,
            "warn" if retrying else "good",
        ),
    ]


def _requests(window: queries.Performance) -> list[Figure]:
    errors, uptime = window.error_rate_percent, window.uptime_percent
    average, slowest = window.average_response_ms, window.peak_response_ms
    return [
        Figure(
            _("Requests"),
            window.requests,
            rows_of(RouteTotal),
            _("%(errors)s failed") if window.requests else _("None in this period"),
            {"errors": window.request_errors} if window.requests else {},
            "warn" if errors and errors > 1 else "",
        ),
        Figure(
            _("Response time"),
            _text(average, "ms"),
            _metrics(),
            _("Average; the longest took %(slowest)s"),
            {"slowest": _text(slowest, "ms")},
        ),
        Figure(
            _("Measured"),
            _text(uptime, "%"),
            _metrics(),
            _("Of the minutes of this period; missing ones are restarts or failures"),
            tone="warn" if uptime is not None and uptime < 99.9 else "",
        ),
    ]


def _machine(now: datetime) -> list[Figure]:
    figures = queries.latest(now)
    connections = figures.get("database_connections")
    shares = (
        (_("Processor"), "cpu_usage", 80),
        (_("Memory"), "memory_usage", 85),
        (_("Disk"), "disk_usage", 85),
    )
    return [
        *(
            Figure(
                label,
                _text(figures.get(name), "%"),
                _metrics(),
                _("In the last minute"),
                tone="warn" if (figures.get(name) or 0) > limit else "",
            )
            for label, name, limit in shares
        ),
        Figure(
            _("Database answers in"),
            _text(figures.get("database_response_time"), "ms"),
            _metrics("infrastructure"),
            _("%(count)s connections") if connections is not None else "",
            {"count": int(connections)} if connections is not None else {},
        ),
        Figure(
            _("Dashboards from the cache"),
            _text(figures.get("cache_hit_rate"), "%"),
            _metrics("infrastructure"),
            _("In the last minute somebody looked"),
        ),
    ]


def _text(value: float | None, unit: str) -> Any:
    """Write a figure with its unit; a figure nobody measured is not zero."""
    if value is None:
        return _("Not known")
    return f"{value:.1f}".removesuffix(".0") + (f" {unit}" if unit else "")


def _charts(period: Period, now: datetime) -> list[Chart]:
    hours = board.last_hours(now)
    labels = [board.hour_of(moment) for moment, _data in hours]
    days = board.by_day(*period.bounds)
    return [
        Chart(
            _("Requests in the last 24 hours"),
            _("Hour"),
            labels,
            [_series(_("Requests"), "requests", hours)],
        ),
        Chart(
            _("Processor and memory in the last 24 hours, percent"),
            _("Hour"),
            labels,
            [
                _series(_("Processor"), "cpu_usage", hours),
                _series(_("Memory"), "memory_usage", hours),
            ],
            kind="line",
        ),
        Chart(
            _("Response time day by day, milliseconds"),
            _("Day"),
            period.dates,
            [_daily(_("Average"), "response_time_avg", period, days)],
        ),
        Chart(
            _("Failed requests day by day"),
            _("Day"),
            period.dates,
            [_daily(_("Failed"), "request_errors", period, days)],
        ),
    ]


def _daily(label: Any, name: str, period: Period, days: dict[date, dict[str, Any]]) -> Series:
    return Series(label, [days.get(day, {}).get(name) for day in period.dates])


def _series(label: Any, name: str, hours: list[tuple[datetime, dict[str, Any]]]) -> Series:
    return Series(label, [data.get(name) for _moment, data in hours])


def _open_alerts() -> Table:
    found = Alert.objects.unresolved().filter(area=Area.SYSTEM).select_related("acknowledged_by")
    rows = [
        (
            Severity(alert.severity).label,
            Worded(alert.title, {name: words.get("title", "") for name, words in alert.translations.items()}),
            alert.count,
            alert.last_seen_at,
            alert.acknowledged_by.display_name if alert.acknowledged_by else _("nobody yet"),
        )
        for alert in found.by_urgency()[:SHOWN]
    ]
    columns = [_("Severity"), _("What"), _("Times seen"), _("Last seen"), _("Looked after by")]
    url = rows_of(Alert, status="unresolved", area__exact=Area.SYSTEM.value)
    return Table(_("Alerts of the system"), columns, rows, url, _("Nothing is wrong."))


def _late_jobs(now: datetime) -> Table:
    late, _failing, _every = board.jobs(now)
    rows = [
        (run.name, run.succeeded_at or _("never"), run.overdue_from, run.last_error or "-")
        for run in late[:SHOWN]
    ]
    columns = [_("Job"), _("Last good run"), _("Late from"), _("Last error")]
    return Table(_("Late jobs"), columns, rows, rows_of(JobRun), _("Every job ran in time."))


def _owed() -> Table:
    rows = [
        (each["handler"], each["parked"], each["retrying"], each["oldest"])
        for each in board.open_deliveries()[:SHOWN]
    ]
    columns = [_("Handler"), _("Parked"), _("Being retried"), _("Oldest event")]
    empty = _("Every event reached its handlers, mails included.")
    return Table(_("What handlers owe"), columns, rows, rows_of(Delivery), empty)


def _failed_runs(period: Period) -> Table:
    start, end = period.bounds
    rows = [
        (record.started_at, record.job_id, record.outcome) for record in board.failed_runs(start, end, SHOWN)
    ]
    columns = [_("When"), _("Job"), _("Error")]
    url = rows_of(JobRecord, succeeded__exact=0)
    return Table(_("Runs that failed"), columns, rows, url, _("No job failed in this period."))


def _failing_routes() -> Table:
    rows = [
        (total.route, total.errors, total.requests, total.updated_at) for total in board.failing_routes(SHOWN)
    ]
    columns = [_("Route"), _("Failed"), _("Requests"), _("Last request")]
    return Table(
        _("Routes that fail, since counting began"),
        columns,
        rows,
        rows_of(RouteTotal),
        _("No request has failed."),
    )


register(Dashboard("operations", _("Operations"), "metrics.view_systemmetric", build, order=40))
