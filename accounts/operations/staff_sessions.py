"""Browsers signed in to the back office: opened, seen, verified by the second step, ended."""

from datetime import datetime
from importlib import import_module
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import StaffSession, User
from goodplay.lib.audit import trail
from goodplay.lib.errors import NotFound

Ended = StaffSession.Ended


def open_session(
    *, user: User, session_key: str, address: str, user_agent: str, now: datetime
) -> StaffSession:
    return StaffSession.objects.create(
        user=user,
        session_key=session_key,
        address=address,
        last_address=address,
        user_agent=user_agent[:300],
        opened_at=now,
        seen_at=now,
    )


def see(*, session_id: UUID, session_key: str, address: str, now: datetime) -> None:
    living = StaffSession.objects.living().filter(pk=session_id)
    living.update(seen_at=now, session_key=session_key, last_address=address)


def verified(*, session_id: UUID, session_key: str, now: datetime) -> None:
    StaffSession.objects.living().filter(pk=session_id).update(verified_at=now, session_key=session_key)


def end(*, session_id: UUID, because: StaffSession.Ended, now: datetime) -> None:
    StaffSession.objects.living().filter(pk=session_id).update(ended_at=now, ended_because=because)


@transaction.atomic
def revoke(*, session_id: UUID, user: User, now: datetime, address: str = "") -> StaffSession:
    """End one of one's own browsers at once. Somebody else's does not exist."""
    session = StaffSession.objects.living().filter(pk=session_id, user=user).first()
    if session is None:
        raise NotFound
    end(session_id=session.pk, because=Ended.REVOKED, now=now)
    trail.record(actor=user, action="session_revoked", target=session, address=address, now=now)
    # After the commit, so that no store of sessions forgets a browser that stays signed in.
    transaction.on_commit(lambda: forget_browser(session.session_key))
    return session


def forget_browser(session_key: str) -> None:
    import_module(settings.SESSION_ENGINE).SessionStore(session_key).delete()
