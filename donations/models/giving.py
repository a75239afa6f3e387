from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class DonationQuerySet(models.QuerySet["Donation"]):
    def completed(self) -> Self:
        return self.filter(status=Donation.Status.COMPLETED)

    def of_donor(self, donor_id: object) -> Self:
        return self.filter(donor_id=donor_id)


class Donation(models.Model):
    """A gift to an ONLUS. Its key is the `transaction_id` of the transfers that carry it."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        PROCESSING = "processing", _("Processing")
        COMPLETED = "completed", _("Completed")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        REFUNDED = "refunded", _("Refunded")

    class Origin(models.TextChoices):
        USER_INITIATED = "user_initiated", _("By the donor")
        AUTO = "auto", _("Automatic")
        BATCH = "batch", _("Batch")
        ALLOCATION = "allocation", _("Allocation")
        EXTERNAL_PAYMENT = "external_payment", _("External payment")

    id = fields.key()
    donor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="donations")
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="donations")
    onlus_name = models.CharField(_("name of the ONLUS then"), max_length=200)
    amount = fields.euros()
    earned_amount = fields.euros(help_text=_("Paid with credits earned by playing."))
    paid_amount = fields.euros(help_text=_("Paid with the donor's own money."))
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    origin = models.CharField(_("origin"), max_length=20, choices=Origin.choices)
    message = models.CharField(_("message"), max_length=500, blank=True, default="")
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    created_at = models.DateTimeField(_("created at"))
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)

    objects = DonationQuerySet.as_manager()

    remaining_balance: Decimal | None = None
    """What the donor can still give, in EUR; set by the operation that made the donation, not stored."""

    class Meta:
        verbose_name = _("donation")
        verbose_name_plural = _("donations")
        constraints = [
            models.CheckConstraint(name="donation_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="donation_amount_is_earned_and_paid",
                # Rounded, because SQLite adds in floating point.
                condition=Q(
                    amount=Round(F("earned_amount") + F("paid_amount"), precision=2),
                    earned_amount__gte=0,
                    paid_amount__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="donation_dated_iff_completed",
                condition=Q(status__in=["completed", "refunded"], completed_at__isnull=False)
                | Q(status__in=["pending", "processing", "failed", "cancelled"], completed_at=None),
            ),
        ]
        indexes = [
            # A donor's history and totals.
            models.Index(name="donation_donor", fields=["donor", "-created_at", "-id"]),
            # What an ONLUS received, in the portal and on its public page.
            models.Index(name="donation_onlus", fields=["onlus", "-completed_at", "-id"]),
            # Dashboards and community figures of a period.
            models.Index(name="donation_completed", fields=["completed_at"], condition=Q(status="completed")),
        ]

    def __str__(self) -> str:
        return f"€ {self.amount} → {self.onlus_name}"
