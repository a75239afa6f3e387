"""The method `moving_average_with_growth`: the mean of the last week, grown day by day as the history grew."""

from collections.abc import Sequence
from decimal import Decimal

METHOD = "moving_average_with_growth"
WEEK = 7
LARGEST_GROWTH = Decimal("0.10")  # of a day on the day before, either way
CERTAIN, LESS_EACH_DAY, LEAST = Decimal("0.90"), Decimal("0.05"), Decimal("0.50")


class TooShort(ValueError):
    """There are fewer than seven days to learn from."""


def daily_growth(history: Sequence[Decimal]) -> Decimal:
    """Return how much a day grows on the one before: the second half's mean over the first's, spread over its days."""
    middle = len(history) // 2
    first, second = history[:middle], history[middle:]
    before = mean(first)
    if not before:
        return Decimal(0)
    growth = (mean(second) - before) / before / len(second)
    return max(-LARGEST_GROWTH, min(LARGEST_GROWTH, growth))


def predict(history: Sequence[Decimal], days: int) -> list[Decimal]:
    """Predict so many days after the history, one value a day, oldest first. Raises TooShort."""
    if len(history) < WEEK:
        raise TooShort
    level, growth = mean(history[-WEEK:]), daily_growth(history)
    return [level * (1 + growth) ** ahead for ahead in range(1, days + 1)]


def confidence(ahead: int) -> Decimal:
    """Return how far to trust the prediction of that many days ahead: less each day, never below a half."""
    return max(LEAST, CERTAIN - LESS_EACH_DAY * ahead)


def mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values) if values else Decimal(0)
