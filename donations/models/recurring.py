from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class RecurringDonationQuerySet(models.QuerySet["RecurringDonation"]):
    def active(self) -> Self:
        return self.filter(status=RecurringDonation.Status.ACTIVE)


class RecurringDonation(models.Model):
    """A promise to give the same amount again and again, from the wallet or with a saved means of payment."""

    class Interval(models.TextChoices):
        WEEKLY = "weekly", _("Every week")
        MONTHLY = "monthly", _("Every month")
        QUARTERLY = "quarterly", _("Every three months")
        YEARLY = "yearly", _("Every year")

    class Source(models.TextChoices):
        WALLET = "wallet", _("Wallet")
        SAVED_METHOD = "saved_method", _("Saved means of payment")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Stopped after failures")

    id = fields.key()
    donor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="recurring_donations")
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="+")
    amount = fields.euros()
    interval = models.CharField(_("interval"), max_length=10, choices=Interval.choices)
    source = models.CharField(_("paid from"), max_length=12, choices=Source.choices)
    saved_method = models.ForeignKey(
        "donations.SavedPaymentMethod", models.PROTECT, null=True, blank=True, related_name="+"
    )
    cover_fees = models.BooleanField(
        _("fees on top"),
        default=False,
        help_text=_("The donor pays the fees, so that all of the amount is given."),
    )
    message = models.CharField(_("message"), max_length=500, blank=True, default="")
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    anchor_day = models.PositiveSmallIntegerField(
        _("day"), help_text=_("Of the month; shorter months use their last day.")
    )
    next_on = models.DateField(_("next on"), help_text=_("Rome's calendar."))
    noticed_for = models.DateField(_("notice sent for"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = RecurringDonationQuerySet.as_manager()

    class Meta:
        verbose_name = _("recurring donation")
        verbose_name_plural = _("recurring donations")
        constraints = [
            models.CheckConstraint(name="recurring_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="recurring_source_names_method",
                condition=Q(source="wallet", saved_method=None, cover_fees=False)
                | Q(source="saved_method", saved_method__isnull=False),
            ),
            models.CheckConstraint(
                name="recurring_anchor_in_month", condition=Q(anchor_day__gte=1, anchor_day__lte=31)
            ),
            models.CheckConstraint(
                name="recurring_ended_iff_over",
                condition=Q(status__in=["cancelled", "failed"], ended_at__isnull=False)
                | Q(status__in=["active", "paused"], ended_at=None),
            ),
        ]
        indexes = [
            # What is due today, and whose notice is.
            models.Index(name="recurring_due", fields=["next_on"], condition=Q(status="active")),
            models.Index(name="recurring_donor", fields=["donor", "-created_at"]),
        ]

    def __str__(self) -> str:
        return f"€ {self.amount} {self.get_interval_display()}"


class RecurringCharge(models.Model):
    """One due date of a recurring donation: at most one gift comes of it, after up to four attempts."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        PROCESSING = "processing", _("Payment under way")
        SUCCEEDED = "succeeded", _("Given")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Failed")

    id = fields.key()
    recurring = models.ForeignKey(RecurringDonation, models.PROTECT, related_name="charges")
    due_on = models.DateField(_("due on"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    donation = models.OneToOneField(
        "donations.Donation", models.PROTECT, null=True, blank=True, related_name="recurring_charge"
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    attempted_at = models.DateTimeField(_("last attempt at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=60, blank=True, default="")
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("recurring charge")
        verbose_name_plural = _("recurring charges")
        constraints = [
            models.UniqueConstraint(name="charge_once_per_due_date", fields=["recurring", "due_on"]),
            models.CheckConstraint(
                name="charge_succeeded_names_donation",
                condition=~Q(status="succeeded") | Q(donation__isnull=False),
            ),
        ]
        indexes = [
            # Attempts that are due.
            models.Index(name="charge_due", fields=["next_attempt_at"], condition=Q(status="pending")),
            # Attempts a crash interrupted.
            models.Index(name="charge_under_way", fields=["attempted_at"], condition=Q(status="processing")),
        ]

    def __str__(self) -> str:
        return f"{self.due_on}"
