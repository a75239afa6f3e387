"""The hash over one day's transfers."""

import hashlib
from datetime import UTC, date

from donations.models import Transfer
from goodplay.lib.time import day_bounds

GENESIS = "0" * 64


def day_hash(day: date, previous: str) -> tuple[int, str]:
    """Return how many transfers a Rome day has, and the SHA-256 over them and the day before's hash."""
    start, end = day_bounds(day)
    chain, count = hashlib.sha256(previous.encode()), 0
    rows = Transfer.objects.filter(created_at__gte=start, created_at__lt=end).order_by("id")
    for row in rows.iterator(chunk_size=5000):
        chain.update(_canonical(row))
        count += 1
    return count, chain.hexdigest()


def _canonical(row: Transfer) -> bytes:
    facts = (
        row.pk,
        row.transaction_id,
        row.debit_account_id,
        row.credit_account_id,
        row.amount,
        row.kind,
        row.phase,
        row.pending_transfer_id,
        row.reverses_id,
        row.player_id,
        row.cause_id,
        row.reason,
        row.created_at.astimezone(UTC).isoformat(),
    )
    return ("|".join(str(fact) for fact in facts) + "\n").encode()
