"""What the database says, in the shape of the plain books."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from donations.models import LedgerAccount, Transfer
from donations.models.ledger import PLAYER_KINDS

Amounts = dict[Any, Decimal]


def balances() -> tuple[Amounts, Amounts, dict[Any, bool]]:
    """Return every balance, what is held of it, and which players' accounts are frozen; what is zero is left out."""
    names, balance, held, frozen = {}, defaultdict(Decimal), defaultdict(Decimal), {}
    for account in LedgerAccount.objects.all():
        owner = account.player_id or account.onlus_id
        name = names[account.pk] = (account.kind, owner) if owner else account.kind
        if account.kind in PLAYER_KINDS:
            balance[name], held[name], frozen[name] = account.balance, account.held, account.is_frozen
    for name, total in _hot(Transfer.objects.moving(), "credit_account", names):
        balance[name] += total
    for name, total in _hot(Transfer.objects.moving(), "debit_account", names):
        balance[name] -= total
    for name, total in _hot(Transfer.objects.open_holds(), "debit_account", names):
        held[name] += total
    return present(balance), present(held), frozen


def present(amounts: Amounts) -> Amounts:
    return {name: amount for name, amount in amounts.items() if amount}


def _hot(rows: Any, side: str, names: dict[Any, Any]) -> Any:
    sums = rows.exclude(**{f"{side}__kind__in": PLAYER_KINDS}).order_by().values(side)
    return [(names[row[side]], row["total"]) for row in sums.annotate(total=Sum("amount"))]
