"""Columns of a chart that is drawn without a script."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from impact.models import ImpactMetric
from impact.queries.metric_history import Series
from impact.queries.metrics import formatted

MOST_BARS = 12
LEAST_HEIGHT = 2
"""Per cent: what is not nothing is seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One column of a hundred: `top` is where it begins, from above."""

    day: date
    value: str
    height: int

    @property
    def top(self) -> int:
        return 100 - self.height


def bars_of(series: Series, metric: ImpactMetric) -> list[Bar]:
    """Draw the last days with readings, each as high as its average is against the highest."""
    days = series.days[-MOST_BARS:]
    highest = max((day.avg_value for day in days), default=Decimal(0))
    return [
        Bar(day.day, formatted(metric.metric_unit, day.avg_value), _height(day.avg_value, highest))
        for day in days
    ]


def _height(value: Decimal, highest: Decimal) -> int:
    if not value or not highest:
        return 0
    return max(LEAST_HEIGHT, round(value * 100 / highest))
