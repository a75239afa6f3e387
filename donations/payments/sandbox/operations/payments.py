"""Making payments, paying them by a test card, and what the card does then."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from donations.payments.contract import NewPayment
from donations.payments.sandbox.cards import (
    CARDS,
    SETTLES_AFTER,
    TOKEN_EXPIRES_ON,
    Card,
    card_with_token,
)
from donations.payments.sandbox.models import SandboxMethod, SandboxPayment
from donations.payments.sandbox.operations import disputes, events
from donations.payments.sandbox.operations.locking import WrongState, lock
from goodplay.lib.errors import DomainError
from goodplay.lib.money import to_cents
from goodplay.lib.time import rome_day

LEAST = Decimal("0.50")
LONGEST_ADDRESS = 2000
SHOWN_OF_DESCRIPTION = 500

Status = SandboxPayment.Status
CHANGING = (
    "status",
    "card",
    "expires_on",
    "method",
    "fee",
    "error_code",
    "settles_at",
    "succeeded_at",
)


class BrokenDown(Exception):
    """The sandbox gives no answer, as its test card asks for. Nothing happened."""


class AmountTooSmall(DomainError):
    code = "AMOUNT_TOO_SMALL"
    message = _("A payment is at least 0.50 EUR.")


class AddressInvalid(DomainError):
    code = "URL_INVALID"
    message = _(
        "The addresses to return to must begin with http:// or https:// and have at most 2000 characters."
    )


class MeansNotSupported(DomainError):
    code = "PAYMENT_METHOD_NOT_SUPPORTED"
    message = _("The sandbox takes cards only.")


class MeansUnknown(DomainError):
    code = "PAYMENT_METHOD_UNKNOWN"
    message = _("The sandbox knows no such card of this payer.")


class MeansMissing(DomainError):
    code = "PAYMENT_METHOD_REQUIRED"
    message = _("A payment without the payer needs a kept card.")


@dataclass(frozen=True, slots=True)
class Means:
    """A card as it lies on the counter: typed in, named by a test token, or kept."""

    card: Card
    expires_on: str = TOKEN_EXPIRES_ON
    kept: SandboxMethod | None = None


@transaction.atomic
def create(*, new: NewPayment, fee_percentage: Decimal, fee_fixed: Decimal, now: datetime) -> SandboxPayment:
    """Open a payment, to be paid on its page or by `confirm`. One without the payer is tried at once."""
    _check(new)
    means = _means(new.saved_method, payer=new.payer, customer=new.customer) if new.saved_method else None
    if new.is_off_session and means is None:
        raise MeansMissing
    payment = SandboxPayment.objects.create(
        token=secrets.token_urlsafe(32),
        reference=new.reference,
        payer=new.payer,
        amount=new.amount,
        description=new.description[:SHOWN_OF_DESCRIPTION],
        customer=new.customer,
        return_url=new.return_url,
        cancel_url=new.cancel_url,
        save_method=new.save_method,
        is_off_session=new.is_off_session,
        fee_percentage=fee_percentage,
        fee_fixed=fee_fixed,
        created_at=now,
        card=means.card.slug if means else "",
        expires_on=means.expires_on if means else "",
        method=means.kept if means else None,
    )
    if new.is_off_session and means:
        _attempt(payment, means, now)
    return payment


@transaction.atomic
def pay(*, payment_id: UUID, means: Means, now: datetime) -> SandboxPayment:
    """Try a card. A declined one leaves the payment open, with the bank's code as its error."""
    payment = lock(payment_id)
    if not payment.is_open:
        raise WrongState
    _attempt(payment, means, now)
    return payment


@transaction.atomic
def confirm(*, payment_id: UUID, method: str, now: datetime) -> tuple[SandboxPayment, str]:
    """Pay by a token, or by the card chosen when the payment was made; say why when the bank declines.

    A payment that was paid before, or that waits for its payer, stays as it stands.
    """
    payment = lock(payment_id)
    if payment.status in (Status.FAILED, Status.CANCELLED):
        raise WrongState
    means = _means_to_confirm(payment, method) if payment.is_open else None
    if means is None:
        return payment, ""
    _attempt(payment, means, now)
    return payment, payment.error_code


@transaction.atomic
def authenticate(*, payment_id: UUID, is_holder: bool, now: datetime) -> SandboxPayment:
    """Take the answer to the bank's question (3-D Secure)."""
    payment = lock(payment_id)
    if payment.status != Status.REQUIRES_ACTION:
        raise WrongState
    if is_holder and payment.test_card.holder_passes:
        _settle(payment, now)
    else:
        _decline(payment, "authentication_failed", now)
    return payment


@transaction.atomic
def cancel(*, payment_id: UUID, now: datetime) -> SandboxPayment:
    """Give a payment up that was not paid yet. One that is cancelled already stays so."""
    payment = lock(payment_id)
    if payment.status == Status.CANCELLED:
        return payment
    if not payment.is_open:
        raise WrongState
    payment.status, payment.card, payment.expires_on, payment.method = Status.CANCELLED, "", "", None
    payment.save(update_fields=CHANGING)
    events.queue(events.Kind.PAYMENT_CANCELED, payment, now=now)
    return payment


@transaction.atomic
def settle(*, payment_id: UUID, now: datetime) -> SandboxPayment:
    """Decide a slow payment as its test card says. Decided ones stay as they are."""
    payment = lock(payment_id)
    if payment.status != Status.PROCESSING:
        return payment
    if payment.test_card.fails_in_the_end:
        payment.status, payment.settles_at, payment.error_code = Status.FAILED, None, "payment_failed"
        payment.save(update_fields=CHANGING)
        events.queue(events.Kind.PAYMENT_FAILED, payment, now=now)
    else:
        _succeed(payment, now)
    return payment


@transaction.atomic
def forget_method(*, token: str, customer: str, now: datetime) -> None:
    """Keep a card no longer. One that is not kept, or not this customer's, changes nothing."""
    kept = SandboxMethod.objects.filter(token=token, customer=customer, forgotten_at=None)
    kept.update(forgotten_at=now)


def _check(new: NewPayment) -> None:
    if new.method != "card":
        raise MeansNotSupported
    if new.amount < LEAST:
        raise AmountTooSmall
    if not all(_is_web_address(address) for address in (new.return_url, new.cancel_url) if address):
        raise AddressInvalid


def _is_web_address(address: str) -> bool:
    """Say whether a page may offer this as a link: javascript: and the like would run with its rights."""
    if len(address) > LONGEST_ADDRESS:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _means_to_confirm(payment: SandboxPayment, method: str) -> Means | None:
    if method:
        return _means(method, payer=payment.payer, customer=payment.customer)
    if payment.status == Status.PENDING and payment.card:
        return Means(payment.test_card, payment.expires_on, payment.method)
    return None


def _means(token: str, *, payer: UUID, customer: str) -> Means:
    """Find the card a token stands for: a test token, or a card this payer kept."""
    if card := card_with_token(token):
        return Means(card)
    kept = SandboxMethod.objects.filter(token=token, payer=payer, forgotten_at=None).first()
    if kept is None or (customer and kept.customer != customer):
        raise MeansUnknown
    return Means(CARDS[kept.card], kept.expires_on, kept)


# What happens when a card is tried --------------------------------------------------------------------------------


def _attempt(payment: SandboxPayment, means: Means, now: datetime) -> None:
    card, is_absent = means.card, payment.is_off_session
    if card.breaks_before:
        raise BrokenDown
    payment.card, payment.expires_on, payment.method = card.slug, means.expires_on, means.kept
    payment.error_code = ""
    expired = "expired_card" if means.expires_on < f"{rome_day(now):%Y-%m}" else ""
    if declined := card.declines_with(is_absent=is_absent) or expired:
        _decline(payment, declined, now)
    elif card.asks_holder:
        payment.status = Status.REQUIRES_ACTION
        payment.save(update_fields=CHANGING)
    else:
        _settle(payment, now)


def _decline(payment: SandboxPayment, code: str, now: datetime) -> None:
    """Leave the payment open for another card, unless nobody is there to show one."""
    payment.status = Status.FAILED if payment.is_off_session else Status.PENDING
    payment.error_code = code
    payment.card, payment.expires_on, payment.method = "", "", None
    payment.save(update_fields=CHANGING)
    events.queue(events.Kind.PAYMENT_FAILED, payment, now=now)


def _settle(payment: SandboxPayment, now: datetime) -> None:
    if not payment.test_card.is_slow:
        _succeed(payment, now)
        return
    payment.status, payment.settles_at = Status.PROCESSING, now + SETTLES_AFTER
    payment.save(update_fields=CHANGING)
    events.queue(events.Kind.PAYMENT_PROCESSING, payment, now=now)


def _succeed(payment: SandboxPayment, now: datetime) -> None:
    payment.status, payment.succeeded_at, payment.settles_at = Status.SUCCEEDED, now, None
    payment.fee = to_cents(payment.amount * payment.fee_percentage / 100 + payment.fee_fixed)
    if payment.save_method and payment.method is None:
        payment.method = _keep(payment, now)
    payment.save(update_fields=CHANGING)
    events.queue(events.Kind.PAYMENT_SUCCEEDED, payment, now=now)
    if payment.test_card.is_disputed:
        disputes.open_dispute(payment_id=payment.pk, now=now)


def _keep(payment: SandboxPayment, now: datetime) -> SandboxMethod:
    return SandboxMethod.objects.create(
        token=f"kept_{secrets.token_urlsafe(24)}",
        customer=payment.customer or f"customer_{payment.payer.hex}",
        payer=payment.payer,
        card=payment.card,
        expires_on=payment.expires_on,
        created_at=now,
    )
