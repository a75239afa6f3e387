"""What giving a payment back takes from the wallet, from the fees, and from what was kept aside."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Donation, DonationRefund, LedgerAccount, PaymentIntent, PaymentRefund, Transfer
from donations.operations import ledger, payment_debts, pending_gifts
from donations.operations.payment_steps import locked_cash
from donations.operations.refunds import refund_donation
from donations.queries.payment_fees import wallet_share
from donations.queries.payments import lost_amount, stray_left
from donations.queries.sums import euros_of
from donations.signals import payment_refunded
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.money import ZERO

Kind = LedgerAccount.Kind
Status = PaymentRefund.Status


class PaymentNotRefundable(Conflict):
    code = "PAYMENT_NOT_REFUNDABLE"
    message = _("Nothing of this payment can be given back.")


class PaymentRefundTooLarge(DomainError):
    code = "REFUND_AMOUNT_TOO_LARGE"
    message = _("More would be given back than is left of the payment.")


def size(refund: PaymentRefund, amount: Decimal | None) -> None:
    """Say what a refund takes from where. Raises PaymentNotRefundable and PaymentRefundTooLarge."""
    intent = refund.intent
    is_stray = not intent.is_paid
    left = stray_left(intent) if is_stray else intent.amount - standing(intent)
    if refund.is_ours and not is_stray:
        left -= lost_amount(intent)
    if left <= ZERO:
        raise PaymentNotRefundable
    refund.amount = left if amount is None else amount
    if not ZERO < refund.amount <= left:
        raise PaymentRefundTooLarge
    if is_stray:
        refund.stray_amount = refund.amount
    else:
        refund.wallet_amount = next_share(intent, refund.amount)
        refund.fee_amount = refund.amount - refund.wallet_amount


def standing(intent: PaymentIntent) -> Decimal:
    return euros_of(intent.refunds.standing().aggregate(total=Sum("amount"))["total"])


def next_share(intent: PaymentIntent, amount: Decimal) -> Decimal:
    """Return the wallet's part of the next refund: what all of them together take from it, less what they took."""
    before = intent.refunds.standing().aggregate(amount=Sum("amount"), share=Sum("wallet_amount"))
    total = min(euros_of(before["amount"]) + amount, intent.amount)
    share = wallet_share(total, amount=intent.amount, net=intent.net_amount) - euros_of(before["share"])
    return min(max(share, ZERO), amount)


def hold(refund: PaymentRefund, now: datetime) -> Transfer | None:
    clearing = ledger.system_account(Kind.PROVIDER_CLEARING)
    if refund.stray_amount:
        suspense = ledger.system_account(Kind.SUSPENSE)
        return ledger.hold(
            debit=suspense, credit=clearing, amount=refund.stray_amount, cause=_cause(refund), now=now
        )
    if refund.wallet_amount == ZERO:
        return None
    cash = locked_cash(refund.intent.player_id, now)
    return ledger.hold(
        debit=cash, credit=clearing, amount=refund.wallet_amount, cause=_cause(refund), now=now
    )


def hold_what_is_there(refund: PaymentRefund, now: datetime) -> Transfer | None:
    """Hold as much of the wallet's share as the wallet still has: the provider asks nobody."""
    if refund.stray_amount:
        return hold(refund, now)
    cash = locked_cash(refund.intent.player_id, now)
    there = min(cash.available, refund.wallet_amount)
    if there <= ZERO:
        return None
    clearing = ledger.system_account(Kind.PROVIDER_CLEARING)
    return ledger.hold(
        debit=cash, credit=clearing, amount=there, cause=_cause(refund), now=now, even_frozen=True
    )


def succeed(refund: PaymentRefund, now: datetime) -> None:
    clearing = ledger.system_account(Kind.PROVIDER_CLEARING)
    held = refund.hold.amount if refund.hold else ZERO
    if refund.hold:
        ledger.post(pending=refund.hold, now=now)
    missing = refund.wallet_amount + refund.stray_amount - held
    sources = [(Kind.PROVIDER_FEES, refund.fee_amount), (Kind.CHARGEBACK_LOSS, missing)]
    for kind, amount in sources:
        if amount > ZERO:
            source = ledger.system_account(kind)
            ledger.move(debit=source, credit=clearing, amount=amount, cause=_cause(refund), now=now)
    refund.shortfall = missing
    if missing > ZERO:
        ledger.freeze_wallet(player_id=refund.intent.player_id, now=now)
    _close(refund, Status.SUCCEEDED, now)


def fail(refund: PaymentRefund, now: datetime) -> None:
    if refund.hold:
        ledger.void(pending=refund.hold, now=now)
    _close(refund, Status.FAILED, now)


def undo(refund: PaymentRefund, now: datetime) -> None:
    """Take back a refund that failed after all: the money goes where it came from, paid debts included."""
    booked = Transfer.objects.moving().filter(
        kind=Transfer.Kind.REFUND, cause_id=refund.pk, reverses=None, reversals=None
    )
    paid_since = Transfer.objects.moving().filter(
        kind=Transfer.Kind.ADJUSTMENT, transaction_id=refund.pk, reverses=None, reversals=None
    )
    for transfer in [*booked.order_by("pk"), *paid_since.order_by("pk")]:
        ledger.reverse(transfer=transfer, reason="REFUND_FAILED", now=now)
    refund.shortfall = refund.settled_amount = ZERO
    _close(refund, Status.FAILED, now)
    ledger.lock_wallet(player_id=refund.intent.player_id)
    payment_debts.unfreeze_if_settled(player_id=refund.intent.player_id)


def _close(refund: PaymentRefund, status: Status, now: datetime) -> None:
    refund.status, refund.closed_at = status, now
    refund.save(update_fields=["status", "closed_at", "shortfall", "settled_amount", "error_code"])
    payment_refunded.announce(refund=refund)


def _cause(refund: PaymentRefund) -> ledger.Cause:
    return ledger.Cause(
        transaction_id=refund.intent_id,
        cause_id=refund.pk,
        kind=Transfer.Kind.REFUND,
        player_id=refund.intent.player_id if refund.wallet_amount else None,
    )


def take_gift_back(
    intent: PaymentIntent, share: Decimal, reason: str, staff: User | None, now: datetime
) -> None:
    """Give back, of the donation this payment made, the payment's part that goes back now."""
    if intent.donation_id is None:
        return
    donation = Donation.objects.select_for_update(of=("self",)).get(pk=intent.donation_id)
    if donation.status == Donation.Status.PENDING:
        pending_gifts.abandon(
            donation=donation, status=Donation.Status.CANCELLED, code="PAYMENT_REFUNDED", now=now
        )
        return
    given_back = euros_of(donation.refunds.aggregate(total=Sum("paid_amount"))["total"])
    due = min(share, donation.paid_amount - given_back)
    if donation.status == Donation.Status.COMPLETED and due > ZERO:
        refund_donation(
            donation_id=donation.pk,
            cause=DonationRefund.Cause.PAYMENT,
            amount=due,
            reason=reason,
            requested_by=staff,
            now=now,
        )
