"""Telling players by e-mail what became of their payments, in their language."""

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from donations.models import PaymentDispute, PaymentIntent, PaymentRefund


def tell_success(*, intent: PaymentIntent) -> None:
    """Tell where the money is. Money that became a donation is told by the donation's receipt."""
    if intent.donation is not None and intent.donation.completed_at is not None:
        return
    _send(intent, _("Your payment has arrived"), "succeeded")


def tell_refund(*, refund: PaymentRefund) -> None:
    subject = _("Your payment was given back")
    if refund.status == PaymentRefund.Status.FAILED:
        subject = _("Your payment could not be given back")
    _send(refund.intent, subject, "refunded", refund=refund)


def tell_dispute(*, dispute: PaymentDispute, status: str) -> None:
    """Tell how it was when the event happened, though more may have happened since.

    Money that never reached the wallet is no news to its player; what was lost as a refund was told as one.
    """
    was_refunded = status == PaymentDispute.Status.LOST and not dispute.lost_amount
    if dispute.intent.is_paid and not was_refunded:
        _send(dispute.intent, _("A payment of yours is disputed"), "disputed", dispute=dispute, status=status)


def _send(intent: PaymentIntent, subject: str | Promise, what: str, **facts: Any) -> None:
    player = intent.player
    with translation.override(player.preferred_language):
        body = render_to_string("mail/payment.txt", {"user": player, "intent": intent, "what": what, **facts})
        send_mail(str(subject), body, settings.DEFAULT_FROM_EMAIL, [player.email])
