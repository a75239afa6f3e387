"""What the method would have got wrong: predict every known day from the days before it, and compare."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from donations.forecasting.moving_average import WEEK, mean, predict

BAND = Decimal("0.80")  # the share of past errors the band covers


@dataclass(frozen=True, slots=True)
class Backtest:
    """The errors of the predictions of known days, by how many days ahead they were made."""

    errors: tuple[tuple[Decimal, ...], ...]
    """Actual less predicted: first those made one day ahead, then two, …"""
    relative_errors: tuple[Decimal, ...]
    """The size of each error as a share of what happened, on days that something did."""

    @property
    def count(self) -> int:
        return sum(map(len, self.errors))

    @property
    def mean_absolute_error(self) -> Decimal | None:
        sizes = [abs(error) for errors in self.errors for error in errors]
        return mean(sizes) if sizes else None

    @property
    def mean_absolute_percentage_error(self) -> Decimal | None:
        return mean(self.relative_errors) * 100 if self.relative_errors else None

    def margin(self, ahead: int) -> Decimal | None:
        """Return within what distance four of five predictions made so far ahead came to lie; None when none was.

        Further ahead than was tried, the errors of the longest reach are all there is.
        """
        tried = [errors for errors in self.errors if errors]
        if not tried:
            return None
        sizes = sorted(abs(error) for error in tried[min(ahead, len(tried)) - 1])
        return sizes[min(len(sizes) - 1, int(len(sizes) * BAND))]


def backtest(history: Sequence[Decimal], *, reach: int = WEEK) -> Backtest:
    """Predict up to `reach` days after every day that has a week before it, and compare with what came."""
    errors: list[list[Decimal]] = [[] for _ahead in range(reach)]
    relative: list[Decimal] = []
    for known in range(WEEK, len(history)):
        predicted = predict(history[:known], min(reach, len(history) - known))
        for ahead, (value, actual) in enumerate(zip(predicted, history[known:], strict=False)):
            errors[ahead].append(actual - value)
            if actual:
                relative.append(abs(actual - value) / actual)
    return Backtest(tuple(tuple(each) for each in errors), tuple(relative))
