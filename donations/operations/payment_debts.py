"""What a player owes because a payment was taken back after its money had been spent.

The wallet is frozen until it is paid, by the next money that comes in, or written off.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import User
from donations.models import LedgerAccount, PaymentDispute, PaymentIntent, PaymentRefund, Transfer
from donations.operations import ledger
from donations.operations.payment_steps import locked_cash
from donations.queries.payments import debt_of, debts_of, has_open_dispute
from goodplay.lib.audit import trail
from goodplay.lib.money import ZERO

Debt = PaymentRefund | PaymentDispute


@transaction.atomic
def collect(*, player_id: UUID, now: datetime) -> Decimal:
    """Pay what the player owes with the money in the wallet, oldest debt first, and say how much that was."""
    _lock_indebted(player_id)
    cash, paid = locked_cash(player_id, now), ZERO
    for debt in debts_of(player_id):
        amount = min(debt.shortfall - debt.settled_amount, cash.available)
        if amount <= ZERO:
            break
        _pay(debt, cash, amount, player_id, now)
        paid += amount
    unfreeze_if_settled(player_id=player_id)
    return paid


@transaction.atomic
def write_off(*, player: User, staff: User, reason: str, now: datetime) -> Decimal:
    """Forgive what the player owes. The loss is booked already: nothing moves."""
    _lock_indebted(player.pk)
    ledger.lock_wallet(player_id=player.pk)
    forgiven = debt_of(player.pk)
    for debt in debts_of(player.pk):
        _settle(debt, debt.shortfall - debt.settled_amount)
    unfreeze_if_settled(player_id=player.pk)
    trail.record(
        actor=staff,
        action="payment_debt_written_off",
        target=player,
        now=now,
        before={"debt": f"{forgiven}"},
        after={"debt": "0.00"},
        reason=reason,
    )
    return forgiven


def unfreeze_if_settled(*, player_id: UUID) -> None:
    """Let the wallet be spent from again when no dispute is open and nothing is owed. The caller locked the wallet."""
    if not has_open_dispute(player_id) and debt_of(player_id) == ZERO:
        ledger.unfreeze_wallet(player_id=player_id)


def _lock_indebted(player_id: UUID) -> None:
    """Lock the payments the debts come from: whoever changes a refund or a dispute holds its payment."""
    owing = {debt.intent_id for debt in debts_of(player_id)}
    list(PaymentIntent.objects.filter(pk__in=owing).order_by("pk").select_for_update())


def _pay(debt: Debt, cash: LedgerAccount, amount: Decimal, player_id: UUID, now: datetime) -> None:
    cause = ledger.Cause(
        transaction_id=debt.pk,
        cause_id=uuid5(debt.pk, f"after {debt.settled_amount}"),
        kind=Transfer.Kind.ADJUSTMENT,
        player_id=player_id,
        reason="PAYMENT_DEBT",
    )
    loss = ledger.system_account(LedgerAccount.Kind.CHARGEBACK_LOSS)
    ledger.move(debit=cash, credit=loss, amount=amount, cause=cause, now=now, even_frozen=True)
    _settle(debt, amount)


def _settle(debt: Debt, amount: Decimal) -> None:
    debt.settled_amount += amount
    debt.save(update_fields=["settled_amount"])
