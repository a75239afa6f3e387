"""Sending notifications to GoodPlay's webhook: over HTTP, signed, again and again until they are taken."""

from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction

from donations.payments.sandbox.models import SandboxEvent
from donations.payments.sandbox.queries import signing_secret
from donations.payments.sandbox.signatures import HEADER, sign
from goodplay.lib.db import claim

PATH = "/api/payments/webhook"
FIRST_RETRY_AFTER = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)
AT_A_TIME = 100
TIMEOUT = 5.0
"""Seconds to wait for an answer. Without a broker, whoever paid waits as well."""


class NotTaken(Exception):
    """GoodPlay did not take the notification."""


class NobodyThere(NotTaken):
    """There was no answer at all."""


def deliver_due(*, now: datetime) -> int:
    """Send what is due, oldest first, and return how many were taken. Stops when nobody answers."""
    due = SandboxEvent.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at", "pk")
    taken = 0
    for event_id in list(due.values_list("pk", flat=True)[:AT_A_TIME]):
        try:
            taken += deliver(event_id=event_id, now=now)
        except NobodyThere:
            break
    return taken


def deliver(*, event_id: UUID, now: datetime) -> bool:
    """Send one notification that is due, and say whether it was taken. Raises NobodyThere.

    No transaction is open while it is sent: who receives it writes to the same database. The attempt is counted
    before, so that a twin leaves it alone and a crash leaves it due again.
    """
    event = _take(event_id, now)
    if event is None:
        return False
    try:
        _post(event, now)
    except NotTaken as error:
        SandboxEvent.objects.filter(pk=event.pk).update(last_error=str(error)[:200])
        if isinstance(error, NobodyThere):
            raise
        return False
    SandboxEvent.objects.filter(pk=event.pk).update(delivered_at=now, next_attempt_at=None, last_error="")
    return True


@transaction.atomic
def send_again(*, event: SandboxEvent, now: datetime) -> None:
    """Make a notification due, also one that was taken or given up. It is sent within a minute."""
    SandboxEvent.objects.filter(pk=event.pk).update(delivered_at=None, next_attempt_at=now)


def _take(event_id: UUID, now: datetime) -> SandboxEvent | None:
    """Count the attempt and set the date of the next one; None when the event is not due or a twin was faster."""
    with transaction.atomic(durable=True):
        event = SandboxEvent.objects.filter(pk=event_id, next_attempt_at__lte=now).first()
        if event is None:
            return None
        mine = SandboxEvent.objects.filter(pk=event.pk, next_attempt_at=event.next_attempt_at)
        taken = claim(mine, attempts=event.attempts + 1, next_attempt_at=_next_attempt(event, now))
        return event if taken else None


def _next_attempt(event: SandboxEvent, now: datetime) -> datetime | None:
    """Double the wait from attempt to attempt; None after three days."""
    following = now + min(FIRST_RETRY_AFTER * 2 ** min(event.attempts, 16), LONGEST_WAIT)
    return following if following <= event.created_at + GIVEN_UP_AFTER else None


def _post(event: SandboxEvent, now: datetime) -> None:
    body = event.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GoodPlay-Sandbox",
        "X-Provider-Type": "sandbox",
        HEADER: sign(body, secret=signing_secret(), now=now),
    }
    connection = _connection()
    try:
        connection.request("POST", urlsplit(settings.PUBLIC_URL).path + PATH, body, headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise NobodyThere(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotTaken(f"HTTP {status}")


def _connection() -> HTTPConnection:
    """Connect to GoodPlay itself, and to nobody else: no proxy is asked and no redirect followed."""
    address = urlsplit(settings.PUBLIC_URL)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise NobodyThere("PUBLIC_URL is not set")
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    return kind(address.hostname, address.port, timeout=TIMEOUT)
