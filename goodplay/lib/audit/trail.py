"""Writing and proving the audit trail."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from goodplay.lib.audit.models import AuditCheckpoint, AuditEntry
from goodplay.lib.db import transaction_lock

GENESIS = "0" * 64


@transaction.atomic
def record(
    *,
    actor: Any,
    action: str,
    target: models.Model,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    address: str = "",
) -> AuditEntry:
    """Add one entry to the chain, in the caller's transaction.

    Takes the trail's lock until that transaction ends: entries form one line, so writers wait for each other.
    """
    transaction_lock("audit trail")
    last = AuditEntry.objects.order_by("-sequence").values("sequence", "hash").first()
    entry = AuditEntry(
        sequence=last["sequence"] + 1 if last else 1,
        actor=actor,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        before=_plain(before),
        after=_plain(after),
        reason=reason,
        address=address,
        recorded_at=now,
        previous_hash=last["hash"] if last else GENESIS,
    )
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    return entry


def digest(entry: AuditEntry) -> str:
    """Return the SHA-256 of the entry's canonical JSON, previous hash included."""
    return digest_of(facts_of(entry))


def facts_of(entry: AuditEntry) -> dict[str, Any]:
    """Return what the hash is of."""
    return {
        "sequence": entry.sequence,
        "actor": str(entry.actor_id or ""),
        "action": entry.action,
        "target": [entry.target_type, entry.target_id],
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
        "address": entry.address,
        "recorded_at": entry.recorded_at.astimezone(UTC).isoformat(),
        "previous_hash": entry.previous_hash,
    }


def digest_of(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def broken_entries() -> list[int]:
    """Walk the whole chain and return the sequence numbers whose hash or link does not hold.

    Where entries were purged after their period, the checkpoint of the gap carries the chain over it.
    """
    gaps = {gap.first_sequence: gap for gap in AuditCheckpoint.objects.all()}
    broken, previous, expected = [], GENESIS, 1
    for entry in AuditEntry.objects.order_by("sequence").iterator(chunk_size=2000):
        while expected < entry.sequence and expected in gaps and gaps[expected].previous_hash == previous:
            previous, expected = gaps[expected].last_hash, gaps[expected].last_sequence + 1
        if entry.sequence != expected or entry.previous_hash != previous or entry.hash != digest(entry):
            broken.append(entry.sequence)
        previous, expected = entry.hash, entry.sequence + 1
    return broken


def _plain(facts: dict[str, Any] | None) -> dict[str, Any]:
    return json.loads(json.dumps(facts or {}, cls=DjangoJSONEncoder)) if facts else {}
