"""Stories that organisations propose, and what the staff makes of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, OnlusMembership, User
from accounts.operations.application_states import refuse_own
from goodplay.lib.audit import trail
from goodplay.lib.db import transaction_lock
from goodplay.lib.errors import AccessDenied, Conflict, DomainError, NotFound
from goodplay.lib.ids import new_id
from goodplay.lib.pictures import operations as pictures
from goodplay.lib.pictures.models import Picture
from goodplay.lib.pictures.queries import pictures_of
from impact.models import ImpactStory, StoryProposal
from impact.signals import story_changed, story_proposal_decided, story_proposed

MAY_PROPOSE = (OnlusMembership.Role.OWNER, OnlusMembership.Role.EDITOR)
MOST_WAITING = 10

Status = StoryProposal.Status


class ProposalNotFound(NotFound):
    code = "STORY_PROPOSAL_NOT_FOUND"
    message = _("There is no such proposal.")


class OnlyOwnersAndEditorsPropose(AccessDenied):
    message = _("Only owners and editors of the organisation can propose stories.")


class TooManyProposals(DomainError):
    code = "STORY_PROPOSALS_TOO_MANY"
    message = _("Ten proposals are waiting already. Wait for an answer, or withdraw one.")


class ProposalDecided(Conflict):
    code = "STORY_PROPOSAL_DECIDED"
    message = _("This proposal is no longer waiting.")


# Of organisations -------------------------------------------------------------------------------------------------


@transaction.atomic
def propose(
    *,
    member: User,
    onlus_id: UUID,
    facts: Mapping[str, Any],
    now: datetime,
    picture: Mapping[str, Any] | None = None,
    address: str = "",
) -> StoryProposal:
    """Hand a story in. Raises TooManyProposals, and what the picture is refused for."""
    onlus = _place_of(member, onlus_id)
    transaction_lock(f"story proposals of {onlus_id}")
    if StoryProposal.objects.waiting().filter(onlus=onlus).count() >= MOST_WAITING:
        raise TooManyProposals
    proposal = StoryProposal.objects.create(
        onlus=onlus, proposed_by=member, created_at=now, updated_at=now, **facts
    )
    _show(proposal, picture, member, now)
    _record(proposal, member, "propose", now, address=address, after={"title": proposal.title_it})
    story_proposed.announce(proposal=proposal)
    return proposal


@transaction.atomic
def revise(
    *,
    member: User,
    proposal_id: UUID,
    facts: Mapping[str, Any],
    now: datetime,
    picture: Mapping[str, Any] | None = None,
    address: str = "",
) -> StoryProposal:
    """Change a proposal that still waits. A new picture takes the place of the old one."""
    proposal = _waiting(member, proposal_id)
    for name, value in facts.items():
        setattr(proposal, name, value)
    proposal.updated_at = now
    proposal.save()
    _show(proposal, picture, member, now)
    _record(proposal, member, "revise", now, address=address, after={"title": proposal.title_it})
    return proposal


@transaction.atomic
def take_back(*, member: User, proposal_id: UUID, now: datetime, address: str = "") -> None:
    """Withdraw a proposal that still waits."""
    proposal = _waiting(member, proposal_id)
    proposal.status, proposal.decided_at = Status.WITHDRAWN, now
    proposal.save(update_fields=["status", "decided_at"])
    pictures.detach(target=proposal)
    _record(proposal, member, "withdraw", now, address=address)


def _place_of(member: User, onlus_id: UUID) -> Onlus:
    seat = OnlusMembership.objects.filter(user=member, onlus_id=onlus_id).select_related("onlus").first()
    if seat is None:
        raise ProposalNotFound
    if seat.role not in MAY_PROPOSE:
        raise OnlyOwnersAndEditorsPropose
    return seat.onlus


def _waiting(member: User, proposal_id: UUID) -> StoryProposal:
    proposal = StoryProposal.objects.select_for_update().filter(pk=proposal_id).first()
    if proposal is None:
        raise ProposalNotFound
    _place_of(member, proposal.onlus_id)
    if not proposal.is_waiting:
        raise ProposalDecided
    return proposal


def _show(proposal: StoryProposal, picture: Mapping[str, Any] | None, member: User, now: datetime) -> None:
    if picture is not None:
        stored = pictures.store(owner=proposal.onlus, uploaded_by=member, now=now, **picture)
        pictures.attach(target=proposal, picture_ids=[stored.pk], owner=proposal.onlus, now=now)


# Of staff ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def accept(
    *, proposal: StoryProposal, facts: Mapping[str, Any], actor: User, now: datetime, address: str = ""
) -> ImpactStory:
    """Make a story of a proposal, in the words the staff settled on. Its picture becomes public with it."""
    row = _deciding(proposal, actor)
    columns = {name: value for name, value in facts.items() if name != "featured_for"}
    featured_for = facts.get("featured_for")
    shown = pictures_of([row])[row.pk]
    story = ImpactStory(
        id=new_id(),
        onlus_id=row.onlus_id,
        author=row.onlus.name[:120],
        featured_until=now + featured_for if featured_for else None,
        created_at=now,
        **_media(shown),
        **columns,
    )
    row.status, row.story_id = Status.ACCEPTED, story.pk
    _decide(row, actor, now, reason="", action="accept", address=address)
    pictures.attach(target=story, picture_ids=[each.pk for each in shown], owner=row.onlus, now=now)
    pictures.publish(target=story, now=now)
    story_changed.announce(story=story)
    story.save(force_insert=True)  # last: where documents live apart, a failure undoes the rows above
    return story


@transaction.atomic
def decline(*, proposal: StoryProposal, reason: str, actor: User, now: datetime, address: str = "") -> None:
    """Say no to a proposal, and why."""
    row = _deciding(proposal, actor)
    row.status = Status.DECLINED
    _decide(row, actor, now, reason=reason, action="decline", address=address)


def _deciding(proposal: StoryProposal, actor: User) -> StoryProposal:
    row = StoryProposal.objects.select_for_update().get(pk=proposal.pk)
    refuse_own(row.onlus, actor)
    if not row.is_waiting:
        raise ProposalDecided
    return row


def _decide(
    row: StoryProposal, actor: User, now: datetime, *, reason: str, action: str, address: str
) -> None:
    row.reason, row.decided_at, row.decided_by = reason, now, actor
    row.save(update_fields=["status", "story", "reason", "decided_at", "decided_by"])
    _record(row, actor, action, now, address=address, reason=reason, after={"status": row.status})
    story_proposal_decided.announce(proposal=row)


def _media(shown: list[Picture]) -> dict[str, Any]:
    """Write the pictures as a story's media: addresses, and what each shows."""
    words = {
        f"{settings.PUBLIC_URL}{each.url}": {
            name: text for name, text in (("en", each.alt_en), ("it", each.alt_it)) if text
        }
        for each in shown
    }
    if not shown:
        return {"media_urls": [], "media_descriptions": {}}
    return {
        "media_urls": list(words),
        "media_descriptions": words,
        "thumbnail_url": f"{settings.PUBLIC_URL}{shown[0].thumbnail_url}",
        "thumbnail_alt": shown[0].alt_en[:200],
        "thumbnail_alt_it": shown[0].alt_it[:200],
    }


def _record(row: StoryProposal, actor: User, action: str, now: datetime, **facts: Any) -> None:
    trail.record(actor=actor, action=action, target=row, now=now, **facts)
