"""Transactions: each completed one is part of its player's opening balance, and is told so."""

from uuid import UUID

from donations.models import OpeningBalance
from goodplay.importing.carrying import CHANGED_SINCE, Context, Step
from goodplay.importing.steps.wallets import amount_of, kind_of
from goodplay.importing.values import Left, Reader, Refused, as_id


def bring(reader: Reader, key: str, context: Context) -> str:
    if reader.document.get("status") != "completed":
        raise Left("NOT_COMPLETED")
    user_id = context.needed("users", reader.document.get("user_id"), "UNKNOWN_USER")
    if as_id(reader.document.get("user_id")) in context.changed_wallets:
        raise Refused(CHANGED_SINCE)
    kind_of(reader.document)
    amount_of(reader.document)
    opening = OpeningBalance.objects.filter(player_id=UUID(user_id)).values_list("pk", flat=True).first()
    if opening is None:
        raise Refused("WALLET_NOT_BROUGHT")
    return str(opening)


TRANSACTIONS = Step("transactions", bring)
