"""Top-ups that are in the wallet but out of reach, until somebody looked at them."""

from datetime import datetime
from decimal import Decimal
from uuid import uuid5

from django.db.models import Sum

from donations.models import LedgerAccount, PaymentIntent, Transfer
from donations.operations import ledger
from donations.operations.payment_steps import locked_cash
from donations.queries.sums import euros_of
from goodplay.lib.money import ZERO


def review_hold(intent: PaymentIntent, amount: Decimal, now: datetime) -> Transfer:
    cause = ledger.Cause(
        transaction_id=intent.pk,
        cause_id=uuid5(intent.pk, f"review {amount}"),
        kind=Transfer.Kind.ADJUSTMENT,
        player_id=intent.player_id,
        reason="TOP_UP_UNDER_REVIEW",
    )
    cash = locked_cash(intent.player_id, now)
    clearing = ledger.system_account(LedgerAccount.Kind.PROVIDER_CLEARING)
    return ledger.hold(debit=cash, credit=clearing, amount=amount, cause=cause, now=now, even_frozen=True)


def hold_the_rest(intent: PaymentIntent, now: datetime) -> None:
    """Hold again what a refund left of a top-up under review."""
    taken = intent.refunds.standing().aggregate(total=Sum("wallet_amount"))["total"]
    rest = intent.net_amount - euros_of(taken)
    if rest > ZERO:
        intent.review_hold = review_hold(intent, rest, now)


def lift(intent: PaymentIntent, now: datetime) -> None:
    """Free a top-up under review, for what takes it. Its review stays open."""
    if intent.review_hold is not None:
        ledger.void(pending=intent.review_hold, now=now)
        intent.review_hold = None
