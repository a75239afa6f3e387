from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donations.bank.target import business_day_from, business_days_after, easter, holidays, is_business_day


@pytest.mark.parametrize(
    "sunday",
    [
        date(2000, 4, 23),
        date(2008, 3, 23),
        date(2011, 4, 24),
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2027, 3, 28),
        date(2028, 4, 16),
        date(2030, 4, 21),
        date(2038, 4, 25),
        date(2285, 3, 22),
    ],
)
def test_easter_falls_where_the_almanac_says(sunday):
    assert easter(sunday.year) == sunday


def test_target_is_closed_on_six_days_of_2026():
    assert sorted(holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 12, 25),
        date(2026, 12, 26),
    ]


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 11, 23), True),  # a Monday
        (date(2026, 11, 27), True),  # a Friday
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 11, 29), False),  # a Sunday
        (date(2026, 4, 3), False),  # Good Friday
        (date(2026, 6, 2), True),  # Italy rests, TARGET does not
        (date(2026, 8, 15), False),  # a Saturday in any case
        (date(2027, 1, 1), False),
        (date(2026, 12, 24), True),
    ],
)
def test_target_days(day, is_open):
    assert is_business_day(day) is is_open


def test_a_closed_day_moves_to_the_next_open_one():
    assert business_day_from(date(2026, 4, 2)) == date(2026, 4, 2)
    assert business_day_from(date(2026, 4, 3)) == date(2026, 4, 7)
    assert business_day_from(date(2026, 12, 25)) == date(2026, 12, 28)


def test_business_days_are_counted_from_the_day_after():
    assert business_days_after(date(2026, 4, 2), 0) == date(2026, 4, 2)
    assert business_days_after(date(2026, 4, 2), 1) == date(2026, 4, 7)
    assert business_days_after(date(2026, 12, 23), 3) == date(2026, 12, 29)


@given(day=st.dates(min_value=date(1999, 1, 1), max_value=date(2199, 12, 20)))
def test_the_next_business_day_is_open_and_near(day):
    found = business_day_from(day)

    assert is_business_day(found)
    assert 0 <= (found - day).days <= 4
    assert found == day or not is_business_day(day)
