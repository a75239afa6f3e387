"""A financial report as PDF, in the language of the moment. Its figures were frozen when it was made."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from donations.models import FinancialReport
from donations.queries.financial_reports.lines import ON_PAPER, ON_PAPER_OF_ONLUS, on_paper
from donations.queries.financial_reports.movements import Movement
from donations.report_exports import kind_in_words
from donations.report_words import VERDICTS, findings_shown, scope_in_words, sections_shown, title_of
from goodplay.lib.templatetags.house import day, euros, moment
from goodplay.lib.typesetting import typeset

TEMPLATE = Path(settings.BASE_DIR) / "templates" / "receipts" / "financial_report.typ"


def print_report(report: FinancialReport) -> bytes:
    """Print it. The same report always prints the same."""
    return typeset(TEMPLATE, _paper(report))


def _paper(report: FinancialReport) -> dict[str, Any]:
    lines = on_paper(report)
    return {
        "language": translation.get_language(),
        "title": title_of(report),
        "reference": str(report.pk),
        "rows": _rows(report),
        "sections": [[label, [list(row) for row in rows]] for label, rows in sections_shown(report)],
        "findings_title": _("Findings"),
        "findings": [[each["label"], each["words"]] for each in findings_shown(report)],
        "nothing_found": _("Nothing was found.") if report.is_audit else "",
        "ranking_title": _("Who was given most"),
        "ranking": [
            [row["name"], euros(Decimal(row["received"]))] for row in report.facts.get("organisations", [])
        ],
        "lines_title": _lines_title(report) if lines else "",
        "columns": [_("Moment"), _("Kind"), _("Organisation"), _("Amount")],
        "lines": [_line(line) for line in lines],
        "note": _(
            "Days are those of Rome. Every amount is a sum of transfers of the ledger, which never change; the CSV and "
            "Excel files have them all. No donor is named."
        ),
        "issued": _("Made on %(day)s by GoodPlay. SHA-256 of the figures: %(hash)s")
        % {"day": day(report.made_at), "hash": report.sha256},
    }


def _rows(report: FinancialReport) -> list[list[str]]:
    facts = report.facts
    rows = [
        (_("Organisation"), facts.get("legal_name") or facts.get("organisation", "")),
        (_("Codice fiscale"), facts.get("tax_id", "")),
        (_("From"), day(report.first)),
        (_("To"), day(report.last)),
    ]
    if report.is_audit:
        rows += [
            (_("Scope"), scope_in_words(report.scope.split(","))),
            (_("Result"), str(VERDICTS[facts["audit_status"]])),
            (_("Score"), f"{facts['score']} / 100"),
        ]
    return [[label, value] for label, value in rows if value]


def _lines_title(report: FinancialReport) -> str:
    if report.is_of_onlus:
        return _("The last %(count)s movements, the latest first") % {"count": ON_PAPER_OF_ONLUS}
    return _("The first %(count)s movements") % {"count": ON_PAPER}


def _line(row: Movement) -> list[str]:
    return [moment(row["created_at"]), kind_in_words(row), row["onlus_name"], euros(row["signed"])]
