"""Batches of donations: each line gives from the wallet of one player to one ONLUS."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.models import BatchLine, Donation, LedgerAccount
from donations.models.ledger import PLAYER_KINDS
from donations.operations import giving, ledger
from donations.operations.batch_lines import BatchKind, Fault, LineDraft
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.money import ZERO


class DonorNotFound(NotFound):
    code = "USER_NOT_FOUND"
    message = _("There is no such player.")


class DonorNotActive(DomainError):
    code = "USER_NOT_ACTIVE"
    message = _("This player's account is closed.")


class WalletNotFound(NotFound):
    code = "WALLET_NOT_FOUND"
    message = _("This player's wallet was never used: there is nothing in it.")


class AmountMissing(DomainError):
    code = "INVALID_AMOUNT"
    message = _("Give an amount of more than zero.")


def faults(lines: Sequence[LineDraft], now: datetime) -> list[Fault]:
    donors = User.objects.in_bulk({line.player_id for line in lines if line.player_id})
    organisations = Onlus.objects.in_bulk({line.onlus_id for line in lines})
    found = [fault for line in lines for fault in _faults_of(line, donors, organisations)]
    return [*found, *_uncovered([line for line in lines if line.player_id in donors])]


def _faults_of(
    line: LineDraft, donors: dict[UUID, User], organisations: dict[UUID, Onlus]
) -> Iterator[Fault]:
    donor = donors.get(line.player_id) if line.player_id else None
    onlus = organisations.get(line.onlus_id)
    if donor is None:
        yield Fault.of(line.number, DonorNotFound)
    elif not donor.is_active:
        yield Fault.of(line.number, DonorNotActive)
    elif not donor.is_verified:
        yield Fault.saying(
            line.number, giving.DonorNotVerified.code, _("This player did not confirm an address yet.")
        )
    if onlus is None:
        yield Fault.of(line.number, giving.OnlusNotFound)
    elif not onlus.accepts_donations:
        yield Fault.of(line.number, giving.OnlusNotEligible)
    if line.amount is None or line.amount <= ZERO:
        yield Fault.of(line.number, AmountMissing)
    elif line.amount > giving.LARGEST_DONATION:
        yield Fault.of(line.number, giving.DonationTooLarge)


def _uncovered(lines: Sequence[LineDraft]) -> Iterator[Fault]:
    """Hold what a wallet has against all its lines together: each of them is at fault when they are too much."""
    wanted: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        if line.player_id and line.amount:
            wanted[line.player_id] += max(line.amount, ZERO)
    wallets: dict[UUID, list[LedgerAccount]] = defaultdict(list)
    for account in LedgerAccount.objects.filter(player__in=wanted, kind__in=PLAYER_KINDS):
        if account.player_id:
            wallets[account.player_id].append(account)
    for line in lines:
        if line.player_id in wanted:
            yield from _fault_of_wallet(line.number, wallets[line.player_id], wanted[line.player_id])


def _fault_of_wallet(number: int, accounts: list[LedgerAccount], wanted: Decimal) -> Iterator[Fault]:
    available = sum((account.available for account in accounts), ZERO)
    if not accounts:
        yield Fault.of(number, WalletNotFound)
    elif any(account.is_frozen for account in accounts):
        yield Fault.of(number, ledger.WalletFrozen)
    elif available < wanted:
        words = {"wanted": wanted, "available": available}
        text = _now("The lines of this player want %(wanted)s EUR, and the wallet has %(available)s EUR.")
        yield Fault(number, ledger.InsufficientCredits.code, text % words)


def row(line: LineDraft) -> BatchLine:
    return BatchLine(
        player_id=line.player_id,
        onlus_id=line.onlus_id,
        amount=line.amount,
        donation_message=line.message,
        is_anonymous=line.is_anonymous,
    )


def carry_out(line: BatchLine, now: datetime) -> None:
    """Give. What the check point wants to see is done for the batch: its money is held, and the review decides."""
    if line.player is None or line.amount is None or not line.player.is_active:
        raise DonorNotActive
    if line.onlus_id is None:
        raise giving.OnlusNotFound
    line.donation = giving.donate(
        donor=line.player,
        onlus_id=line.onlus_id,
        amount=line.amount,
        message=line.donation_message,
        is_anonymous=line.is_anonymous,
        origin=Donation.Origin.BATCH,
        now=now,
    )
    line.processed_amount = line.amount


DONATIONS = BatchKind(faults=faults, row=row, carry_out=carry_out)
