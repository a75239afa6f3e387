"""What of money can be exported in the background."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from donations.models import Donation
from donations.operations import analytics, rollups
from donations.operations.compliance import report_drafts
from donations.queries.analytics.cohorts import cohorts
from donations.queries.analytics.narrowed import Narrowing
from donations.queries.analytics.payments import by_provider
from donations.queries.analytics.report import ALL
from donations.queries.compliance_export import exported_checks
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.exports.registry import exportable
from goodplay.lib.exports.tables import Table

COMPLIANCE, STATISTICS = "compliance", "compliance_statistics"
FINANCIAL, FINANCIAL_RIGHT = "financial", "donations.view_financial_analytics"
Rows = Iterator[list[Any]]


def build_financial(parameters: Mapping[str, Any], now: datetime) -> Table:
    """Make one of the tables of the financial analytics, of the days the parameters name."""
    period = Period(date.fromisoformat(parameters["first"]), date.fromisoformat(parameters["last"]))
    rollups.roll_up(now=now)
    return _BUILDERS[parameters["export_type"]](period, now, Narrowing.of(parameters.get("filters", {})))


def _dashboard(period: Period, now: datetime, narrowing: Narrowing | None) -> Table:
    """List every figure of every section, under the name the API gives it."""
    sections = analytics.dashboard(period, now)
    rows = (
        [section, name, value]
        for section, figures in sections.items()
        if isinstance(figures, dict)
        for name, value in _flat(figures)
    )
    return Table(_("Financial dashboard"), [_("Section"), _("Figure"), _("Value")], rows)


def _metrics(period: Period, now: datetime, narrowing: Narrowing | None) -> Table:
    days = (narrowing or ALL).by_day(period)
    rows = ([day, given.volume, given.count, given.average] for day, given in days.items())
    return Table(_("Donations by day"), [_("Day"), _("Amount"), _("Donations"), _("Average")], rows)


def _transactions(period: Period, now: datetime, narrowing: Narrowing | None) -> Table:
    """List the donations themselves. Who gave stays out: the list in the back office has it, for those who may see it."""
    start, end = period.bounds
    columns = (
        "completed_at",
        "pk",
        "onlus_name",
        "amount",
        "earned_amount",
        "paid_amount",
        "refunded_amount",
        "origin",
    )
    found = Donation.objects.on_record().filter(completed_at__gte=start, completed_at__lt=end)
    narrowed = narrowing.narrow(found) if narrowing else found
    rows = narrowed.order_by("completed_at", "pk").values_list(*columns)
    header = [
        _("When"),
        _("Donation"),
        _("Organisation"),
        _("Amount"),
        _("Earned"),
        _("Own money"),
        _("Given back"),
        _("Origin"),
    ]
    return Table(_("Donations"), header, ([*row] for row in rows.iterator(chunk_size=2000)))


def _analytics(period: Period, now: datetime, narrowing: Narrowing | None) -> Table:
    """List payments by provider and means, then the months people registered in with how many of them gave since."""
    return Table(_("Payments and cohorts"), [_("Subject"), _("Figure"), _("Value")], _analytics_rows(period))


def _analytics_rows(period: Period) -> Rows:
    for sums in by_provider(period):
        subject = f"{sums['provider']} {sums['method']}"
        for name, value in sums.items():
            if name not in ("provider", "method"):
                yield [subject, name, value]
    for cohort in cohorts(period.last):
        yield [cohort.month, "registered", cohort.people]
        for later, donors in enumerate(cohort.donors):
            yield [cohort.month, f"donors_month_{later}", donors]


def _flat(figures: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        elif isinstance(value, Decimal | int | str | date) or value is None:
            yield f"{path}{name}", value


_BUILDERS: dict[str, Callable[[Period, datetime, Narrowing | None], Table]] = {
    "dashboard": _dashboard,
    "metrics": _metrics,
    "transactions": _transactions,
    "analytics": _analytics,
}


def build_compliance(parameters: Mapping[str, Any], now: datetime) -> Table:
    """List checks of the kinds and the period asked for. People are named by their key only."""
    header = [
        _("Check"),
        _("Player"),
        _("Type"),
        _("Status"),
        _("Risk"),
        _("Score"),
        _("Reason"),
        _("When"),
        _("Completed"),
    ]
    columns = (
        "check_id",
        "user_id",
        "check_type",
        "status",
        "risk_level",
        "risk_score",
        "check_reason",
        "created_at",
        "completed_at",
    )
    rows = exported_checks(parameters).values_list(*columns)
    return Table(_("Compliance checks"), header, ([*row] for row in rows.iterator(chunk_size=2000)))


def build_statistics(parameters: Mapping[str, Any], now: datetime) -> Table:
    return report_drafts.yearly_statistics(int(parameters["year"]))


exportable(STATISTICS, permission="donations.report_case", build=build_statistics)
exportable(COMPLIANCE, permission="donations.view_compliancecheck", build=build_compliance)
exportable(FINANCIAL, permission=FINANCIAL_RIGHT, build=build_financial, prefix="FINEXP")
