"""Pools of sponsors: never more than a sponsor funded, reserved before anything is promised, granted once."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from donations.models import (
    AllocationLine,
    Funding,
    FundingPool,
    LedgerAccount,
    PoolGrant,
    Sponsor,
    Transfer,
)
from donations.operations import ledger
from donations.queries.sums import euros_of
from donations.signals import pool_depleted
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO


class PoolNotFunded(DomainError):
    code = "POOL_NOT_FUNDED"
    message = _("The sponsor's money for funding pools does not cover this total: record its funding first.")


class TotalBelowSpent(DomainError):
    code = "POOL_TOTAL_BELOW_SPENT"
    message = _("The total cannot be less than what the pool gave and reserved already.")


class ReservationFailed(Conflict):
    code = "FUNDING_RESERVATION_FAILED"
    message = _("The pool gave its money to another request in the meantime.")


@transaction.atomic
def save_pool(*, pool: FundingPool) -> FundingPool:
    """Store a pool, new or changed, once the sponsor's funding covers it together with its other pools.

    Locks the sponsor, so two pools at once are not both covered by the same money. Raises PoolNotFunded,
    TotalBelowSpent.
    """
    Sponsor.objects.select_for_update().get(pk=pool.sponsor_id)
    current = FundingPool.objects.select_for_update().filter(pk=pool.pk).first()
    pool.reserved, pool.spent = (current.reserved, current.spent) if current else (ZERO, ZERO)
    if pool.total < pool.reserved + pool.spent:
        raise TotalBelowSpent
    if pool.promised > money_for_pools(pool.sponsor_id, besides=pool.pk):
        raise PoolNotFunded
    pool.save()
    return pool


def money_for_pools(sponsor_id: UUID, *, besides: UUID | None = None) -> Decimal:
    """Return what a sponsor funded for pools and has not put into others, in EUR."""
    funded = Funding.objects.filter(sponsor_id=sponsor_id, purpose=Funding.Purpose.ALLOCATION)
    others = FundingPool.objects.filter(sponsor_id=sponsor_id)
    promised = sum((pool.promised for pool in others if pool.pk != besides), ZERO)
    return euros_of(funded.aggregate(total=Sum("amount"))["total"]) - promised


def reserve(*, pool_id: UUID, amount: Decimal) -> None:
    """Set money of a pool aside, inside the caller's transaction. Raises ReservationFailed when it is not there."""
    pool = FundingPool.objects.select_for_update().get(pk=pool_id)
    if pool.status != FundingPool.Status.ACTIVE or pool.available < amount:
        raise ReservationFailed
    pool.reserved += amount
    pool.save(update_fields=["reserved"])


def draw(*, line: AllocationLine, onlus_id: UUID, amount: Decimal, now: datetime) -> PoolGrant | None:
    """Grant so much of what a locked line reserved, and free the rest. Of nothing there is no grant."""
    assert line.pool_id is not None  # noqa: S101  (the caller draws on lines of pools)
    pool = FundingPool.objects.select_for_update().get(pk=line.pool_id)
    pool.reserved -= line.reserved_amount
    pool.spent += amount
    pool.save(update_fields=["reserved", "spent"])
    if amount == ZERO:
        return None
    grant = PoolGrant.objects.create(
        id=new_id(), pool=pool, line=line, onlus_id=onlus_id, amount=amount, created_at=now
    )
    ledger.move(
        debit=ledger.system_account(LedgerAccount.Kind.SPONSOR),
        credit=ledger.onlus_account(onlus_id=onlus_id, now=now),
        amount=amount,
        cause=ledger.Cause(
            transaction_id=grant.pk, cause_id=grant.pk, kind=Transfer.Kind.GRANT, reason=pool.name
        ),
        now=now,
    )
    if pool.available == ZERO:
        pool_depleted.announce(pool=pool)
    return grant
