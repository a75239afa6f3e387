"""Writing notifications. Sending them is delivery's."""

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction

from donations.payments.sandbox.models import (
    SandboxDispute,
    SandboxEndpoint,
    SandboxEvent,
    SandboxPayment,
    SandboxRefund,
)
from donations.payments.sandbox.signals import event_queued
from goodplay.lib.ids import new_id

Kind = SandboxEvent.Kind


@transaction.atomic
def queue(
    kind: SandboxEvent.Kind,
    payment: SandboxPayment,
    *,
    about: SandboxRefund | SandboxDispute | None = None,
    now: datetime,
) -> SandboxEvent:
    """Write a notification in the caller's transaction; it is sent as soon as that is committed."""
    key = new_id()
    event = SandboxEvent.objects.create(
        id=key,
        kind=kind,
        payment=payment,
        body=_body(key, kind, payment, about, now),
        created_at=now,
        next_attempt_at=now,
    )
    # Robust: the fact stands, and the job sends what could not be sent at once.
    transaction.on_commit(lambda: event_queued.send(sender=SandboxEvent, event_id=event.pk), robust=True)
    return event


@transaction.atomic
def remember_secret(*, secret: str) -> None:
    """Sign with this from now on; nothing is written while it stays the same."""
    endpoint = SandboxEndpoint.objects.first()
    if endpoint is None or endpoint.secret != secret:
        SandboxEndpoint.objects.update_or_create(pk=SandboxEndpoint.ONLY, defaults={"secret": secret})


def _body(
    key: UUID,
    kind: SandboxEvent.Kind,
    payment: SandboxPayment,
    about: SandboxRefund | SandboxDispute | None,
    now: datetime,
) -> str:
    data = {
        "payment": str(payment.pk),
        "reference": str(payment.reference),
        "status": payment.status,
        "error_code": payment.error_code,
    }
    if about is not None:
        name = "refund" if isinstance(about, SandboxRefund) else "dispute"
        data[name] = str(about.pk)
        data[f"{name}_status"] = about.status
    facts = {
        "id": str(key),
        "type": kind.value,
        "created": int(now.timestamp()),
        "is_test": True,
        "data": data,
    }
    return json.dumps(facts, separators=(",", ":"))
