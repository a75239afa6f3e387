"""Giving money back, asked for by GoodPlay or by staff at the provider."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from donations.payments.sandbox.cards import SETTLES_AFTER
from donations.payments.sandbox.models import SandboxDispute, SandboxPayment, SandboxRefund
from donations.payments.sandbox.operations import events
from donations.payments.sandbox.operations.disputes import AlreadyDisputed
from donations.payments.sandbox.operations.locking import WrongState, lock
from donations.payments.sandbox.queries import left_of
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.money import ZERO

Status = SandboxRefund.Status


class RefundImpossible(DomainError):
    code = "REFUND_AMOUNT_INVALID"
    message = _("A refund is more than nothing and at most what is left of the payment.")


class ReferenceUsed(Conflict):
    code = "REFUND_REFERENCE_USED"
    message = _("There is a refund with this reference already.")


@transaction.atomic
def refund(*, payment_id: UUID, amount: Decimal, reference: str, now: datetime) -> SandboxRefund:
    """Give a part or all of what is left back. `reference` is GoodPlay's key; empty when staff do it here."""
    payment = lock(payment_id)
    if payment.status != SandboxPayment.Status.SUCCEEDED:
        raise WrongState
    if payment.disputes.filter(status=SandboxDispute.Status.OPEN).exists():
        raise AlreadyDisputed
    if not ZERO < amount <= left_of(payment):
        raise RefundImpossible
    if reference and SandboxRefund.objects.filter(reference=reference).exists():
        raise ReferenceUsed
    is_slow = payment.test_card.refunds_slowly
    made = SandboxRefund.objects.create(
        payment=payment,
        reference=reference,
        amount=amount,
        status=Status.PENDING if is_slow else Status.SUCCEEDED,
        created_at=now,
        settles_at=now + SETTLES_AFTER if is_slow else None,
        succeeded_at=None if is_slow else now,
    )
    events.queue(events.Kind.REFUND_UPDATED, payment, about=made, now=now)
    return made


@transaction.atomic
def refund_rest(*, payment_id: UUID, now: datetime) -> SandboxRefund:
    """Give back all that is left, as staff do in a provider's own screens."""
    return refund(payment_id=payment_id, amount=left_of(lock(payment_id)), reference="", now=now)


@transaction.atomic
def settle(*, refund_id: UUID, now: datetime) -> SandboxRefund:
    """Decide a slow refund as its test card says. Decided ones stay as they are."""
    payment = lock(SandboxRefund.objects.values_list("payment_id", flat=True).get(pk=refund_id))
    slow = SandboxRefund.objects.get(pk=refund_id)
    if slow.status != Status.PENDING:
        return slow
    has_failed = payment.test_card.refunds_fail
    slow.status = Status.FAILED if has_failed else Status.SUCCEEDED
    slow.settles_at, slow.succeeded_at = None, None if has_failed else now
    slow.save(update_fields=["status", "settles_at", "succeeded_at"])
    events.queue(events.Kind.REFUND_UPDATED, payment, about=slow, now=now)
    return slow
