"""Which credits, and which money paid in, a donation was made of.

Money in a wallet has no name on it, so the oldest goes first: a donation is made of what came in earliest and was not
spent before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from donations.models import Donation, Transfer
from donations.models.ledger import PLAYER_KINDS
from donations.queries.sums import euros_of
from games.models import GameSession
from goodplay.lib.money import ZERO


@dataclass(frozen=True, slots=True)
class Origin:
    """So much of a donation came into the wallet by one transfer."""

    transfer_id: UUID
    kind: str
    cause_id: UUID
    at: datetime
    amount: Decimal
    game: str = ""

    @property
    def kind_in_words(self) -> str:
        return str(Transfer.Kind(self.kind).label)


def carried_by(donation: Donation) -> list[Transfer]:
    """List the transfers that took the donation out of the wallet: one for each kind of money."""
    rows = Transfer.objects.moving().filter(
        transaction_id=donation.pk,
        kind=Transfer.Kind.DONATION,
        debit_account__kind__in=PLAYER_KINDS,
        reverses=None,
    )
    return list(rows.order_by("pk"))


def origins_of(spends: list[Transfer]) -> list[Origin]:
    """Trace each spend back to what had come in, the oldest first. Four queries for each kind of money."""
    found = [origin for spend in spends for origin in _origins(spend)]
    sessions = [origin.cause_id for origin in found if origin.kind == Transfer.Kind.SESSION_CREDIT]
    games = dict(GameSession.objects.filter(pk__in=sessions).values_list("pk", "game__name"))
    return [
        Origin(each.transfer_id, each.kind, each.cause_id, each.at, each.amount, games.get(each.cause_id, ""))
        for each in found
    ]


def _origins(spend: Transfer) -> Iterator[Origin]:
    account = spend.debit_account_id
    moving = Transfer.objects.moving()
    before = moving.filter(debit_account=account, pk__lt=spend.pk).aggregate(total=Sum("amount"))["total"]
    skipped, wanted = euros_of(before), spend.amount
    came_in = moving.filter(credit_account=account, pk__lt=spend.pk).order_by("pk")
    columns = ("pk", "kind", "cause_id", "created_at", "amount")
    for key, kind, cause_id, at, amount in came_in.values_list(*columns).iterator(chunk_size=2000):
        spent = min(skipped, amount)
        skipped -= spent
        part = min(amount - spent, wanted)
        if part > ZERO:
            wanted -= part
            yield Origin(key, kind, cause_id, at, part)
        if not wanted:
            return
