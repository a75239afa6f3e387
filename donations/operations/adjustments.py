"""Corrections by hand of a wallet or of one of the platform's own accounts: asked for by one, approved by another."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import LedgerAccount, Transfer
from donations.operations import ledger, reward_pool
from donations.operations.closed_months import refuse_closed
from donations.queries import waiting
from donations.queries.balances import balance_of
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.db import transaction_lock
from goodplay.lib.errors import DomainError
from goodplay.lib.money import ZERO, to_cents

ADJUSTMENT = "adjustment"

Kind = LedgerAccount.Kind

# What ONLUS are owed, sponsors' money and payouts under way belong to books of their own: they are corrected there.
ADJUSTABLE = (
    Kind.PLAYER_CREDITS,
    Kind.PLAYER_CASH,
    Kind.REWARD_POOL,
    Kind.PROVIDER_CLEARING,
    Kind.PROVIDER_FEES,
    Kind.PLATFORM_FEES,
    Kind.BANK,
    Kind.CHARGEBACK_LOSS,
)
# Money we have and costs we had: more of it is a debit.
_GROWS_BY_DEBIT = (Kind.BANK, Kind.PROVIDER_CLEARING, Kind.PROVIDER_FEES, Kind.CHARGEBACK_LOSS)


class Direction(models.TextChoices):
    ADD = "add", _("Add")
    TAKE = "take", _("Take away")


class AccountNotAdjustable(DomainError):
    code = "ACCOUNT_NOT_ADJUSTABLE"
    message = _("This account is not adjusted by hand: correct what it consists of.")


class InvalidAdjustment(DomainError):
    code = "INVALID_AMOUNT"
    message = _("Adjust by more than zero, in whole cents.")


class NotEnoughInAccount(DomainError):
    code = "INSUFFICIENT_BALANCE"
    message = _("There is not that much in the account.")


class ExplanationRequired(DomainError):
    code = "EXPLANATION_REQUIRED"
    message = _("Write what the player is told about it.")


def is_adjustable(account: LedgerAccount) -> bool:
    return account.kind in ADJUSTABLE


@transaction.atomic
def request_adjustment(
    *,
    account: LedgerAccount,
    amount: Decimal,
    direction: Direction,
    told: str,
    reason: str,
    requested_by: User,
    now: datetime,
    address: str = "",
) -> ApprovalRequest:
    """Ask a second person to put money into an account, or to take it away. Nothing moves before they approve.

    Raises MonthClosed when the month is signed already. A player reads `told` with the transaction; `reason` stays with the staff.
    """
    if not is_adjustable(account):
        raise AccountNotAdjustable
    refuse_closed(now)
    if amount <= ZERO or amount != to_cents(amount):
        raise InvalidAdjustment
    if account.player_id is not None and not told.strip():
        raise ExplanationRequired
    if direction == Direction.TAKE:
        _refuse_more_than_there_is(account, amount)
    facts = {
        "direction": direction.value,
        "amount": amount,
        "account": account.kind,
        "of": str(account.player) if account.player else "GoodPlay",
        "balance_amount": _stands_at(account),
        "told": told.strip(),
    }
    return request_approval(
        kind=ADJUSTMENT,
        target=account,
        facts=facts,
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def perform_adjustment(*, request: ApprovalRequest, now: datetime) -> Mapping[str, Any]:
    """Move what was approved between the account and the adjustment account, never below zero."""
    refuse_closed(now)
    transfer = ledger.optimistically(lambda lock: _move(request, now, lock=lock))
    account = LedgerAccount.objects.get(pk=request.target_id)
    trail.record(
        actor=request.decided_by,
        action="account_adjust",
        target=account,
        before={"balance": request.facts["balance_amount"]},
        after={"balance": _stands_at(account), **request.facts, "transfer": transfer.pk},
        reason=request.reason,
        now=now,
    )
    return {"transfer": transfer.pk, "balance_amount": _stands_at(account)}


def _move(request: ApprovalRequest, now: datetime, *, lock: bool) -> Transfer:
    accounts = LedgerAccount.objects.select_for_update() if lock else LedgerAccount.objects
    account = accounts.get(pk=UUID(request.target_id))
    amount, adds = Decimal(request.facts["amount"]), request.facts["direction"] == Direction.ADD
    if not account.stores_balance:
        _lock(account)
    if not adds:
        _refuse_more_than_there_is(account, amount)
    other = ledger.system_account(Kind.ADJUSTMENT)
    receives = adds != (account.kind in _GROWS_BY_DEBIT)
    return ledger.move(
        debit=other if receives else account,
        credit=account if receives else other,
        amount=amount,
        cause=ledger.Cause(
            transaction_id=request.pk,
            cause_id=request.pk,
            kind=Transfer.Kind.ADJUSTMENT,
            player_id=account.player_id,
            reason=request.facts["told"],
        ),
        now=now,
    )


def _lock(account: LedgerAccount) -> None:
    if account.kind == Kind.REWARD_POOL:
        reward_pool.lock()
        transaction.on_commit(reward_pool.forget_gauge)
    else:
        transaction_lock(f"adjust {account.kind}")


def _refuse_more_than_there_is(account: LedgerAccount, amount: Decimal) -> None:
    if amount > _free(account):
        raise NotEnoughInAccount


def _free(account: LedgerAccount) -> Decimal:
    """Return what can be taken: less what is held in a wallet, and what players wait for in the reward pool."""
    if account.stores_balance:
        return account.available
    return waiting.pool_free() if account.kind == Kind.REWARD_POOL else _stands_at(account)


def _stands_at(account: LedgerAccount) -> Decimal:
    """Return how much of what the account stands for there is: money in the bank counts up here, costs as well."""
    balance = balance_of(account)
    return -balance if account.kind in _GROWS_BY_DEBIT else balance
