"""How many come as far as a story: unlocked, and read."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import TruncDay

from donations.models import Donation
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.time import ROME
from impact.models import ImpactStory, StoryProposal, StoryUnlock


@dataclass(frozen=True, slots=True)
class Figures:
    opened: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One story, and how many of all donors it is open for and was read by."""

    story: ImpactStory
    figures: Figures


def figures_of(story_ids: list[UUID]) -> dict[UUID, Figures]:
    rows = StoryUnlock.objects.filter(story_id__in=story_ids).order_by().values("story_id")
    counted = rows.annotate(opened=Count("id"), read=Count("first_viewed_at"))
    found = {row["story_id"]: Figures(row["opened"], row["read"]) for row in counted}
    return {key: found.get(key, Figures()) for key in story_ids}


def funnel() -> list[Step]:
    """List the active stories in the order their thresholds come."""
    stories = list(
        ImpactStory.objects.active().order_by("unlock_condition_type", "unlock_condition_value", "id")
    )
    figures = figures_of([story.pk for story in stories])
    return [Step(story, figures[story.pk]) for story in stories]


def donors() -> int:
    return Donation.objects.completed().order_by().values("donor").distinct().count()


def unlocks_by_day(period: Period) -> list[int]:
    """Count the stories opened on each day of the period."""
    start, end = period.bounds
    rows = StoryUnlock.objects.filter(unlocked_at__gte=start, unlocked_at__lt=end)
    grouped = rows.order_by().values(day=TruncDay("unlocked_at", tzinfo=ROME)).annotate(opened=Count("id"))
    found: dict[date, int] = {row["day"].date(): row["opened"] for row in grouped}
    return [found.get(day, 0) for day in period.dates]


def waiting_proposals() -> int:
    return StoryProposal.objects.waiting().count()
