"""Slow payments and refunds whose time has come."""

from datetime import datetime

from donations.payments.sandbox.models import SandboxPayment, SandboxRefund
from donations.payments.sandbox.operations import payments, refunds

AT_A_TIME = 200


def settle_due(*, now: datetime) -> int:
    """Decide what is due, each in a transaction of its own, and return how many that were."""
    due = SandboxPayment.objects.filter(settles_at__lte=now).order_by("settles_at", "pk")
    slow_payments = list(due.values_list("pk", flat=True)[:AT_A_TIME])
    due_refunds = SandboxRefund.objects.filter(settles_at__lte=now).order_by("settles_at", "pk")
    slow_refunds = list(due_refunds.values_list("pk", flat=True)[:AT_A_TIME])
    for payment_id in slow_payments:
        payments.settle(payment_id=payment_id, now=now)
    for refund_id in slow_refunds:
        refunds.settle(refund_id=refund_id, now=now)
    return len(slow_payments) + len(slow_refunds)


def settle_if_due(*, payment: SandboxPayment, now: datetime) -> SandboxPayment:
    """Decide one payment and its refunds when somebody asks before the job came round; return it as it stands."""
    for refund in payment.refunds.filter(settles_at__lte=now):
        refunds.settle(refund_id=refund.pk, now=now)
    if payment.settles_at is not None and payment.settles_at <= now:
        return payments.settle(payment_id=payment.pk, now=now)
    return payment
