from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

from .payments import PaymentIntent


class PaymentRefundQuerySet(models.QuerySet["PaymentRefund"]):
    def pending(self) -> Self:
        return self.filter(status=PaymentRefund.Status.PENDING)

    def standing(self) -> Self:
        """Return those that took money or may still."""
        return self.exclude(status=PaymentRefund.Status.FAILED)


class PaymentRefund(models.Model):
    """Money given back to a payer, asked for here or made at the provider.

    `wallet_amount` comes from the wallet the payment went into, `fee_amount` from the fees; `stray_amount` is money that
    never reached a wallet. What the wallet no longer had is `shortfall`: a loss now, and the player's debt.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")

    id = fields.key()
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="refunds")
    provider_refund_id = models.CharField(_("refund at the provider"), max_length=255, null=True, blank=True)  # noqa: DJ001  (unique where known)
    is_ours = models.BooleanField(_("asked for here"), default=True)
    amount = fields.euros()
    wallet_amount = fields.euros_from_zero()
    fee_amount = fields.euros_from_zero()
    stray_amount = fields.euros_from_zero()
    shortfall = fields.euros_from_zero()
    settled_amount = fields.euros_from_zero(
        help_text=_("What of the shortfall came back or was written off.")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    error_code = models.CharField(_("error code"), max_length=60, blank=True, default="")
    hold = models.OneToOneField("donations.Transfer", models.PROTECT, null=True, blank=True, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    request_key = models.CharField(_("idempotency key"), max_length=255, blank=True, default="")
    created_at = models.DateTimeField(_("created at"))
    checked_at = models.DateTimeField(_("last asked for"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = PaymentRefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment refund")
        verbose_name_plural = _("payment refunds")
        constraints = [
            models.UniqueConstraint(
                name="payment_refund_once_at_provider", fields=["intent", "provider_refund_id"]
            ),
            models.UniqueConstraint(
                name="payment_refund_one_under_way",
                fields=["intent"],
                condition=Q(status="pending", is_ours=True),
            ),
            models.UniqueConstraint(
                name="payment_refund_once_per_request",
                fields=["intent", "request_key"],
                condition=~Q(request_key=""),
            ),
            models.CheckConstraint(
                name="payment_refund_is_its_parts",
                condition=Q(
                    amount__gt=0,
                    wallet_amount__gte=0,
                    fee_amount__gte=0,
                    stray_amount__gte=0,
                    amount=Round(F("wallet_amount") + F("fee_amount") + F("stray_amount"), precision=2),
                ),
            ),
            models.CheckConstraint(
                name="payment_refund_shortfall_within_share",
                condition=Q(
                    shortfall__gte=0,
                    shortfall__lte=F("wallet_amount"),
                    settled_amount__gte=0,
                    settled_amount__lte=F("shortfall"),
                ),
            ),
            models.CheckConstraint(
                name="payment_refund_closed_iff_dated",
                condition=Q(status="pending", closed_at=None)
                | (~Q(status="pending") & Q(closed_at__isnull=False)),
            ),
        ]
        indexes = [
            # Refunds whose answer is awaited.
            models.Index(name="payment_refund_due", fields=["created_at"], condition=Q(status="pending"))
        ]

    def __str__(self) -> str:
        return f"€ {self.amount} {self.get_status_display()}"
