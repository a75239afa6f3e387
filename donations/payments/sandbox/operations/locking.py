"""Whatever changes a payment, its refunds or its disputes first takes the payment's row."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from donations.payments.sandbox.models import SandboxPayment
from goodplay.lib.errors import Conflict, NotFound


class PaymentMissing(NotFound):
    code = "RESOURCE_MISSING"
    message = _("The sandbox knows no such payment.")


class WrongState(Conflict):
    code = "PAYMENT_UNEXPECTED_STATE"
    message = _("The payment is not in a state in which this can be done.")


def lock(payment_id: UUID) -> SandboxPayment:
    """Return the payment as it stands now, held until the transaction ends."""
    payment = SandboxPayment.objects.select_for_update().filter(pk=payment_id).first()
    if payment is None:
        raise PaymentMissing
    return payment
