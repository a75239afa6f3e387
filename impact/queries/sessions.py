"""What one game session led to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from donations.models import AutoDonation, SessionCredit
from games.models import GameSession
from impact.models import ImpactStory, StoryUnlock, UserMilestone
from impact.queries.stories import StoryView, opened


@dataclass(frozen=True, slots=True)
class Opened:
    stories: list[StoryView]
    reached_milestone: bool


def opened_by_session(credit: SessionCredit, now: datetime) -> Opened:
    """Tell what was opened by play from the session's end until the next one's, and by the gift its credits made."""
    ended_at = credit.session.ended_at
    later = GameSession.objects.filter(user=credit.player_id, ended_at__gt=ended_at)
    until = later.order_by("ended_at").values_list("ended_at", flat=True).first()
    by_play = Q(donation=None, unlocked_at__gte=ended_at)
    if until is not None:
        by_play &= Q(unlocked_at__lt=until)
    gift = _gift_of(credit)
    by_gift = Q(donation=gift) if gift else Q(pk__in=[])
    unlocks = list(StoryUnlock.objects.filter(by_play | by_gift, user=credit.player_id))
    stories = opened(credit.player_id, unlocks, now)
    milestone = ImpactStory.Type.MILESTONE
    reached = gift is not None and UserMilestone.objects.filter(donation=gift).exists()
    return Opened(stories, reached or any(view.story.story_type == milestone for view in stories))


def _gift_of(credit: SessionCredit) -> UUID | None:
    """Return the gift that automatic giving made when this credit came."""
    if credit.transfer_id is None:
        return None
    looks = AutoDonation.objects.filter(transfer=credit.transfer_id)
    return looks.values_list("donation", flat=True).first()
