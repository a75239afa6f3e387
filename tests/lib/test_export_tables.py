"""Tables for spreadsheets: exact, in the reader's language, and nothing in them runs."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from openpyxl import load_workbook

from goodplay.lib.exports.tables import BYTE_ORDER_MARK, write_csv, write_xlsx

HEADER = ["Who", "How much", "When"]
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "＝1+1",
    "  =cmd|' /C calc'!A0",
    "\N{NO-BREAK SPACE}=1",
]


def as_csv(header, rows):
    text = io.StringIO(newline="")
    write_csv(text, header, rows)
    return text.getvalue()


def read_csv(text, delimiter=","):
    return list(csv.reader(io.StringIO(text.removeprefix(BYTE_ORDER_MARK), newline=""), delimiter=delimiter))


def as_sheet(header, rows, title="Gifts"):
    target = io.BytesIO()
    write_xlsx(target, title, header, rows)
    return load_workbook(target).active


def test_csv_is_written_as_the_reader_writes():
    row = ["Zoë", Decimal("1234.50"), datetime(2026, 7, 1, 22, 30, tzinfo=UTC)]

    with translation.override("en"):
        english = as_csv(HEADER, [row])
    with translation.override("it"):
        italian = as_csv(HEADER, [row])

    assert english.startswith(BYTE_ORDER_MARK)
    assert read_csv(english) == [HEADER, ["Zoë", "1234.50", "2026-07-02 00:30:00"]]
    assert read_csv(italian, ";")[1] == ["Zoë", "1234,50", "2026-07-02 00:30:00"]


def test_csv_writes_nothing_days_and_answers():
    rows = read_csv(as_csv(["a", "b", "c", "d"], [[None, date(2026, 1, 5), True, -3]]))

    assert rows[1] == ["", "2026-01-05", "Yes", "-3"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_people_wrote_is_never_a_formula(text):
    row = read_csv(as_csv([text], [[text]]))
    sheet = as_sheet([text], [[text]])

    assert row == [[f"'{text}"], [f"'{text}"]]
    assert [sheet["A1"].data_type, sheet["A2"].data_type] == ["s", "s"]
    assert sheet["A2"].value.startswith("'")


def test_a_workbook_keeps_numbers_exact_and_moments_of_rome():
    moment = datetime(2026, 1, 5, 9, 30, 15, 900, tzinfo=UTC)
    sheet = as_sheet(HEADER, [["Zoë", Decimal("0.10"), moment], ["Ada", 7, None]])

    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        HEADER,
        ["Zoë", 0.1, datetime(2026, 1, 5, 10, 30, 15)],  # noqa: DTZ001  (sheets know no zones)
        ["Ada", 7, None],
    ]
    assert (sheet["B2"].data_type, sheet["C2"].is_date) == ("n", True)


def test_a_workbook_takes_odd_letters_long_words_and_odd_titles():
    sheet = as_sheet(["a\x00b"], [["x" * 40_000], ["bell\x07"]], title="Who/What: [1]?" + "y" * 40)

    assert sheet["A1"].value == "ab"
    assert len(sheet["A2"].value) == 32_767
    assert sheet["A3"].value == "bell"
    assert len(sheet.title) == 31
