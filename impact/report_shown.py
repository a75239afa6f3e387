"""A report the way pages and paper show it: words, figures, and the rows of each chart."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import OnlusCategory
from goodplay.lib.money import ZERO
from impact.models import CommunityReport
from impact.queries.leaderboard import named
from impact.queries.report_figures import UNKNOWN
from impact.queries.reports import latest_until
from impact.report_periods import REGULAR, ReportPeriod, period_covered
from impact.report_values import read
from impact.report_words import highlights_of, milestones_of, summary_of, title_of

COLUMNS = 12
AMOUNT_LABELS = {
    "under_5": gettext_lazy("under €5"),
    "from_5": gettext_lazy("€5 to under €10"),
    "from_10": gettext_lazy("€10 to under €25"),
    "from_25": gettext_lazy("€25 to under €50"),
    "from_50": gettext_lazy("€50 to under €100"),
    "from_100": gettext_lazy("€100 and more"),
}
TIMES_LABELS = {
    "once": gettext_lazy("once"),
    "2_to_4": gettext_lazy("2 to 4 times"),
    "5_to_9": gettext_lazy("5 to 9 times"),
    "10_or_more": gettext_lazy("10 times or more"),
}
SOURCE_LABELS = {
    "earned_credits": gettext_lazy("credits earned by playing"),
    "own_money": gettext_lazy("the donors' own money"),
}
COMPARED = {
    "donations_amount": gettext_lazy("Given"),
    "donations_count": gettext_lazy("Donations"),
    "donors": gettext_lazy("Donors"),
    "onlus": gettext_lazy("Organisations supported"),
}
Rows = list[dict[str, Any]]


def named_reports(reports: Iterable[CommunityReport]) -> Rows:
    """Give each report its title and the name its address has."""
    return [
        {"report": report, "title": title_of(report), "name": _name(report), "summary": summary_of(report)}
        for report in reports
    ]


def shown_report(report: CommunityReport) -> dict[str, Any]:
    """Return everything the page of a report shows. Breakdowns a report lacks are empty lists."""
    breakdown, places = read(report.donation_breakdown), read(report.geographic_distribution)
    return {
        "report": report,
        "period": period_covered(report),
        "name": _name(report),
        "title": title_of(report),
        "summary": summary_of(report),
        "highlights": highlights_of(report),
        "milestones": milestones_of(report),
        "fee": Decimal(read(report.fee_transparency.get("total_fees_collected", 0)) or 0),
        "engagement": read(report.user_engagement_stats),
        "impact": read(report.impact_metrics),
        "by_category": _named_rows(breakdown.get("by_category", {}), _categories()),
        "by_region": _named_rows(places.get("by_region", {}), {UNKNOWN: _("not told")}),
        "by_amount": _bars(
            [
                {"label": str(AMOUNT_LABELS.get(name, name)), "amount": row["amount"], "count": row["count"]}
                for name, row in breakdown.get("by_amount_range", {}).items()
            ]
        ),
        "by_times": _bars(
            [
                {"label": str(TIMES_LABELS.get(name, name)), "count": row["donors"]}
                for name, row in breakdown.get("by_frequency", {}).items()
            ],
            by="count",
        ),
        "by_source": _bars(
            [
                {"label": str(SOURCE_LABELS.get(name, name)), "amount": amount}
                for name, amount in breakdown.get("by_source", {}).items()
            ]
        ),
        "ranking": read(report.onlus_rankings),
        "contributors": named(read(report.top_contributors)),
        "compared": _compared(report),
    }


def earlier_columns(report: CommunityReport) -> Rows:
    """Return a column for each of the last reports of its kind, in hundredths of the tallest."""
    rows = latest_until(report, limit=COLUMNS)
    tallest = max((row.total_donations_amount for row in rows), default=ZERO)
    return [
        {
            "title": title_of(row),
            "short": _short(period_covered(row)),
            "amount": row.total_donations_amount,
            "height": _hundredths(row.total_donations_amount, tallest),
            "top": 100 - _hundredths(row.total_donations_amount, tallest),
        }
        for row in rows
    ]


def _name(report: CommunityReport) -> str:
    """Return the name its address has; of special events there are no pages."""
    return period_covered(report).name if report.report_type in REGULAR else ""


def _short(period: ReportPeriod) -> str:
    if period.report_type == CommunityReport.Type.MONTHLY:
        return date_format(period.first, "M")
    if period.report_type == CommunityReport.Type.DAILY:
        return date_format(period.first, "j")
    return period.name.partition("-")[2] or period.name


def _categories() -> dict[str, str]:
    name = "name_it" if (get_language() or "").startswith("it") else "name"
    return dict(OnlusCategory.objects.values_list("category", name))


def _named_rows(found: dict[str, Any], names: dict[str, str]) -> Rows:
    return _bars([{"label": names.get(key, key), **row} for key, row in found.items()])


def _bars(rows: Rows, *, by: str = "amount") -> Rows:
    """Give each row the length of its bar; none when there is nothing to compare."""
    most = max((Decimal(row[by]) for row in rows), default=ZERO)
    if not most:
        return []
    return [{**row, "length": _hundredths(Decimal(row[by]), most)} for row in rows]


def _hundredths(value: Decimal, most: Decimal) -> int:
    return max(1, int(value * 100 / most)) if value > 0 and most else 0


def _compared(report: CommunityReport) -> Rows:
    """Set the figures beside those of the period before and of the year before."""
    data = read(report.comparative_data)
    before, earlier = data.get("previous_period", {}), data.get("year_over_year", {})
    return [
        {
            "label": label,
            "is_money": key == "donations_amount",
            "value": _value(key, before[key]["value"]),
            "before": _value(key, before[key]["value_then"]),
            "before_change": _signed(before[key]["growth_percentage"]),
            "earlier": _value(key, earlier[key]["value_then"]),
            "earlier_change": _signed(earlier[key]["growth_percentage"]),
        }
        for key, label in COMPARED.items()
        if key in before and key in earlier
    ]


def _value(key: str, value: Decimal) -> Decimal | int:
    return Decimal(value) if key == "donations_amount" else int(value)


def _signed(percent: Decimal) -> str:
    sign = "+" if percent > 0 else "\N{MINUS SIGN}" if percent < 0 else "±"
    return f"{sign}{number_format(abs(percent), 2)} %"
