"""The yearly communication of an ONLUS as a file for spreadsheets."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from donations.queries.tax_communication import Communication, Line
from goodplay.lib.exports.tables import Writable, harmless, open_table


def write_tax_communication(target: Writable, communication: Communication) -> None:
    """Write one line for each donor."""
    writer = open_table(target)
    writer.writerow(_header())
    writer.writerows(_line(line, communication.year) for line in communication.lines)


def _header() -> list[str]:
    return [
        _("Codice fiscale"),
        _("Name"),
        _("Year"),
        _("Gifts"),
        _("Given in EUR"),
        _("Given back in EUR"),
        _("To report in EUR"),
        _("Means of payment"),
    ]


def _line(line: Line, year: int) -> list[str]:
    return [
        harmless(line.tax_code),
        harmless(line.name),
        str(year),
        str(line.gifts),
        number_format(line.given, 2),
        number_format(line.given_back, 2),
        number_format(line.net, 2),
        _("Traceable"),
    ]
