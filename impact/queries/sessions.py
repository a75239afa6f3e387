"""What one game session led to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from donations.models import AutoDonation, SpecialEvent
from games.models import GameSession
from impact.caches import kept_play_stories
from impact.conditions import MOVED_BY_PLAY
from impact.models import ImpactStory, StoryUnlock, UserMilestone
from impact.queries.stories import Reader, StoryView, opened
from social.models import ImpactScore

Condition = ImpactStory.Condition


@dataclass(frozen=True, slots=True)
class Opened:
    stories: list[StoryView]
    reached_milestone: bool


def opened_by_session(session: GameSession, now: datetime) -> Opened:
    """Tell what was opened by play from the session's end until the next one's, and by the gift its credits made."""
    later = GameSession.objects.filter(user=session.user_id, ended_at__gt=session.ended_at)
    until = later.order_by("ended_at").values_list("ended_at", flat=True).first()
    by_play = Q(donation=None, unlocked_at__gte=session.ended_at)
    if until is not None:
        by_play &= Q(unlocked_at__lt=until)
    gift = _gift_of(session)
    by_gift = Q(donation=gift) if gift else Q(pk__in=[])
    unlocks = list(StoryUnlock.objects.filter(by_play | by_gift, user=session.user_id))
    stories = opened(session.user_id, unlocks, now)
    milestone = ImpactStory.Type.MILESTONE
    reached = gift is not None and UserMilestone.objects.filter(donation=gift).exists()
    return Opened(stories, reached or any(view.story.story_type == milestone for view in stories))


def has_opened_since(session: GameSession) -> bool:
    """Say whether anything was opened for the player since the end, told from what is kept."""
    assert session.ended_at is not None  # noqa: S101  (asked about ended sessions only)
    unlocks = Reader(session.user_id).unlocks.values()
    return any(unlock.unlocked_at >= session.ended_at for unlock in unlocks)


def may_open(session: GameSession, now: datetime) -> bool:
    """Say whether play may have made a closed story due. Without such a story it costs no query, else two at most."""
    unlocks = Reader(session.user_id).unlocks
    closed: defaultdict[str, list[ImpactStory]] = defaultdict(list)
    for story in kept_play_stories(_opened_by_play):
        if story.pk not in unlocks:
            closed[story.unlock_condition_type].append(story)
    return (
        any(_has_come(story, now) for story in closed[Condition.TIME_BASED])
        or _has_the_score(session.user_id, closed[Condition.IMPACT_SCORE])
        or _was_played_for(session, closed[Condition.SPECIAL_EVENT])
    )


def _opened_by_play() -> list[ImpactStory]:
    stories = ImpactStory.objects.active().filter(unlock_condition_type__in=MOVED_BY_PLAY)
    return list(
        stories.only(
            "unlock_condition_type",
            "unlock_condition_value",
            "special_event",
            "available_from",
            "available_until",
        )
    )


def _has_come(story: ImpactStory, now: datetime) -> bool:
    """Ask for its dates. Days since the first gift pass without play: the daily look opens those."""
    return bool(story.available_from or story.available_until) and story.is_in_its_time(now)


def _has_the_score(user_id: UUID, stories: Iterable[ImpactStory]) -> bool:
    least = min((story.unlock_condition_value for story in stories), default=None)
    if not least:
        return least is not None
    return ImpactScore.objects.filter(user=user_id, score__gte=least).exists()


def _was_played_for(session: GameSession, stories: Iterable[ImpactStory]) -> bool:
    keys = [story.special_event_id for story in stories if story.special_event_id]
    if not keys or not session.is_verified:
        return False
    goals = SpecialEvent.objects.filter(pk__in=keys, kind=SpecialEvent.Kind.COMMUNITY_GOAL)
    return goals.filter(starts_at__lte=session.ended_at, ends_at__gt=session.ended_at).exists()


def _gift_of(session: GameSession) -> UUID | None:
    """Return the gift that automatic giving made when the session's credit came."""
    looks = AutoDonation.objects.filter(transfer__session_credit__session=session)
    return looks.values_list("donation", flat=True).first()
