"""Confirming payments: at most three attempts, each counted before it is made."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import PaymentIntent
from donations.models.payments import MOST_ATTEMPTS
from donations.operations.payment_exchange import bring_in_line, make_at_provider, own_payment, retrieve
from donations.operations.payment_providers import PaymentProviderUnavailable, adapter
from donations.operations.payment_steps import lock
from donations.payments import contract
from goodplay.lib.errors import Conflict, DomainError

Status = PaymentIntent.Status


class PaymentNotConfirmable(Conflict):
    code = "PAYMENT_INTENT_CANNOT_BE_CONFIRMED"
    message = _("This payment is closed or has expired. Begin a new one.")


class PaymentAttemptsExceeded(Conflict):
    code = "PAYMENT_CONFIRMATION_ATTEMPTS_EXCEEDED"
    message = _("This payment was tried three times. Begin a new one.")


class PaymentRequiresAction(Conflict):
    code = "PAYMENT_REQUIRES_ACTION"
    message = _("Your bank wants to hear from you first. Finish the payment on its page.")


class PaymentRequiresConfirmation(Conflict):
    code = "PAYMENT_REQUIRES_CONFIRMATION"
    message = _("Choose a means of payment, then confirm.")


class PaymentFailed(DomainError):
    code = "PAYMENT_FAILED"
    message = _("The payment was declined. Try another means of payment.")


def confirm(*, player: User, intent_id: UUID, now: datetime, method: str = "") -> PaymentIntent:
    """Pay with `method`, or go on with what the payer did on the provider's page. One that is paid already stays so.

    A declined payment counts; the third ends it. Returns a payment that is paid or being processed. Raises
    PaymentIntentNotFound, PaymentNotConfirmable, PaymentAttemptsExceeded, PaymentRequiresAction (with where to go),
    PaymentRequiresConfirmation, PaymentFailed, PaymentProviderUnavailable and PaymentProviderError.
    """
    intent = own_payment(player, intent_id)
    if intent.is_open and not intent.provider_payment_id:
        intent = make_at_provider(intent=intent, source="confirm", now=now)
    attempt = _claim_attempt(intent.pk, now)
    if attempt is None:
        return own_payment(player, intent_id)
    state = _try(intent, method, attempt, now)
    return _outcome(bring_in_line(intent=intent, state=state, source="confirm", now=now), state)


def _try(intent: PaymentIntent, method: str, attempt: int, now: datetime) -> contract.PaymentState:
    """Make one attempt at the provider. One that did not fail, or got no answer, is not counted."""
    try:
        state = adapter(intent.provider).confirm(
            intent.provider_payment_id,
            method=method,
            idempotency_key=f"{intent.pk}:confirm:{attempt}:{method}",
        )
    except contract.ProviderUnavailable as error:
        _uncount(intent.pk)
        raise PaymentProviderUnavailable from error
    except contract.ProviderRefused as error:
        _note_decline(intent.pk, error)
        state = retrieve(intent, intent.provider_payment_id)
        bring_in_line(intent=intent, state=state, source="confirm", now=now)
        raise PaymentFailed(data=_decline_facts(intent.pk)) from error
    if state.status in (contract.Status.REQUIRES_ACTION, contract.Status.PROCESSING) or not state.error_code:
        _uncount(intent.pk)
    return state


def _outcome(intent: PaymentIntent, state: contract.PaymentState) -> PaymentIntent:
    """Say what the attempt came to. The provider's word counts: here a payment never returns to pending."""
    if intent.is_paid or intent.status == Status.PROCESSING:
        return intent
    facts = {
        "intent_id": intent.pk,
        "client_secret": intent.client_secret,
        "next_action_url": intent.next_action_url,
    }
    if intent.is_open and state.status == contract.Status.REQUIRES_ACTION:
        raise PaymentRequiresAction(data=facts)
    if intent.is_open and not state.error_code:
        raise PaymentRequiresConfirmation(data=facts)
    raise PaymentFailed(data=_decline_facts(intent.pk))


@transaction.atomic(durable=True)
def _claim_attempt(intent_id: UUID, now: datetime) -> int | None:
    """Count an attempt before it is made, so that many at once are not more than three. None when it is paid."""
    intent = lock(intent_id)
    if intent.is_paid:
        return None
    if intent.confirmation_attempts >= MOST_ATTEMPTS:
        raise PaymentAttemptsExceeded
    if not intent.can_be_confirmed(now):
        raise PaymentNotConfirmable
    intent.confirmation_attempts += 1
    intent.last_attempt_at = now
    intent.save(update_fields=["confirmation_attempts", "last_attempt_at"])
    return intent.confirmation_attempts


@transaction.atomic(durable=True)
def _uncount(intent_id: UUID) -> None:
    intent = lock(intent_id)
    intent.confirmation_attempts = max(0, intent.confirmation_attempts - 1)
    intent.save(update_fields=["confirmation_attempts"])


@transaction.atomic(durable=True)
def _note_decline(intent_id: UUID, error: contract.ProviderRefused) -> None:
    intent = lock(intent_id)
    intent.error_code, intent.last_error = error.code[:60], str(error)[:300]
    intent.save(update_fields=["error_code", "last_error"])


def _decline_facts(intent_id: UUID) -> dict[str, Any]:
    intent = PaymentIntent.objects.get(pk=intent_id)
    return {
        "intent_id": intent.pk,
        "status": intent.status,
        "error_code": intent.error_code,
        "attempts_left": MOST_ATTEMPTS - intent.confirmation_attempts,
    }
