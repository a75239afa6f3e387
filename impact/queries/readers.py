"""For whom a story is due without anything new from them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, QuerySet

from accounts.models import User
from donations.models import Donation
from donations.queries.sums import sum_kept
from impact.models import ImpactStory, SpecialEventParticipation, StoryUnlock
from social.models import ImpactScore

Condition = ImpactStory.Condition
Readers = QuerySet[Any, UUID]


def due_readers(story: ImpactStory, now: datetime) -> Readers | None:
    """Return the keys of players who meet the condition and for whom the story is still closed; None: nothing to look for.

    What gifts, organisations and scores open is looked for once, when the story is new: later these open it themselves.
    """
    kind = Condition(story.unlock_condition_type)
    if kind == Condition.SPECIAL_EVENT:
        return _participants(story)
    if kind == Condition.TIME_BASED and not (story.available_from or story.available_until):
        return _first_gave_before(story, now - timedelta(days=int(story.unlock_condition_value)))
    if story.opens_by_itself:
        return _everybody(story) if story.is_in_its_time(now) else None
    if story.offered_at is not None:
        return None
    if kind == Condition.IMPACT_SCORE:
        reached = ImpactScore.objects.filter(score__gte=story.unlock_condition_value)
        return _without(story, reached, "user").order_by("user_id").values_list("user_id", flat=True)
    return _donors(story, kind)


def _everybody(story: ImpactStory) -> Readers:
    people = User.objects.filter(is_active=True)
    return _without(story, people, "pk").order_by("pk").values_list("pk", flat=True)


def _participants(story: ImpactStory) -> Readers:
    parts = SpecialEventParticipation.objects.filter(event=story.special_event_id)
    return _without(story, parts, "user").order_by("user_id").values_list("user_id", flat=True)


def _first_gave_before(story: ImpactStory, moment: datetime) -> Readers:
    gifts = _without(story, Donation.objects.completed(), "donor").order_by().values("donor")
    donors = gifts.annotate(first=Min("completed_at")).filter(first__lte=moment)
    return donors.order_by("donor").values_list("donor", flat=True)


def _donors(story: ImpactStory, kind: Condition) -> Readers:
    figures = {
        Condition.TOTAL_DONATED: sum_kept(),
        Condition.DONATION_COUNT: Count("id"),
        Condition.ONLUS_DIVERSITY: Count("onlus", distinct=True),
    }
    gifts = _without(story, Donation.objects.completed(), "donor").order_by().values("donor")
    donors = gifts.annotate(figure=figures[kind]).filter(figure__gte=story.unlock_condition_value)
    return donors.order_by("donor").values_list("donor", flat=True)


def _without(story: ImpactStory, rows: Any, person: str) -> Any:
    """Leave out those who have opened the story."""
    return rows.exclude(Exists(StoryUnlock.objects.filter(user=OuterRef(person), story_id=story.pk)))
