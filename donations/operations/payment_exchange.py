"""What is done at a provider: a payment is made there, asked for, captured, ended.

The provider is never asked inside a transaction. What was decided is stored before it is asked and what it answered
after, so a process that dies between leaves something to ask again with the same key.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Donation, PaymentIntent
from donations.models.payments import MOST_ATTEMPTS
from donations.operations.payment_providers import (
    PaymentProviderError,
    PaymentProviderUnavailable,
    adapter,
)
from donations.operations.payment_refunds import PaymentIntentNotFound
from donations.operations.payment_settlement import fail, synchronise
from donations.payments import contract
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict

logger = structlog.get_logger("goodplay.payments")

ASKED_EVERY = timedelta(seconds=3)
EXPIRED = "Payment intent expired"
ATTEMPTS_USED_UP = "The payment was declined too often"
NOBODY_THERE = "The payment needs its payer, who was not there"

Method = PaymentIntent.Method
Status = PaymentIntent.Status


class PaymentNotCancellable(Conflict):
    code = "PAYMENT_INTENT_CANNOT_BE_CANCELLED"
    message = _("This payment can no longer be cancelled.")


def make_at_provider(*, intent: PaymentIntent, source: str, now: datetime) -> PaymentIntent:
    """Make the payment at the provider, always with the same key, so that it is made once."""
    try:
        state = adapter(intent.provider).create(_new_payment(intent), idempotency_key=f"{intent.pk}:create")
    except contract.ProviderUnavailable as error:
        logger.warning("payment without an answer", intent_id=str(intent.pk))
        raise PaymentProviderUnavailable from error
    except contract.ProviderRefused as error:
        if not error.provider_payment_id:
            fail(intent_id=intent.pk, code=error.code, message=str(error), source=source, now=now)
            raise PaymentProviderError(data={"code": error.code}) from error
        state = retrieve(intent, error.provider_payment_id)
    return bring_in_line(intent=intent, state=state, source=source, now=now)


def ask(*, intent: PaymentIntent, source: str, now: datetime) -> PaymentIntent:
    """Ask the provider how a payment stands and do what follows. Raises PaymentProviderUnavailable, …Error."""
    if intent.provider_payment_id:
        state = retrieve(intent, intent.provider_payment_id)
        return bring_in_line(intent=intent, state=state, source=source, now=now)
    return make_at_provider(intent=intent, source=source, now=now) if intent.is_open else intent


def fresh(*, intent_id: UUID, source: str, now: datetime, player_id: UUID | None = None) -> PaymentIntent:
    """Return a payment as it stands. An open one is asked for at the provider, at most every few seconds by anybody.

    When the provider does not answer, what is known is returned. Raises PaymentIntentNotFound, also for somebody else's.
    """
    rows = rows_of_payments().filter(pk=intent_id)
    intent = (rows if player_id is None else rows.filter(player_id=player_id)).first()
    if intent is None:
        raise PaymentIntentNotFound
    if not intent.is_open or not intent.provider_payment_id:
        return intent
    due = Q(checked_at=None) | Q(checked_at__lte=now - ASKED_EVERY)
    if not claim(PaymentIntent.objects.filter(due, pk=intent.pk), checked_at=now):
        return intent
    try:
        return ask(intent=intent, source=source, now=now)
    except (PaymentProviderUnavailable, PaymentProviderError):
        return rows_of_payments().get(pk=intent.pk)


def bring_in_line(
    *, intent: PaymentIntent, state: contract.PaymentState, source: str, now: datetime
) -> PaymentIntent:
    """Book a state, then do at the provider what is still due: capture what was approved, cancel what was given up."""
    intent = synchronise(intent_id=intent.pk, state=state, source=source, now=now)
    if not intent.is_open:
        return intent
    if intent.is_off_session and state.status in (contract.Status.PENDING, contract.Status.REQUIRES_ACTION):
        intent = _give_up(intent, NOBODY_THERE, now)
    elif intent.confirmation_attempts >= MOST_ATTEMPTS and state.status == contract.Status.PENDING:
        intent = _give_up(intent, ATTEMPTS_USED_UP, now)
    if intent.cancel_requested_at is not None:
        return _cancel_at_provider(intent, source, now)
    was_approved = intent.payment_method == Method.PAYPAL and state.status == contract.Status.PENDING
    if was_approved and source != "confirm":
        return _capture(intent, source, now)
    return intent


def retrieve(intent: PaymentIntent, provider_payment_id: str) -> contract.PaymentState:
    try:
        return adapter(intent.provider).retrieve(provider_payment_id)
    except contract.ProviderUnavailable as error:
        raise PaymentProviderUnavailable from error
    except contract.ProviderRefused as error:
        raise PaymentProviderError(data={"code": error.code}) from error


def _capture(intent: PaymentIntent, source: str, now: datetime) -> PaymentIntent:
    """Take the money of a payment whose payer approved it on the provider's page."""
    try:
        state = adapter(intent.provider).confirm(
            intent.provider_payment_id, method="", idempotency_key=f"{intent.pk}:capture"
        )
    except contract.ProviderUnavailable as error:
        raise PaymentProviderUnavailable from error
    except contract.ProviderRefused as error:
        logger.warning("capture refused", intent_id=str(intent.pk), code=error.code)
        state = retrieve(intent, intent.provider_payment_id)
    return synchronise(intent_id=intent.pk, state=state, source=source, now=now)


def _cancel_at_provider(intent: PaymentIntent, source: str, now: datetime) -> PaymentIntent:
    """End the payment at the provider. A payment that got through first stays paid."""
    try:
        state = adapter(intent.provider).cancel(
            intent.provider_payment_id, idempotency_key=f"{intent.pk}:cancel"
        )
    except contract.ProviderUnavailable as error:
        raise PaymentProviderUnavailable from error
    except contract.ProviderRefused:
        state = retrieve(intent, intent.provider_payment_id)
    return synchronise(intent_id=intent.pk, state=state, source=source, now=now)


def _new_payment(intent: PaymentIntent) -> contract.NewPayment:
    """Say the same every time: providers compare what comes with a key they know."""
    kept = intent.saved_method
    return contract.NewPayment(
        reference=intent.pk,
        payer=intent.player_id,
        amount=intent.amount,
        description=intent.description,
        method=intent.payment_method,
        saved_method=kept.token if kept else "",
        customer=kept.customer if kept else "",
        save_method=intent.save_method,
        is_off_session=intent.is_off_session,
        return_url=intent.return_url,
        cancel_url=intent.return_url,
    )


# Ending ---------------------------------------------------------------------------------------------------------------


def cancel(*, player: User, intent_id: UUID, now: datetime, reason: str = "") -> PaymentIntent:
    """Give up a payment that was not made yet. Raises PaymentIntentNotFound, PaymentNotCancellable, …Unavailable."""
    intent = own_payment(player, intent_id)
    if intent.status not in (Status.PENDING, Status.REQUIRES_ACTION):
        raise PaymentNotCancellable
    intent = give_up(intent=intent, reason=reason or "Cancelled by user", source="cancel", now=now)
    if intent.status != Status.CANCELLED:
        raise PaymentNotCancellable
    return intent


def give_up(*, intent: PaymentIntent, reason: str, source: str, now: datetime) -> PaymentIntent:
    """End an open payment, here and at the provider; one that got through first stays paid."""
    intent = _give_up(intent, reason, now)
    if not intent.is_open:
        return intent
    if not intent.provider_payment_id:
        # It may have been made without our hearing of it: make it again with its key, then end it.
        return make_at_provider(intent=intent, source=source, now=now)
    return _cancel_at_provider(intent, source, now)


@transaction.atomic(durable=True)
def _give_up(intent: PaymentIntent, reason: str, now: datetime) -> PaymentIntent:
    """Note that the payment is to end. From now on it cannot be confirmed."""
    open_rows = PaymentIntent.objects.open().filter(pk=intent.pk, cancel_requested_at=None)
    open_rows.update(cancel_requested_at=now, cancel_reason=reason[:200])
    return rows_of_payments().get(pk=intent.pk)


def give_up_gift(*, donation: Donation, now: datetime) -> None:
    """Note that nothing is to be paid for a donation that was cancelled; a job ends the payment at the provider."""
    waiting = PaymentIntent.objects.open().filter(donation=donation, cancel_requested_at=None)
    waiting.update(cancel_requested_at=now, cancel_reason="The donation was cancelled")


def own_payment(player: User, intent_id: UUID) -> PaymentIntent:
    intent = rows_of_payments().filter(pk=intent_id, player=player).first()
    if intent is None:
        raise PaymentIntentNotFound
    return intent


def rows_of_payments() -> Any:
    return PaymentIntent.objects.select_related("provider", "saved_method")
