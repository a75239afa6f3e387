"""What the sandbox tells: payments as they stand, and its account of the money."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from donations.payments import contract
from donations.payments.sandbox.cards import DECLINES
from donations.payments.sandbox.models import SandboxDispute, SandboxEndpoint, SandboxPayment, SandboxRefund
from donations.payments.sandbox.signatures import own_secret
from goodplay.lib.money import ZERO


def page_of(payment: SandboxPayment, step: str = "pay") -> str:
    """Return the whole address of the payment page, or of another step of it."""
    return settings.PUBLIC_URL + reverse(f"sandbox:{step}", args=[payment.pk, payment.token])


def left_of(payment: SandboxPayment) -> Decimal:
    """Return how much of a payment was neither given back nor taken by a dispute. Read under the payment's lock."""
    if payment.status != SandboxPayment.Status.SUCCEEDED:
        return ZERO
    refunds = payment.refunds.exclude(status=SandboxRefund.Status.FAILED)
    disputes = payment.disputes.exclude(status=SandboxDispute.Status.WON)
    refunded = sum((refund.amount for refund in refunds), ZERO)
    disputed = sum((dispute.lost_amount or dispute.amount for dispute in disputes), ZERO)
    return payment.amount - refunded - disputed


def signing_secret() -> str:
    endpoint = SandboxEndpoint.objects.first()
    return endpoint.secret if endpoint else own_secret()


# Payments as they stand -------------------------------------------------------------------------------------------


def state_of(payment: SandboxPayment) -> contract.PaymentState:
    return contract.PaymentState(
        provider_payment_id=str(payment.pk),
        status=contract.Status(payment.status),
        amount=payment.amount,
        captured=payment.amount if payment.succeeded_at else ZERO,
        reference=str(payment.reference),
        fee=payment.fee,
        client_secret=f"{payment.pk}_secret_{payment.token}",
        next_action_url=_next_action(payment),
        method=_method_of(payment),
        error_code=payment.error_code,
        error_message=str(DECLINES.get(payment.error_code, "")),
        is_test=True,
        refunds=tuple(refund_state(refund) for refund in payment.refunds.order_by("pk")),
        disputes=tuple(_dispute_state(dispute) for dispute in payment.disputes.order_by("pk")),
    )


def refund_state(refund: SandboxRefund) -> contract.RefundState:
    return contract.RefundState(
        provider_refund_id=str(refund.pk),
        amount=refund.amount,
        status=contract.RefundStatus(refund.status),
        created_at=refund.created_at,
        reference=refund.reference,
    )


def _dispute_state(dispute: SandboxDispute) -> contract.DisputeState:
    return contract.DisputeState(
        provider_dispute_id=str(dispute.pk),
        amount=dispute.amount,
        status=contract.DisputeStatus(dispute.status),
        fee=dispute.fee,
        lost_amount=dispute.lost_amount,
        reason=dispute.reason,
        opened_at=dispute.opened_at,
    )


def _next_action(payment: SandboxPayment) -> str:
    if not payment.is_open:
        return ""
    is_asked = payment.status == SandboxPayment.Status.REQUIRES_ACTION
    return page_of(payment, "authenticate" if is_asked else "pay")


def _method_of(payment: SandboxPayment) -> contract.Method | None:
    if not payment.card:
        return None
    card, kept = payment.test_card, payment.method
    return contract.Method(
        kind="card",
        brand=card.brand,
        last4=card.last4,
        expires_on=payment.expires_on,
        token=kept.token if kept else "",
        customer=kept.customer if kept else "",
    )


# The account ------------------------------------------------------------------------------------------------------


def balance_entries(*, since: datetime, until: datetime) -> list[contract.BalanceEntry]:
    """List what came and went in `since <= t < until`, the oldest first."""
    entries = [*_payments(since, until), *_refunds(since, until), *_disputes(since, until)]
    return sorted(entries, key=lambda entry: (entry.created_at, entry.entry_id))


def _payments(since: datetime, until: datetime) -> Iterator[contract.BalanceEntry]:
    for payment in SandboxPayment.objects.filter(succeeded_at__gte=since, succeeded_at__lt=until):
        yield _entry(payment, "payment", payment, payment.amount, payment.succeeded_at, fee=payment.fee)


def _refunds(since: datetime, until: datetime) -> Iterator[contract.BalanceEntry]:
    rows = SandboxRefund.objects.filter(succeeded_at__gte=since, succeeded_at__lt=until)
    for refund in rows.select_related("payment"):
        yield _entry(refund, "refund", refund.payment, -refund.amount, refund.succeeded_at)


def _disputes(since: datetime, until: datetime) -> Iterator[contract.BalanceEntry]:
    """The whole amount is taken when a dispute opens; what was not lost comes back when it closes, the fee does not."""
    rows = SandboxDispute.objects.select_related("payment")
    for dispute in rows.filter(opened_at__gte=since, opened_at__lt=until):
        yield _entry(dispute, "dispute", dispute.payment, -dispute.amount, dispute.opened_at, fee=dispute.fee)
    for dispute in rows.filter(closed_at__gte=since, closed_at__lt=until).exclude(lost_amount=F("amount")):
        returned = dispute.amount - dispute.lost_amount
        yield _entry(dispute, "dispute", dispute.payment, returned, dispute.closed_at, part=":closed")


def _entry(
    row: SandboxPayment | SandboxRefund | SandboxDispute,
    kind: str,
    payment: SandboxPayment,
    gross: Decimal,
    moment: Any,
    *,
    fee: Decimal | None = None,
    part: str = "",
) -> contract.BalanceEntry:
    kept = fee or ZERO
    return contract.BalanceEntry(
        entry_id=f"{kind}:{row.pk}{part}",
        kind=kind,
        provider_payment_id=str(payment.pk),
        gross=gross,
        fee=kept,
        net=gross - kept,
        created_at=moment,
        reference=str(payment.reference),
        source_id=str(row.pk),
    )
