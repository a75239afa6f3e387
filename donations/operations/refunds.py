"""Giving donations back: whole or in part, before or after the ONLUS was paid out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Donation, DonationRefund, LedgerAccount, Transfer
from donations.operations import ledger, matching, pending_gifts
from donations.queries.paid_out import is_in_payout
from donations.queries.sums import euros_of
from donations.signals import donation_refunded
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO

Cause = DonationRefund.Cause
Status = Donation.Status


class DonationNotFound(NotFound):
    code = "TRANSACTION_NOT_FOUND"
    message = _("There is no such donation.")


class DonationNotRefundable(Conflict):
    code = "DONATION_NOT_REFUNDABLE"
    message = _("Only a completed donation can be given back, and only once.")


class RefundTooLarge(DomainError):
    code = "REFUND_AMOUNT_TOO_LARGE"
    message = _("More would be given back than is left of the donation.")


class DonationNotCancellable(Conflict):
    code = "DONATION_CANNOT_BE_CANCELLED"
    message = _(
        "This donation can no longer be cancelled: its time is over or the organisation is being paid."
    )


@transaction.atomic
def refund_donation(
    *,
    donation_id: UUID,
    cause: DonationRefund.Cause,
    now: datetime,
    amount: Decimal | None = None,
    reason: str = "",
    requested_by: User | None = None,
) -> DonationRefund:
    """Give a completed donation back to the wallet it came from: `amount` of it, or all that is left.

    Own money goes back before earned credits; a refunded or disputed payment only ever reaches own money. The sponsor
    who matched it gets the same share back. Once the ONLUS is being paid out, the amount becomes a claim on it. Locks
    the donation, then the donor's accounts. Raises DonationNotFound, DonationNotRefundable, RefundTooLarge.
    """
    donation = Donation.objects.select_for_update(of=("self",)).filter(pk=donation_id).first()
    if donation is None:
        raise DonationNotFound
    if donation.status != Status.COMPLETED:
        raise DonationNotRefundable
    earned, paid = _parts(donation, amount, cause)
    ledger.lock_wallet(player_id=donation.donor_id)
    for kind, back in ((LedgerAccount.Kind.PLAYER_CASH, paid), (LedgerAccount.Kind.PLAYER_CREDITS, earned)):
        _move_back(donation, kind, back, reason, now)
    _shrink(donation, earned + paid)
    matched = matching.take_back(donation=donation, refunded_total=donation.refunded_amount, now=now)
    refund = DonationRefund.objects.create(
        id=new_id(),
        donation=donation,
        amount=earned + paid,
        earned_amount=earned,
        paid_amount=paid,
        matched_amount=matched,
        recovered_amount=earned + paid + matched if is_in_payout(donation.pk) else ZERO,
        cause=cause,
        reason=reason,
        requested_by=requested_by,
        created_at=now,
    )
    donation_refunded.announce(refund=refund)
    if requested_by is not None:
        _note(refund, requested_by, now)
    return refund


@transaction.atomic
def cancel_donation(*, donor_id: UUID, donation_id: UUID, now: datetime, reason: str = "") -> Donation:
    """Let a donor take a gift back: one that still waits, or a completed one within the window and before its payout.

    Raises DonationNotFound (also for somebody else's) and DonationNotCancellable.
    """
    donation = (
        Donation.objects.select_for_update(of=("self",)).filter(pk=donation_id, donor_id=donor_id).first()
    )
    if donation is None:
        raise DonationNotFound
    if donation.status == Status.PENDING:
        return pending_gifts.abandon(
            donation=donation, status=Status.CANCELLED, code="CANCELLED_BY_DONOR", now=now
        )
    if not can_cancel(donation, now) or is_in_payout(donation.pk):
        raise DonationNotCancellable
    refund = refund_donation(donation_id=donation.pk, cause=Cause.DONOR, reason=reason, now=now)
    return refund.donation


def can_cancel(donation: Donation, now: datetime) -> bool:
    """Say whether the window is open; whether it is being paid out only the payouts know."""
    if donation.status == Status.PENDING:
        return True
    window = timedelta(hours=settings.DONATION_CANCEL_HOURS)
    return (
        donation.status == Status.COMPLETED
        and donation.completed_at is not None
        and now < donation.completed_at + window
    )


def _note(refund: DonationRefund, requested_by: User, now: datetime) -> None:
    trail.record(
        actor=requested_by,
        action="donation_refund",
        target=refund.donation,
        now=now,
        after={"amount": str(refund.amount), "refund": str(refund.pk)},
        reason=refund.reason,
    )


def _parts(
    donation: Donation, amount: Decimal | None, cause: DonationRefund.Cause
) -> tuple[Decimal, Decimal]:
    """Split what goes back into earned credits and own money."""
    before = donation.refunds.aggregate(earned=Sum("earned_amount"), paid=Sum("paid_amount"))
    earned_left = donation.earned_amount - euros_of(before["earned"])
    paid_left = donation.paid_amount - euros_of(before["paid"])
    if cause in (Cause.PAYMENT, Cause.DISPUTE):
        earned_left = ZERO
    back = earned_left + paid_left if amount is None else amount
    if not ZERO < back <= earned_left + paid_left:
        raise RefundTooLarge
    paid = min(back, paid_left)
    return back - paid, paid


def _move_back(
    donation: Donation, kind: LedgerAccount.Kind, amount: Decimal, reason: str, now: datetime
) -> None:
    """Reverse the donation's transfers out of this kind of account, the latest first, until `amount` is back."""
    for transfer, left in _reversible(donation, kind):
        back = min(left, amount)
        if back > ZERO:
            ledger.reverse(transfer=transfer, amount=back, reason=reason, now=now)
            amount -= back
    if amount:
        raise RefundTooLarge


def _reversible(donation: Donation, kind: LedgerAccount.Kind) -> Iterable[tuple[Transfer, Decimal]]:
    carried = Transfer.objects.moving().filter(
        transaction_id=donation.pk, kind=Transfer.Kind.DONATION, reverses=None, debit_account__kind=kind
    )
    for transfer in carried.annotate(back=Sum("reversals__amount")).order_by("-created_at", "-id"):
        yield transfer, transfer.amount - euros_of(transfer.back)


def _shrink(donation: Donation, amount: Decimal) -> None:
    donation.refunded_amount += amount
    if donation.refunded_amount == donation.amount:
        donation.status = Status.REFUNDED
    donation.save(update_fields=["refunded_amount", "status"])
