from decimal import Decimal
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class PaymentProviderQuerySet(models.QuerySet["PaymentProvider"]):
    def eligible(self) -> Self:
        """Return those that may take a new payment, the preferred one first."""
        return self.filter(is_active=True, health_status=PaymentProvider.Health.HEALTHY).order_by(
            "-priority", "created_at", "pk"
        )


class PaymentProvider(models.Model):
    """One account at a payment provider. Secrets are written and used, never shown."""

    class Type(models.TextChoices):
        STRIPE = "stripe", "Stripe"
        PAYPAL = "paypal", "PayPal"
        SANDBOX = "sandbox", _("Sandbox")
        BANK_TRANSFER = "bank_transfer", _("Bank transfer")

    class Health(models.TextChoices):
        UNKNOWN = "unknown", _("Unknown")
        HEALTHY = "healthy", _("Healthy")
        DEGRADED = "degraded", _("Degraded")
        DOWN = "down", _("Down")

    id = fields.key()
    provider_type = models.CharField(_("type"), max_length=20, choices=Type.choices)
    name = models.SlugField(_("name"), max_length=40, unique=True)
    display_name = models.CharField(_("shown name"), max_length=60)
    description = models.CharField(_("description"), max_length=200, blank=True, default="")
    credentials = fields.EncryptedJSONField(_("credentials"), default=dict)
    webhook_secret = fields.EncryptedTextField(_("webhook secret"), default="")
    api_endpoint = models.URLField(
        _("address"),
        blank=True,
        default="",
        help_text=_("Empty for the provider's own; another one for tests."),
    )
    min_amount = fields.euros(default=Decimal("1.00"))
    max_amount = fields.euros(default=Decimal("50000.00"))
    processing_fee_percentage = models.DecimalField(
        _("fee in percent"),
        max_digits=5,
        decimal_places=2,
        default=Decimal("2.90"),
        validators=[MinValueValidator(0), MaxValueValidator(99)],
    )
    processing_fee_fixed = fields.euros(
        verbose_name=_("fixed fee"), default=Decimal("0.30"), validators=[MinValueValidator(0)]
    )
    settlement_time_days = models.PositiveSmallIntegerField(_("days to settle"), default=2)
    is_active = models.BooleanField(_("active"), default=True)
    is_test_mode = models.BooleanField(_("test mode"), default=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=1, help_text=_("Higher wins."))
    health_status = models.CharField(
        _("health"), max_length=10, choices=Health.choices, default=Health.UNKNOWN
    )
    health_detail = models.CharField(_("what the last check found"), max_length=200, blank=True, default="")
    health_checked_at = models.DateTimeField(_("last check"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = PaymentProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment provider")
        verbose_name_plural = _("payment providers")
        constraints = [
            models.CheckConstraint(
                name="provider_limits_in_order",
                condition=Q(min_amount__gt=0, max_amount__gte=F("min_amount")),
            ),
            models.CheckConstraint(
                name="provider_fee_in_range",
                condition=Q(
                    processing_fee_percentage__gte=0,
                    processing_fee_percentage__lt=100,
                    processing_fee_fixed__gte=0,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class WebhookEventQuerySet(models.QuerySet["WebhookEvent"]):
    def waiting(self) -> Self:
        return self.filter(processed_at=None, next_attempt_at__isnull=False)


class WebhookEvent(models.Model):
    """A notification of a provider, believed by its signature and kept until it was acted upon.

    What it says is not taken from it: the payment is asked for at the provider. One without a next attempt that was not
    processed is parked until somebody retries it.
    """

    id = fields.key()
    provider = models.ForeignKey(PaymentProvider, models.PROTECT, related_name="webhook_events")
    event_id = models.CharField(_("event"), max_length=255)
    event_type = models.CharField(_("type"), max_length=100)
    provider_payment_id = models.CharField(
        _("payment at the provider"), max_length=255, blank=True, default=""
    )
    body = fields.EncryptedTextField(_("body"))
    received_at = models.DateTimeField(_("received at"))
    processed_at = models.DateTimeField(_("processed at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=100, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True, default="")

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        constraints = [
            models.UniqueConstraint(name="webhook_event_once", fields=["provider", "event_id"]),
            models.CheckConstraint(
                name="webhook_processed_is_done",
                condition=Q(processed_at=None) | Q(next_attempt_at=None),
            ),
        ]
        indexes = [
            # What the sweep takes up.
            models.Index(name="webhook_due", fields=["next_attempt_at"], condition=Q(processed_at=None)),
            # The inbox in the back office, newest first, and its clean-up.
            models.Index(name="webhook_received", fields=["-received_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"


class SavedPaymentMethodQuerySet(models.QuerySet["SavedPaymentMethod"]):
    def kept(self) -> Self:
        return self.filter(removed_at=None)


class SavedPaymentMethod(models.Model):
    """A means of payment the player agreed to keep: a token of the provider, and what may be shown of it."""

    id = fields.key()
    player = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="saved_payment_methods")
    provider = models.ForeignKey(PaymentProvider, models.PROTECT, related_name="saved_methods")
    token = fields.EncryptedTextField(_("token"))
    token_hash = models.CharField(
        _("fingerprint of the token"), max_length=64, help_text=_("By it the same token is recognised.")
    )
    customer = fields.EncryptedTextField(_("customer"), default="")
    kind = models.CharField(_("kind"), max_length=20)
    brand = models.CharField(_("brand"), max_length=30, blank=True, default="")
    last4 = models.CharField(_("last four digits"), max_length=4, blank=True, default="")
    expires_on = models.CharField(
        _("expires"), max_length=7, blank=True, default="", help_text=_("Year and month.")
    )
    is_default = models.BooleanField(_("default"), default=False)
    created_at = models.DateTimeField(_("created at"))
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    objects = SavedPaymentMethodQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved payment method")
        verbose_name_plural = _("saved payment methods")
        constraints = [
            models.UniqueConstraint(
                name="saved_method_once",
                fields=["player", "provider", "token_hash"],
                condition=Q(removed_at=None),
            ),
            models.UniqueConstraint(
                name="saved_method_one_default", fields=["player"], condition=Q(is_default=True)
            ),
            models.CheckConstraint(
                name="saved_method_removed_is_no_default", condition=Q(removed_at=None) | Q(is_default=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand or self.kind} {self.last4}".strip()
