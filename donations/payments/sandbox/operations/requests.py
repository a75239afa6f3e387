"""Calls that may be made again: each idempotency key is answered once, and the same answer is given ever after."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from donations.payments.sandbox.models import SandboxRequest
from goodplay.lib.errors import Conflict, DomainError

LONGEST_KEY = 255


class KeyUnusable(DomainError):
    code = "IDEMPOTENCY_KEY_INVALID"
    message = _("A call that changes something needs an idempotency key of at most 255 characters.")


class KeyReused(Conflict):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = _("This idempotency key was used for another call.")


@dataclass(frozen=True, slots=True)
class Answer:
    """Which row a call made or changed, and how the caller hears of it."""

    object_id: UUID
    refused: str = ""
    """The code of a refusal that left something behind: a payment with a declined card."""
    is_lost: bool = False
    """It happened, but nobody is told."""
    is_repeated: bool = False


@transaction.atomic
def once(
    *, key: str, call: str, parameters: Mapping[str, Any], act: Callable[[], Answer], now: datetime
) -> Answer:
    """Act, unless this key was answered already; then give that answer again.

    The key is written in the transaction of its effect. A twin waits for it and then finds the answer. When `act`
    raises, nothing happened and the key stays free.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise KeyUnusable
    fingerprint = _fingerprint(call, parameters)
    try:
        with transaction.atomic():
            SandboxRequest.objects.create(key=key, fingerprint=fingerprint, created_at=now)
    except IntegrityError:
        return _earlier(key, fingerprint)
    answer = act()
    SandboxRequest.objects.filter(pk=key).update(object_id=answer.object_id, refused=answer.refused)
    return answer


def _earlier(key: str, fingerprint: str) -> Answer:
    request = SandboxRequest.objects.get(pk=key)
    if request.fingerprint != fingerprint or request.object_id is None:
        raise KeyReused
    return Answer(request.object_id, refused=request.refused, is_repeated=True)


def _fingerprint(call: str, parameters: Mapping[str, Any]) -> str:
    written = json.dumps([call, parameters], sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()
