"""Payments from their beginning to their end: made here, then at the provider, then paid or given up.

The provider is never asked inside a transaction. What was decided is stored before it is asked and what it answered
after, so a process that dies between leaves something to ask again with the same key.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import (
    Donation,
    LedgerAccount,
    PaymentIntent,
    PaymentProvider,
    RecurringDonation,
    SavedPaymentMethod,
)
from donations.models.payments import MOST_ATTEMPTS
from donations.operations import ledger, pending_gifts, saved_methods
from donations.operations.payment_providers import (
    PaymentProviderError,
    PaymentProviderUnavailable,
    adapter,
    choose,
)
from donations.operations.payment_refunds import PaymentIntentNotFound
from donations.operations.payment_settlement import fail, synchronise
from donations.operations.payment_steps import begin, lock
from donations.payments import contract
from donations.queries.payment_fees import Fees, Tariff, fees_of, gross_for
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.idempotency.errors import KeyReused
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO

logger = structlog.get_logger("goodplay.payments")

SMALLEST = Decimal("1.00")
LARGEST = Decimal("50000.00")
LIVES_FOR = timedelta(hours=1)
ASKED_EVERY = timedelta(seconds=3)
EXPIRED = "Payment intent expired"
ATTEMPTS_USED_UP = "The payment was declined too often"
NOBODY_THERE = "The payment needs its payer, who was not there"

Method = PaymentIntent.Method
Purpose = PaymentIntent.Purpose
Status = PaymentIntent.Status


class PaymentAmountTooSmall(DomainError):
    code = "PAYMENT_AMOUNT_TOO_SMALL"
    message = _("A payment is at least 1 EUR, and more than its fees.")


class PaymentAmountTooLarge(DomainError):
    code = "PAYMENT_AMOUNT_TOO_LARGE"
    message = _("A payment is at most 50,000 EUR.")


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


class PaymentNotCancellable(Conflict):
    code = "PAYMENT_INTENT_CANNOT_BE_CANCELLED"
    message = _("This payment can no longer be cancelled.")


# Beginning --------------------------------------------------------------------------------------------------------


def start_top_up(
    *,
    player: User,
    amount: Decimal,
    now: datetime,
    method: str = Method.CARD,
    description: str = "",
    metadata: dict[str, Any] | None = None,
    saved_method_id: UUID | None = None,
    save_method: bool = False,
    request_key: str = "",
) -> PaymentIntent:
    """Begin a payment into the player's wallet and make it at the provider.

    With the `request_key` of an earlier call the payment that one made is returned, and made at the provider if it was
    not. Raises PaymentAmountTooSmall, PaymentAmountTooLarge, PaymentProviderNotSupported, SavedMethodNotFound,
    KeyReused, PaymentProviderUnavailable (the payment waits: a retry with the key goes on) and PaymentProviderError.
    """

    def make() -> PaymentIntent:
        kept = _kept_method(player.pk, saved_method_id)
        provider = kept.provider if kept else choose(method)
        return _store(
            _draft(player, provider, amount, kept, now),
            payment_method=_means(method, kept),
            description=description or "GoodPlay: wallet top-up",
            metadata=metadata or {},
            save_method=save_method and kept is None,
            request_key=key,
        )

    key = _key(Purpose.TOP_UP, request_key)
    return _begin(player, make, amount, key, now)


def start_gift_payment(
    *,
    donor: User,
    onlus_id: UUID,
    amount: Decimal,
    now: datetime,
    from_wallet: Decimal = ZERO,
    cover_fees: bool = False,
    method: str = Method.CARD,
    saved_method_id: UUID | None = None,
    save_method: bool = False,
    is_off_session: bool = False,
    message: str = "",
    is_anonymous: bool = False,
    in_honour_of: str = "",
    campaign_id: UUID | None = None,
    recurring: RecurringDonation | None = None,
    request_key: str = "",
) -> PaymentIntent:
    """Begin a donation of which `amount - from_wallet` is paid now, and its payment.

    With `cover_fees` the payer pays so much more that the ONLUS gets `amount` to the cent; without, the fees come off
    the paid part, and the donation is what is left. `is_off_session` pays at once with a saved method, without its
    owner: look at the status of what comes back. Raises what `start_top_up` and `pending_gifts.begin` raise.
    """

    def make() -> PaymentIntent:
        kept = _kept_method(donor.pk, saved_method_id)
        provider = kept.provider if kept else choose(method)
        charge = gift_charge(amount=amount, from_wallet=from_wallet, cover_fees=cover_fees, provider=provider)
        _refuse_frozen(donor.pk)
        donation = pending_gifts.begin(
            donor=donor,
            onlus_id=onlus_id,
            amount=from_wallet + charge.net,
            from_wallet=from_wallet,
            now=now,
            message=message,
            is_anonymous=is_anonymous,
            in_honour_of=in_honour_of,
            campaign_id=campaign_id,
            recurring=recurring,
        )
        return _store(
            _draft(donor, provider, charge.amount, kept, now),
            purpose=Purpose.DONATION,
            donation=donation,
            payment_method=_means(method, kept),
            # Whom somebody gives to is nobody else's business, the payment provider's included.
            description="GoodPlay: donation",
            save_method=save_method and kept is None,
            is_off_session=is_off_session,
            request_key=key,
        )

    key = _key(Purpose.DONATION, request_key)
    return _begin(donor, make, None, key, now)


def gift_charge(
    *, amount: Decimal, from_wallet: Decimal, cover_fees: bool, provider: PaymentProvider
) -> Fees:
    """Return what is paid for a gift, its fees, and what of it is given. Raises WalletShareTooLarge, …TooSmall."""
    to_pay = amount - from_wallet
    if to_pay <= ZERO:
        raise pending_gifts.WalletShareTooLarge
    tariff = Tariff.of(provider)
    charge = fees_of(gross_for(to_pay, tariff) if cover_fees else to_pay, tariff)
    _refuse_out_of_range(charge, provider)
    return charge


def _begin(
    player: User,
    make: Callable[[], PaymentIntent],
    amount: Decimal | None,
    request_key: str,
    now: datetime,
) -> PaymentIntent:
    """Store a payment once per key, then make it at the provider."""
    intent = _made_before(player, request_key)
    if intent is None:
        try:
            with transaction.atomic(durable=True):
                intent = make()
        except IntegrityError:
            intent = _made_before(player, request_key)
            if intent is None:
                raise
    if amount is not None and intent.amount != amount:
        raise KeyReused
    if intent.is_open and not intent.provider_payment_id:
        return make_at_provider(intent=intent, source="create", now=now)
    return intent


def _key(purpose: str, request_key: str) -> str:
    """Keep apart what one client sends to two routes under one key."""
    return f"{purpose}:{hashlib.sha256(request_key.encode()).hexdigest()}" if request_key else ""


def _made_before(player: User, request_key: str) -> PaymentIntent | None:
    if not request_key:
        return None
    return _rows().filter(player=player, request_key=request_key).first()


def _draft(
    player: User, provider: PaymentProvider, amount: Decimal, kept: SavedPaymentMethod | None, now: datetime
) -> PaymentIntent:
    fees = fees_of(amount, Tariff.of(provider))
    _refuse_out_of_range(fees, provider)
    intent_id = new_id()
    return PaymentIntent(
        id=intent_id,
        player=player,
        provider=provider,
        amount=amount,
        processing_fee=fees.processing_fee,
        platform_fee=fees.platform_fee,
        net_amount=fees.net,
        saved_method=kept,
        return_url=settings.PUBLIC_URL + reverse("payment-return", args=[intent_id]),
        created_at=now,
        updated_at=now,
        expires_at=now + LIVES_FOR,
    )


def _store(intent: PaymentIntent, **columns: Any) -> PaymentIntent:
    for column, value in columns.items():
        setattr(intent, column, value)
    intent.save(force_insert=True)
    begin(intent, source="create", now=intent.created_at)
    return intent


def _refuse_out_of_range(fees: Fees, provider: PaymentProvider) -> None:
    if fees.amount < max(SMALLEST, provider.min_amount) or fees.net <= ZERO:
        raise PaymentAmountTooSmall
    if fees.amount > min(LARGEST, provider.max_amount):
        raise PaymentAmountTooLarge


def _refuse_frozen(player_id: UUID) -> None:
    if LedgerAccount.objects.of_player(player_id).filter(is_frozen=True).exists():
        raise ledger.WalletFrozen


def _kept_method(player_id: UUID, method_id: UUID | None) -> SavedPaymentMethod | None:
    return saved_methods.own(player_id=player_id, method_id=method_id) if method_id else None


def _means(method: str, kept: SavedPaymentMethod | None) -> str:
    """A kept means of payment decides for itself what it is."""
    if kept is None:
        return method
    return Method.PAYPAL if kept.provider.provider_type == PaymentProvider.Type.PAYPAL else Method.CARD


# At the provider --------------------------------------------------------------------------------------------------


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
        state = _retrieve(intent, error.provider_payment_id)
    return bring_in_line(intent=intent, state=state, source=source, now=now)


def ask(*, intent: PaymentIntent, source: str, now: datetime) -> PaymentIntent:
    """Ask the provider how a payment stands and do what follows. Raises PaymentProviderUnavailable, …Error."""
    if intent.provider_payment_id:
        state = _retrieve(intent, intent.provider_payment_id)
        return bring_in_line(intent=intent, state=state, source=source, now=now)
    return make_at_provider(intent=intent, source=source, now=now) if intent.is_open else intent


def fresh(*, intent_id: UUID, source: str, now: datetime, player_id: UUID | None = None) -> PaymentIntent:
    """Return a payment as it stands. An open one is asked for at the provider, at most every few seconds by anybody.

    When the provider does not answer, what is known is returned. Raises PaymentIntentNotFound, also for somebody else's.
    """
    rows = _rows().filter(pk=intent_id)
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
        return _rows().get(pk=intent.pk)


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


def _retrieve(intent: PaymentIntent, provider_payment_id: str) -> contract.PaymentState:
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
        state = _retrieve(intent, intent.provider_payment_id)
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
        state = _retrieve(intent, intent.provider_payment_id)
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


# Confirming -------------------------------------------------------------------------------------------------------


def confirm(*, player: User, intent_id: UUID, now: datetime, method: str = "") -> PaymentIntent:
    """Pay with `method`, or go on with what the payer did on the provider's page. One that is paid already stays so.

    A declined payment counts; the third ends it. Returns a payment that is paid or being processed. Raises
    PaymentIntentNotFound, PaymentNotConfirmable, PaymentAttemptsExceeded, PaymentRequiresAction (with where to go),
    PaymentRequiresConfirmation, PaymentFailed, PaymentProviderUnavailable and PaymentProviderError.
    """
    intent = _own(player, intent_id)
    if intent.is_open and not intent.provider_payment_id:
        intent = make_at_provider(intent=intent, source="confirm", now=now)
    attempt = _claim_attempt(intent.pk, now)
    if attempt is None:
        return _own(player, intent_id)
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
        state = _retrieve(intent, intent.provider_payment_id)
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


# Ending -----------------------------------------------------------------------------------------------------------


def cancel(*, player: User, intent_id: UUID, now: datetime, reason: str = "") -> PaymentIntent:
    """Give up a payment that was not made yet. Raises PaymentIntentNotFound, PaymentNotCancellable, …Unavailable."""
    intent = _own(player, intent_id)
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
    return _rows().get(pk=intent.pk)


def give_up_gift(*, donation: Donation, now: datetime) -> None:
    """Note that nothing is to be paid for a donation that was cancelled; a job ends the payment at the provider."""
    waiting = PaymentIntent.objects.open().filter(donation=donation, cancel_requested_at=None)
    waiting.update(cancel_requested_at=now, cancel_reason="The donation was cancelled")


def _own(player: User, intent_id: UUID) -> PaymentIntent:
    intent = _rows().filter(pk=intent_id, player=player).first()
    if intent is None:
        raise PaymentIntentNotFound
    return intent


def _rows() -> Any:
    return PaymentIntent.objects.select_related("provider", "saved_method")
