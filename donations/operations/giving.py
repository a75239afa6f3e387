"""Giving what is in the wallet to an ONLUS, or to several at once."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.models import Donation, GivingPool, LedgerAccount, RecurringDonation, Transfer
from donations.models.ledger import PLAYER_KINDS
from donations.operations import ledger, matching, reviews
from donations.operations.risk import judging
from donations.queries.campaigns import running_campaigns
from donations.queries.round_up import round_up
from donations.signals import donation_complete
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO, split

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


class CampaignNotRunning(DomainError):
    code = "CAMPAIGN_NOT_RUNNING"
    message = _("This campaign is over, has not begun, or belongs to another organisation.")


class PoolNotFound(NotFound):
    code = "GIVING_POOL_NOT_FOUND"
    message = _("There is no such pool to give to.")


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
    rounds_up: bool = False

    @property
    def available(self) -> Decimal:
        return sum((account.available for account in (self.credits, self.cash) if account), ZERO)

    def split(self, amount: Decimal) -> tuple[Decimal, Decimal]:
        """Take earned credits first, then own money. Raises InsufficientCredits and, when frozen, WalletFrozen."""
        if any(account.is_frozen for account in (self.credits, self.cash) if account):
            raise ledger.WalletFrozen
        earned = min(amount, self.credits.available if self.credits else ZERO)
        paid = amount - earned
        if paid > (self.cash.available if self.cash else ZERO):
            raise ledger.InsufficientCredits
        return earned, paid


@transaction.atomic
def donate(*, donor: User, onlus_id: UUID, amount: Decimal, now: datetime, **details: Any) -> Donation:
    """Give `amount` from the wallet, earned credits first, and complete the donation at once.

    `details` are those of `draft`. With round_up_enabled the amount goes up to the next whole euro. The spend is conditional on balance and version, so two devices cannot give the
    same credits. What the check point wants to see stays PENDING, its money held. Raises DonorNotVerified,
    OnlusNotFound, OnlusNotEligible, CampaignNotRunning, DonationTooLarge, InsufficientCredits, WalletFrozen,
    WalletUpdateFailed, FraudDetected.
    """
    donation = draft(donor=donor, amount=amount, now=now, **details)
    payable, judgement = ledger.optimistically(lambda lock: _spend(donation, onlus_id, now, lock=lock))
    if judgement.holds:
        wait_for_review(donation=donation, judgement=judgement, now=now)
    else:
        complete(donation=donation, payable=payable, now=now)
        judging.keep(judgement)
    return donation


@transaction.atomic
def give_to_pool(
    *, donor: User, pool_id: UUID, amount: Decimal, now: datetime, **details: Any
) -> list[Donation]:
    """Give to every ONLUS of a pool that may receive now, by weight and to the cent, all or none of it."""
    pool = GivingPool.objects.filter(pk=pool_id, is_active=True).first()
    if pool is None:
        raise PoolNotFound
    members = pool.members.filter(onlus__in=Onlus.objects.accepting_donations())
    weights = {str(member.onlus_id): member.weight for member in members}
    if not weights:
        raise OnlusNotEligible
    shares = {key: share for key, share in split(amount, weights).items() if share > ZERO}
    ledger.open_payables(*(UUID(key) for key in shares), now=now)
    ledger.lock_wallet(player_id=donor.pk)
    matching.lock_offers(onlus_ids=[UUID(key) for key in shares], now=now)
    group = new_id()
    return [
        donate(donor=donor, onlus_id=UUID(key), amount=share, now=now, group_id=group, **details)
        for key, share in shares.items()
    ]


# The steps, shared with gifts that wait for a payment ------------------------------------------------------------


def draft(
    *,
    donor: User,
    amount: Decimal,
    now: datetime,
    message: str = "",
    is_anonymous: bool = False,
    origin: Donation.Origin = Donation.Origin.USER_INITIATED,
    in_honour_of: str = "",
    campaign_id: UUID | None = None,
    recurring: RecurringDonation | None = None,
    group_id: UUID | None = None,
    round_up_amount: Decimal = ZERO,
) -> Donation:
    """Make a donation that is not stored yet, once its donor and amount are in order."""
    if not donor.is_verified:
        raise DonorNotVerified
    if amount > LARGEST_DONATION:
        raise DonationTooLarge
    return Donation(
        id=new_id(),
        donor=donor,
        amount=amount,
        status=Donation.Status.PENDING,
        origin=origin,
        message=message,
        is_anonymous=is_anonymous,
        in_honour_of=in_honour_of,
        campaign_id=campaign_id,
        recurring=recurring,
        group_id=group_id,
        round_up_amount=round_up_amount,
        created_at=now,
    )


def name_onlus(donation: Donation, onlus: Onlus, now: datetime) -> None:
    """Fill in who receives. Raises OnlusNotEligible, and CampaignNotRunning when the campaign is over or another's."""
    if not onlus.accepts_donations:
        raise OnlusNotEligible
    if (
        donation.campaign_id
        and not running_campaigns(now).filter(pk=donation.campaign_id, onlus=onlus).exists()
    ):
        raise CampaignNotRunning
    donation.onlus, donation.onlus_name = onlus, onlus.name


def cause_of(donation: Donation) -> ledger.Cause:
    return ledger.Cause(
        transaction_id=donation.pk,
        cause_id=donation.pk,
        kind=Transfer.Kind.DONATION,
        player_id=donation.donor_id,
    )


def complete(*, donation: Donation, payable: LedgerAccount, now: datetime) -> None:
    """Mark a donation whose money moved as carried out, let sponsors match it, and tell everybody."""
    donation.status = Donation.Status.COMPLETED
    donation.completed_at = now
    donation.clears_at = now + (
        timedelta(days=settings.PAYOUT_HOLD_DAYS) if donation.paid_amount else timedelta(0)
    )
    matching.save_matched(donation=donation, payable=payable, now=now)
    donation_complete.announce(donation=donation)


def wait_for_review(*, donation: Donation, judgement: judging.Judgement, now: datetime) -> None:
    donation.save()
    reviews.open_review(judgement=judgement, now=now)


def judge(donation: Donation, now: datetime) -> judging.Judgement:
    """Ask the rules about a donation. Raises FraudDetected when they refuse it."""
    movement = judging.Movement(
        subject=reviews.Subject.DONATION.value,
        subject_id=donation.pk,
        player_id=donation.donor_id,
        amount=donation.amount,
        given={"origin": str(donation.origin)},
    )
    judgement = judging.judge(movement=movement, now=now)
    if judgement.blocks:
        raise judging.FraudDetected(judgement)
    return judgement


def _spend(
    donation: Donation, onlus_id: UUID, now: datetime, *, lock: bool
) -> tuple[LedgerAccount, judging.Judgement]:
    """Name the ONLUS and move the money, or hold it for a review, as the accounts are now.

    Returns what GoodPlay owes the ONLUS, and what the rules say about the donation.
    """
    purse = read_purse(donation.donor_id, onlus_id, now, lock=lock)
    name_onlus(donation, purse.onlus, now)
    _round_up(donation, purse)
    donation.earned_amount, donation.paid_amount = purse.split(donation.amount)
    judgement = judge(donation, now)
    carry = ledger.hold if judgement.holds else ledger.move
    parts = [(purse.credits, donation.earned_amount), (purse.cash, donation.paid_amount)]
    moves = [(account, amount) for account, amount in parts if account is not None and amount > ZERO]
    # Two moves stand or fall together when the second finds its account changed; one needs no savepoint.
    with transaction.atomic() if len(moves) > 1 else nullcontext():
        for account, amount in moves:
            carry(debit=account, credit=purse.payable, amount=amount, cause=cause_of(donation), now=now)
    donation.remaining_balance = purse.available
    return purse.payable, judgement


def _round_up(donation: Donation, purse: Purse) -> None:
    """Give the next whole euro where the donor wants that: of single gifts by hand, not of promises or shares."""
    by_hand = donation.origin == Donation.Origin.USER_INITIATED
    if not purse.rounds_up or not by_hand or donation.recurring or donation.group_id:
        return
    asked = donation.amount - donation.round_up_amount
    donation.round_up_amount = round_up(asked, available=purse.available, largest=LARGEST_DONATION)
    donation.amount = asked + donation.round_up_amount


def read_purse(player_id: UUID, onlus_id: UUID, now: datetime, *, lock: bool) -> Purse:
    """Read the donor's accounts and the ONLUS with its own, in one query; with a lock on the donor's when asked."""
    if lock:
        ledger.open_payables(onlus_id, now=now)
        ledger.lock_wallet(player_id=player_id)
    kind = LedgerAccount.Kind
    theirs = Q(player_id=player_id, kind__in=PLAYER_KINDS) | Q(onlus_id=onlus_id, kind=kind.ONLUS_PAYABLE)
    rows = LedgerAccount.objects.select_related("onlus").filter(theirs)
    rows = rows.annotate(rounds_up=F("player__wallet__round_up_enabled"))
    accounts = {account.kind: account for account in rows}
    payable = accounts.get(kind.ONLUS_PAYABLE.value)
    onlus = payable.onlus if payable else Onlus.objects.filter(pk=onlus_id).first()
    if onlus is None:
        raise OnlusNotFound
    return Purse(
        onlus=onlus,
        payable=payable or ledger.onlus_account(onlus_id=onlus.pk, now=now),
        credits=accounts.get(kind.PLAYER_CREDITS.value),
        cash=accounts.get(kind.PLAYER_CASH.value),
        rounds_up=any(account.rounds_up for account in rows),
    )
