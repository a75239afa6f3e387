"""Opening stories, once and for good."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from donations.models import Donation
from goodplay.lib.db import transaction_lock
from goodplay.lib.errors import NotFound
from impact.conditions import is_met
from impact.donor_statistics import DonorStatistics
from impact.models import ImpactStory, StoryUnlock
from impact.queries.donors import donor_statistics
from impact.signals import story_unlocked

Condition = ImpactStory.Condition
MOVED_BY_PLAY = (Condition.IMPACT_SCORE, Condition.SPECIAL_EVENT, Condition.TIME_BASED)


class StoryNotFound(NotFound):
    code = "STORY_NOT_FOUND"
    message = _("There is no such story.")


def lock_player(user_id: UUID) -> None:
    """Let one transaction at a time decide what a player has reached."""
    transaction_lock(f"impact of {user_id}")


@transaction.atomic
def reevaluate(*, user_id: UUID, now: datetime) -> list[StoryUnlock]:
    """Open what play, the score or time made due. What donations open is left to them, so each names its donation."""
    lock_player(user_id)
    statistics = donor_statistics(user_id)
    return unlock_due(
        user_id=user_id, statistics=statistics, donation=None, now=now, conditions=MOVED_BY_PLAY
    )


@transaction.atomic
def unlock_due(
    *,
    user_id: UUID,
    statistics: DonorStatistics,
    donation: Donation | None,
    now: datetime,
    conditions: tuple[Condition, ...] = tuple(Condition),
) -> list[StoryUnlock]:
    """Open every story whose condition now holds and that is still closed. The caller holds the player's lock."""
    opened = set(StoryUnlock.objects.filter(user_id=user_id).values_list("story_id", flat=True))
    due = [
        story
        for story in ImpactStory.objects.active().within_reach(statistics, conditions)
        if story.pk not in opened and is_met(story, statistics, now)
    ]
    return [_unlock(story, user_id, donation, now) for story in due]


def _unlock(story: ImpactStory, user_id: UUID, donation: Donation | None, now: datetime) -> StoryUnlock:
    unlock = StoryUnlock.objects.create(
        user_id=user_id, story_id=story.pk, donation=donation, unlocked_at=now
    )
    story_unlocked.announce(unlock=unlock, story=story)
    return unlock


@transaction.atomic
def view_story(*, user_id: UUID, story_id: UUID, now: datetime) -> ImpactStory:
    """Return an active story, and note the first time its reader could see the text. Raises StoryNotFound."""
    story = ImpactStory.objects.active().filter(pk=story_id).first()
    if story is None:
        raise StoryNotFound
    unseen = StoryUnlock.objects.filter(user_id=user_id, story_id=story.pk, first_viewed_at=None)
    unseen.update(first_viewed_at=now)
    return story
