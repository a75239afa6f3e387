"""Taking part in special events: by giving while one runs, or by playing towards a goal of the community."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from donations.models import Donation, SpecialEvent
from games.models import GameSession
from impact.models import SpecialEventParticipation
from impact.operations.locks import lock_player

AT_ONCE = 500


def count_gift(*, donation: Donation) -> None:
    """Note the events that ran when the donor gave. The caller holds the player's lock."""
    running = SpecialEvent.objects.filter(starts_at__lte=donation.created_at, ends_at__gt=donation.created_at)
    _take_part(running, user_id=donation.donor_id, donation=donation, took_part_at=donation.created_at)


@transaction.atomic
def count_play(*, session: GameSession) -> None:
    """Note the goals of the community that ran when a session ended that could be verified."""
    if session.status != GameSession.Status.COMPLETED or not session.is_verified:
        return
    lock_player(session.user_id)
    goals = SpecialEvent.objects.filter(
        kind=SpecialEvent.Kind.COMMUNITY_GOAL, starts_at__lte=session.ended_at, ends_at__gt=session.ended_at
    )
    _take_part(goals, user_id=session.user_id, session=session, took_part_at=session.ended_at)


def count_missed_gifts(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Note gifts made while an event ran that nobody noted then, because it was announced after them."""
    noted = 0
    for event in SpecialEvent.objects.filter(starts_at__lte=now, ends_at__gt=now).order_by("starts_at", "id"):
        for donation in _missed(event)[: limit - noted]:
            with transaction.atomic():
                lock_player(donation.donor_id)
                count_gift(donation=donation)
            noted += 1
    return noted


def _missed(event: SpecialEvent) -> "QuerySet[Donation]":
    noted = SpecialEventParticipation.objects.filter(event=event, user=OuterRef("donor"))
    # Whoever gave while it ran completed it later than it began: that is the column with an index.
    given = Donation.objects.completed().filter(
        completed_at__gte=event.starts_at,
        created_at__gte=event.starts_at,
        created_at__lt=event.ends_at,
        impact__isnull=False,
    )
    return given.exclude(Exists(noted)).order_by("completed_at", "id")


def _take_part(events: "QuerySet[SpecialEvent]", **facts: Any) -> None:
    known = SpecialEventParticipation.objects.filter(event=OuterRef("pk"), user=facts["user_id"])
    fresh = events.exclude(Exists(known)).values_list("pk", flat=True)
    SpecialEventParticipation.objects.bulk_create(
        SpecialEventParticipation(event_id=key, **facts) for key in fresh
    )
