"""Notifications are signed as Stripe signs them: `t=<unix time>,v1=<hex HMAC-SHA256 of "time.body">`."""

import hashlib
import hmac
import re
from datetime import datetime

from django.utils.crypto import salted_hmac

from donations.payments.contract import WEBHOOK_TOLERANCE

HEADER = "Sandbox-Signature"

_WRITTEN = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})", re.ASCII)


class SignatureWrong(Exception):
    """Not signed with our secret, or not lately."""


def own_secret() -> str:
    """Return the secret of an installation that configured none: derived from SECRET_KEY, so it is nobody else's."""
    return salted_hmac("donations.payments.sandbox", "notifications", algorithm="sha256").hexdigest()


def sign(body: bytes, *, secret: str, now: datetime) -> str:
    moment = int(now.timestamp())
    return f"t={moment},v1={_digest(body, secret, moment)}"


def verify(header: str, body: bytes, *, secret: str, now: datetime) -> None:
    """Check a signature in constant time, then its age. Raises SignatureWrong."""
    written = _WRITTEN.fullmatch(header)
    if written is None:
        raise SignatureWrong("no signature that can be read")
    moment = int(written[1])
    if not hmac.compare_digest(written[2], _digest(body, secret, moment)):
        raise SignatureWrong("signed with another secret, or changed on the way")
    if abs(now.timestamp() - moment) > WEBHOOK_TOLERANCE.total_seconds():
        raise SignatureWrong("older than five minutes, or from the future")


def _digest(body: bytes, secret: str, moment: int) -> str:
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
