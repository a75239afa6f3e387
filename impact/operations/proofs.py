"""Publishing the roots of the days that were sealed."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from donations.models import LedgerSeal
from goodplay.lib.db import transaction_lock
from impact.merkle import root_of
from impact.models import DayRoot
from impact.queries.proofs import part_roots


class LedgerChanged(Exception):
    """Raised when a sealed day has not the transfers any more that were sealed: nothing is published over it."""


def make_roots(*, now: datetime) -> int:
    """Make the root of every sealed day that has none, oldest first, each for itself, and return how many."""
    made = DayRoot.objects.filter(day=OuterRef("day"))
    due = LedgerSeal.objects.exclude(Exists(made)).order_by("day")
    return sum(_make(seal, now) for seal in list(due))


@transaction.atomic
def _make(seal: LedgerSeal, now: datetime) -> bool:
    """Make a day's root, unless a twin did. Its secret is random, so the second try would be another tree."""
    transaction_lock("inclusion roots")
    if DayRoot.objects.filter(day=seal.day).exists():
        return False
    secret = secrets.token_hex(32)
    parts = list(part_roots(seal.day, secret))
    count = sum(size for size, _hash in parts)
    if count != seal.transfer_count:
        raise LedgerChanged(str(seal.day))
    hashes = [each for _size, each in parts]
    DayRoot.objects.create(
        day=seal.day,
        leaf_count=count,
        root=root_of(hashes).hex(),
        seal=seal.hash,
        secret=secret,
        parts=[each.hex() for each in hashes],
        made_at=now,
    )
    return True
