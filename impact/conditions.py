"""When a story opens for a donor, and how far the donor has come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from impact.donor_statistics import DonorStatistics
from impact.levels import percent_of
from impact.models import ImpactStory


@dataclass(frozen=True, slots=True)
class Progress:
    """The way to one threshold, in the condition's own unit (euros, donations, organisations, points, days)."""

    current_value: Decimal
    required_value: Decimal

    @property
    def is_met(self) -> bool:
        return self.current_value >= self.required_value

    @property
    def progress_percent(self) -> Decimal:
        return percent_of(self.current_value, self.required_value)

    @property
    def remaining_amount(self) -> Decimal:
        return max(self.required_value - self.current_value, Decimal(0))


def progress(story: ImpactStory, statistics: DonorStatistics, now: datetime) -> Progress:
    """Measure the story's condition against the statistics.

    A special event counts once taking part in one is recorded; until then nobody has met it.
    """
    kind = ImpactStory.Condition(story.unlock_condition_type)
    if kind == ImpactStory.Condition.SPECIAL_EVENT:
        return Progress(Decimal(0), Decimal(1))
    if kind == ImpactStory.Condition.TIME_BASED:
        return _time_based(story, statistics, now)
    return Progress(_READ[kind](statistics), story.unlock_condition_value)


def is_met(story: ImpactStory, statistics: DonorStatistics, now: datetime) -> bool:
    return progress(story, statistics, now).is_met


_READ: dict[ImpactStory.Condition, Callable[[DonorStatistics], Decimal]] = {
    ImpactStory.Condition.TOTAL_DONATED: lambda statistics: statistics.total_donated,
    ImpactStory.Condition.DONATION_COUNT: lambda statistics: Decimal(statistics.donation_count),
    ImpactStory.Condition.ONLUS_DIVERSITY: lambda statistics: Decimal(statistics.onlus_diversity),
    ImpactStory.Condition.IMPACT_SCORE: lambda statistics: statistics.impact_score,
}


def _time_based(story: ImpactStory, statistics: DonorStatistics, now: datetime) -> Progress:
    """Dates decide when the story has any: open from `available_from` until before `available_until`. Else days since the first donation."""
    if story.available_from or story.available_until:
        opened = story.available_from is None or story.available_from <= now
        closed = story.available_until is not None and story.available_until <= now
        return Progress(Decimal(opened and not closed), Decimal(1))
    if statistics.first_donation_date is None:
        # Nobody has waited zero days since a donation that was never made.
        return Progress(Decimal(0), max(story.unlock_condition_value, Decimal(1)))
    return Progress(Decimal((now - statistics.first_donation_date).days), story.unlock_condition_value)
