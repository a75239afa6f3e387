"""Beginning payments: into the wallet, or for a donation. Made here first, then at the provider."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import (
    LedgerAccount,
    PaymentIntent,
    PaymentProvider,
    RecurringDonation,
    SavedPaymentMethod,
)
from donations.operations import ledger, pending_gifts, saved_methods
from donations.operations.payment_exchange import make_at_provider, rows_of_payments
from donations.operations.payment_providers import choose
from donations.operations.payment_steps import begin
from donations.operations.risk import judging
from donations.queries.payment_fees import Fees, Tariff, fees_of, gross_for
from goodplay.lib.errors import DomainError
from goodplay.lib.idempotency.errors import KeyReused
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO

SMALLEST = Decimal("1.00")
LARGEST = Decimal("50000.00")
LIVES_FOR = timedelta(hours=1)

Method = PaymentIntent.Method
Purpose = PaymentIntent.Purpose


class PaymentAmountTooSmall(DomainError):
    code = "PAYMENT_AMOUNT_TOO_SMALL"
    message = _("A payment is at least 1 EUR, and more than its fees.")


class PaymentAmountTooLarge(DomainError):
    code = "PAYMENT_AMOUNT_TOO_LARGE"
    message = _("A payment is at most 50,000 EUR.")


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
    not. What the risk rules refuse never gets to the provider: FraudDetected. Raises PaymentAmountTooSmall, PaymentAmountTooLarge, PaymentProviderNotSupported, SavedMethodNotFound,
    KeyReused, PaymentProviderUnavailable (the payment waits: a retry with the key goes on) and PaymentProviderError.
    """

    def make() -> PaymentIntent:
        kept = _kept_method(player.pk, saved_method_id)
        provider = kept.provider if kept else choose(method)
        intent = _draft(player, provider, amount, kept, now)
        _refuse_risky(intent, now)
        return _store(
            intent,
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
    return rows_of_payments().filter(player=player, request_key=request_key).first()


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


def _refuse_risky(intent: PaymentIntent, now: datetime) -> None:
    """Ask the risk rules before money is taken. What they only want seen goes on: it is held once it is here."""
    judgement = judging.judge(movement=judging.top_up(intent), now=now)
    if judgement.blocks:
        raise judging.FraudDetected(judgement)


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
