"""Opening balances: what players had in the wallets of an old installation."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from donations.models import LedgerAccount, OpeningBalance, Transfer, Wallet
from donations.operations import ledger
from donations.operations.closed_months import refuse_closed
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO, to_cents

Kind = LedgerAccount.Kind


class WalletInUse(Conflict):
    code = "WALLET_IN_USE"
    message = _("This player has a wallet here already.")


class InvalidOpening(DomainError):
    code = "INVALID_AMOUNT"
    message = _("A wallet opens with whole cents, from zero on.")


@dataclass(frozen=True, slots=True)
class OldWallet:
    """What the old installation says of a wallet, in whole cents."""

    source_id: str
    earned_amount: Decimal
    paid_amount: Decimal
    earned_before: Decimal
    donated_before: Decimal
    transactions_count: int


@dataclass(frozen=True, slots=True)
class Automatic:
    """What the player had chosen for automatic giving; it is switched on again by the player alone."""

    threshold: Decimal
    percentage: int
    preferred_onlus_id: UUID | None
    round_up_enabled: bool


@transaction.atomic
def open_balance(
    *, player_id: UUID, old: OldWallet, automatic: Automatic | None, now: datetime
) -> OpeningBalance:
    """Book what an old wallet held: a transfer for each part, dated now, against the opening account.

    Nothing is announced: what follows from earning and giving followed once, where it happened. Raises WalletInUse when
    the player's accounts moved before, and MonthClosed when this month is signed.
    """
    refuse_closed(now)
    _refuse_broken(old)
    if (
        LedgerAccount.objects.of_player(player_id).exists()
        or Wallet.objects.filter(player_id=player_id).exists()
    ):
        raise WalletInUse
    opening = OpeningBalance.objects.create(
        id=new_id(),
        player_id=player_id,
        source_id=old.source_id,
        earned_amount=old.earned_amount,
        paid_amount=old.paid_amount,
        earned_before=old.earned_before,
        donated_before=old.donated_before,
        transactions_count=old.transactions_count,
        created_at=now,
    )
    ledger.open_wallet(player_id=player_id, now=now)
    _book(opening, Kind.PLAYER_CREDITS, old.earned_amount, now)
    _book(opening, Kind.PLAYER_CASH, old.paid_amount, now)
    if automatic is not None:
        _keep_choices(player_id, automatic, now)
    return opening


def _book(opening: OpeningBalance, kind: Kind, amount: Decimal, now: datetime) -> None:
    if amount == ZERO:
        return
    ledger.optimistically(
        lambda lock: ledger.move(
            debit=ledger.system_account(Kind.OPENING),
            credit=ledger.player_account(player_id=opening.player_id, kind=kind, now=now, lock=lock),
            amount=amount,
            cause=ledger.Cause(
                transaction_id=opening.pk,
                cause_id=opening.pk,
                kind=Transfer.Kind.OPENING,
                player_id=opening.player_id,
                reason="Opening balance",
            ),
            now=now,
        )
    )


def _keep_choices(player_id: UUID, automatic: Automatic, now: datetime) -> None:
    Wallet.objects.create(
        player_id=player_id,
        auto_donation_enabled=False,
        auto_donation_threshold=automatic.threshold,
        auto_donation_percentage=automatic.percentage,
        preferred_onlus_id=automatic.preferred_onlus_id,
        round_up_enabled=automatic.round_up_enabled,
        created_at=now,
    )


def _refuse_broken(old: OldWallet) -> None:
    amounts = (old.earned_amount, old.paid_amount, old.earned_before, old.donated_before)
    if any(amount < ZERO or amount != to_cents(amount) for amount in amounts):
        raise InvalidOpening
