"""The movements of a financial report as a table for spreadsheets."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from donations.models import FinancialReport, LedgerAccount, Transfer
from donations.queries.financial_reports.movements import Movement
from donations.report_words import finding_in_words, sections_shown, title_of
from goodplay.lib.exports.tables import Table
from goodplay.lib.money import to_cents


def table_of(report: FinancialReport, rows: Iterable[Movement]) -> Table:
    """Return one line for each movement: their sum is what the report says. Of an audit, its figures and findings."""
    title = title_of(report)
    if report.is_audit:
        return Table(title, [_("Part"), _("Figure"), _("Value")], _audit(report))
    header = [
        _("Moment (Rome)"),
        _("Kind"),
        _("Organisation"),
        _("From or to"),
        _("Amount in EUR"),
        _("Transaction"),
    ]
    return Table(title, header, map(_line, rows))


def kind_in_words(row: Movement) -> str:
    """Say what moved, and whether it went back."""
    kind = Transfer.Kind(row["kind"])
    went_back = row["signed"] < 0 and kind != Transfer.Kind.PAYOUT
    return _("%(kind)s, given back") % {"kind": kind.label} if went_back else str(kind.label)


def _line(row: Movement) -> list[Any]:
    return [
        row["created_at"],
        kind_in_words(row),
        row["onlus_name"],
        str(LedgerAccount.Kind(row["other_side"]).label),
        to_cents(row["signed"]),  # SQLite reckons in floating point
        str(row["transaction_id"]),
    ]


def _audit(report: FinancialReport) -> Iterator[list[Any]]:
    for part, figures in sections_shown(report):
        for label, value in figures:
            yield [part, label, value]
    for finding in report.facts["findings"]:
        yield [_("Findings"), finding["severity"], finding_in_words(finding)]
    yield [_("Score"), "", report.facts["score"]]
