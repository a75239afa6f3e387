"""Donations as a file for spreadsheets."""

from collections.abc import Iterable

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from donations.models import Donation
from donations.queries.received import Row
from goodplay.lib.exports.tables import Writable, harmless, open_table
from goodplay.lib.time import ROME


def write_received(target: Writable, rows: Iterable[Row]) -> None:
    """Write donations as CSV the reader's spreadsheet opens by itself."""
    writer = open_table(target)
    writer.writerow(_header())
    writer.writerows(_line(row) for row in rows)


def _header() -> list[str]:
    return [
        _("Date"),
        _("Time (Rome)"),
        _("Donor"),
        _("Amount in EUR"),
        _("Of which earned by playing"),
        _("Of which the donor's own money"),
        _("Given back in EUR"),
        _("Status"),
        _("Message"),
        _("Donation number"),
    ]


def _line(row: Row) -> list[str]:
    moment = row["completed_at"].astimezone(ROME)
    return [
        f"{moment:%Y-%m-%d}",
        f"{moment:%H:%M}",
        harmless(row["donor_name"] or _("Anonymous")),
        number_format(row["amount"], 2),
        number_format(row["earned_amount"], 2),
        number_format(row["paid_amount"], 2),
        number_format(row["refunded_amount"], 2),
        str(Donation.Status(row["status"]).label),
        harmless(row["message"]),
        str(row["id"]),
    ]
