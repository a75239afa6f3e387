"""Encryption of columns that hold secrets: Fernet tokens under the keys of FIELD_ENCRYPTION_KEYS."""

import base64
import hashlib
from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class DecryptionFailed(ImproperlyConfigured):
    """A stored secret fits none of the keys: one was removed too early, or the row was tampered with."""


def encrypt(text: str) -> str:
    """Return a token that only our keys open. The same text gives another token each time: none can be searched."""
    return encrypt_bytes(text.encode()).decode()


def decrypt(token: str, *, of: str) -> str:
    """Open a token, whichever of the keys made it. `of` names the column in the error."""
    return decrypt_bytes(token.encode(), of=of).decode()


def encrypt_bytes(content: bytes) -> bytes:
    return _box().encrypt(content)


def decrypt_bytes(token: bytes, *, of: str) -> bytes:
    try:
        return _box().decrypt(token)
    except InvalidToken:
        raise DecryptionFailed(
            f"{of} cannot be decrypted: no key in FIELD_ENCRYPTION_KEYS fits. Put the key it was encrypted with back into the list."
        ) from None


def development_key(secret: str) -> str:
    """Derive the key of an installation with DEBUG on, so that nobody needs to make one to try GoodPlay."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"field encryption:{secret}".encode()).digest()).decode()


def malformed(keys: Sequence[str]) -> bool:
    try:
        [Fernet(key) for key in keys]
    except ValueError:
        return True
    return False


def _box() -> MultiFernet:
    return _box_with(tuple(settings.FIELD_ENCRYPTION_KEYS))


@lru_cache(maxsize=8)
def _box_with(keys: tuple[str, ...]) -> MultiFernet:
    if not keys or malformed(keys):
        raise ImproperlyConfigured(
            "FIELD_ENCRYPTION_KEYS must hold at least one Fernet key (see .env.example)."
        )
    return MultiFernet([Fernet(key) for key in keys])
