"""Where all the money came from, and where it is: from the days' transfers and the organisations' accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from donations.models import LedgerAccount, Payout, Transfer, TransferDay
from donations.models.ledger import PLAYER_KINDS
from donations.queries.balances import with_parts
from donations.queries.sums import euros_of
from goodplay.lib.money import ZERO

Kind, Account = Transfer.Kind, LedgerAccount.Kind


@dataclass(frozen=True, slots=True)
class Flows:
    """All money since the beginning. Every figure is a sum of transfers."""

    own_money: Decimal
    """Paid in by card or PayPal, less what went back there and what was charged for it."""
    sponsors: Decimal
    brought_over: Decimal
    """What was in the wallets of an old installation when they were brought over."""
    fees: Decimal
    """What the platform kept of payments."""
    in_wallets: Decimal
    in_pool: Decimal
    received: Decimal
    """For organisations: given, matched and granted, less what was given back."""
    waiting: Decimal
    on_the_way: Decimal
    paid_out: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the money of one organisation is."""

    received: Decimal = ZERO
    waiting: Decimal = ZERO
    on_the_way: Decimal = ZERO
    paid_out: Decimal = ZERO

    @property
    def on_the_way_or_waiting(self) -> Decimal:
        return self.waiting + self.on_the_way


def flows() -> Flows:
    """Add up all that moved. The rollups are to be brought up to date before."""
    rows = list(
        TransferDay.objects.order_by()
        .values_list("kind", "debit_kind", "credit_kind")
        .annotate(total=Sum("amount"))
    )
    payouts = [row for row in rows if row[0] == Kind.PAYOUT]
    others = [row for row in rows if row[0] != Kind.PAYOUT]
    left = -_net(payouts, Account.ONLUS_PAYABLE)
    on_the_way = _net(payouts, Account.PAYOUT_IN_TRANSIT)
    received = _net(others, Account.ONLUS_PAYABLE)
    paid_in = [row for row in rows if row[0] != Kind.SETTLEMENT]
    return Flows(
        own_money=-_net(paid_in, Account.PROVIDER_CLEARING) - _net(paid_in, Account.PROVIDER_FEES),
        sponsors=_sum(row for row in rows if row[0] == Kind.FUNDING),
        brought_over=-_net(rows, Account.OPENING),
        fees=_net([row for row in rows if row[0] == Kind.FEE], Account.PLATFORM_FEES),
        in_wallets=sum((_net(rows, kind) for kind in PLAYER_KINDS), ZERO),
        in_pool=_net(rows, Account.REWARD_POOL),
        received=received,
        waiting=received - left,
        on_the_way=on_the_way,
        paid_out=left - on_the_way,
    )


def standings(onlus_ids: Iterable[UUID] | None = None) -> dict[UUID, Standing]:
    """Tell of each organisation what it received, and where that is now. Two queries."""
    accounts = LedgerAccount.objects.filter(kind=Account.ONLUS_PAYABLE)
    paid = Payout.objects.order_by()
    if onlus_ids is not None:
        wanted = list(onlus_ids)
        accounts, paid = accounts.filter(onlus__in=wanted), paid.filter(onlus__in=wanted)
    sums = paid.values_list("onlus_id").annotate(
        moving=Sum("amount", filter=Q(status__in=Payout.IN_TRANSIT)),
        arrived=Sum("amount", filter=Q(status=Payout.Status.SETTLED)),
    )
    moved = {key: (euros_of(moving), euros_of(arrived)) for key, moving, arrived in sums}
    parts: Any = with_parts(accounts)
    waiting = {
        key: euros_of((had or ZERO) + (got or ZERO) - (gave or ZERO))
        for key, had, got, gave in parts.values_list("onlus_id", "snapshot", "received", "paid")
    }
    return {key: _standing(amount, *moved.get(key, (ZERO, ZERO))) for key, amount in waiting.items()}


def _standing(waiting: Decimal, moving: Decimal, arrived: Decimal) -> Standing:
    return Standing(waiting + moving + arrived, waiting, moving, arrived)


def _net(rows: Iterable[Any], account: str) -> Decimal:
    """Sum what came into the accounts of a kind, less what left them."""
    found = list(rows)
    return _sum(row for row in found if row[2] == account) - _sum(row for row in found if row[1] == account)


def _sum(rows: Iterable[Any]) -> Decimal:
    return sum((euros_of(row[3]) for row in rows), ZERO)
