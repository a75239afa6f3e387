"""Suspending people, and letting them in again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import LoginSession, User
from accounts.operations import roles, staff
from accounts.operations.registration import EmailAlreadyVerified
from accounts.roles import may_manage
from accounts.signals import email_verified, user_activated, user_suspended
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict


class AlreadySuspended(Conflict):
    code = "USER_ALREADY_SUSPENDED"
    message = _("This account is suspended already.")


class AlreadyActive(Conflict):
    code = "USER_ALREADY_ACTIVE"
    message = _("This account is active already.")


class AccountDeleted(Conflict):
    code = "USER_DELETED"
    message = _("This account was deleted by its owner.")


@transaction.atomic
def suspend(*, user: User, actor: User, reason: str, now: datetime, address: str = "") -> None:
    """Keep somebody out at once, on every device. Their money and donations stay as they are."""
    _check(actor, user)
    roles.keep_one_super_administrator(user)
    if not claim(User.objects.filter(pk=user.pk, is_active=True), is_active=False):
        raise AlreadySuspended
    staff.end_everything(user, LoginSession.Ended.STAFF, now)
    _note("user_suspend", user, actor, reason, address, now, active=False)
    user_suspended.announce(user=user, reason=reason)


@transaction.atomic
def activate(*, user: User, actor: User, reason: str, now: datetime, address: str = "") -> None:
    _check(actor, user)
    if user.deleted_at is not None:
        raise AccountDeleted
    if not claim(User.objects.filter(pk=user.pk, is_active=False, deleted_at=None), is_active=True):
        raise AlreadyActive
    _note("user_activate", user, actor, reason, address, now, active=True)
    user_activated.announce(user=user)


@transaction.atomic
def confirm_email(*, user: User, actor: User, reason: str, now: datetime, address: str = "") -> None:
    """Take a person's e-mail address as confirmed: they proved it in another way, which the reason tells."""
    _check(actor, user)
    if user.deleted_at is not None:
        raise AccountDeleted
    if not claim(User.objects.filter(pk=user.pk, email_verified_at=None), email_verified_at=now):
        raise EmailAlreadyVerified
    user.refresh_from_db(fields=["email_verified_at"])
    trail.record(actor=actor, action="user_verify", target=user, reason=reason, address=address, now=now)
    email_verified.announce(user=user)


def _check(actor: User, user: User) -> None:
    """Players are managed by whoever may suspend people; staff only by staff above them; nobody by themselves."""
    if actor.pk == user.pk or (user.is_staff and not may_manage(actor, user)):
        raise roles.NotBelowYou


def _note(
    action: str, user: User, actor: User, reason: str, address: str, now: datetime, *, active: bool
) -> None:
    trail.record(
        actor=actor,
        action=action,
        target=user,
        before={"is_active": not active},
        after={"is_active": active},
        reason=reason,
        address=address,
        now=now,
    )
    user.refresh_from_db(fields=["is_active"])
