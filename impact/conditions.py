"""When a story opens for a donor, and how far the donor has come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from impact.donor_statistics import DonorStatistics
from impact.levels import percent_of
from impact.models import ImpactStory

Condition = ImpactStory.Condition
MOVED_BY_PLAY = (Condition.IMPACT_SCORE, Condition.SPECIAL_EVENT, Condition.TIME_BASED)


@dataclass(frozen=True, slots=True)
class Progress:
    """The way to one threshold, in the condition's own unit (euros, donations, organisations, points, days)."""

    current_value: Decimal
    required_value: Decimal
    by_steps: bool = True
    """False: there is nothing between not there (0 %) and there (100 %)."""

    @property
    def is_met(self) -> bool:
        return self.current_value >= self.required_value

    @property
    def progress_percent(self) -> Decimal:
        if self.by_steps or self.is_met:
            return percent_of(self.current_value, self.required_value)
        return Decimal("0.0")

    @property
    def remaining_amount(self) -> Decimal:
        return max(self.required_value - self.current_value, Decimal(0))


def progress(story: ImpactStory, statistics: DonorStatistics, now: datetime) -> Progress:
    """Measure the story's condition against the statistics."""
    kind = ImpactStory.Condition(story.unlock_condition_type)
    if kind == ImpactStory.Condition.SPECIAL_EVENT:
        return Progress(
            Decimal(story.special_event_id in statistics.special_events), Decimal(1), by_steps=False
        )
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
    """Dates decide when the story has any, else days since the first donation."""
    if story.available_from or story.available_until:
        return Progress(Decimal(story.is_in_its_time(now)), Decimal(1), by_steps=False)
    if statistics.first_donation_date is None:
        # Nobody has waited zero days since a donation that was never made.
        return Progress(Decimal(0), max(story.unlock_condition_value, Decimal(1)), by_steps=False)
    days = Decimal((now - statistics.first_donation_date).days)
    return Progress(days, story.unlock_condition_value, by_steps=False)
