"""The ledger: the only place that writes accounts and transfers.

Every function runs inside the caller's transaction, so a movement stands or falls with its cause.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from donations.models import LedgerAccount, Transfer
from donations.models.ledger import PLAYER_KINDS, system_account_id
from goodplay.lib.db import StaleVersion, retry_stale
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO

Kind = LedgerAccount.Kind
Phase = Transfer.Phase
Result = TypeVar("Result")


class InsufficientCredits(DomainError):
    code = "INSUFFICIENT_CREDITS"
    message = _("There is not enough in the wallet for this.")


class WalletUpdateFailed(Conflict):
    code = "WALLET_UPDATE_FAILED"
    message = _("The wallet was busy. Nothing was moved: try again.")


class WalletFrozen(Conflict):
    code = "WALLET_FROZEN"
    message = _("A payment into this wallet is disputed. Until that is settled nothing can be spent.")


class HoldAlreadyResolved(Conflict):
    code = "HOLD_ALREADY_RESOLVED"
    message = _("This hold was already posted, voided or has expired.")


class ReversalTooLarge(DomainError):
    code = "REVERSAL_TOO_LARGE"
    message = _("More would be given back than was moved.")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why money moves: the business fact all its transfers share.

    `transaction_id` is what people see; `cause_id` the session, donation, … that may move money of one kind once.
    """

    transaction_id: UUID
    cause_id: UUID
    kind: Transfer.Kind
    player_id: UUID | None = None
    reason: str = ""


def optimistically(attempt: Callable[[bool], Result]) -> Result:
    """Run a spend or credit that may find the wallet changed: again at most twice, then WalletUpdateFailed.

    `attempt` gets whether to lock the wallet's row while reading it: not at first, always after a lost race.
    """
    try:
        return retry_stale(attempt)
    except StaleVersion as error:
        raise WalletUpdateFailed from error


# Accounts -------------------------------------------------------------------------------------------------------


def player_account(*, player_id: UUID, kind: Kind, now: datetime, lock: bool = False) -> LedgerAccount:
    """Return the player's account of this kind, opened on first use; two openings at once make one account."""
    accounts = LedgerAccount.objects.filter(player_id=player_id, kind=kind)
    found = (accounts.select_for_update() if lock else accounts).first()
    if found is not None:
        return found
    return _open(accounts, player_id=player_id, kind=kind, balance=ZERO, held=ZERO, created_at=now)


def onlus_account(*, onlus_id: UUID, now: datetime) -> LedgerAccount:
    """Return what GoodPlay owes the ONLUS, opened on first use."""
    accounts = LedgerAccount.objects.filter(onlus_id=onlus_id, kind=Kind.ONLUS_PAYABLE)
    return accounts.first() or _open(accounts, onlus_id=onlus_id, kind=Kind.ONLUS_PAYABLE, created_at=now)


def open_payables(*onlus_ids: UUID, now: datetime) -> None:
    """Open the accounts of ONLUS that have none yet, before a wallet is locked and in one order.

    Who opens an account keeps others waiting who open it too: were they to hold what it needs next, both would wait.
    """
    opened = LedgerAccount.objects.filter(onlus_id__in=onlus_ids, kind=Kind.ONLUS_PAYABLE)
    for onlus_id in sorted(set(onlus_ids) - set(opened.values_list("onlus_id", flat=True))):
        onlus_account(onlus_id=onlus_id, now=now)


def system_account(kind: Kind) -> LedgerAccount:
    """Return one of the platform's own accounts without a query: their keys follow from their kinds."""
    return LedgerAccount(pk=system_account_id(kind), kind=kind)


def _open(accounts: QuerySet[LedgerAccount], **columns: Any) -> LedgerAccount:
    try:
        with transaction.atomic():
            return LedgerAccount.objects.create(**columns)
    except IntegrityError:
        return accounts.get()


@transaction.atomic
def freeze_wallet(*, player_id: UUID, now: datetime) -> None:
    """Let nothing be spent from the player's wallet. Spends that read it before find it changed, and look again.

    Credits, posts of holds, and reversals still move.
    """
    open_wallet(player_id=player_id, now=now)
    _set_frozen(player_id, frozen=True)


@transaction.atomic
def unfreeze_wallet(*, player_id: UUID) -> None:
    _set_frozen(player_id, frozen=False)


def open_wallet(*, player_id: UUID, now: datetime) -> None:
    """Open both accounts before they are locked: one that came later would be locked after the other, out of order."""
    opened = set(LedgerAccount.objects.of_player(player_id).values_list("kind", flat=True))
    for kind in (Kind.PLAYER_CREDITS, Kind.PLAYER_CASH):
        if kind not in opened:
            player_account(player_id=player_id, kind=kind, now=now)


def lock_wallet(*, player_id: UUID) -> None:
    """Lock the player's accounts until the transaction ends, credits before cash as they are spent."""
    list(LedgerAccount.objects.of_player(player_id).order_by("-kind").select_for_update())


def _set_frozen(player_id: UUID, *, frozen: bool) -> None:
    lock_wallet(player_id=player_id)
    changing = LedgerAccount.objects.of_player(player_id).exclude(is_frozen=frozen)
    changing.update(is_frozen=frozen, version=F("version") + 1)


# Movements ------------------------------------------------------------------------------------------------------


def move(
    *,
    debit: LedgerAccount,
    credit: LedgerAccount,
    amount: Decimal,
    cause: Cause,
    now: datetime,
    even_frozen: bool = False,
) -> Transfer:
    """Move money at once.

    Stored balances change by conditional UPDATEs guarded by balance and version; the account objects passed in are
    brought up to date. Raises StaleVersion when an account moved since it was read (retry with fresh accounts) and
    InsufficientCredits when the debit is not covered, WalletFrozen when it may not be spent (`even_frozen`: by its
    player; what a provider takes back is taken all the same). One side at most is a player's: people do not pay each
    other.
    """
    if debit.stores_balance and credit.stores_balance:
        raise ValueError("a transfer between two players' accounts")
    if debit.stores_balance:
        _refuse_uncovered(debit, amount, even_frozen=even_frozen)
        _take(debit, amount)
    _receive(credit, amount)
    return _write(debit=debit, credit=credit, amount=amount, cause=cause, phase=Phase.SINGLE, now=now)


def hold(
    *,
    debit: LedgerAccount,
    credit: LedgerAccount,
    amount: Decimal,
    cause: Cause,
    now: datetime,
    even_frozen: bool = False,
) -> Transfer:
    """Reserve money for a later post. A stored balance keeps it, but it can no longer be spent."""
    if debit.stores_balance:
        _refuse_uncovered(debit, amount, even_frozen=even_frozen)
        _update(debit, held=(debit.held or ZERO) + amount)
    return _write(debit=debit, credit=credit, amount=amount, cause=cause, phase=Phase.PENDING, now=now)


@transaction.atomic
def post(*, pending: Transfer, amount: Decimal | None = None, now: datetime) -> Transfer:
    """Move what was held, all of it or less; the rest is released. A hold is resolved once."""
    moved = pending.amount if amount is None else amount
    if not ZERO < moved <= pending.amount:
        raise ReversalTooLarge
    row = _resolve(pending, moved, Phase.POST, now)
    debit, credit = row.debit_account, row.credit_account
    if debit.stores_balance:
        _update(debit, held=(debit.held or ZERO) - pending.amount, balance=(debit.balance or ZERO) - moved)
    _receive(credit, moved)
    return row


@transaction.atomic
def void(*, pending: Transfer, now: datetime) -> Transfer:
    """Give up a hold: nothing moves, the money is free again."""
    return _release(pending, Phase.VOID, now)


@transaction.atomic
def expire(*, pending: Transfer, now: datetime) -> Transfer:
    """Let a hold lapse."""
    return _release(pending, Phase.EXPIRE, now)


@transaction.atomic
def reverse(*, transfer: Transfer, amount: Decimal | None = None, reason: str, now: datetime) -> Transfer:
    """Move money back along a transfer, all of it or a part. Never more in total than it moved.

    Locks the transfer's row until the transaction ends, so two reversals at once cannot add up to too much, and then
    the player's account on either side.
    """
    original = Transfer.objects.select_for_update().get(pk=transfer.pk)
    back = original.amount if amount is None else amount
    earlier = original.reversals.aggregate(total=Sum("amount"))["total"] or ZERO
    if (
        not original.phase_moves
        or original.reverses_id is not None
        or not ZERO < back <= original.amount - earlier
    ):
        raise ReversalTooLarge
    accounts = _locked(original.credit_account_id, original.debit_account_id)
    debit, credit = accounts[original.credit_account_id], accounts[original.debit_account_id]
    if debit.stores_balance:
        if debit.available < back:
            raise InsufficientCredits
        _take(debit, back)
    _receive(credit, back)
    cause = Cause(
        original.transaction_id, original.cause_id, Transfer.Kind(original.kind), original.player_id, reason
    )
    return _write(
        debit=debit, credit=credit, amount=back, cause=cause, phase=Phase.SINGLE, now=now, reverses=original
    )


# The steps ------------------------------------------------------------------------------------------------------


def touch(account: LedgerAccount) -> None:
    """Prove that a player's account did not move since it was read, and mark that something was decided on it."""
    _update(account)


def _refuse_uncovered(account: LedgerAccount, amount: Decimal, *, even_frozen: bool = False) -> None:
    if account.is_frozen and not even_frozen:
        raise WalletFrozen
    if account.available < amount:
        raise InsufficientCredits


def _take(account: LedgerAccount, amount: Decimal) -> None:
    _update(account, balance=(account.balance or ZERO) - amount)


def _receive(account: LedgerAccount, amount: Decimal) -> None:
    if account.stores_balance:
        _update(account, balance=(account.balance or ZERO) + amount)


def _update(account: LedgerAccount, **columns: Decimal) -> None:
    """Write a player's account if nobody did since it was read: version and cover are part of the condition."""
    as_read = LedgerAccount.objects.filter(pk=account.pk, version=account.version, balance__gte=F("held"))
    if as_read.update(**columns, version=F("version") + 1) != 1:
        raise StaleVersion
    account.version += 1
    for column, value in columns.items():
        setattr(account, column, value)


def _locked(*keys: UUID) -> dict[UUID, LedgerAccount]:
    """Read accounts, the player's among them with its row locked: hot accounts are never queued on."""
    players = {
        account.pk: account
        for account in LedgerAccount.objects.filter(pk__in=keys, kind__in=PLAYER_KINDS).select_for_update()
    }
    return players | LedgerAccount.objects.in_bulk([key for key in keys if key not in players])


def _resolve(pending: Transfer, amount: Decimal, phase: Transfer.Phase, now: datetime) -> Transfer:
    """Write the one row that ends a hold, with fresh accounts on it. The unique reference decides a race."""
    cause = Cause(
        pending.transaction_id,
        pending.cause_id,
        Transfer.Kind(pending.kind),
        pending.player_id,
        pending.reason,
    )
    accounts = _locked(pending.debit_account_id, pending.credit_account_id)
    debit, credit = accounts[pending.debit_account_id], accounts[pending.credit_account_id]
    if pending.phase != Phase.PENDING:
        raise HoldAlreadyResolved
    try:
        with transaction.atomic():
            return _write(
                debit=debit, credit=credit, amount=amount, cause=cause, phase=phase, now=now, pending=pending
            )
    except IntegrityError as error:
        raise HoldAlreadyResolved from error


def _release(pending: Transfer, phase: Transfer.Phase, now: datetime) -> Transfer:
    row = _resolve(pending, pending.amount, phase, now)
    debit = row.debit_account
    if debit.stores_balance:
        _update(debit, held=(debit.held or ZERO) - pending.amount)
    return row


def _write(
    *,
    debit: LedgerAccount,
    credit: LedgerAccount,
    amount: Decimal,
    cause: Cause,
    phase: Transfer.Phase,
    now: datetime,
    pending: Transfer | None = None,
    reverses: Transfer | None = None,
) -> Transfer:
    return Transfer.objects.create(
        id=new_id(),
        transaction_id=cause.transaction_id,
        debit_account=debit,
        credit_account=credit,
        amount=amount,
        kind=cause.kind,
        phase=phase,
        pending_transfer=pending,
        reverses=reverses,
        player_id=cause.player_id,
        cause_id=cause.cause_id,
        reason=cause.reason,
        created_at=now,
    )
