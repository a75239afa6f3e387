"""The people of an organisation: invited by mail, given a role, taken out again. An organisation always has an owner.

Every change locks the organisation first, so of two owners who remove each other one is refused.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, OnlusInvitation, OnlusMembership, User
from accounts.models.user import normalise_email
from accounts.operations import registration, unconfirmed
from accounts.signals import (
    email_verified,
    member_invited,
    member_joined,
    member_left,
    member_role_changed,
)
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import AccessDenied, Conflict, DomainError, NotFound

Role = OnlusMembership.Role

INVITATION_LIVES = timedelta(days=7)
MOST_COLLEAGUES = 5
"""Besides the one who was there first: seats and open invitations together."""

_signer = Signer(salt="accounts.invitation")


class OwnersOnly(AccessDenied):
    code = "ORGANIZATION_OWNER_REQUIRED"
    message = _("Only an owner of the organisation may do this.")


class AlreadyMember(Conflict):
    code = "ALREADY_A_MEMBER"
    message = _("This person has a seat in the organisation already.")


class AlreadyInvited(Conflict):
    code = "ALREADY_INVITED"
    message = _("This address is invited already. Send the mail again, or withdraw the invitation first.")


class TeamFull(Conflict):
    code = "TEAM_FULL"
    message = _(
        "An organisation can invite five colleagues. Withdraw an invitation or take a seat away first."
    )


class LastOwner(Conflict):
    code = "LAST_OWNER"
    message = _("An organisation needs an owner. Make somebody else an owner first.")


class InvitationInvalid(NotFound):
    code = "INVITATION_INVALID"
    message = _("This invitation is not valid: it was used, withdrawn, or sent again since. Ask for another.")


class InvitationExpired(DomainError):
    code = "INVITATION_EXPIRED"
    message = _("This invitation has expired. Ask the one who invited you for another.")
    status = 410


class InvitationForAnother(AccessDenied):
    code = "INVITATION_FOR_ANOTHER"
    message = _("This invitation went to another address. Sign in with the account it was sent to.")


# Inviting --------------------------------------------------------------------------------------------------------


@transaction.atomic
def invite(
    *, onlus: Onlus, email: str, role: str, invited_by: User, now: datetime, address: str = ""
) -> OnlusInvitation:
    """Offer a seat by mail; the mail follows after the commit. Raises OwnersOnly, AlreadyMember, AlreadyInvited, TeamFull."""
    _lock(onlus, invited_by)
    return _invite(onlus, email, role, invited_by, now, address)


@transaction.atomic
def invite_owner(
    *, onlus: Onlus, email: str, actor: User, reason: str, now: datetime, address: str = ""
) -> OnlusInvitation:
    """Offer the seat of an owner on behalf of staff: for an organisation nobody can reach any more."""
    Onlus.objects.select_for_update(no_key=True).get(pk=onlus.pk)
    return _invite(onlus, email, Role.OWNER, actor, now, address, reason)


def _invite(
    onlus: Onlus, email: str, role: str, invited_by: User, now: datetime, address: str, reason: str = ""
) -> OnlusInvitation:
    email = normalise_email(email)
    if onlus.memberships.filter(user__email=email).exists():
        raise AlreadyMember
    waiting = onlus.invitations.filter(accepted_at=None, withdrawn_at=None)
    if waiting.open(now).filter(email=email).exists():
        raise AlreadyInvited
    if onlus.memberships.count() - 1 + waiting.open(now).count() >= MOST_COLLEAGUES:
        raise TeamFull
    waiting.filter(email=email).update(withdrawn_at=now)  # an expired one
    invitation = OnlusInvitation.objects.create(
        onlus=onlus,
        email=email,
        role=Role(role),
        invited_by=invited_by,
        created_at=now,
        expires_at=now + INVITATION_LIVES,
    )
    after = {"onlus": str(onlus.pk), "email": email, "role": role}
    _note("member_invite", invitation, invited_by, address, now, after=after, reason=reason)
    member_invited.announce(invitation=invitation)
    return invitation


@transaction.atomic
def invite_again(*, invitation: OnlusInvitation, actor: User, now: datetime, address: str = "") -> None:
    """Send the mail once more and let the week begin anew; the link in the older mail stops working."""
    _lock(invitation.onlus, actor)
    waiting = OnlusInvitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    others = invitation.onlus.invitations.open(now).exclude(pk=invitation.pk).count()
    if invitation.onlus.memberships.count() - 1 + others >= MOST_COLLEAGUES:
        raise TeamFull
    if not claim(waiting, token_hash="", expires_at=now + INVITATION_LIVES):
        raise InvitationInvalid
    _note("member_invite_again", invitation, actor, address, now, after={"email": invitation.email})
    member_invited.announce(invitation=invitation)


@transaction.atomic
def withdraw(*, invitation: OnlusInvitation, actor: User, now: datetime, address: str = "") -> None:
    _lock(invitation.onlus, actor)
    waiting = OnlusInvitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not claim(waiting, withdrawn_at=now):
        raise InvitationInvalid
    _note("member_invitation_withdraw", invitation, actor, address, now, before={"email": invitation.email})


@transaction.atomic
def new_token(*, invitation_id: UUID, now: datetime) -> tuple[OnlusInvitation, str] | None:
    """Make the secret of an invitation that waits, for the mail that carries it; None when it waits no more."""
    waiting = OnlusInvitation.objects.open(now).select_related("onlus", "invited_by")
    invitation = waiting.select_for_update(of=("self",)).filter(pk=invitation_id).first()
    if invitation is None:
        return None
    secret = secrets.token_urlsafe(32)
    invitation.token_hash = _digest(secret)
    invitation.save(update_fields=["token_hash"])
    return invitation, _signer.sign(secret)


# Accepting -------------------------------------------------------------------------------------------------------


def find(*, token: str, now: datetime) -> OnlusInvitation:
    """Return the invitation a link belongs to. Raises InvitationInvalid and InvitationExpired."""
    try:
        secret = _signer.unsign(token)
    except BadSignature as error:
        raise InvitationInvalid from error
    rows = OnlusInvitation.objects.select_related("onlus", "onlus__category", "invited_by")
    invitation = rows.filter(token_hash=_digest(secret), accepted_at=None, withdrawn_at=None).first()
    if invitation is None:
        raise InvitationInvalid
    if invitation.expires_at <= now:
        raise InvitationExpired
    return invitation


def account_of(invitation: OnlusInvitation) -> User | None:
    """Return the account with the address that was invited, if there is one."""
    return User.objects.filter(email=invitation.email).first()


@transaction.atomic
def accept(*, token: str, user: User, now: datetime, address: str = "") -> OnlusMembership:
    """Take the seat. A link works once, also when it is opened twice at the same moment."""
    invitation = find(token=token, now=now)
    if user.email != invitation.email or not user.is_active:
        raise InvitationForAnother
    open_ones = OnlusInvitation.objects.open(now).filter(pk=invitation.pk, token_hash=invitation.token_hash)
    if not claim(open_ones, accepted_at=now, accepted_by=user):
        raise InvitationInvalid
    _confirm_address(user, now)
    seat, created = OnlusMembership.objects.get_or_create(
        onlus=invitation.onlus, user=user, defaults={"role": invitation.role, "created_at": now}
    )
    if created:
        _note("member_join", seat, user, address, now, after=_facts(seat))
        member_joined.announce(seat=seat)
    return seat


@transaction.atomic
def accept_as_new(
    *, token: str, password: str, now: datetime, address: str = "", **names: str
) -> OnlusMembership:
    """Open an account for the address that was invited, and take the seat. The link proves whose address it is.

    An account that was never confirmed may be somebody else's work: it is taken over with the new password.
    """
    invitation = find(token=token, now=now)
    facts: dict[str, Any] = {"email": invitation.email, "password": password, "now": now, **names}
    if account_of(invitation) is None:
        user = registration.register(**facts)
    else:
        user = unconfirmed.take_over(address=address, **facts)
    return accept(token=token, user=user, now=now, address=address)


def _confirm_address(user: User, now: datetime) -> None:
    if claim(User.objects.filter(pk=user.pk, email_verified_at=None), email_verified_at=now):
        user.email_verified_at = now
        email_verified.announce(user=user)


# Seats -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def change_role(
    *, seat: OnlusMembership, role: str, actor: User, now: datetime, address: str = ""
) -> OnlusMembership:
    """Give somebody another role. Raises OwnersOnly and LastOwner."""
    _lock(seat.onlus, actor)
    row = _seat(seat)
    if row.role == role:
        return row
    before = _facts(row)
    if row.role == Role.OWNER:
        _keep_an_owner(row)
    row.role = Role(role)
    row.save(update_fields=["role"])
    _note("member_role_change", row, actor, address, now, before=before, after=_facts(row))
    member_role_changed.announce(seat=row)
    return row


@transaction.atomic
def remove(*, seat: OnlusMembership, actor: User, now: datetime, address: str = "") -> None:
    """Take somebody's seat away. Raises OwnersOnly and LastOwner."""
    _lock(seat.onlus, actor)
    _take_away("member_remove", _seat(seat), actor, address, now)


@transaction.atomic
def leave(*, seat: OnlusMembership, now: datetime, address: str = "") -> None:
    """Give up one's own seat. Raises LastOwner."""
    Onlus.objects.select_for_update(no_key=True).get(pk=seat.onlus_id)
    row = _seat(seat)
    _take_away("member_leave", row, row.user, address, now)


def _take_away(action: str, row: OnlusMembership, actor: User, address: str, now: datetime) -> None:
    if row.role == Role.OWNER:
        _keep_an_owner(row)
    _note(action, row, actor, address, now, before=_facts(row))
    member_left.announce(seat=row, by=actor)
    row.delete()


def _seat(seat: OnlusMembership) -> OnlusMembership:
    """Read the seat again, now that nobody else can change it."""
    row = OnlusMembership.objects.select_related("onlus", "user").filter(pk=seat.pk).first()
    if row is None:
        raise NotFound
    return row


def _keep_an_owner(row: OnlusMembership) -> None:
    """Refuse when nobody else could own it: closed accounts do not count."""
    others = OnlusMembership.objects.filter(onlus=row.onlus_id, role=Role.OWNER, user__is_active=True)
    if not others.exclude(pk=row.pk).exists():
        raise LastOwner


def _lock(onlus: Onlus, actor: User) -> None:
    """Lock the organisation, then ask whether this person owns it: the seat may be gone by now."""
    Onlus.objects.select_for_update(no_key=True).get(pk=onlus.pk)
    if not OnlusMembership.objects.filter(onlus=onlus, user=actor, role=Role.OWNER).exists():
        raise OwnersOnly


def _facts(seat: OnlusMembership) -> dict[str, Any]:
    return {"onlus": str(seat.onlus_id), "user": str(seat.user_id), "role": seat.role}


def _note(
    action: str,
    target: OnlusInvitation | OnlusMembership,
    actor: User,
    address: str,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    trail.record(
        actor=actor,
        action=action,
        target=target,
        before=before,
        after=after,
        reason=reason,
        address=address,
        now=now,
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
