"""The forecast's arithmetic: the formula, its caps, and what it says of its own errors."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donations.forecasting.backtest import backtest
from donations.forecasting.moving_average import TooShort, confidence, daily_growth, mean, predict
from donations.forecasting.outlook import outlook

AMOUNTS = st.lists(
    st.decimals(min_value=0, max_value=10_000, places=2, allow_nan=False, allow_infinity=False),
    min_size=7,
    max_size=40,
)


def euros(*values):
    return [Decimal(value) for value in values]


def test_growth_is_that_of_the_halves_spread_over_the_days():
    history = euros(*[10] * 10, *[11] * 10)

    growth = daily_growth(history)

    assert growth == Decimal("0.01")
    assert predict(history, 2) == [11 * Decimal("1.01"), 11 * Decimal("1.01") ** 2]


@pytest.mark.parametrize(
    ("history", "growth"),
    [
        (euros(1, 1, 1, 1, 100, 100, 100, 100), Decimal("0.10")),
        (euros(100, 100, 1, 1), Decimal("-0.10")),
        (euros(0, 0, 0, 5, 5, 5), Decimal(0)),
        (euros(), Decimal(0)),
    ],
)
def test_growth_is_capped_and_of_nothing_there_is_none(history, growth):
    assert daily_growth(history) == growth


def test_six_days_are_too_few():
    with pytest.raises(TooShort):
        predict(euros(*[5] * 6), 1)


def test_confidence_falls_to_a_half():
    assert [confidence(ahead) for ahead in (1, 2, 8, 9, 90)] == euros("0.85", "0.80", "0.50", "0.50", "0.50")


def test_a_known_day_is_predicted_from_the_days_before_it_only():
    past = backtest(euros(*[10] * 7, 16))

    assert past.errors[0] == (Decimal(6),)
    assert past.relative_errors == (Decimal(6) / 16,)
    assert (past.count, past.mean_absolute_error) == (1, Decimal(6))


def test_days_without_anything_have_no_relative_error():
    past = backtest(euros(*[10] * 7, 0))

    assert past.mean_absolute_error == Decimal(10)
    assert past.mean_absolute_percentage_error is None


def test_a_short_history_has_no_band():
    found = outlook(euros(*[10] * 7), first=date(2026, 3, 14), days=2)

    assert [(day.date, day.lower, day.upper) for day in found.days] == [
        (date(2026, 3, 14), None, None),
        (date(2026, 3, 15), None, None),
    ]


@given(history=AMOUNTS, days=st.integers(1, 90))
def test_the_band_holds_the_value_and_is_never_below_zero(history, days):
    found = outlook(history, first=date(2026, 3, 14), days=days)

    assert len(found.days) == days
    for day in found.days:
        assert day.value >= 0
        assert day.lower is None or 0 <= day.lower <= day.value <= day.upper


@given(value=st.integers(1, 10_000), length=st.integers(8, 40))
def test_what_never_changes_is_predicted_without_error(value, length):
    found = outlook(euros(*[value] * length), first=date(2026, 3, 14), days=3)

    assert {day.value for day in found.days} == {Decimal(value)}
    assert found.past.mean_absolute_error == 0
    assert found.next_week_total == 7 * value


@given(history=AMOUNTS)
def test_four_of_five_past_errors_lie_within_the_margin(history):
    past = backtest(history)

    for ahead, errors in enumerate(past.errors, start=1):
        if errors:
            inside = sum(abs(error) <= past.margin(ahead) for error in errors)
            assert inside >= len(errors) * Decimal("0.8")


def test_the_mean_of_nothing_is_nothing():
    assert mean([]) == 0
