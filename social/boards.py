"""Which boards there are, and the stretch of the Rome calendar each one covers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from goodplay.lib.time import month_start, next_month, week_start

BEGINNING = date(1970, 1, 1)  # where the board of all times starts: before every player


class LeaderboardType(TextChoices):
    GLOBAL_IMPACT = "global_impact", _("Global Impact Leaders")


class Period(TextChoices):
    DAILY = "daily", _("Daily")
    WEEKLY = "weekly", _("Weekly")
    MONTHLY = "monthly", _("Monthly")
    ALL_TIME = "all_time", _("All Time")


@dataclass(frozen=True, slots=True)
class Span:
    """One period of the calendar, both days included; that of all times has no last day."""

    period: Period
    first: date
    last: date | None

    @classmethod
    def around(cls, period: Period, day: date) -> Self:
        if period == Period.DAILY:
            return cls(period, day, day)
        if period == Period.WEEKLY:
            monday = week_start(day)
            return cls(period, monday, monday + timedelta(days=6))
        if period == Period.MONTHLY:
            return cls(period, month_start(day), next_month(day) - timedelta(days=1))
        return cls(period, BEGINNING, None)

    def closing(self, today: date) -> date:
        """Return the day on which the score counts for this span: its last, or today while it runs."""
        return min(self.last or today, today)

    @property
    def eve(self) -> date | None:
        """The day whose closing score is where growth starts from; none for all times, which start from zero."""
        return None if self.last is None else self.first - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Board:
    leaderboard_type: LeaderboardType
    span: Span

    @property
    def key(self) -> str:
        return f"{self.leaderboard_type}:{self.span.period}:{self.span.first}"


@dataclass(frozen=True, slots=True)
class Ladder:
    """How many stand on each whole point of a large board, the highest first.

    With it a rank or a far page counts one step of the board instead of all that is above. Empty: count everything.
    """

    steps: tuple[tuple[int, int], ...] = ()

    def above(self, score: Decimal) -> int:
        """Count the players on higher steps than the score's own."""
        return sum(players for points, players in self.steps if points > score)

    def skip(self, offset: int) -> tuple[int, int | None]:
        """Return how many of the first rows whole steps hold, and the points below which the next row stands."""
        skipped, below = 0, None
        for points, players in self.steps:
            if skipped + players > offset:
                break
            skipped, below = skipped + players, points
        return skipped, below


@dataclass(frozen=True, slots=True)
class Figures:
    """A board added up; an empty one has no least, most or mean."""

    participants: int
    least: Decimal | None
    most: Decimal | None
    mean: Decimal | None
    last_updated: datetime | None
    ladder: Ladder = Ladder()
