from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

from .payments import PaymentIntent


class PaymentDisputeQuerySet(models.QuerySet["PaymentDispute"]):
    def open(self) -> Self:
        return self.filter(status=PaymentDispute.Status.OPEN)


class PaymentDispute(models.Model):
    """A payer contests a payment. The wallet is frozen until it is settled.

    `booked_amount` is what the provider withdrew as the books have it now, its fee included.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    id = fields.key()
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="disputes")
    provider_dispute_id = models.CharField(_("dispute at the provider"), max_length=255)
    amount = fields.euros()
    fee = fields.euros_from_zero()
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    reason = models.CharField(_("reason"), max_length=100, blank=True, default="")
    lost_amount = fields.euros_from_zero()
    booked_amount = fields.euros_from_zero()
    bookings = models.PositiveSmallIntegerField(_("bookings"), default=0)
    recovered_amount = fields.euros_from_zero(help_text=_("What of the loss the wallet paid."))
    shortfall = fields.euros_from_zero()
    settled_amount = fields.euros_from_zero(
        help_text=_("What of the shortfall came back or was written off.")
    )
    hold = models.OneToOneField("donations.Transfer", models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = PaymentDisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment dispute")
        verbose_name_plural = _("payment disputes")
        constraints = [
            models.UniqueConstraint(
                name="dispute_once_at_provider", fields=["intent", "provider_dispute_id"]
            ),
            models.CheckConstraint(
                name="dispute_amounts_in_order",
                condition=Q(
                    amount__gt=0,
                    fee__gte=0,
                    lost_amount__gte=0,
                    lost_amount__lte=F("amount"),
                    booked_amount__gte=0,
                    recovered_amount__gte=0,
                    settled_amount__gte=0,
                    settled_amount__lte=F("shortfall"),
                ),
            ),
            models.CheckConstraint(
                name="dispute_loss_is_recovered_or_short",
                condition=Q(lost_amount=Round(F("recovered_amount") + F("shortfall"), precision=2)),
            ),
            models.CheckConstraint(
                name="dispute_closed_iff_dated",
                condition=Q(status="open", closed_at=None, lost_amount=0)
                | Q(status="won", closed_at__isnull=False, lost_amount=0)
                | Q(status="lost", closed_at__isnull=False),
            ),
        ]
        indexes = [
            # Whose money may not be paid out.
            models.Index(name="dispute_open", fields=["intent"], condition=Q(status="open"))
        ]

    def __str__(self) -> str:
        return f"€ {self.amount} {self.get_status_display()}"
