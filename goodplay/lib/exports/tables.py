"""Tables as files a spreadsheet opens by itself, and runs nothing of what people wrote into them."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Protocol

from django.utils.formats import get_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from goodplay.lib.errors import DomainError
from goodplay.lib.time import ROME

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # tells spreadsheets that the file is UTF-8

# What makes a spreadsheet take a cell for a formula, also in the wide forms of East Asian keyboards.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  (the wide forms are meant)

# What a sheet of Excel holds.
MOST_ROWS = 1_048_576 - 1
LONGEST_CELL = 32_767
WIDEST_COLUMN = 50

Row = Sequence[Any]


class TableTooLong(DomainError):
    code = "EXPORT_TOO_LONG"
    message = gettext_lazy(
        "These are more rows than a file of this kind holds. Choose CSV, or filter the list."
    )


class Writable(Protocol):
    def write(self, text: str, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Table:
    """What an export writes. Cells are words, numbers, amounts (Decimal), days, moments, yes or no, or None."""

    title: str
    header: Sequence[str]
    rows: Iterable[Row]


def write_csv(target: Writable, header: Sequence[str], rows: Iterable[Row]) -> int:
    """Write a CSV file in the reader's language; return how many rows it has. Moments are Rome's."""
    writer, count = open_table(target), 0
    writer.writerow([harmless(str(name)) for name in header])
    for row in rows:
        writer.writerow([written(cell) for cell in row])
        count += 1
    return count


def write_xlsx(target: IO[bytes], title: str, header: Sequence[str], rows: Iterable[Row]) -> int:
    """Write an Excel workbook of one sheet, row by row; return how many rows it has. Numbers stay numbers.

    Raises TableTooLong when a sheet cannot hold them.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(title))
    sheet.freeze_panes = "A2"
    for place, name in enumerate(header, start=1):
        width = min(max(len(str(name)) + 4, 14), WIDEST_COLUMN)
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.append([_words(sheet, str(name), Font(bold=True)) for name in header])
    count = 0
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise TableTooLong
        sheet.append([_cell(sheet, cell) for cell in row])
    book.save(target)
    return count


def open_table(target: Writable) -> Any:
    """Begin a CSV file the reader's spreadsheet opens by itself, and return what writes its rows.

    Where decimals take a comma (Italian) columns are parted by semicolons, as spreadsheets there expect.
    """
    target.write(BYTE_ORDER_MARK)
    return csv.writer(target, delimiter=";" if get_format("DECIMAL_SEPARATOR") == "," else ",")


def harmless(text: str) -> str:
    """Keep words that people wrote from being run as a formula: a quote in front makes them text."""
    return f"'{text}" if text.lstrip(" \N{NO-BREAK SPACE}").startswith(_FORMULA) else text


def written(cell: Any) -> str:
    """Write one cell as a person of the reader's language writes it; words are made harmless."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return _("Yes") if cell else _("No")
    if isinstance(cell, Decimal | int | float):
        return str(number_format(cell, use_l10n=True, force_grouping=False))
    if isinstance(cell, datetime):
        return f"{cell.astimezone(ROME):%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(str(cell))


def _cell(sheet: Any, cell: Any) -> Any:
    """Write one cell of a workbook: numbers as they are, moments by Rome's clock, words never as a formula."""
    if cell is None or (isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)):
        return cell
    if isinstance(cell, datetime):
        return cell.astimezone(ROME).replace(tzinfo=None, microsecond=0)
    if isinstance(cell, date):
        return cell
    return _words(sheet, written(cell) if isinstance(cell, bool) else str(cell))


def _words(sheet: Any, text: str, font: Font | None = None) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, harmless(ILLEGAL_CHARACTERS_RE.sub("", text))[:LONGEST_CELL])
    cell.data_type = "s"
    if font is not None:
        cell.font = font
    return cell


def _sheet_name(title: str) -> str:
    """Leave out what Excel refuses in the name of a sheet."""
    return "".join(letter for letter in title if letter not in "[]:*?/\\'")[:31] or "GoodPlay"
