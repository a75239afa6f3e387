"""What concerns staff: coming in by the back office's door, and ending what somebody has open."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.models import LoginSession, User
from accounts.operations import sign_in
from goodplay.lib.audit import trail


def enter(*, email: str, password: str) -> User:
    """Recognise a member of staff; whoever is none is told what a wrong password is told."""
    user = sign_in.recognise(email=email, password=password)
    if not user.is_staff:
        raise sign_in.InvalidCredentials
    return user


@transaction.atomic
def sign_out_everywhere(*, user: User, actor: Any, now: datetime, address: str = "") -> None:
    """End every device of the API and every browser of the portal and the back office, at once."""
    _end_everything(user, LoginSession.Ended.STAFF, now)
    trail.record(actor=actor, action="sign_out_everywhere", target=user, address=address, now=now)


@transaction.atomic
def change_password(*, user: User, password: str, now: datetime, address: str = "") -> None:
    """Set one's own password in the back office: every sign-in made with the old one ends."""
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    _end_everything(user, LoginSession.Ended.PASSWORD, now)
    trail.record(actor=user, action="password_change", target=user, address=address, now=now)


def _end_everything(user: User, because: LoginSession.Ended, now: datetime) -> None:
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    sign_in.end_all_sessions(user=user, because=because, now=now)
