"""Bringing the books in line with what a provider says about a payment: however often, in whatever order, by whomever."""

from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from donations.models import Donation, LedgerAccount, PaymentIntent, Transfer
from donations.models.payments import MOST_ATTEMPTS
from donations.operations import (
    ledger,
    payment_disputes,
    payment_refund_news,
    pending_gifts,
    saved_methods,
    top_up_reviews,
)
from donations.operations.payment_steps import can_step, lock, locked_cash, note_news, step, store
from donations.operations.risk import judging
from donations.payments import contract
from donations.signals import payment_failed, payment_needs_attention, payment_succeeded
from goodplay.lib.money import ZERO

Kind = LedgerAccount.Kind
Status = PaymentIntent.Status

AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
PAID_AFTER_CLOSING = "PAID_AFTER_CLOSING"
OTHER_PAYMENT = "OTHER_PAYMENT"


@transaction.atomic(durable=True)
def synchronise(
    *, intent_id: UUID, state: contract.PaymentState, source: str, now: datetime
) -> PaymentIntent:
    """Do all that follows from the state of a payment and was not done yet. Doing it again does nothing.

    Money is credited in the transaction that makes the payment succeed, so once. What cannot be booked as it was asked
    for is never credited: it is kept aside (`stray_amount`) for a person.
    """
    intent = lock(intent_id)
    if not _is_the_same(intent, state, source, now):
        return intent
    _learn(intent, state)
    _advance(intent, state, source, now)
    if intent.is_paid or intent.stray_amount:
        _book_actual_fee(intent, state, now)
        if state.refunds or state.disputes:
            _lock_donation(intent)
        # A dispute that ended lets go what a refund takes; a new one holds what refunds left.
        payment_disputes.follow_known(intent, state.disputes, source=source, now=now)
        payment_refund_news.follow(intent, state.refunds, source=source, now=now)
        payment_disputes.follow(intent, state.disputes, source=source, now=now)
    intent.checked_at = now
    store(intent, now)
    return intent


@transaction.atomic(durable=True)
def fail(*, intent_id: UUID, code: str, message: str, source: str, now: datetime) -> PaymentIntent:
    """Close a payment the provider never made."""
    intent = lock(intent_id)
    if intent.is_open:
        intent.error_code, intent.last_error = code[:60], message[:300]
        _close(intent, Status.FAILED, source, now)
        store(intent, now)
    return intent


def _is_the_same(intent: PaymentIntent, state: contract.PaymentState, source: str, now: datetime) -> bool:
    """Say whether this is the payment we know. A second one made for the same intent must not be credited as the first."""
    if intent.provider_payment_id in ("", state.provider_payment_id):
        return True
    if state.captured > ZERO and note_news(
        intent, state.status.value, source=source, now=now, code=OTHER_PAYMENT
    ):
        payment_needs_attention.announce(intent=intent, code=OTHER_PAYMENT)
    return False


def _learn(intent: PaymentIntent, state: contract.PaymentState) -> None:
    """Note what has no consequence: keys, where the payer goes on, what was paid with, what went wrong."""
    intent.provider_payment_id = state.provider_payment_id
    intent.client_secret = state.client_secret or intent.client_secret
    intent.next_action_url = state.next_action_url
    if state.method is not None:
        intent.method_brand, intent.method_last4 = state.method.brand[:30], state.method.last4[:4]
    goes_on = state.status in (contract.Status.REQUIRES_ACTION, contract.Status.PROCESSING)
    if intent.is_open and (state.error_code or goes_on):
        intent.error_code, intent.last_error = state.error_code[:60], state.error_message[:300]


def _advance(intent: PaymentIntent, state: contract.PaymentState, source: str, now: datetime) -> None:
    told = Status(state.status.value)
    if told == Status.SUCCEEDED:
        _hear_of_success(intent, state, source, now)
    elif told in (Status.FAILED, Status.CANCELLED):
        if intent.is_open:
            _close(intent, Status.FAILED if _has_failed(intent) else told, source, now)
        elif intent.is_paid:
            note_news(intent, told, source=source, now=now, code="AFTER_SUCCESS")
    elif can_step(intent, told):
        step(intent, told, source=source, now=now)


def _has_failed(intent: PaymentIntent) -> bool:
    """A payment cancelled because its attempts were used up, or its payer was not there, has failed."""
    return intent.confirmation_attempts >= MOST_ATTEMPTS or intent.is_off_session


def _close(intent: PaymentIntent, status: PaymentIntent.Status, source: str, now: datetime) -> None:
    """Close a payment without money, and give up the donation that waited for it."""
    step(intent, status, source=source, now=now)
    if intent.donation is not None:
        is_failure = status == Status.FAILED
        intent.donation = pending_gifts.abandon(
            donation=intent.donation,
            status=Donation.Status.FAILED if is_failure else Donation.Status.CANCELLED,
            code="PAYMENT_FAILED" if is_failure else "PAYMENT_CANCELLED",
            now=now,
        )
    payment_failed.announce(intent=intent)


# Success ----------------------------------------------------------------------------------------------------------


def _hear_of_success(intent: PaymentIntent, state: contract.PaymentState, source: str, now: datetime) -> None:
    if intent.is_paid:
        return
    if not intent.is_open:
        if intent.error_code != AMOUNT_MISMATCH:
            _keep_aside(intent, state, PAID_AFTER_CLOSING, source, now)
    elif state.captured != intent.amount or state.currency != intent.currency:
        intent.error_code = AMOUNT_MISMATCH
        intent.last_error = f"{state.captured} {state.currency}"
        _close(intent, Status.FAILED, source, now)
        _keep_aside(intent, state, AMOUNT_MISMATCH, source, now)
    else:
        _succeed(intent, state, source, now)


def _succeed(intent: PaymentIntent, state: contract.PaymentState, source: str, now: datetime) -> None:
    donation = _lock_donation(intent)
    cash = locked_cash(intent.player_id, now)
    intent.error_code = intent.last_error = ""
    step(intent, Status.SUCCEEDED, source=source, now=now)
    clearing = ledger.system_account(Kind.PROVIDER_CLEARING)
    ledger.move(
        debit=clearing,
        credit=cash,
        amount=intent.net_amount,
        cause=_cause(intent, Transfer.Kind.TOP_UP),
        now=now,
    )
    fees = ((Kind.PROVIDER_FEES, intent.processing_fee), (Kind.PLATFORM_FEES, intent.platform_fee))
    for kind, fee in fees:
        if fee > ZERO:
            account = ledger.system_account(kind)
            ledger.move(
                debit=clearing, credit=account, amount=fee, cause=_cause(intent, Transfer.Kind.FEE), now=now
            )
    if donation is not None:
        intent.donation = pending_gifts.complete(
            donation=donation, intent_id=intent.pk, paid_now=intent.net_amount, now=now
        )
    if intent.donation is None or intent.donation.closed_at is not None:
        _review(intent, now)
    if intent.save_method and state.method is not None:
        saved_methods.keep(intent=intent, method=state.method, now=now)
    payment_succeeded.announce(intent=intent)


def _lock_donation(intent: PaymentIntent) -> Donation | None:
    if intent.donation_id is None:
        return None
    return Donation.objects.select_for_update(of=("self",)).get(pk=intent.donation_id)


def _review(intent: PaymentIntent, now: datetime) -> None:
    """Hold money that stays in the wallet when the check point wants to see it."""
    judgement = judging.judge(movement=judging.top_up(intent), now=now)
    if judgement.stops:
        top_up_reviews.hold_for_review(intent, judgement, now)
    else:
        judging.keep(judgement)


def _keep_aside(
    intent: PaymentIntent, state: contract.PaymentState, code: str, source: str, now: datetime
) -> None:
    """Book money that nobody asked for like this where it is seen, and call a person. Once."""
    if not note_news(intent, Status.SUCCEEDED, source=source, now=now, code=code):
        return
    if state.currency == intent.currency and state.captured > ZERO:
        intent.stray_amount = state.captured
        ledger.move(
            debit=ledger.system_account(Kind.PROVIDER_CLEARING),
            credit=ledger.system_account(Kind.SUSPENSE),
            amount=state.captured,
            cause=ledger.Cause(intent.pk, intent.pk, Transfer.Kind.ADJUSTMENT, reason=code),
            now=now,
        )
    payment_needs_attention.announce(intent=intent, code=code)


def _book_actual_fee(intent: PaymentIntent, state: contract.PaymentState, now: datetime) -> None:
    """Book what the provider kept, once it says so: the difference to what was charged is ours."""
    if state.fee is None or intent.actual_fee is not None:
        return
    intent.actual_fee = state.fee
    if state.fee > ZERO:
        cause = ledger.Cause(intent.pk, uuid5(intent.pk, "actual fee"), Transfer.Kind.FEE)
        ledger.move(
            debit=ledger.system_account(Kind.PROVIDER_FEES),
            credit=ledger.system_account(Kind.PROVIDER_CLEARING),
            amount=state.fee,
            cause=cause,
            now=now,
        )


def _cause(intent: PaymentIntent, kind: Transfer.Kind) -> ledger.Cause:
    """Fees are the platform's business: only the top-up touches the wallet."""
    player_id = intent.player_id if kind == Transfer.Kind.TOP_UP else None
    return ledger.Cause(transaction_id=intent.pk, cause_id=intent.pk, kind=kind, player_id=player_id)
