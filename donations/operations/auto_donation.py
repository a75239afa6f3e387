"""Automatic giving: a share of what a wallet has beyond its threshold goes to the organisation its player chose.

The threshold protects the whole balance, earned credits and own money alike; what is given is taken as in every
donation, earned credits first. It looks at a wallet after every credit, when its player asks, and in an hourly sweep.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.models import AutoDonation, Donation, LedgerAccount, Transfer, Wallet
from donations.operations import giving, ledger
from donations.operations.risk.judging import FraudDetected
from donations.queries.automatic import due_wallets, share
from donations.signals import auto_donation_skipped
from goodplay.lib.errors import DomainError
from goodplay.lib.money import ZERO

SWEEP = 100
WAITS_FOR_ALLOCATION = "waits_for_allocation"

Outcome = AutoDonation.Outcome


class BeneficiaryMissing(DomainError):
    code = "AUTO_DONATION_SETTINGS_INVALID"
    message = _("Choose an organisation that can receive donations before you switch this on.")


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a look at a wallet. `reason` says why nothing was given from a wallet that is over its threshold."""

    eligible: bool
    donation: Donation | None = None
    reason: str = ""


@transaction.atomic
def change_settings(*, player: User, changes: dict[str, Any], now: datetime) -> Wallet:
    """Change what the player wants done automatically; `changes` are columns of Wallet.

    Switched on, it needs somebody to give to: the organisation the player chose, else the installation's default. With
    consent to allocation it needs none: requests of organisations are given to.
    """
    wallet, _created = Wallet.objects.select_for_update().get_or_create(
        player=player, defaults={"created_at": now}
    )
    for column, value in changes.items():
        setattr(wallet, column, value)
    chosen = changes.get("preferred_onlus_id")
    if chosen is not None and not Onlus.objects.filter(pk=chosen).exists():
        raise giving.OnlusNotFound
    onlus = _beneficiary(wallet)
    needs_onlus = wallet.auto_donation_enabled and not wallet.allocation_consent
    if (needs_onlus or chosen is not None) and not (onlus and onlus.accepts_donations):
        raise BeneficiaryMissing if needs_onlus else giving.OnlusNotEligible
    if changes:
        wallet.save(update_fields=list(changes))
    return wallet


@transaction.atomic
def give(*, player_id: UUID, now: datetime, transfer_id: UUID | None = None) -> Result:
    """Look at a wallet and give the share of what is above its threshold; after a credit, once for that credit.

    With consent to allocation nothing is given here: it waits for the next run (`operations.allocation`). Locks the wallet and its accounts, so that what is above the threshold stays above it until it is given.
    """
    enabled = Wallet.objects.select_for_update(of=("self",)).select_related("player")
    wallet = enabled.filter(player_id=player_id, player__is_active=True, auto_donation_enabled=True).first()
    if wallet is None:
        return Result(eligible=False)
    if transfer_id is not None and (seen := AutoDonation.objects.filter(transfer_id=transfer_id).first()):
        return result_of(seen)
    onlus = _beneficiary(wallet)
    if onlus is not None:
        ledger.open_payables(onlus.pk, now=now)
    balance = _locked_balance(player_id)
    if balance is None or balance < wallet.auto_donation_threshold:
        return Result(eligible=False)
    if wallet.allocation_consent:
        return Result(eligible=True, reason=WAITS_FOR_ALLOCATION)
    amount = share(balance, wallet.auto_donation_threshold, wallet.auto_donation_percentage)
    outcome, donation = _give(wallet, onlus, min(amount, giving.LARGEST_DONATION), now)
    look = AutoDonation.objects.create(
        wallet=wallet, transfer_id=transfer_id, donation=donation, outcome=outcome, created_at=now
    )
    return result_of(look)


def after_credit(*, transfer: Transfer, now: datetime) -> Result:
    """Look at the wallet a credit came into; a credit that waits gives nothing yet."""
    if transfer.is_open_hold or transfer.player_id is None:
        return Result(eligible=False)
    return give(player_id=transfer.player_id, transfer_id=transfer.pk, now=now)


def sweep(*, now: datetime) -> int:
    """Look at wallets that a credit passed by, the longest unseen first, and return how many gave."""
    gave = 0
    for player_id in due_wallets().values_list("player_id", flat=True)[:SWEEP]:
        gave += give(player_id=player_id, now=now).donation is not None
    return gave


def result_of(look: AutoDonation) -> Result:
    return Result(eligible=True, donation=look.donation, reason="" if look.donation else look.outcome)


def _give(
    wallet: Wallet, onlus: Onlus | None, amount: Decimal, now: datetime
) -> tuple[AutoDonation.Outcome, Donation | None]:
    if amount == ZERO:
        return Outcome.NOTHING_TO_GIVE, None
    if not wallet.player.is_verified:
        return _skip(wallet, onlus, Outcome.NOT_VERIFIED), None
    if onlus is None or not onlus.accepts_donations:
        return _skip(wallet, onlus, Outcome.NOT_ELIGIBLE), None
    try:
        donation = giving.donate(
            donor=wallet.player, onlus_id=onlus.pk, amount=amount, origin=Donation.Origin.AUTO, now=now
        )
    except FraudDetected as error:
        error.settle()
        return _skip(wallet, onlus, Outcome.REFUSED), None
    return Outcome.DONATED, donation


def _skip(wallet: Wallet, onlus: Onlus | None, outcome: AutoDonation.Outcome) -> AutoDonation.Outcome:
    """Tell the player, once until something else comes of a look."""
    latest = wallet.automatic.order_by("-created_at", "-pk").first()
    if latest is None or latest.outcome != outcome:
        auto_donation_skipped.announce(wallet=wallet, onlus=onlus, reason=outcome.upper())
    return outcome


def _beneficiary(wallet: Wallet) -> Onlus | None:
    onlus_id: UUID | None = wallet.preferred_onlus_id or settings.DEFAULT_ONLUS_ID
    return Onlus.objects.filter(pk=onlus_id).first() if onlus_id else None


def _locked_balance(player_id: UUID) -> Decimal | None:
    """Lock the player's accounts and return what can be spent; None while they are frozen."""
    ledger.lock_wallet(player_id=player_id)
    accounts = list(LedgerAccount.objects.of_player(player_id))
    if any(account.is_frozen for account in accounts):
        return None
    return sum((account.available for account in accounts), ZERO)
