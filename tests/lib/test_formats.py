"""How pages write money and moments."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from goodplay.lib.templatetags.house import day, euros, moment, shown

NO_BREAK = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
EVE = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "english", "italian"),
    [
        ("0", "€0.00", f"0,00{NO_BREAK}€"),
        ("0.1", "€0.10", f"0,10{NO_BREAK}€"),
        ("1234567.89", "€1,234,567.89", f"1.234.567,89{NO_BREAK}€"),
        ("-5.5", f"{MINUS}€5.50", f"{MINUS}5,50{NO_BREAK}€"),
    ],
)
def test_euros_are_written_as_the_language_does(amount, english, italian):
    with translation.override("en"):
        assert euros(Decimal(amount)) == english
    with translation.override("it"):
        assert euros(Decimal(amount)) == italian


@pytest.mark.parametrize(
    ("language", "day_written", "moment_written"),
    [("en", "1 Jan 2026", "1 Jan 2026, 00:30"), ("it", "1 gen 2026", "1 gen 2026, 00:30")],
)
def test_moments_are_written_by_the_clock_of_rome(language, day_written, moment_written):
    with translation.override(language):
        assert (day(EVE), moment(EVE)) == (day_written, moment_written)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1234.5"), "€1,234.50"),
        (EVE, "1 Jan 2026, 00:30"),
        (date(2026, 3, 14), "14 Mar 2026"),
        (1234567, "1,234,567"),
        (True, "True"),
        ("94 %", "94 %"),
    ],
)
def test_cells_are_written_by_what_they_are(value, written):
    assert shown(value) == written
