"""Transactions: each completed one is part of its player's opening balance, and is told so."""

from uuid import UUID

from donations.models import OpeningBalance
from goodplay.importing.carrying import CHANGED_SINCE, Step
from goodplay.importing.context import Context
from goodplay.importing.steps.wallets import amount_of, kind_of
from goodplay.importing.values import Document, Left, Reader, Refused, as_id, as_moment


def bring(reader: Reader, key: str, context: Context) -> str:
    if reader.document.get("status") != "completed":
        raise Left("NOT_COMPLETED")
    user_id = context.needed("users", reader.document.get("user_id"), "UNKNOWN_USER")
    if as_id(reader.document.get("user_id")) in context.changed_wallets:
        raise Refused(CHANGED_SINCE)
    kind_of(reader.document)
    amount_of(reader.document)
    if UUID(user_id) not in context.openings:
        raise Refused("WALLET_NOT_BROUGHT")
    opening, opened_at = context.openings[UUID(user_id)]
    made_at = as_moment(reader.document.get("created_at"))
    if made_at is not None and made_at > opened_at:
        raise Refused(CHANGED_SINCE)
    return str(opening)


def prepare(transactions: list[Document], context: Context) -> None:
    """Look the opening balances of everybody in the batch up at once."""
    found = [key for each in transactions if (key := context.find("users", each.get("user_id")))]
    rows = OpeningBalance.objects.filter(player__in=set(found)).values_list("player", "pk", "created_at")
    context.openings = {player: (opening, opened_at) for player, opening, opened_at in rows}


TRANSACTIONS = Step(
    "transactions", bring, points_to=(("user_id", "users"),), prepare=prepare, is_only_noted=True
)
