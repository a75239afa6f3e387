"""The prediction with its band, and what the method got wrong before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from donations.forecasting.backtest import Backtest, backtest
from donations.forecasting.moving_average import WEEK, confidence, daily_growth, predict


@dataclass(frozen=True, slots=True)
class Day:
    """One predicted day. The band is None while no day could be tried."""

    date: date
    value: Decimal
    confidence: Decimal
    lower: Decimal | None
    upper: Decimal | None


@dataclass(frozen=True, slots=True)
class Outlook:
    days: tuple[Day, ...]
    growth: Decimal
    next_week_total: Decimal
    past: Backtest


def outlook(history: Sequence[Decimal], *, first: date, days: int) -> Outlook:
    """Predict the days from `first` on, which follows the last one of the history. Raises TooShort.

    Amounts and counts are never below zero, so neither is the band.
    """
    values = predict(history, max(days, WEEK))
    past = backtest(history)
    return Outlook(
        days=tuple(_day(first, ahead, value, past) for ahead, value in enumerate(values[:days], start=1)),
        growth=daily_growth(history),
        next_week_total=sum(values[:WEEK], Decimal(0)),
        past=past,
    )


def _day(first: date, ahead: int, value: Decimal, past: Backtest) -> Day:
    margin = past.margin(ahead)
    return Day(
        date=first + timedelta(days=ahead - 1),
        value=value,
        confidence=confidence(ahead),
        lower=None if margin is None else max(Decimal(0), value - margin),
        upper=None if margin is None else value + margin,
    )
