"""Secrets that are mailed, work once, and are kept as their digest."""

import hashlib
import secrets
from datetime import datetime, timedelta

from accounts.models import OneTimeToken, User


def issue(user: User, purpose: OneTimeToken.Purpose, lives: timedelta, now: datetime) -> str:
    """Return a fresh secret; an older one of the same purpose stops working. The caller holds the user's row."""
    secret = secrets.token_urlsafe(32)
    OneTimeToken.objects.filter(user=user, purpose=purpose, used_at=None).delete()
    OneTimeToken.objects.create(
        token_hash=_digest(secret), user=user, purpose=purpose, created_at=now, expires_at=now + lives
    )
    return secret


def find(secret: str, purpose: OneTimeToken.Purpose) -> OneTimeToken | None:
    """Return the token of a secret with its user, also when it was used or has expired."""
    known = OneTimeToken.objects.select_related("user")
    return known.filter(token_hash=_digest(secret), purpose=purpose).first()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
