from decimal import Decimal
from typing import ClassVar, Self

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

    def on_record(self) -> Self:
        """Return those that were carried out once, whatever was given back of them since."""
        return self.filter(status__in=(Donation.Status.COMPLETED, Donation.Status.REFUNDED))


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
    round_up_amount = fields.euros_from_zero(
        help_text=_("The part of the amount that rounds it up to a whole euro.")
    )
    in_honour_of = models.CharField(_("in honour of"), max_length=120, blank=True, default="")
    campaign = models.ForeignKey(
        "donations.Campaign", models.PROTECT, null=True, blank=True, related_name="donations"
    )
    recurring = models.ForeignKey(
        "donations.RecurringDonation", models.PROTECT, null=True, blank=True, related_name="donations"
    )
    group_id = models.UUIDField(
        _("group"),
        null=True,
        blank=True,
        help_text=_("Shared by the donations one gift to a pool was split into."),
    )
    refunded_amount = fields.euros_from_zero(help_text=_("What was given back to the donor so far."))
    matched_amount = fields.euros_from_zero(
        help_text=_("What a sponsor added, less what went back: the net amount of its match.")
    )
    created_at = models.DateTimeField(_("created at"))
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)
    closed_at = models.DateTimeField(
        _("closed at"),
        null=True,
        blank=True,
        help_text=_("When it failed or was cancelled before completion."),
    )
    failure_code = models.CharField(_("why it failed"), max_length=60, blank=True, default="")
    clears_at = models.DateTimeField(
        _("clears at"), null=True, blank=True, help_text=_("When the money may be paid out to the ONLUS.")
    )

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
            models.CheckConstraint(
                name="donation_closed_iff_not_carried_out",
                condition=Q(status__in=["failed", "cancelled"], closed_at__isnull=False)
                | (~Q(status__in=["failed", "cancelled"]) & Q(closed_at=None)),
            ),
            models.CheckConstraint(
                name="donation_clears_iff_completed",
                condition=Q(completed_at=None, clears_at=None)
                | Q(completed_at__isnull=False, clears_at__isnull=False),
            ),
            models.CheckConstraint(
                name="donation_refunded_within_amount",
                condition=Q(status="refunded", refunded_amount=F("amount"))
                | Q(status="completed", refunded_amount__gte=0, refunded_amount__lt=F("amount"))
                | Q(status__in=["pending", "processing", "failed", "cancelled"], refunded_amount=0),
            ),
            models.CheckConstraint(
                name="donation_round_up_within_amount",
                condition=Q(round_up_amount__gte=0, round_up_amount__lt=F("amount")),
            ),
        ]
        indexes = [
            # A donor's history and totals.
            models.Index(name="donation_donor", fields=["donor", "-created_at", "-id"]),
            # What an ONLUS received, in the portal and on its public page.
            models.Index(name="donation_onlus", fields=["onlus", "-completed_at", "-id"]),
            # What a payout run takes up, oldest first.
            models.Index(
                name="donation_clearing", fields=["onlus", "clears_at"], condition=Q(status="completed")
            ),
            # Gifts waiting for a payment or a review, and their clean-up.
            models.Index(name="donation_waiting", fields=["created_at"], condition=Q(status="pending")),
            # Dashboards and community figures of a period.
            models.Index(name="donation_completed", fields=["completed_at"], condition=Q(status="completed")),
            # A day of the rollups made anew: with those that were given back.
            models.Index(name="donation_carried_out", fields=["completed_at"]),
        ]

    def __str__(self) -> str:
        return f"€ {self.amount} → {self.onlus_name}"

    @property
    def net_amount(self) -> Decimal:
        """What the ONLUS keeps of it: the amount less what was given back."""
        return self.amount - self.refunded_amount


class DonationRefund(models.Model):
    """All or a part of a completed donation, given back to its donor. Rows never change.

    Once the ONLUS was paid out, what is given back becomes a claim on it: its next payouts are smaller by
    `recovered_amount`.
    """

    append_only: ClassVar[bool] = True

    class Cause(models.TextChoices):
        DONOR = "donor", _("Cancelled by the donor")
        STAFF = "staff", _("Refunded by the staff")
        PAYMENT = "payment", _("The payment was refunded")
        DISPUTE = "dispute", _("The payment was disputed and lost")

    id = fields.key()
    donation = models.ForeignKey(Donation, models.PROTECT, related_name="refunds")
    amount = fields.euros()
    earned_amount = fields.euros()
    paid_amount = fields.euros()
    matched_amount = fields.euros_from_zero(help_text=_("What went back to the sponsor who matched it."))
    recovered_amount = fields.euros_from_zero(
        help_text=_("The part the ONLUS had been paid out already, match included.")
    )
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("donation refund")
        verbose_name_plural = _("donation refunds")
        indexes = [
            # The days whose donations changed since the rollups were made.
            models.Index(name="donation_refund_made", fields=["created_at"])
        ]
        constraints = [
            models.CheckConstraint(
                name="refund_is_earned_and_paid",
                condition=Q(
                    amount__gt=0,
                    amount=Round(F("earned_amount") + F("paid_amount"), precision=2),
                    earned_amount__gte=0,
                    paid_amount__gte=0,
                    matched_amount__gte=0,
                    recovered_amount__gte=0,
                ),
            )
        ]

    def __str__(self) -> str:
        return f"€ {self.amount} ← {self.donation_id}"
