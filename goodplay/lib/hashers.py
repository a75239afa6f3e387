"""Argon2id at the OWASP parameters, with a bound on how many run at once; and the scrypt of brought-over accounts.

A hash takes 19 MiB and tens of milliseconds of one core; without the bound a burst of sign-ins would starve play.
Parameters: OWASP Password Storage Cheat Sheet (m=19 MiB, t=2, p=1).
"""

import base64
import hashlib
import re
import threading
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, BasePasswordHasher, mask_hash
from django.utils.crypto import constant_time_compare

_running = threading.BoundedSemaphore(settings.PASSWORD_HASHES_AT_ONCE)


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _running:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _running:
            return super().verify(password, encoded)


class WerkzeugScryptPasswordHasher(BasePasswordHasher):
    """Knows the passwords of an old Flask installation, until their first use: then they are hashed anew.

    Werkzeug writes `scrypt:N:r:p$salt$hex`; stored here as `werkzeug$N:r:p$salt$base64`, which fits the column.
    """

    algorithm = "werkzeug"
    _WRITTEN = re.compile(
        r"scrypt:([0-9]{1,7}):([0-9]{1,2}):([0-9]{1,2})\$([!-#%-~]{1,64})\$([0-9a-f]{128})", re.ASCII
    )
    _LONGEST = 128  # characters of the column
    _MOST_MEMORY = 64 * 1024 * 1024

    @classmethod
    def take_over(cls, written: object) -> str | None:
        """Return how a hash of Werkzeug is stored here; None for what is none, or would cost too much to verify."""
        found = cls._WRITTEN.fullmatch(written) if isinstance(written, str) else None
        if found is None:
            return None
        n, r, p = (int(found[place]) for place in (1, 2, 3))
        if n < 2 or n & (n - 1) or not r or not 1 <= p <= 4 or 128 * n * r > cls._MOST_MEMORY:
            return None
        stored = f"{cls.algorithm}${n}:{r}:{p}${found[4]}${_short(bytes.fromhex(found[5]))}"
        return stored if len(stored) <= cls._LONGEST else None

    def encode(self, password: str, salt: str) -> str:
        return self._encode(password, salt, "32768:8:1")

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, cost, salt, digest = encoded.split("$", 3)
        return {"algorithm": algorithm, "cost": cost, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        known = self.decode(encoded)
        raw = as_hashed(password, encoded)
        return constant_time_compare(encoded, self._encode(raw, known["salt"], known["cost"]))

    def must_update(self, encoded: str) -> bool:
        return True

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Do nothing: it already takes longer than the hasher in force."""

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        known = self.decode(encoded)
        return {
            "algorithm": known["algorithm"],
            "salt": mask_hash(known["salt"]),
            "hash": mask_hash(known["hash"]),
        }

    def _encode(self, password: str, salt: str, cost: str) -> str:
        n, r, p = map(int, cost.split(":"))
        with _running:
            digest = hashlib.scrypt(
                password.encode(), salt=salt.encode(), n=n, r=r, p=p, maxmem=132 * n * r * p, dklen=64
            )
        return f"{self.algorithm}${cost}${salt}${_short(digest)}"


def as_hashed(password: str, encoded: str) -> str:
    """Return what a password that was typed is hashed as: the old installation cut surrounding blanks off."""
    is_old = encoded.startswith(f"{WerkzeugScryptPasswordHasher.algorithm}$")
    return password.strip() if is_old else password


def _short(digest: bytes) -> str:
    return base64.b64encode(digest).decode().rstrip("=")
