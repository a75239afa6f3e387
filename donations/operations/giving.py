"""Giving credits to an ONLUS."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.models import Donation, LedgerAccount, Transfer
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
    """The donor's two accounts as they were read: earned credits and own money."""

    credits: LedgerAccount | None
    cash: LedgerAccount | None

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
    payable, onlus = _payable(onlus_id, now)
    donation = Donation(
        id=new_id(),
        donor=donor,
        onlus=onlus,
        onlus_name=onlus.name,
        amount=amount,
        status=Donation.Status.COMPLETED,
        origin=origin,
        message=message,
        is_anonymous=is_anonymous,
        created_at=now,
        completed_at=now,
    )
    ledger.optimistically(lambda lock: _spend(donation, payable, now, lock=lock))
    donation.save(force_insert=True)
    donation_complete.announce(donation=donation)
    return donation


def _payable(onlus_id: UUID, now: datetime) -> tuple[LedgerAccount, Onlus]:
    """Read the ONLUS through its account: one query in the usual case."""
    kind = LedgerAccount.Kind.ONLUS_PAYABLE
    account = LedgerAccount.objects.select_related("onlus").filter(onlus_id=onlus_id, kind=kind).first()
    onlus = account.onlus if account else Onlus.objects.filter(pk=onlus_id).first()
    if onlus is None:
        raise OnlusNotFound
    if not onlus.accepts_donations:
        raise OnlusNotEligible
    return account or ledger.onlus_account(onlus_id=onlus.pk, now=now), onlus


def _spend(donation: Donation, payable: LedgerAccount, now: datetime, *, lock: bool) -> None:
    purse = _purse(donation.donor_id, lock=lock)
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
            ledger.move(debit=account, credit=payable, amount=amount, cause=cause, now=now)


def _purse(player_id: UUID, *, lock: bool) -> Purse:
    accounts = LedgerAccount.objects.of_player(player_id).order_by("kind")
    by_kind = {account.kind: account for account in (accounts.select_for_update() if lock else accounts)}
    return Purse(
        by_kind.get(LedgerAccount.Kind.PLAYER_CREDITS.value),
        by_kind.get(LedgerAccount.Kind.PLAYER_CASH.value),
    )
