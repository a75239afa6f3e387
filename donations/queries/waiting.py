"""Credits the reward pool did not cover when they were earned, and what it has for them."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from donations.models import LedgerAccount, Review, Transfer
from donations.models.ledger import system_account_id
from donations.queries.balances import balance_of
from donations.queries.sums import euros_of
from goodplay.lib import fields
from goodplay.lib.money import ZERO

Kind = LedgerAccount.Kind


def pool_balance() -> Decimal:
    return balance_of(LedgerAccount(pk=system_account_id(Kind.REWARD_POOL), kind=Kind.REWARD_POOL))


def pool_free() -> Decimal:
    """Return what the pool has beyond the credits that already wait for it; below zero while some do."""
    return pool_balance() - waiting_total()


def waiting_total() -> Decimal:
    """Add up what players earned and was not paid yet: the pool did not cover it, or somebody looks at it first."""
    return euros_of(_held().aggregate(total=Sum("amount"))["total"])


def reviewed_total() -> Decimal:
    """Add up the credits for play somebody looks at before they are paid."""
    own = Review.objects.open().filter(subject=Review.Subject.SESSION)
    return euros_of(own.aggregate(total=Sum("amount"))["total"])


def queue() -> QuerySet[Transfer]:
    """List waiting credits in the order they are paid: as they were earned. Those under review are not in it."""
    under_review = Review.objects.open().filter(
        subject=Review.Subject.SESSION, subject_id=OuterRef("cause_id")
    )
    queued = _held().filter(~Exists(under_review))
    return queued.select_related("session_credit", "bonus").order_by("created_at", "id")


def hold_of_session(session_id: UUID) -> Transfer:
    """Return the open hold of a session's credit."""
    return _held().select_related("session_credit", "bonus").get(session_credit__session=session_id)


def source_of(credit: Transfer) -> str:
    """Return the source of a credit out of the pool, given with its `session_credit` or `bonus`."""
    why: Any = getattr(credit, "session_credit", None) or getattr(credit, "bonus", None)
    return str(why.source_type) if why else ""


def waiting_of(player: str) -> Any:
    """Make a subquery: what the outer row's player waits for."""
    own = _held().filter(player=OuterRef(player)).order_by().values("player")
    total = Subquery(own.annotate(total=Sum("amount")).values("total"), output_field=fields.euros())
    return Coalesce(total, Value(ZERO), output_field=fields.euros())


def _held() -> QuerySet[Transfer]:
    return Transfer.objects.open_holds().filter(debit_account=system_account_id(Kind.REWARD_POOL))
