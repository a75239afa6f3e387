"""How long the audit trail is kept: what concerns money for ten years, organisations seven, the rest two."""

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from goodplay.lib.audit.models import AuditCheckpoint, AuditEntry
from goodplay.lib.db import purging, transaction_lock
from goodplay.lib.private_files.operations import store
from goodplay.lib.retention.models import DeletionProof
from goodplay.lib.retention.registry import Act, kept

MONEY = Q(target_type__startswith="donations.") | Q(target_type__startswith="approvals.")
ORGANISATIONS = Q(target_type__startswith="accounts.onlus")


def _older(which: Q, before: datetime) -> QuerySet[AuditEntry]:
    """List entries of before; never the last of the chain, which the next one is tied to."""
    last = AuditEntry.objects.aggregate(last=Max("sequence"))["last"] or 0
    return AuditEntry.objects.filter(which, recorded_at__lt=before, sequence__lt=last)


def archive_and_drop(rows: Sequence[Any], now: datetime) -> None:
    """Keep the entries in an encrypted archive, put a checkpoint in place of each unbroken run, and drop them."""
    transaction_lock("audit trail")
    proof = DeletionProof.objects.latest("sequence")
    entries = sorted(rows, key=lambda entry: entry.sequence)
    archive = store(
        content="\n".join(map(_line, entries)).encode(),
        name=f"audit-{entries[0].sequence}-{entries[-1].sequence}.jsonl",
        content_type="application/x-ndjson",
        owner=proof,
        now=now,
    )
    AuditCheckpoint.objects.bulk_create(
        AuditCheckpoint(
            first_sequence=run[0].sequence,
            last_sequence=run[-1].sequence,
            previous_hash=run[0].previous_hash,
            last_hash=run[-1].hash,
            proof=proof,
            archive=archive,
            recorded_at=now,
        )
        for run in _runs(entries)
    )
    with purging(AuditEntry):
        AuditEntry.objects.filter(pk__in=[entry.pk for entry in entries]).delete()


def _runs(entries: Sequence[AuditEntry]) -> list[list[AuditEntry]]:
    numbered = enumerate(entries)
    return [
        [entry for _place, entry in run]
        for _key, run in groupby(numbered, lambda each: each[1].sequence - each[0])
    ]


def _line(entry: AuditEntry) -> str:
    columns = {field.attname: getattr(entry, field.attname) for field in entry._meta.concrete_fields}
    return json.dumps(columns, cls=DjangoJSONEncoder, sort_keys=True)


kept(
    "audit_money",
    label=_("Audit trail of money"),
    law=_("Ten years, as long as the books it explains (art. 2220 c.c.)."),
    days=3653,
    least_days=3653,
    rows=lambda before: _older(MONEY, before),
    act=Act.KEEP,
)
kept(
    "audit_organisations",
    label=_("Audit trail of organisations"),
    law=_("Seven years: who verified an organisation, and why."),
    days=2557,
    least_days=2557,
    rows=lambda before: _older(ORGANISATIONS, before),
    purge=archive_and_drop,
)
kept(
    "audit_rest",
    label=_("Audit trail of everything else"),
    law=_("Two years, to answer who changed what (GDPR, art. 5.2)."),
    days=731,
    least_days=731,
    rows=lambda before: _older(~MONEY & ~ORGANISATIONS, before),
    purge=archive_and_drop,
)
