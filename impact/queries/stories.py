"""Stories as one reader sees them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from accounts.models import Onlus
from impact.conditions import Progress, progress
from impact.donor_statistics import DonorStatistics
from impact.levels import level_of, next_level, percent_of
from impact.models import ImpactStory, StoryUnlock
from impact.queries.donors import donor_statistics

MOST_STORIES = 50
NEAREST_PER_CONDITION = 2


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story, whether this reader has opened it, and how far the reader is."""

    story: ImpactStory
    onlus_name: str | None
    unlock: StoryUnlock | None
    progress: Progress
    is_featured: bool

    @property
    def is_unlocked(self) -> bool:
        return self.unlock is not None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The stories of one answer with the statistics they were measured by."""

    stories: list[StoryView]
    statistics: DonorStatistics


def available_stories(
    user_id: UUID, *, category: str, include_locked: bool, limit: int, now: datetime
) -> Shelf:
    """List what the reader has opened, or everything; the choice is made before the limit cuts."""
    unlocks = _unlocks_of(user_id)
    rows = ImpactStory.objects.active().in_reading_order(now)
    if category:
        rows = rows.filter(category=category)
    if not include_locked:
        rows = rows.filter(pk__in=list(unlocks))
    statistics = donor_statistics(user_id)
    return Shelf(_views(rows[:limit], unlocks, statistics, now), statistics)


def next_stories(user_id: UUID, *, limit: int, now: datetime) -> Shelf:
    """List the nearest locked stories, two for each kind of condition, the furthest along first."""
    statistics = donor_statistics(user_id)
    return Shelf(nearest_stories(user_id, statistics, limit=limit, now=now), statistics)


def nearest_stories(
    user_id: UUID, statistics: DonorStatistics, *, limit: int, now: datetime
) -> list[StoryView]:
    unlocks = _unlocks_of(user_id)
    locked = [
        (progress(story, statistics, now), story)
        for story in ImpactStory.objects.active().in_reading_order(now)
        if story.pk not in unlocks
    ]
    nearest_by_condition: defaultdict[str, list[ImpactStory]] = defaultdict(list)
    for _, story in sorted(locked, key=lambda each: each[0].remaining_amount):
        nearest_by_condition[story.unlock_condition_type].append(story)
    nearest = [each for stories in nearest_by_condition.values() for each in stories[:NEAREST_PER_CONDITION]]
    views = _views(nearest, unlocks, statistics, now)
    return sorted(views, key=lambda view: -view.progress.progress_percent)[:limit]


def story_view(user_id: UUID, story: ImpactStory, now: datetime) -> StoryView:
    unlocks = {each.story_id: each for each in StoryUnlock.objects.filter(user_id=user_id, story_id=story.pk)}
    return _views([story], unlocks, donor_statistics(user_id), now)[0]


def latest_unlocked(
    user_id: UUID, statistics: DonorStatistics, *, limit: int, now: datetime
) -> tuple[int, list[StoryView]]:
    """Return how many stories the reader has opened, and the latest of them that are still shown."""
    unlocks = _unlocks_of(user_id)
    stories = {story.pk: story for story in ImpactStory.objects.active().filter(pk__in=list(unlocks))}
    latest = sorted(unlocks.values(), key=lambda each: (each.unlocked_at, each.pk), reverse=True)
    shown = [stories[each.story_id] for each in latest if each.story_id in stories][:limit]
    return len(unlocks), _views(shown, unlocks, statistics, now)


def unlocked_by(donation_id: UUID, user_id: UUID, now: datetime) -> list[StoryView]:
    """List the stories one donation opened for its donor."""
    unlocks = {each.story_id: each for each in StoryUnlock.objects.filter(donation_id=donation_id)}
    rows = ImpactStory.objects.active().filter(pk__in=list(unlocks)).in_reading_order(now)
    return _views(rows, unlocks, donor_statistics(user_id), now)


def titles_of(story_ids: Iterable[UUID]) -> dict[UUID, ImpactStory]:
    return {story.pk: story for story in ImpactStory.objects.filter(pk__in=list(story_ids))}


def level_progress(statistics: DonorStatistics) -> dict[str, object]:
    """Tell the donor's level, the next one, and the way there in per cent."""
    total = statistics.total_donated
    following = next_level(total)
    return {
        "current_level": level_of(total),
        "next_level": following.number if following else None,
        "progress_to_next": percent_of(total, following.amount) if following else Decimal("100.0"),
    }


def _unlocks_of(user_id: UUID) -> dict[UUID, StoryUnlock]:
    return {each.story_id: each for each in StoryUnlock.objects.filter(user_id=user_id)}


def _views(
    stories: Iterable[ImpactStory],
    unlocks: dict[UUID, StoryUnlock],
    statistics: DonorStatistics,
    now: datetime,
) -> list[StoryView]:
    """Add to each story what its reader sees. Names of organisations are fetched together, never joined."""
    rows = list(stories)
    names = dict(
        Onlus.objects.filter(pk__in={row.onlus_id for row in rows if row.onlus_id}).values_list("pk", "name")
    )
    return [
        StoryView(
            story=story,
            onlus_name=names.get(story.onlus_id) if story.onlus_id else None,
            unlock=unlocks.get(story.pk),
            progress=progress(story, statistics, now),
            is_featured=story.is_featured(now),
        )
        for story in rows
    ]
