"""Stories as one reader sees them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from accounts.models import Onlus
from donations.models import SpecialEvent
from goodplay.lib.words import searched
from impact.caches import kept_unlocks
from impact.conditions import Progress, progress
from impact.donor_statistics import DonorStatistics
from impact.hints import hint
from impact.levels import level_of, next_level, percent_of
from impact.models import ImpactStory, StoryUnlock, StoryWithdrawal
from impact.models.stories import ImpactStoryQuerySet
from impact.queries.donors import donor_statistics

NEAREST_PER_CONDITION = 2
Opened = tuple[dict[UUID, StoryUnlock], dict[UUID, StoryWithdrawal]]


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story as one reader finds it: opened or not, how far the reader is, and whether it was withdrawn since."""

    story: ImpactStory
    onlus_name: str | None
    unlock: StoryUnlock | None
    withdrawal: StoryWithdrawal | None
    progress: Progress
    is_featured: bool
    hint: str

    @property
    def is_unlocked(self) -> bool:
        return self.unlock is not None

    @property
    def is_readable(self) -> bool:
        return self.unlock is not None and self.withdrawal is None

    @property
    def status(self) -> str:
        if self.unlock is None:
            return "locked"
        return "withdrawn" if self.withdrawal else self.unlock.status


@dataclass(frozen=True, slots=True)
class Shelf:
    """The stories of one answer with the statistics they were measured by."""

    stories: list[StoryView]
    statistics: DonorStatistics


class Reader:
    """What one reader has opened, and what of it was withdrawn since. Two queries, or what was kept of them."""

    def __init__(self, user_id: UUID, unlocks: Iterable[StoryUnlock] | None = None) -> None:
        if unlocks is None:
            self.unlocks, self.withdrawals = kept_unlocks(user_id, lambda: _opened_by(user_id))
        else:
            self.unlocks, self.withdrawals = _with_withdrawals(unlocks)

    def listed(self, now: datetime) -> "ImpactStoryQuerySet":
        """List what can be opened, what was opened, and what was opened and then withdrawn.

        What time opened and closed again before the reader came is not listed: nobody can open it any more.
        """
        rows = ImpactStory.objects.filter(Q(is_active=True) | Q(pk__in=list(self.withdrawals)))
        gone = Q(unlock_condition_type=ImpactStory.Condition.TIME_BASED, available_until__lte=now)
        return rows.filter(~gone | Q(pk__in=list(self.unlocks))).in_reading_order(now)


def _opened_by(user_id: UUID) -> Opened:
    return _with_withdrawals(StoryUnlock.objects.filter(user_id=user_id))


def _with_withdrawals(unlocks: Iterable[StoryUnlock]) -> Opened:
    opened = {each.story_id: each for each in unlocks}
    withdrawn = StoryWithdrawal.objects.filter(story_id__in=list(opened), put_back_at=None)
    return opened, {each.story_id: each for each in withdrawn}


def available_stories(
    user_id: UUID, *, category: str, search: str, include_locked: bool, limit: int, now: datetime
) -> Shelf:
    """List what the reader has opened, or everything; the choice is made before the limit cuts."""
    reader = Reader(user_id)
    rows = reader.listed(now).about(
        searched(search), opened=reader.unlocks.keys() - reader.withdrawals.keys()
    )
    if category:
        rows = rows.filter(category=category)
    if not include_locked:
        rows = rows.filter(pk__in=list(reader.unlocks))
    statistics = donor_statistics(user_id)
    return Shelf(
        _views(rows[: min(limit, settings.MAX_STORIES_PER_USER)], reader, statistics, now), statistics
    )


def next_stories(user_id: UUID, *, limit: int, now: datetime) -> Shelf:
    """List the nearest locked stories, two for each kind of condition, the furthest along first."""
    statistics = donor_statistics(user_id)
    return Shelf(nearest_stories(user_id, statistics, limit=limit, now=now), statistics)


def nearest_stories(
    user_id: UUID, statistics: DonorStatistics, *, limit: int, now: datetime
) -> list[StoryView]:
    reader = Reader(user_id)
    closed = [story for story in reader.listed(now) if story.pk not in reader.unlocks]
    over = _events_over(closed, now)
    locked = [
        (progress(story, statistics, now), story) for story in closed if story.special_event_id not in over
    ]
    nearest_by_condition: defaultdict[str, list[ImpactStory]] = defaultdict(list)
    for _, story in sorted(locked, key=lambda each: each[0].remaining_amount):
        nearest_by_condition[story.unlock_condition_type].append(story)
    nearest = [each for stories in nearest_by_condition.values() for each in stories[:NEAREST_PER_CONDITION]]
    views = _views(nearest, reader, statistics, now)
    return sorted(views, key=lambda view: -view.progress.progress_percent)[:limit]


def story_view(user_id: UUID, story: ImpactStory, now: datetime) -> StoryView:
    reader = Reader(user_id, StoryUnlock.objects.filter(user_id=user_id, story_id=story.pk))
    return _views([story], reader, donor_statistics(user_id), now)[0]


def latest_unlocked(
    user_id: UUID, statistics: DonorStatistics, *, limit: int, now: datetime
) -> tuple[int, list[StoryView]]:
    """Return how many stories the reader has opened, and the latest of them that are still shown."""
    reader = Reader(user_id)
    stories = {story.pk: story for story in reader.listed(now).filter(pk__in=list(reader.unlocks))}
    latest = sorted(reader.unlocks.values(), key=lambda each: (each.unlocked_at, each.pk), reverse=True)
    shown = [stories[each.story_id] for each in latest if each.story_id in stories][:limit]
    return len(reader.unlocks), _views(shown, reader, statistics, now)


def unlocked_by(donation_id: UUID, user_id: UUID, now: datetime) -> list[StoryView]:
    """List the stories one donation opened for its donor."""
    return opened(user_id, StoryUnlock.objects.filter(donation_id=donation_id), now)


def opened(user_id: UUID, unlocks: Iterable[StoryUnlock], now: datetime) -> list[StoryView]:
    """List the stories of some of a reader's unlocks."""
    reader = Reader(user_id, unlocks)
    rows = reader.listed(now).filter(pk__in=list(reader.unlocks))
    return _views(rows, reader, donor_statistics(user_id), now)


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


def _views(
    stories: Iterable[ImpactStory], reader: Reader, statistics: DonorStatistics, now: datetime
) -> list[StoryView]:
    """Add to each story what its reader sees. Names of organisations and events are fetched together, never joined."""
    rows = list(stories)
    names = dict(
        Onlus.objects.filter(pk__in={row.onlus_id for row in rows if row.onlus_id}).values_list("pk", "name")
    )
    events = _events_of(rows)
    views = []
    for story in rows:
        unlock, way = reader.unlocks.get(story.pk), progress(story, statistics, now)
        event = events.get(story.special_event_id) if story.special_event_id else None
        views.append(
            StoryView(
                story=story,
                onlus_name=names.get(story.onlus_id) if story.onlus_id else None,
                unlock=unlock,
                withdrawal=reader.withdrawals.get(story.pk),
                progress=way,
                is_featured=story.is_featured(now),
                hint="" if unlock else hint(story, way, event, now),
            )
        )
    return views


def _events_of(stories: list[ImpactStory]) -> dict[UUID, SpecialEvent]:
    keys = {story.special_event_id for story in stories if story.special_event_id}
    return SpecialEvent.objects.in_bulk(keys) if keys else {}


def _events_over(stories: list[ImpactStory], now: datetime) -> set[UUID]:
    return {key for key, event in _events_of(stories).items() if event.ends_at <= now}
