"""Payers who ask their bank for the money back."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from donations.payments.sandbox.models import SandboxDispute, SandboxPayment
from donations.payments.sandbox.operations import events
from donations.payments.sandbox.operations.locking import WrongState, lock
from donations.payments.sandbox.queries import left_of
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.money import ZERO

FEE = Decimal("15.00")
"""What the bank asks for a dispute, whoever wins it."""

Status = SandboxDispute.Status


class NothingToDispute(Conflict):
    code = "NOTHING_TO_DISPUTE"
    message = _("Nothing of this payment is left to dispute.")


class AlreadyDisputed(Conflict):
    code = "CHARGE_DISPUTED"
    message = _("This payment is disputed. Decide the dispute first.")


class DisputeDecided(Conflict):
    code = "DISPUTE_DECIDED"
    message = _("This dispute is decided already.")


class LossImpossible(DomainError):
    code = "LOSS_IMPOSSIBLE"
    message = _("Between nothing and the whole disputed amount can be lost.")


@transaction.atomic
def open_dispute(*, payment_id: UUID, now: datetime, reason: str = "fraudulent") -> SandboxDispute:
    """Take back what is left of a payment until the dispute is decided."""
    payment = lock(payment_id)
    if payment.status != SandboxPayment.Status.SUCCEEDED:
        raise WrongState
    if payment.disputes.filter(status=Status.OPEN).exists():
        raise AlreadyDisputed
    amount = left_of(payment)
    if amount <= ZERO:
        raise NothingToDispute
    dispute = SandboxDispute.objects.create(
        payment=payment, amount=amount, fee=FEE, reason=reason, opened_at=now
    )
    events.queue(events.Kind.DISPUTE_OPENED, payment, about=dispute, now=now)
    return dispute


@transaction.atomic
def decide_dispute(*, dispute_id: UUID, lost_amount: Decimal, now: datetime) -> SandboxDispute:
    """Close a dispute: won when nothing is lost, else lost, wholly or in part."""
    payment = lock(SandboxDispute.objects.values_list("payment_id", flat=True).get(pk=dispute_id))
    dispute = SandboxDispute.objects.get(pk=dispute_id)
    if dispute.status != Status.OPEN:
        raise DisputeDecided
    if not ZERO <= lost_amount <= dispute.amount:
        raise LossImpossible
    dispute.status = Status.LOST if lost_amount else Status.WON
    dispute.lost_amount, dispute.closed_at = lost_amount, now
    dispute.save(update_fields=["status", "lost_amount", "closed_at"])
    events.queue(events.Kind.DISPUTE_CLOSED, payment, about=dispute, now=now)
    return dispute
