"""Donations as a file for spreadsheets."""

import csv
from collections.abc import Iterable
from typing import Any, Protocol

from django.utils.formats import get_format, number_format
from django.utils.translation import gettext as _

from donations.models import Donation
from donations.queries.received import Row
from goodplay.lib.time import ROME

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # tells spreadsheets that the file is UTF-8

# What makes a spreadsheet take a cell for a formula, also in the wide forms of East Asian keyboards.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  (the wide forms are meant)


class Writable(Protocol):
    def write(self, text: str, /) -> Any: ...


def write_received(target: Writable, rows: Iterable[Row]) -> None:
    """Write donations as CSV the reader's spreadsheet opens by itself."""
    writer = open_table(target)
    writer.writerow(_header())
    writer.writerows(_line(row) for row in rows)


def open_table(target: Writable) -> Any:
    """Begin a CSV file the reader's spreadsheet opens by itself, and return what writes its rows.

    Where decimals take a comma (Italian) columns are parted by semicolons, as spreadsheets there expect.
    """
    target.write(BYTE_ORDER_MARK)
    return csv.writer(target, delimiter=";" if get_format("DECIMAL_SEPARATOR") == "," else ",")


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


def harmless(text: str) -> str:
    """Keep words that people wrote from being run as a formula: a quote in front makes them text."""
    return f"'{text}" if text.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA) else text
