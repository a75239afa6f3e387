"""Argon2id at the OWASP parameters, with a bound on how many run at once.

A hash takes 19 MiB and tens of milliseconds of one core; without the bound a burst of sign-ins would starve play.
Parameters: OWASP Password Storage Cheat Sheet (m=19 MiB, t=2, p=1).
"""

import threading

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

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
