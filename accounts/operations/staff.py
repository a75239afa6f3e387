"""What concerns staff: coming in by the back office's door, and ending what somebody has open."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import check_password
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import LoginSession, StaffLock, StaffSession, User
from accounts.models.user import normalise_email
from accounts.operations import addresses, locks, sign_in
from accounts.queries.suspicious import REFUSED
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.metrics import tally

_ONE_REFUSAL_IN = 60  # seconds
_LONGEST_PATH = 300


class AccountLocked(DomainError):
    """Told only to whoever knows the password."""

    code = "ADMIN_ACCOUNT_LOCKED"
    message = _(
        "This account is locked after too many failed attempts. It opens a day later, or when a super administrator unlocks it."
    )
    status = 401


class NotLocked(Conflict):
    code = "ADMIN_ACCOUNT_NOT_LOCKED"
    message = _("This account is not locked.")


def enter(*, email: str, password: str, now: datetime, address: str = "") -> User:
    """Recognise a member of staff; whoever is none is told what a wrong password is told.

    Five failures lock the account for a day: a wrong password reads no different then, a right one is told of the
    lock. An attempt counts before its password is looked at.
    """
    addresses.check_sign_in(address, now)
    email = normalise_email(email)
    user = User.objects.filter(email=email, is_staff=True).first()
    if user is None:
        check_password(password, sign_in.decoy())
        tally.count("failed_logins")
        addresses.note_failure(address, now)
        raise sign_in.InvalidCredentials
    was_locked = locks.count_attempt(user, now)
    if not check_password(password, user.password):
        tally.count("failed_logins")
        addresses.note_failure(address, now)
        locks.note_failure(user, now, address)
        raise sign_in.InvalidCredentials
    if was_locked:
        locks.note_failure(user, now, address)
        raise AccountLocked
    locks.forget_failures(user)
    if not user.is_active or not user.is_verified:
        raise sign_in.InvalidCredentials
    trail.record(actor=user, action="admin_login", target=user, address=address, now=now)
    return user


def prove(*, user: User, password: str, now: datetime, address: str = "") -> None:
    """Take one's own password once more. Failures count like those at the door. Raises InvalidCredentials."""
    was_locked = locks.count_attempt(user, now)
    if was_locked or not check_password(password, user.password):
        locks.note_failure(user, now, address)
        raise sign_in.InvalidCredentials
    locks.forget_failures(user)


def note_refusal(
    *, user: Any, method: str, path: str, now: datetime, page: str | None = None, address: str = ""
) -> None:
    """Write down that somebody tried what they may not do: one entry a minute for the same page and person.

    `page` says what counts as the same; without it that is the path.
    """
    same = hashlib.sha256(f"{method} {path}".encode() if page is None else page.encode()).hexdigest()
    if not cache.add(f"permission-refused:{user.pk}:{same}", 1, _ONE_REFUSAL_IN):
        return
    tried = {"method": method, "path": path[:_LONGEST_PATH]}
    trail.record(actor=user, action=REFUSED, target=user, after=tried, address=address, now=now)


@transaction.atomic
def unlock(*, user: User, actor: Any, reason: str, now: datetime, address: str = "") -> None:
    lock = StaffLock.objects.select_for_update().filter(user=user).first()
    if lock is None or not lock.is_locked(now):
        raise NotLocked
    before = {"locked_until": lock.locked_until, "failures": lock.failures}
    StaffLock.objects.filter(pk=lock.pk).update(failures=0, locked_until=None)
    trail.record(
        actor=actor,
        action="staff_unlocked",
        target=user,
        before=before,
        reason=reason,
        address=address,
        now=now,
    )


@transaction.atomic
def sign_out_everywhere(
    *, user: User, actor: Any, now: datetime, reason: str = "", address: str = ""
) -> None:
    """End every device of the API and every browser of the portal and the back office, at once."""
    end_everything(user, LoginSession.Ended.STAFF, now)
    trail.record(
        actor=actor, action="sign_out_everywhere", target=user, reason=reason, address=address, now=now
    )


@transaction.atomic
def change_password(*, user: User, password: str, now: datetime, address: str = "") -> None:
    """Set one's own password in the back office: every sign-in made with the old one ends."""
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    end_everything(user, LoginSession.Ended.PASSWORD, now)
    trail.record(actor=user, action="password_change", target=user, address=address, now=now)


def end_everything(
    user: User, because: LoginSession.Ended, now: datetime, *, but: UUID | None = None
) -> None:
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    sign_in.end_all_sessions(user=user, because=because, now=now, but=but)
    ended = (
        StaffSession.Ended.PASSWORD if because == LoginSession.Ended.PASSWORD else StaffSession.Ended.STAFF
    )
    StaffSession.objects.living().filter(user=user).update(ended_at=now, ended_because=ended)
