from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from goodplay.lib.money import ZERO

MOST_ATTEMPTS = 3


class PaymentIntentQuerySet(models.QuerySet["PaymentIntent"]):
    def of_player(self, player_id: object) -> Self:
        return self.filter(player_id=player_id)

    def open(self) -> Self:
        return self.filter(status__in=PaymentIntent.OPEN)


class PaymentIntent(models.Model):
    """One attempt to bring own money in: into the wallet, or through it into a donation. EUR."""

    class Purpose(models.TextChoices):
        TOP_UP = "top_up", _("Top-up")
        DONATION = "donation", _("Donation")

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        PROCESSING = "processing", _("Processing")
        REQUIRES_ACTION = "requires_action", _("Waits for the payer")
        SUCCEEDED = "succeeded", _("Succeeded")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")
        REFUNDED = "refunded", _("Refunded")
        PARTIALLY_REFUNDED = "partially_refunded", _("Partly refunded")

    class Method(models.TextChoices):
        CARD = "card", _("Card")
        PAYPAL = "paypal", "PayPal"
        BANK_TRANSFER = "bank_transfer", _("Bank transfer")

    OPEN: ClassVar[tuple[str, ...]] = (Status.PENDING, Status.PROCESSING, Status.REQUIRES_ACTION)
    PAID: ClassVar[tuple[str, ...]] = (Status.SUCCEEDED, Status.PARTIALLY_REFUNDED, Status.REFUNDED)

    # What may follow what. Going back among the paid ones is a refund that failed after all.
    STEPS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        Status.PENDING: (
            Status.PROCESSING,
            Status.REQUIRES_ACTION,
            Status.SUCCEEDED,
            Status.FAILED,
            Status.CANCELLED,
        ),
        Status.PROCESSING: (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED),
        Status.REQUIRES_ACTION: (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED),
        Status.SUCCEEDED: (Status.PARTIALLY_REFUNDED, Status.REFUNDED),
        Status.PARTIALLY_REFUNDED: (Status.REFUNDED, Status.SUCCEEDED),
        Status.REFUNDED: (Status.PARTIALLY_REFUNDED, Status.SUCCEEDED),
    }

    id = fields.key()
    player = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="payment_intents")
    provider = models.ForeignKey("donations.PaymentProvider", models.PROTECT, related_name="intents")
    provider_payment_id = models.CharField(
        _("payment at the provider"), max_length=255, blank=True, default=""
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices, default=Purpose.TOP_UP)
    donation = models.OneToOneField(
        "donations.Donation", models.PROTECT, null=True, blank=True, related_name="payment"
    )
    amount = fields.euros(help_text=_("What the payer pays."))
    processing_fee = fields.euros_from_zero()
    platform_fee = fields.euros_from_zero()
    net_amount = fields.euros(help_text=_("What reaches the wallet, or the donation."))
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.PENDING)
    payment_method = models.CharField(
        _("means of payment"), max_length=20, choices=Method.choices, default=Method.CARD
    )
    method_brand = models.CharField(_("brand"), max_length=30, blank=True, default="")
    method_last4 = models.CharField(_("last four digits"), max_length=4, blank=True, default="")
    saved_method = models.ForeignKey(
        "donations.SavedPaymentMethod", models.PROTECT, null=True, blank=True, related_name="+"
    )
    save_method = models.BooleanField(_("keep the means of payment"), default=False)
    is_off_session = models.BooleanField(_("without the payer"), default=False)
    client_secret = fields.EncryptedTextField(_("client secret"), default="")
    next_action_url = models.TextField(_("where the payer goes on"), blank=True, default="")
    return_url = models.CharField(_("where the payer comes back"), max_length=500, blank=True, default="")
    description = models.CharField(_("description"), max_length=200, blank=True, default="")
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    request_key = models.CharField(_("idempotency key"), max_length=255, blank=True, default="")
    confirmation_attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_attempt_at = models.DateTimeField(_("last attempt at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True, default="")
    error_code = models.CharField(_("error code"), max_length=60, blank=True, default="")
    cancel_reason = models.CharField(_("why it is cancelled"), max_length=200, blank=True, default="")
    cancel_requested_at = models.DateTimeField(_("cancellation asked for at"), null=True, blank=True)
    actual_fee = fields.euros(null=True, blank=True, help_text=_("What the provider kept, once it has told."))
    stray_amount = fields.euros_from_zero(
        help_text=_("Money the provider took that was not asked for like this. It waits for a person.")
    )
    refunded_amount = fields.euros_from_zero()
    refund_reason = models.CharField(_("reason of the refund"), max_length=200, blank=True, default="")
    refunded_at = models.DateTimeField(_("refunded at"), null=True, blank=True)
    review_hold = models.OneToOneField(
        "donations.Transfer",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Holds a top-up under review."),
    )
    expires_at = models.DateTimeField(_("expires at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    processed_at = models.DateTimeField(_("processed at"), null=True, blank=True)
    checked_at = models.DateTimeField(_("last asked for"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = PaymentIntentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.UniqueConstraint(
                name="intent_once_at_provider",
                fields=["provider", "provider_payment_id"],
                condition=~Q(provider_payment_id=""),
            ),
            models.UniqueConstraint(
                name="intent_once_per_request", fields=["player", "request_key"], condition=~Q(request_key="")
            ),
            models.CheckConstraint(
                name="intent_amount_is_net_and_fees",
                # Rounded, because SQLite adds in floating point.
                condition=Q(
                    amount__gt=0,
                    net_amount__gt=0,
                    processing_fee__gte=0,
                    platform_fee__gte=0,
                    amount=Round(F("net_amount") + F("processing_fee") + F("platform_fee"), precision=2),
                ),
            ),
            models.CheckConstraint(name="intent_in_euros", condition=Q(currency="EUR")),
            models.CheckConstraint(
                name="intent_donation_iff_purpose",
                condition=Q(purpose="top_up", donation=None) | Q(purpose="donation", donation__isnull=False),
            ),
            models.CheckConstraint(
                name="intent_processed_iff_closed",
                condition=Q(status__in=["pending", "processing", "requires_action"], processed_at=None)
                | (
                    ~Q(status__in=["pending", "processing", "requires_action"])
                    & Q(processed_at__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="intent_confirmed_iff_paid",
                condition=Q(
                    status__in=["succeeded", "partially_refunded", "refunded"], confirmed_at__isnull=False
                )
                | (~Q(status__in=["succeeded", "partially_refunded", "refunded"]) & Q(confirmed_at=None)),
            ),
            models.CheckConstraint(
                name="intent_refunded_as_its_status",
                condition=Q(status="refunded", refunded_amount=F("amount"))
                | Q(status="partially_refunded", refunded_amount__gt=0, refunded_amount__lt=F("amount"))
                | (~Q(status__in=["refunded", "partially_refunded"]) & Q(refunded_amount=0)),
            ),
            models.CheckConstraint(
                name="intent_attempts_limited", condition=Q(confirmation_attempts__lte=MOST_ATTEMPTS)
            ),
        ]
        indexes = [
            # A player's payments.
            models.Index(name="intent_player", fields=["player", "-created_at", "-id"]),
            # The back office, newest first.
            models.Index(name="intent_created", fields=["-created_at", "-id"]),
            # What is asked for at the provider, and what expires.
            models.Index(
                name="intent_open",
                fields=["created_at"],
                condition=Q(status__in=["pending", "processing", "requires_action"]),
            ),
            # Money of a period, and payments whose refunds and disputes are still looked for.
            models.Index(name="intent_confirmed", fields=["confirmed_at"]),
            # The days whose payments changed since the rollups were made.
            models.Index(name="intent_changed", fields=["updated_at"]),
        ]

    def __str__(self) -> str:
        return f"€ {self.amount} {self.get_status_display()}"

    @property
    def total_fees(self) -> Decimal:
        return self.processing_fee + self.platform_fee

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_paid(self) -> bool:
        """Say whether the money came, whatever was given back of it since."""
        return self.status in self.PAID

    def can_be_confirmed(self, now: datetime) -> bool:
        return (
            self.status in (self.Status.PENDING, self.Status.REQUIRES_ACTION)
            and self.confirmation_attempts < MOST_ATTEMPTS
            and self.cancel_requested_at is None
            and now < self.expires_at
        )

    @property
    def can_be_refunded(self) -> bool:
        return self.refundable_amount > ZERO

    @property
    def refundable_amount(self) -> Decimal:
        return self.amount - self.refunded_amount if self.is_paid else ZERO


class PaymentStatusChange(models.Model):
    """One step of a payment's life, or a piece of news that could not be believed any more. Rows never change."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    intent = models.ForeignKey(PaymentIntent, models.PROTECT, related_name="status_changes")
    from_status = models.CharField(_("from"), max_length=20, blank=True, default="")
    to_status = models.CharField(_("to"), max_length=20)
    is_applied = models.BooleanField(
        _("applied"), default=True, help_text=_("No: it was news a payment in this state cannot have.")
    )
    source = models.CharField(_("told by"), max_length=20)
    error_code = models.CharField(_("error code"), max_length=60, blank=True, default="")
    error_message = models.CharField(_("error"), max_length=300, blank=True, default="")
    changed_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("status change")
        verbose_name_plural = _("status changes")

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"
