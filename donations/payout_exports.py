"""A payout as a file for spreadsheets, line by line."""

from collections.abc import Iterable

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from donations.models import Payout
from donations.queries.payout_statements import Line
from goodplay.lib.exports.tables import Writable, harmless, open_table
from goodplay.lib.money import ZERO
from goodplay.lib.time import ROME


def write_payout(target: Writable, payout: Payout, lines: Iterable[Line]) -> None:
    """Write the lines of a payout as CSV the reader's spreadsheet opens by itself. They add up to the payout."""
    writer = open_table(target)
    writer.writerow(
        [
            _("Date"),
            _("Donor"),
            _("Kind"),
            _("Given in EUR"),
            _("Added by a sponsor in EUR"),
            _("Fees in EUR"),
            _("Paid out in EUR"),
            _("Donation number"),
            _("Payout reference"),
        ]
    )
    writer.writerows(_line(line, payout) for line in lines)


def _line(line: Line, payout: Payout) -> list[str]:
    return [
        f"{line['donated_at'].astimezone(ROME):%Y-%m-%d}",
        harmless(line["donor_name"] or _("Anonymous")),
        _kind(line),
        number_format(line["given_amount"], 2),
        number_format(line["matched_amount"], 2),
        number_format(ZERO, 2),
        number_format(line["amount"], 2),
        str(line["donation_number"]),
        payout.end_to_end_id,
    ]


def _kind(line: Line) -> str:
    if line["is_recovery"]:
        return _("Recovery of a refund")
    return _("Grant of a sponsor") if line["is_grant"] else _("Donation")
