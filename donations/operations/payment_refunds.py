"""Giving payments back to their payers, as it is asked for here."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Donation, PaymentIntent, PaymentProvider, PaymentRefund
from donations.operations import payment_refund_bookings, payment_refund_news
from donations.operations.payment_providers import PaymentProviderError, adapter
from donations.operations.payment_refund_news import refunds_of
from donations.operations.payment_steps import lock, store
from donations.payments.contract import ProviderRefused, ProviderUnavailable, RefundState
from donations.queries.payments import refundable_amount
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.idempotency.errors import KeyReused
from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO

logger = structlog.get_logger("goodplay.payments")

BULK_REFUND = "bulk_payment_refund"

Status = PaymentRefund.Status


class PaymentIntentNotFound(NotFound):
    code = "PAYMENT_INTENT_NOT_FOUND"
    message = _("There is no such payment.")


class RefundUnderWay(Conflict):
    code = "REFUND_IN_PROGRESS"
    message = _("A refund of this payment is under way. Wait until it is done.")


class PaymentPaidADonation(Conflict):
    code = "PAYMENT_PAID_A_DONATION"
    message = _("This payment went into a donation. Cancel the donation first.")


class PaymentIsDisputed(Conflict):
    code = "PAYMENT_DISPUTED"
    message = _("This payment is disputed at the bank. Until that is settled nothing is given back.")


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
            payment_refund_bookings.take_gift_back(
                intent,
                payment_refund_bookings.next_share(intent, amount or refundable_amount(intent)),
                reason,
                staff,
                now,
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
        raise payment_refund_bookings.PaymentNotRefundable
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
    for intent in _lock_all(UUID(key) for key in request.facts["payments"]):
        try:
            with transaction.atomic():
                payment_refund_bookings.take_gift_back(
                    intent,
                    payment_refund_bookings.next_share(intent, refundable_amount(intent)),
                    request.reason,
                    None,
                    now,
                )
                made = ask_back(intent, None, reason=request.reason[:200], by=request.requested_by, now=now)
            results[str(intent.pk)] = str(made.pk)
        except DomainError as error:
            results[str(intent.pk)] = error.code
    return {"refunds": results}


def _lock_all(intent_ids: Iterable[UUID]) -> list[PaymentIntent]:
    """Lock payments, then the gifts they made, before any wallet: several may be of one player."""
    intents = [lock(intent_id) for intent_id in sorted(intent_ids)]
    gifts = Donation.objects.filter(pk__in=[each.donation_id for each in intents if each.donation_id])
    list(gifts.order_by("pk").select_for_update(of=("self",)))
    return intents


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
    payment_refund_bookings.size(refund, amount)
    refund.hold = payment_refund_bookings.hold(refund, now)
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
    payment_refund_news.follow(intent, (replace(state, reference=str(refund_id)),), source="refund", now=now)
    store(intent, now)
    return PaymentRefund.objects.select_related("intent__provider").get(pk=refund_id)


@transaction.atomic(durable=True)
def _refused(refund_id: UUID, error: ProviderRefused, now: datetime) -> None:
    intent = lock(PaymentRefund.objects.values_list("intent_id", flat=True).get(pk=refund_id))
    refund = refunds_of(intent).get(pk=refund_id)
    if refund.status == Status.PENDING:
        refund.error_code = error.code[:60]
        payment_refund_bookings.fail(refund, now)


def _lock_own(intent_id: UUID, player: User) -> PaymentIntent:
    if not PaymentIntent.objects.of_player(player.pk).filter(pk=intent_id).exists():
        raise PaymentIntentNotFound
    return lock(intent_id)


def _made_before(intent: PaymentIntent, request_key: str, amount: Decimal | None) -> PaymentRefund | None:
    made = refunds_of(intent).filter(request_key=request_key).first() if request_key else None
    if made is not None and amount is not None and amount != made.amount:
        raise KeyReused
    return made
