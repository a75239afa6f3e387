"""A published report as PDF, in English or Italian. What it says was frozen when it was made."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from goodplay.lib.templatetags.house import day, euros, shown
from goodplay.lib.typesetting import typeset
from impact.models import CommunityReport
from impact.report_shown import shown_report

TEMPLATE = Path(settings.BASE_DIR) / "templates" / "impact" / "report.typ"


def print_report(*, report: CommunityReport, language: str) -> bytes:
    """Print a report. The same report always prints the same, but for names whose owners want to be seen no more."""
    with translation.override(language if language in dict(settings.LANGUAGES) else "en"):
        return typeset(TEMPLATE, _paper(report))


def _paper(report: CommunityReport) -> dict[str, Any]:
    facts = shown_report(report)
    period = facts["period"]
    return {
        "language": translation.get_language(),
        "title": facts["title"],
        "author": "GoodPlay",
        "days": f"{day(period.first)} \N{EN DASH} {day(period.last)}",
        "summary": facts["summary"],
        "figures": [
            [_("Given"), euros(report.total_donations_amount)],
            [_("Donations"), shown(report.total_donations_count)],
            [_("Donors"), shown(report.unique_donors_count)],
            [_("Organisations supported"), shown(report.onlus_supported_count)],
            [_("Platform fee"), euros(facts["fee"])],
        ],
        "highlights_title": _("Highlights"),
        "highlights": facts["highlights"],
        "charts": [
            _chart(_("By field of work"), facts["by_category"]),
            _chart(_("By region"), facts["by_region"]),
            _chart(_("By amount"), facts["by_amount"]),
            _chart(_("Where the money came from"), facts["by_source"]),
        ],
        "ranking_title": _("Who received most"),
        "ranking": [
            [f"{row['rank']}.", row["name"], euros(Decimal(row["total_received"]))]
            for row in facts["ranking"]
        ],
        "note": _(
            "Days are those of Rome. The totals are those of the ledger when the period ended: what was given back before is "
            "left out."
        ),
        "address": f"{settings.PUBLIC_URL}/reports/{report.report_type}/{facts['name']}/",
    }


def _chart(title: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "title": title,
        "rows": [[row["label"], row["length"], euros(Decimal(row["amount"]))] for row in rows],
    }
