"""What a provider says of refunds: those asked for here, and those made there."""

from datetime import datetime

from django.db.models import QuerySet, Sum

from donations.models import PaymentIntent, PaymentRefund
from donations.operations import payment_refund_bookings, top_up_holds
from donations.operations.payment_steps import note_news, step
from donations.payments.contract import RefundState, RefundStatus
from donations.queries.payments import stray_left
from donations.queries.sums import euros_of
from donations.signals import payment_needs_attention
from goodplay.lib.ids import new_id, parse_id

Status = PaymentRefund.Status


def refunds_of(intent: PaymentIntent) -> QuerySet[PaymentRefund]:
    return intent.refunds.select_related("intent__provider", "hold")


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
        payment_refund_bookings.succeed(refund, now)
    elif refund.status == Status.PENDING and state.status == RefundStatus.FAILED:
        payment_refund_bookings.fail(refund, now)
    elif refund.status == Status.SUCCEEDED and state.status == RefundStatus.FAILED:
        payment_refund_bookings.undo(refund, now)
    else:
        return False
    return True


def _find(intent: PaymentIntent, state: RefundState) -> PaymentRefund | None:
    own = refunds_of(intent)
    found = own.filter(provider_refund_id=state.provider_refund_id).first()
    found = found or own.filter(pk=parse_id(state.reference), provider_refund_id=None).first()
    if found is not None:
        found.intent = intent
    return found


def _made_elsewhere(
    intent: PaymentIntent, state: RefundState, source: str, now: datetime
) -> PaymentRefund | None:
    """Take up a refund made at the provider: hold what the wallet has of it, once the gift it paid is given back."""
    left = (
        stray_left(intent)
        if intent.stray_amount
        else intent.amount - payment_refund_bookings.standing(intent)
    )
    if state.amount > left:
        if note_news(intent, "refund", source=source, now=now, code="REFUND_ABOVE_PAYMENT"):
            payment_needs_attention.announce(intent=intent, code="REFUND_ABOVE_PAYMENT")
        return None
    was_under_review = intent.review_hold is not None
    if intent.is_paid:
        payment_refund_bookings.take_gift_back(
            intent, payment_refund_bookings.next_share(intent, state.amount), "", None, now
        )
        top_up_holds.lift(intent, now)
    refund = PaymentRefund(
        id=new_id(),
        intent=intent,
        provider_refund_id=state.provider_refund_id,
        is_ours=False,
        created_at=state.created_at or now,
    )
    payment_refund_bookings.size(refund, state.amount)
    refund.hold = payment_refund_bookings.hold_what_is_there(refund, now)
    refund.save(force_insert=True)
    if was_under_review:
        top_up_holds.hold_the_rest(intent, now)
    return refund


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
