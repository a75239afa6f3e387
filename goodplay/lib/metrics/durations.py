"""Durations counted in buckets: they add up over processes and minutes, and tell any percentile about right."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

# Milliseconds. The last bucket, of what took longer, has no end.
BOUNDS = (1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000)


@dataclass(slots=True)
class Durations:
    """How many there were, how many failed or were refused, and how long they took."""

    count: int = 0
    errors: int = 0
    refusals: int = 0
    total_ms: float = 0.0
    longest_ms: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    def add(self, milliseconds: float, status: int) -> None:
        self.count += 1
        self.errors += status >= 500
        self.refusals += 400 <= status < 500
        self.total_ms += milliseconds
        self.longest_ms = max(self.longest_ms, milliseconds)
        self.buckets[bisect_left(BOUNDS, milliseconds)] += 1

    def merge(self, other: "Durations") -> Self:
        self.count += other.count
        self.errors += other.errors
        self.refusals += other.refusals
        self.total_ms += other.total_ms
        self.longest_ms = max(self.longest_ms, other.longest_ms)
        self.buckets = [own + more for own, more in zip(self.buckets, other.buckets, strict=True)]
        return self

    @property
    def average_ms(self) -> float | None:
        return self.total_ms / self.count if self.count else None

    @property
    def error_percent(self) -> float | None:
        return 100 * self.errors / self.count if self.count else None

    def percentile_ms(self, percent: float) -> float | None:
        """Return the duration that so many percent stay below, to within its bucket; None without any."""
        if not self.count:
            return None
        wanted, passed, low = self.count * percent / 100, 0, 0.0
        for bound, inside in zip((*BOUNDS, self.longest_ms), self.buckets, strict=True):
            if inside and passed + inside >= wanted:
                high = min(float(bound), self.longest_ms)
                return low + (max(high, low) - low) * (wanted - passed) / inside
            passed, low = passed + inside, float(bound)
        return self.longest_ms

    def as_row(self) -> list[Any]:
        return [
            self.count,
            self.errors,
            self.refusals,
            round(self.total_ms, 3),
            round(self.longest_ms, 3),
            *self.buckets,
        ]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> "Durations":
        count, errors, refusals, total, longest, *buckets = row
        return cls(count, errors, refusals, total, longest, buckets)
