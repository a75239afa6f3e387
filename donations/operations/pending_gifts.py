"""Gifts that wait: for the donor's payment, or for somebody at the check point. What the wallet gives is held meanwhile."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Donation, LedgerAccount, RecurringDonation, Transfer
from donations.operations import giving, ledger, reviews
from donations.operations.risk import judging
from donations.signals import donation_cancelled
from goodplay.lib.errors import DomainError
from goodplay.lib.money import ZERO

Status = Donation.Status


class WalletShareTooLarge(DomainError):
    code = "WALLET_SHARE_TOO_LARGE"
    message = _("The part from the wallet must be smaller than the donation; the rest is paid.")


@transaction.atomic
def begin(
    *,
    donor: User,
    onlus_id: UUID,
    amount: Decimal,
    from_wallet: Decimal,
    now: datetime,
    message: str = "",
    is_anonymous: bool = False,
    in_honour_of: str = "",
    campaign_id: UUID | None = None,
    recurring: RecurringDonation | None = None,
) -> Donation:
    """Store a donation that is carried out once `amount - from_wallet` was paid, and hold `from_wallet`.

    Raises what `giving.donate` raises, and WalletShareTooLarge when nothing is left to pay.
    """
    if from_wallet >= amount:
        raise WalletShareTooLarge
    donation = giving.draft(
        donor=donor,
        amount=amount,
        now=now,
        message=message,
        is_anonymous=is_anonymous,
        origin=Donation.Origin.EXTERNAL_PAYMENT,
        in_honour_of=in_honour_of,
        campaign_id=campaign_id,
        recurring=recurring,
    )
    purse = giving.read_purse(donor.pk, onlus_id, now, lock=True)
    giving.name_onlus(donation, purse.onlus, now)
    donation.earned_amount, cash = purse.split(from_wallet)
    donation.paid_amount = amount - donation.earned_amount
    donation.save(force_insert=True)
    for account, held in ((purse.credits, donation.earned_amount), (purse.cash, cash)):
        if account is not None and held > ZERO:
            ledger.hold(
                debit=account, credit=purse.payable, amount=held, cause=giving.cause_of(donation), now=now
            )
    return donation


@transaction.atomic
def complete(*, donation: Donation, intent_id: UUID, paid_now: Decimal, now: datetime) -> Donation:
    """Carry the donation out with `paid_now` of the donor's cash, which the payment just brought, and its holds.

    Call it in the transaction that credits the payment. Look at the status of what comes back: a donation that was
    cancelled meanwhile stays so, one that cannot be carried out any more is FAILED with its code, and one the check
    point wants to see is still PENDING; the money of the first two stays in the wallet.
    """
    donation = _locked(donation.pk)
    if donation.status != Status.PENDING:
        return donation
    ledger.lock_wallet(player_id=donation.donor_id)
    if not donation.onlus.accepts_donations:
        return abandon(donation=donation, status=Status.FAILED, code=giving.OnlusNotEligible.code, now=now)
    if _held(donation) + paid_now != donation.amount:
        return abandon(donation=donation, status=Status.FAILED, code="PAYMENT_AMOUNT_MISMATCH", now=now)
    try:
        judgement = giving.judge(donation, now)
        with transaction.atomic():
            _hold_payment(donation, intent_id, paid_now, now)
    except (ledger.WalletFrozen, ledger.InsufficientCredits, judging.FraudDetected) as error:
        if isinstance(error, judging.FraudDetected):
            error.settle()
        return abandon(donation=donation, status=Status.FAILED, code=error.code, now=now)
    if judgement.holds:
        giving.wait_for_review(donation=donation, judgement=judgement, now=now)
    else:
        _carry_out(donation, now)
        judging.keep(judgement)
    return donation


@transaction.atomic
def abandon(*, donation: Donation, status: Donation.Status, code: str, now: datetime) -> Donation:
    """Give up a waiting donation (CANCELLED or FAILED) and free what it held. Does nothing to one that is decided."""
    donation = _locked(donation.pk)
    if donation.status != Status.PENDING:
        return donation
    for pending in holds(donation.pk):
        ledger.void(pending=pending, now=now)
    donation.status, donation.failure_code, donation.closed_at = status, code, now
    donation.save(update_fields=["status", "failure_code", "closed_at"])
    donation_cancelled.announce(donation=donation)
    return donation


def release(donation_id: UUID, now: datetime) -> None:
    """Carry out a donation the check point let pass. Raises OnlusNotEligible when its ONLUS may not receive now."""
    donation = _locked(donation_id)
    if donation.status == Status.PENDING:
        if not donation.onlus.accepts_donations:
            raise giving.OnlusNotEligible
        _carry_out(donation, now)


def reject(donation_id: UUID, now: datetime) -> None:
    abandon(donation=_locked(donation_id), status=Status.CANCELLED, code="REJECTED_BY_REVIEW", now=now)


reviews.decides(reviews.Subject.DONATION, release=release, reject=reject)


def holds(donation_id: UUID) -> list[Transfer]:
    """Return the open holds of a donation, credits before cash as wallets are locked."""
    own = Transfer.objects.open_holds().filter(transaction_id=donation_id)
    return list(own.order_by("-debit_account__kind", "id"))


def _locked(donation_id: UUID) -> Donation:
    return (
        Donation.objects.select_for_update(of=("self",)).select_related("onlus", "donor").get(pk=donation_id)
    )


def _held(donation: Donation) -> Decimal:
    return sum((hold.amount for hold in holds(donation.pk)), ZERO)


def _hold_payment(donation: Donation, intent_id: UUID, paid_now: Decimal, now: datetime) -> None:
    cash = ledger.player_account(player_id=donation.donor_id, kind=LedgerAccount.Kind.PLAYER_CASH, now=now)
    payable = ledger.onlus_account(onlus_id=donation.onlus_id, now=now)
    cause = ledger.Cause(
        transaction_id=donation.pk,
        cause_id=intent_id,
        kind=Transfer.Kind.DONATION,
        player_id=donation.donor_id,
    )
    ledger.hold(debit=cash, credit=payable, amount=paid_now, cause=cause, now=now)


def _carry_out(donation: Donation, now: datetime) -> None:
    for pending in holds(donation.pk):
        ledger.post(pending=pending, now=now)
    payable = ledger.onlus_account(onlus_id=donation.onlus_id, now=now)
    giving.complete(donation=donation, payable=payable, now=now)
