"""The statement of a payout as PDF, in English or Italian."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from donations.bank.reasons import reason_in_words
from donations.models import Payout
from donations.queries.payout_statements import Line, Totals, lines_of, totals_of
from goodplay.lib.templatetags.house import euros
from goodplay.lib.time import ROME

TEMPLATE = Path(settings.BASE_DIR) / "templates" / "receipts" / "payout.typ"
LANGUAGES = ("en", "it")
MOST_LINES = 2000
"""A longer payout is printed without its lines: the file for spreadsheets has them all."""


def print_payout(*, payout: Payout, language: str, now: datetime) -> bytes:
    """Print what a payout is made of. Donors who give anonymously have no name on it."""
    with translation.override(language if language in LANGUAGES else "en"):
        data = _statement(payout, now)
    return bytes(typst.compile(str(TEMPLATE), format="pdf", sys_inputs={"data": json.dumps(data)}))


def _statement(payout: Payout, now: datetime) -> dict[str, Any]:
    totals = totals_of(payout)
    is_short = totals["rows"] <= MOST_LINES
    return {
        "language": translation.get_language(),
        "title": _("Payout statement"),
        "reference": payout.end_to_end_id,
        "rows": [[label, value] for label, value in _rows(payout, totals) if value],
        "total_label": _("Paid to you") if payout.status == Payout.Status.SETTLED else _("Amount"),
        "total": euros(payout.amount),
        "columns": [_("Day"), _("Donor"), _("Given"), _("Added by a sponsor"), _("Paid out")],
        "lines": [_line(line) for line in lines_of(payout)] if is_short else [],
        "notes": []
        if is_short
        else [_("This payout has too many lines to print: the CSV file has them all.")],
        "issued": _("Printed on %(day)s by GoodPlay.") % {"day": _day(now)},
    }


def _rows(payout: Payout, totals: Totals) -> list[tuple[str, str]]:
    return [
        (_("Paid to"), payout.onlus.legal_name or payout.onlus.name),
        (_("Account"), f"{payout.account.holder}, {payout.account.masked_iban}"),
        (_("Reference"), payout.end_to_end_id),
        (_("Donations cleared until"), _day(payout.run.period_end)),
        (_("Ordered on"), _day(payout.exported_at) if payout.exported_at else ""),
        (_("State"), str(payout.get_status_display())),
        (_("Why it came to nothing"), reason_in_words(payout.reason_code) if payout.closed_at else ""),
        (_("Donations"), euros(totals["given"])),
        (_("Added by sponsors"), euros(totals["matched"])),
        (_("Recovered refunds"), euros(totals["recovered"])),
        (_("Fees"), euros(totals["fees"])),
    ]


def _line(line: Line) -> list[str]:
    name = line["donor_name"] or _("Anonymous")
    return [
        _day(line["donated_at"]),
        _("Recovered: %(name)s") % {"name": name} if line["is_recovery"] else name,
        euros(line["given_amount"]),
        euros(line["matched_amount"]) if line["matched_amount"] > Decimal(0) else "",
        euros(line["amount"]),
    ]


def _day(moment: datetime) -> str:
    return date_format(moment.astimezone(ROME), "DATE_FORMAT")
