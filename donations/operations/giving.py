"""Giving credits to an ONLUS."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.models import Donation, LedgerAccount, Transfer
from donations.models.ledger import PLAYER_KINDS
from donations.operations import ledger
from donations.signals import donation_complete
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO

LARGEST_DONATION = Decimal("10000.00")


class OnlusNotFound(NotFound):
    code = "ONLUS_NOT_FOUND"
    message = _("This organisation is not in the registry.")


class OnlusNotEligible(DomainError):
    code = "ORGANIZATION_NOT_ELIGIBLE_FOR_DONATIONS"
    message = _("This organisation cannot receive donations at the moment.")


class DonorNotVerified(DomainError):
    code = "ACCOUNT_NOT_VERIFIED"
    message = _("Confirm your e-mail address before you give: we sent you a link.")
    status = 403


class DonationTooLarge(DomainError):
    code = "DONATION_AMOUNT_TOO_LARGE"
    message = _("One donation can be at most 10,000 EUR.")


@dataclass(frozen=True, slots=True)
class Purse:
    """The accounts of a donation as they were read: the donor's earned credits and own money, and the ONLUS'."""

    onlus: Onlus
    payable: LedgerAccount
    credits: LedgerAccount | None
    cash: LedgerAccount | None

    @property
    def available(self) -> Decimal:
        return sum((account.available for account in (self.credits, self.cash) if account), ZERO)

    def split(self, amount: Decimal) -> tuple[Decimal, Decimal]:
        """Take earned credits first, then own money. Raises InsufficientCredits."""
        earned = min(amount, self.credits.available if self.credits else ZERO)
        paid = amount - earned
        if paid > (self.cash.available if self.cash else ZERO):
            raise ledger.InsufficientCredits
        return earned, paid


@transaction.atomic
def donate(
    *,
    donor: User,
    onlus_id: UUID,
    amount: Decimal,
    now: datetime,
    message: str = "",
    is_anonymous: bool = False,
    origin: Donation.Origin = Donation.Origin.USER_INITIATED,
) -> Donation:
    """Give `amount` from the wallet, earned credits first, and complete the donation at once.

    The spend is conditional on balance and version, so two devices cannot give the same credits. Raises
    DonorNotVerified, OnlusNotFound, OnlusNotEligible, DonationTooLarge, InsufficientCredits, WalletUpdateFailed.
    """
    if not donor.is_verified:
        raise DonorNotVerified
    if amount > LARGEST_DONATION:
        raise DonationTooLarge
    donation = Donation(
        id=new_id(),
        donor=donor,
        amount=amount,
        status=Donation.Status.COMPLETED,
        origin=origin,
        message=message,
        is_anonymous=is_anonymous,
        created_at=now,
        completed_at=now,
    )
    ledger.optimistically(lambda lock: _spend(donation, onlus_id, now, lock=lock))
    donation.save(force_insert=True)
    donation_complete.announce(donation=donation)
    return donation


def _spend(donation: Donation, onlus_id: UUID, now: datetime, *, lock: bool) -> None:
    """Name the ONLUS and move the money to it, as the accounts are now."""
    purse = _purse(donation.donor_id, onlus_id, now, lock=lock)
    donation.onlus, donation.onlus_name = purse.onlus, purse.onlus.name
    donation.earned_amount, donation.paid_amount = purse.split(donation.amount)
    cause = ledger.Cause(
        transaction_id=donation.pk,
        cause_id=donation.pk,
        kind=Transfer.Kind.DONATION,
        player_id=donation.donor_id,
    )
    parts = [(purse.credits, donation.earned_amount), (purse.cash, donation.paid_amount)]
    moves = [(account, amount) for account, amount in parts if account is not None and amount > ZERO]
    # Two moves stand or fall together when the second finds its account changed; one needs no savepoint.
    with transaction.atomic() if len(moves) > 1 else nullcontext():
        for account, amount in moves:
            ledger.move(debit=account, credit=purse.payable, amount=amount, cause=cause, now=now)
    donation.remaining_balance = purse.available


def _purse(player_id: UUID, onlus_id: UUID, now: datetime, *, lock: bool) -> Purse:
    """Read the donor's accounts and the ONLUS with its own, in one query; with a lock on the donor's when asked."""
    if lock:
        # Credits before cash, as they are spent: two gifts at once then wait for each other in one direction.
        list(LedgerAccount.objects.of_player(player_id).order_by("-kind").select_for_update())
    kind = LedgerAccount.Kind
    theirs = Q(player_id=player_id, kind__in=PLAYER_KINDS) | Q(onlus_id=onlus_id, kind=kind.ONLUS_PAYABLE)
    accounts = {
        account.kind: account for account in LedgerAccount.objects.select_related("onlus").filter(theirs)
    }
    payable = accounts.get(kind.ONLUS_PAYABLE.value)
    onlus = payable.onlus if payable else Onlus.objects.filter(pk=onlus_id).first()
    if onlus is None:
        raise OnlusNotFound
    if not onlus.accepts_donations:
        raise OnlusNotEligible
    return Purse(
        onlus=onlus,
        payable=payable or ledger.onlus_account(onlus_id=onlus.pk, now=now),
        credits=accounts.get(kind.PLAYER_CREDITS.value),
        cash=accounts.get(kind.PLAYER_CASH.value),
    )
