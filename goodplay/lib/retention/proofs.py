"""Writing and checking the chain of proofs."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from goodplay.lib.db import transaction_lock
from goodplay.lib.retention.models import DeletionProof
from goodplay.lib.retention.registry import Kept

GENESIS = "0" * 64


def prove(
    kept: Kept, rows: Sequence[models.Model], *, days: int, now: datetime, before: datetime, job: str
) -> DeletionProof:
    """Add one proof to the chain, before the rows go, in the transaction that takes them away."""
    transaction_lock("deletion proofs")
    last = DeletionProof.objects.order_by("-sequence").values("sequence", "hash").first()
    proof = DeletionProof(
        sequence=last["sequence"] + 1 if last else 1,
        kind=kept.kind,
        act=kept.act.value,
        period_days=days,
        ended_before=before,
        count=len(rows),
        digest=digest_of(rows),
        job=job,
        recorded_at=now,
        previous_hash=last["hash"] if last else GENESIS,
    )
    proof.hash = _hash(proof)
    proof.save(force_insert=True)
    return proof


def digest_of(rows: Sequence[models.Model]) -> str:
    """Hash every row with all its columns, in the order of their keys: a backup can be held against it."""
    whole = hashlib.sha256()
    for row in sorted(rows, key=lambda each: str(each.pk)):
        columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        text = json.dumps(columns, cls=DjangoJSONEncoder, sort_keys=True)
        whole.update(hashlib.sha256(text.encode()).digest())
    return whole.hexdigest()


def broken_proofs() -> list[int]:
    """Walk the chain and return the sequence numbers that do not hold."""
    broken, previous, expected = [], GENESIS, 1
    for proof in DeletionProof.objects.order_by("sequence").iterator(chunk_size=2000):
        if proof.sequence != expected or proof.previous_hash != previous or proof.hash != _hash(proof):
            broken.append(proof.sequence)
        previous, expected = proof.hash, proof.sequence + 1
    return broken


def _hash(proof: DeletionProof) -> str:
    facts = [
        proof.sequence,
        proof.kind,
        proof.act,
        proof.period_days,
        _moment(proof.ended_before),
        proof.count,
        proof.digest,
        proof.job,
        _moment(proof.recorded_at),
        proof.previous_hash,
    ]
    return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
