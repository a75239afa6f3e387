"""Opening stories, once and for good, and taking them down."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Donation
from goodplay.lib.audit import trail
from goodplay.lib.db import claim, transaction_lock
from goodplay.lib.errors import Conflict, NotFound
from goodplay.lib.pictures import operations as pictures
from impact.caches import forget_donor
from impact.conditions import MOVED_BY_PLAY, is_met
from impact.donor_statistics import DonorStatistics
from impact.models import ImpactStory, StoryUnlock, StoryWithdrawal
from impact.operations.locks import lock_player
from impact.queries.donors import donor_statistics, has_uncounted_gifts
from impact.queries.readers import due_readers
from impact.signals import story_changed, story_taken_down, story_unlocked, story_withdrawn

Condition = ImpactStory.Condition
AT_ONCE = 500


class StoryNotFound(NotFound):
    code = "STORY_NOT_FOUND"
    message = _("There is no such story.")


class StoryAlreadyWithdrawn(Conflict):
    code = "STORY_ALREADY_WITHDRAWN"
    message = _("This story is withdrawn already.")


class StoryNotWithdrawn(Conflict):
    code = "STORY_NOT_WITHDRAWN"
    message = _("This story is not withdrawn.")


# Opening ---------------------------------------------------------------------------------------------------------


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
    conditions: Iterable[Condition] = tuple(Condition),
) -> list[StoryUnlock]:
    """Open every story whose condition now holds and that is still closed. The caller holds the player's lock."""
    opened = set(StoryUnlock.objects.filter(user_id=user_id).values_list("story_id", flat=True))
    due = [
        story
        for story in ImpactStory.objects.active().within_reach(statistics, conditions)
        if story.pk not in opened and is_met(story, statistics, now)
    ]
    return [_unlock(story, user_id, donation, now) for story in due]


def open_due(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Open stories for those who met their condition without giving or playing anew; at most `limit` at once.

    Time came for some; a special event is over for others; and a story that is new, or easier than before, is already
    met by people. Each player is a transaction of its own, so a run that breaks off has done what it did.
    """
    opened = 0
    for story in ImpactStory.objects.active().order_by("created_at", "id"):
        readers = due_readers(story, now)
        if readers is None:
            continue
        keys = list(readers[: limit - opened])
        done = sum(_open_for(user_id, story, now) for user_id in keys)
        opened += done
        if not done and story.offered_at is None:
            ImpactStory.objects.filter(pk=story.pk).update(offered_at=now)
        if opened >= limit:
            break
    return opened


@transaction.atomic
def _open_for(user_id: UUID, story: ImpactStory, now: datetime) -> bool:
    """Open one story for one player, unless a gift that may be what opens it is still being counted."""
    lock_player(user_id)
    if StoryUnlock.objects.filter(user_id=user_id, story_id=story.pk).exists():
        return False
    if story.unlock_condition_type not in MOVED_BY_PLAY and has_uncounted_gifts(user_id):
        return False
    if not is_met(story, donor_statistics(user_id), now):
        return False
    _unlock(story, user_id, None, now)
    return True


def _unlock(story: ImpactStory, user_id: UUID, donation: Donation | None, now: datetime) -> StoryUnlock:
    unlock = StoryUnlock.objects.create(
        user_id=user_id, story_id=story.pk, donation=donation, unlocked_at=now
    )
    transaction.on_commit(lambda: forget_donor(user_id))
    story_unlocked.announce(unlock=unlock, story=story)
    return unlock


@transaction.atomic
def view_story(*, user_id: UUID, story_id: UUID, now: datetime) -> ImpactStory:
    """Return a story, and note the first time its reader could see the text. Raises StoryNotFound.

    One that was withdrawn is still there for those who had opened it, without its text; that is no reading.
    """
    story = ImpactStory.objects.filter(pk=story_id).first()
    if story is None:
        raise StoryNotFound
    mine = StoryUnlock.objects.filter(user_id=user_id, story_id=story.pk)
    if story.is_active:
        if mine.filter(first_viewed_at=None).update(first_viewed_at=now):
            transaction.on_commit(lambda: forget_donor(user_id))
    elif not (_withdrawals_of(story).exists() and mine.exists()):
        raise StoryNotFound
    return story


# Staff -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def withdraw(
    *, story: ImpactStory, reason: str, actor: User, address: str = "", now: datetime
) -> StoryWithdrawal:
    """Take a story down and tell why: those who had opened it see the reason where the story was."""
    _lock(story)
    if _withdrawals_of(story).exists():
        raise StoryAlreadyWithdrawn
    withdrawal = StoryWithdrawal.objects.create(
        story_id=story.pk, reason=reason, withdrawn_by=actor, withdrawn_at=now
    )
    _record(story, actor, "withdraw", now, reason=reason, address=address)
    story_taken_down.announce(withdrawal=withdrawal)
    pictures.withdraw(target=story)
    story_changed.announce(story=story)
    _set_active(story, now, is_active=False)
    return withdrawal


@transaction.atomic
def put_back(*, story: ImpactStory, reason: str, actor: User, address: str = "", now: datetime) -> None:
    """Show a withdrawn story again; who had opened it reads it again."""
    _lock(story)
    if not claim(_withdrawals_of(story), put_back_at=now):
        raise StoryNotWithdrawn
    pictures.publish(target=story, now=now)
    _record(story, actor, "put_back", now, reason=reason, address=address)
    story_changed.announce(story=story)
    _set_active(story, now, is_active=True)


def tell_of_withdrawal(*, withdrawal: StoryWithdrawal) -> int:
    """Announce a withdrawal to everybody who had opened the story, one by one. The caller makes sure of once."""
    story = ImpactStory.objects.get(pk=withdrawal.story_id)
    readers = StoryUnlock.objects.filter(story_id=story.pk).order_by("id").values_list("user_id", flat=True)
    told = 0
    for user_id in readers.iterator(chunk_size=AT_ONCE):
        story_withdrawn.announce(withdrawal=withdrawal, story=story, user_id=user_id)
        told += 1
    return told


@transaction.atomic
def feature(*, story: ImpactStory, until: datetime | None, actor: User, address: str, now: datetime) -> None:
    """Show a story among the first until a moment, or no longer."""
    before = story.featured_until
    story.featured_until = until
    ImpactStory.objects.filter(pk=story.pk).update(featured_until=until, updated_at=now)
    facts = {"featured_until": before.isoformat() if before else None}
    after = {"featured_until": until.isoformat() if until else None}
    _record(story, actor, "feature", now, address=address, before=facts, after=after)
    story_changed.announce(story=story)


@transaction.atomic
def switch(*, story: ImpactStory, is_active: bool, actor: User, address: str, now: datetime) -> None:
    """Take a story out of the lists, or put it in again. One that was withdrawn is put back, not switched on."""
    _lock(story)
    if is_active and _withdrawals_of(story).exists():
        raise StoryAlreadyWithdrawn
    _record(
        story,
        actor,
        "switch_on" if is_active else "switch_off",
        now,
        address=address,
        before={"is_active": story.is_active},
        after={"is_active": is_active},
    )
    story_changed.announce(story=story)
    _set_active(story, now, is_active=is_active)


@transaction.atomic
def note_edit(*, story: ImpactStory, is_easier: bool) -> None:
    """Tell that a story reads differently now; when its condition changed, it is offered anew to those who meet it."""
    if is_easier:
        ImpactStory.objects.filter(pk=story.pk).update(offered_at=None)
    story_changed.announce(story=story)


def _set_active(story: ImpactStory, now: datetime, *, is_active: bool) -> None:
    """Write the document last: where it lives apart from the rows above, a failure undoes them all the same."""
    story.is_active = is_active
    offered_at = None if is_active else story.offered_at
    ImpactStory.objects.filter(pk=story.pk).update(is_active=is_active, offered_at=offered_at, updated_at=now)


def _withdrawals_of(story: ImpactStory) -> "QuerySet[StoryWithdrawal]":
    return StoryWithdrawal.objects.filter(story_id=story.pk, put_back_at=None)


def _lock(story: ImpactStory) -> None:
    transaction_lock(f"story {story.pk}")


def _record(story: ImpactStory, actor: User, action: str, now: datetime, **facts: Any) -> None:
    trail.record(actor=actor, action=action, target=story, now=now, **facts)
