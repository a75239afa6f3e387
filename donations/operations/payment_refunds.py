"""Giving payments back to their payers: asked for here, or made at the provider."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import structlog
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import (
    Donation,
    DonationRefund,
    LedgerAccount,
    PaymentIntent,
    PaymentProvider,
    PaymentRefund,
    Transfer,
)
from donations.operations import ledger, payment_debts, pending_gifts, reviews
from donations.operations.payment_providers import PaymentProviderError, adapter
from donations.operations.payment_steps import lock, locked_cash, note_news, step, store
from donations.operations.refunds import refund_donation
from donations.payments.contract import ProviderRefused, ProviderUnavailable, RefundState, RefundStatus
from donations.queries.payment_fees import wallet_share
from donations.queries.payments import refundable_amount, stray_left
from donations.queries.sums import euros_of
from donations.signals import payment_needs_attention, payment_refunded
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.idempotency.errors import KeyReused
from goodplay.lib.ids import new_id, parse_id
from goodplay.lib.money import ZERO

logger = structlog.get_logger("goodplay.payments")

BULK_REFUND = "bulk_payment_refund"

Kind = LedgerAccount.Kind
Status = PaymentRefund.Status


class PaymentIntentNotFound(NotFound):
    code = "PAYMENT_INTENT_NOT_FOUND"
    message = _("There is no such payment.")


class PaymentNotRefundable(Conflict):
    code = "PAYMENT_NOT_REFUNDABLE"
    message = _("Nothing of this payment can be given back.")


class PaymentRefundTooLarge(DomainError):
    code = "REFUND_AMOUNT_TOO_LARGE"
    message = _("More would be given back than is left of the payment.")


class RefundUnderWay(Conflict):
    code = "REFUND_IN_PROGRESS"
    message = _("A refund of this payment is under way. Wait until it is done.")


class PaymentPaidADonation(Conflict):
    code = "PAYMENT_PAID_A_DONATION"
    message = _("This payment went into a donation. Cancel the donation first.")


class PaymentIsDisputed(Conflict):
    code = "PAYMENT_DISPUTED"
    message = _("This payment is disputed at the bank. Until that is settled nothing is given back.")


# Refunds of ours --------------------------------------------------------------------------------------------------


def refund_own(
    *,
    player: User,
    intent_id: UUID,
    now: datetime,
    amount: Decimal | None = None,
    reason: str = "",
    request_key: str = "",
) -> PaymentRefund:
    """Give a player's own payment back from the wallet: `amount` of it, or all that is left.

    A payment that was given is not: the donation is cancelled first. Raises PaymentIntentNotFound (also for somebody
    else's), PaymentNotRefundable, PaymentRefundTooLarge, RefundUnderWay, PaymentPaidADonation, PaymentIsDisputed,
    InsufficientCredits, WalletFrozen and PaymentProviderError.
    """
    with transaction.atomic(durable=True):
        intent = _lock_own(intent_id, player)
        made = _made_before(intent, request_key, amount)
        if made is None:
            if intent.donation and intent.donation.status in (
                Donation.Status.COMPLETED,
                Donation.Status.PENDING,
            ):
                raise PaymentPaidADonation
            made = ask_back(intent, amount, reason=reason, by=player, now=now, request_key=request_key)
    return carry_out(refund=made, now=now)


def refund_by_staff(
    *, intent_id: UUID, staff: User, reason: str, now: datetime, amount: Decimal | None = None
) -> PaymentRefund:
    """Give a payment back; a donation it paid is given back first, and money nobody asked for goes back whole."""
    with transaction.atomic(durable=True):
        intent = lock(intent_id)
        if intent.is_paid:
            _take_gift_back(
                intent, _next_share(intent, amount or refundable_amount(intent)), reason, staff, now
            )
        made = ask_back(intent, amount, reason=reason, by=staff, now=now)
        _note(made, staff, now)
    return carry_out(refund=made, now=now)


def request_many(
    *, provider: PaymentProvider, intent_ids: list[UUID], requested_by: User, reason: str, now: datetime
) -> ApprovalRequest:
    """Ask a second person to give many payments of one account back, whole. Raises PaymentNotRefundable."""
    intents = list(provider.intents.filter(pk__in=intent_ids).order_by("pk"))
    if (
        not intents
        or len(intents) != len(set(intent_ids))
        or not all(each.can_be_refunded for each in intents)
    ):
        raise PaymentNotRefundable
    facts = {
        "payments": [str(each.pk) for each in intents],
        "total_amount": sum((refundable_amount(each) for each in intents), ZERO),
    }
    return request_approval(
        kind=BULK_REFUND, target=provider, facts=facts, requested_by=requested_by, reason=reason, now=now
    )


def perform_many(*, request: ApprovalRequest, now: datetime) -> dict[str, Any]:
    """Hold what an approved request gives back, each payment for itself; a job asks the provider within minutes."""
    results: dict[str, str] = {}
    for key in request.facts["payments"]:
        intent = lock(UUID(key))
        try:
            with transaction.atomic():
                _take_gift_back(
                    intent, _next_share(intent, refundable_amount(intent)), request.reason, None, now
                )
                made = ask_back(intent, None, reason=request.reason[:200], by=request.requested_by, now=now)
            results[key] = str(made.pk)
        except DomainError as error:
            results[key] = error.code
    return {"refunds": results}


def _note(refund: PaymentRefund, staff: User, now: datetime) -> None:
    trail.record(
        actor=staff,
        action="payment_refunded",
        target=refund.intent,
        now=now,
        after={"refund": str(refund.pk), "amount": f"{refund.amount}"},
        reason=refund.reason,
    )


def ask_back(
    intent: PaymentIntent,
    amount: Decimal | None,
    *,
    reason: str,
    now: datetime,
    by: User | None = None,
    request_key: str = "",
) -> PaymentRefund:
    """Hold what a refund takes, under the payment's lock. Carry it out after the commit."""
    if intent.refunds.pending().filter(is_ours=True).exists():
        raise RefundUnderWay
    if intent.disputes.open().exists():
        raise PaymentIsDisputed
    refund = PaymentRefund(
        id=new_id(), intent=intent, reason=reason, requested_by=by, request_key=request_key, created_at=now
    )
    _size(refund, amount)
    refund.hold = _hold(refund, now)
    refund.save(force_insert=True)
    return refund


def carry_out(*, refund: PaymentRefund, now: datetime) -> PaymentRefund:
    """Ask the provider for a refund that is held. Without an answer it stays pending, and a job asks again.

    Raises PaymentProviderError when the provider refuses: what was held is free again.
    """
    if refund.status != Status.PENDING:
        return refund
    intent = refund.intent
    try:
        state = adapter(intent.provider).refund(
            intent.provider_payment_id,
            amount=refund.amount,
            reference=refund.pk,
            idempotency_key=f"{refund.pk}:refund",
        )
    except ProviderUnavailable:
        logger.warning("refund without an answer", refund_id=str(refund.pk))
        return refund
    except ProviderRefused as error:
        _refused(refund.pk, error, now)
        raise PaymentProviderError(data={"code": error.code}) from error
    return _answered(refund.pk, state, now)


@transaction.atomic(durable=True)
def _answered(refund_id: UUID, state: RefundState, now: datetime) -> PaymentRefund:
    intent = lock(PaymentRefund.objects.values_list("intent_id", flat=True).get(pk=refund_id))
    follow(intent, (replace(state, reference=str(refund_id)),), source="refund", now=now)
    store(intent, now)
    return PaymentRefund.objects.select_related("intent__provider").get(pk=refund_id)


@transaction.atomic(durable=True)
def _refused(refund_id: UUID, error: ProviderRefused, now: datetime) -> None:
    intent = lock(PaymentRefund.objects.values_list("intent_id", flat=True).get(pk=refund_id))
    refund = _of(intent).get(pk=refund_id)
    if refund.status == Status.PENDING:
        refund.error_code = error.code[:60]
        _fail(refund, now)


def _lock_own(intent_id: UUID, player: User) -> PaymentIntent:
    if not PaymentIntent.objects.of_player(player.pk).filter(pk=intent_id).exists():
        raise PaymentIntentNotFound
    return lock(intent_id)


def _made_before(intent: PaymentIntent, request_key: str, amount: Decimal | None) -> PaymentRefund | None:
    made = _of(intent).filter(request_key=request_key).first() if request_key else None
    if made is not None and amount is not None and amount != made.amount:
        raise KeyReused
    return made


# What the provider says -------------------------------------------------------------------------------------------


def follow(intent: PaymentIntent, states: tuple[RefundState, ...], *, source: str, now: datetime) -> None:
    """Bring refunds in line with what the provider has, under the payment's lock; the caller saves the payment.

    News only ever moves a refund on: pending, succeeded, failed after all.
    """
    changed = [_follow_one(intent, state, source, now) for state in states]
    if any(changed):
        _recount(intent, source, now)


def _follow_one(intent: PaymentIntent, state: RefundState, source: str, now: datetime) -> bool:
    refund = _find(intent, state)
    if refund is None:
        if state.status == RefundStatus.FAILED:
            return False
        refund = _made_elsewhere(intent, state, source, now)
        if refund is None:
            return False
    elif not refund.provider_refund_id:
        refund.provider_refund_id = state.provider_refund_id
        refund.save(update_fields=["provider_refund_id"])
    if refund.status == Status.PENDING and state.status == RefundStatus.SUCCEEDED:
        _succeed(refund, now)
    elif refund.status == Status.PENDING and state.status == RefundStatus.FAILED:
        _fail(refund, now)
    elif refund.status == Status.SUCCEEDED and state.status == RefundStatus.FAILED:
        _undo(refund, now)
    else:
        return False
    return True


def _of(intent: PaymentIntent) -> QuerySet[PaymentRefund]:
    return intent.refunds.select_related("intent__provider", "hold")


def _find(intent: PaymentIntent, state: RefundState) -> PaymentRefund | None:
    own = _of(intent)
    found = own.filter(provider_refund_id=state.provider_refund_id).first()
    found = found or own.filter(pk=parse_id(state.reference), provider_refund_id=None).first()
    if found is not None:
        found.intent = intent
    return found


def _made_elsewhere(
    intent: PaymentIntent, state: RefundState, source: str, now: datetime
) -> PaymentRefund | None:
    """Take up a refund made at the provider: hold what the wallet has of it, once the gift it paid is given back."""
    left = stray_left(intent) if intent.stray_amount else intent.amount - _standing(intent)
    if state.amount > left:
        if note_news(intent, "refund", source=source, now=now, code="REFUND_ABOVE_PAYMENT"):
            payment_needs_attention.announce(intent=intent, code="REFUND_ABOVE_PAYMENT")
        return None
    was_under_review = intent.review_hold is not None
    if intent.is_paid:
        _take_gift_back(intent, _next_share(intent, state.amount), "", None, now)
        _lift_review(intent, now)
    refund = PaymentRefund(
        id=new_id(),
        intent=intent,
        provider_refund_id=state.provider_refund_id,
        is_ours=False,
        created_at=state.created_at or now,
    )
    _size(refund, state.amount)
    refund.hold = _hold_what_is_there(refund, now)
    refund.save(force_insert=True)
    if was_under_review:
        _hold_the_rest(intent, now)
    return refund


# Booking ----------------------------------------------------------------------------------------------------------


def _size(refund: PaymentRefund, amount: Decimal | None) -> None:
    """Say what a refund takes from where. Raises PaymentNotRefundable and PaymentRefundTooLarge."""
    intent = refund.intent
    is_stray = not intent.is_paid
    left = stray_left(intent) if is_stray else intent.amount - _standing(intent)
    if left <= ZERO:
        raise PaymentNotRefundable
    refund.amount = left if amount is None else amount
    if not ZERO < refund.amount <= left:
        raise PaymentRefundTooLarge
    if is_stray:
        refund.stray_amount = refund.amount
    else:
        refund.wallet_amount = _next_share(intent, refund.amount)
        refund.fee_amount = refund.amount - refund.wallet_amount


def _standing(intent: PaymentIntent) -> Decimal:
    return euros_of(intent.refunds.standing().aggregate(total=Sum("amount"))["total"])


def _next_share(intent: PaymentIntent, amount: Decimal) -> Decimal:
    """Return the wallet's part of the next refund: what all of them together take from it, less what they took."""
    before = intent.refunds.standing().aggregate(amount=Sum("amount"), share=Sum("wallet_amount"))
    total = min(euros_of(before["amount"]) + amount, intent.amount)
    share = wallet_share(total, amount=intent.amount, net=intent.net_amount) - euros_of(before["share"])
    return min(max(share, ZERO), amount)


def _hold(refund: PaymentRefund, now: datetime) -> Transfer | None:
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


def _hold_what_is_there(refund: PaymentRefund, now: datetime) -> Transfer | None:
    """Hold as much of the wallet's share as the wallet still has: the provider asks nobody."""
    if refund.stray_amount:
        return _hold(refund, now)
    cash = locked_cash(refund.intent.player_id, now)
    there = min(cash.available, refund.wallet_amount)
    if there <= ZERO:
        return None
    clearing = ledger.system_account(Kind.PROVIDER_CLEARING)
    return ledger.hold(
        debit=cash, credit=clearing, amount=there, cause=_cause(refund), now=now, even_frozen=True
    )


def _succeed(refund: PaymentRefund, now: datetime) -> None:
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


def _fail(refund: PaymentRefund, now: datetime) -> None:
    if refund.hold:
        ledger.void(pending=refund.hold, now=now)
    _close(refund, Status.FAILED, now)


def _undo(refund: PaymentRefund, now: datetime) -> None:
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


def _recount(intent: PaymentIntent, source: str, now: datetime) -> None:
    """Let the payment's status follow from its refunds."""
    if not intent.is_paid:
        return
    done = intent.refunds.filter(status=Status.SUCCEEDED)
    intent.refunded_amount = euros_of(done.aggregate(total=Sum("amount"))["total"])
    last = done.order_by("closed_at", "pk").last()
    intent.refund_reason = last.reason if last else ""
    intent.refunded_at = last.closed_at if last else None
    status = PaymentIntent.Status.SUCCEEDED
    if intent.refunded_amount:
        whole = intent.refunded_amount == intent.amount
        status = PaymentIntent.Status.REFUNDED if whole else PaymentIntent.Status.PARTIALLY_REFUNDED
    if status != intent.status:
        step(intent, status, source=source, now=now)


def _cause(refund: PaymentRefund) -> ledger.Cause:
    return ledger.Cause(
        transaction_id=refund.intent_id,
        cause_id=refund.pk,
        kind=Transfer.Kind.REFUND,
        player_id=refund.intent.player_id if refund.wallet_amount else None,
    )


# Gifts and reviews ------------------------------------------------------------------------------------------------


def _take_gift_back(
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


def hold_for_review(intent: PaymentIntent, reasons: list[str], now: datetime) -> None:
    """Keep a top-up in the wallet, but out of reach, until somebody decided."""
    intent.review_hold = _review_hold(intent, intent.net_amount, now)
    reviews.open_review(
        subject=reviews.Subject.TOP_UP,
        subject_id=intent.pk,
        player_id=intent.player_id,
        amount=intent.amount,
        reasons=reasons,
        now=now,
    )


def _review_hold(intent: PaymentIntent, amount: Decimal, now: datetime) -> Transfer:
    cause = ledger.Cause(
        transaction_id=intent.pk,
        cause_id=uuid5(intent.pk, f"review {amount}"),
        kind=Transfer.Kind.ADJUSTMENT,
        player_id=intent.player_id,
        reason="TOP_UP_UNDER_REVIEW",
    )
    cash = locked_cash(intent.player_id, now)
    clearing = ledger.system_account(Kind.PROVIDER_CLEARING)
    return ledger.hold(debit=cash, credit=clearing, amount=amount, cause=cause, now=now, even_frozen=True)


def _hold_the_rest(intent: PaymentIntent, now: datetime) -> None:
    """Hold again what a refund left of a top-up under review."""
    taken = intent.refunds.standing().aggregate(total=Sum("wallet_amount"))["total"]
    rest = intent.net_amount - euros_of(taken)
    if rest > ZERO:
        intent.review_hold = _review_hold(intent, rest, now)


def _lift_review(intent: PaymentIntent, now: datetime) -> None:
    """Free a top-up under review, for what takes it. Its review stays open."""
    if intent.review_hold is not None:
        ledger.void(pending=intent.review_hold, now=now)
        intent.review_hold = None


def release(intent_id: UUID, now: datetime) -> None:
    """Let a top-up under review be spent."""
    intent = lock(intent_id)
    _lift_review(intent, now)
    intent.save(update_fields=["review_hold"])


def reject(intent_id: UUID, now: datetime) -> None:
    """Give a top-up under review back to its payer; the provider is asked after the commit."""
    intent = lock(intent_id)
    _lift_review(intent, now)
    intent.save(update_fields=["review_hold"])
    if refundable_amount(intent) == ZERO:
        return
    refund = ask_back(intent, None, reason="REJECTED_BY_REVIEW", now=now)
    # The decision stands: what the provider refuses or loses shows as the refund's own state, and a job asks again.
    transaction.on_commit(lambda: carry_out(refund=refund, now=now), robust=True)


reviews.decides(reviews.Subject.TOP_UP, release=release, reject=reject)
