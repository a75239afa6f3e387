"""The sandbox's own tables: what a provider would keep on its side. GoodPlay's books are elsewhere and never here."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from donations.payments.sandbox.cards import CARDS, Card
from goodplay.lib import fields


class SandboxMethod(models.Model):
    """A card its holder agreed to keep."""

    id = fields.key()
    token = models.CharField(_("token"), max_length=64, unique=True)
    customer = models.CharField(_("customer"), max_length=64)
    payer = models.UUIDField(_("payer"))
    card = models.CharField(_("test card"), max_length=20)
    expires_on = models.CharField(_("expires on"), max_length=7)
    created_at = models.DateTimeField(_("created at"))
    forgotten_at = models.DateTimeField(_("forgotten at"), null=True, blank=True)

    class Meta:
        verbose_name = _("kept card")
        verbose_name_plural = _("kept cards")

    def __str__(self) -> str:
        return f"{CARDS[self.card].brand} …{CARDS[self.card].last4}"


class SandboxPayment(models.Model):
    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        PROCESSING = "processing", _("processing")
        REQUIRES_ACTION = "requires_action", _("requires action")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    OPEN: ClassVar[tuple[Status, ...]] = (Status.PENDING, Status.REQUIRES_ACTION)

    id = fields.key()
    token = models.CharField(_("token"), max_length=64, help_text=_("Opens the payment page."))
    reference = models.UUIDField(_("reference"), help_text=_("The payment's key in GoodPlay."))
    payer = models.UUIDField(_("payer"))
    amount = fields.euros(verbose_name=_("amount"))
    description = models.CharField(_("description"), max_length=500, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.PENDING)
    customer = models.CharField(_("customer"), max_length=64, blank=True)
    return_url = models.CharField(_("return address"), max_length=2000, blank=True)
    cancel_url = models.CharField(_("cancel address"), max_length=2000, blank=True)
    save_method = models.BooleanField(_("keep the card"), default=False)
    is_off_session = models.BooleanField(_("payer is absent"), default=False)
    # The card in play: chosen, asked about, slow, or the one that paid. A declined one is taken out again.
    card = models.CharField(_("test card"), max_length=20, blank=True)
    expires_on = models.CharField(_("expires on"), max_length=7, blank=True)
    method = models.ForeignKey(
        SandboxMethod, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kept card")
    )
    fee_percentage = models.DecimalField(_("fee percentage"), max_digits=5, decimal_places=2)
    fee_fixed = fields.euros(verbose_name=_("fixed fee"))
    fee = fields.euros(verbose_name=_("fee"), null=True, blank=True)
    error_code = models.CharField(_("error code"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created at"))
    settles_at = models.DateTimeField(_("settles at"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("succeeded at"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(name="sandbox_payment_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="sandbox_payment_succeeded_iff_dated",
                condition=Q(status="succeeded", succeeded_at__isnull=False, fee__isnull=False)
                | ~Q(status="succeeded") & Q(succeeded_at=None, fee=None),
            ),
            models.CheckConstraint(
                name="sandbox_payment_processing_iff_due",
                condition=Q(status="processing", settles_at__isnull=False)
                | ~Q(status="processing") & Q(settles_at=None),
            ),
            models.CheckConstraint(
                name="sandbox_payment_paid_by_a_card",
                condition=~Q(status__in=["processing", "requires_action", "succeeded"]) | ~Q(card=""),
            ),
        ]
        indexes = [
            # The slow ones that are due, asked for every minute.
            models.Index(name="sandbox_payment_due", fields=["settles_at"], condition=Q(status="processing")),
            # The balance report.
            models.Index(name="sandbox_payment_by_success", fields=["succeeded_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.amount} EUR, {self.get_status_display()}"

    @property
    def is_open(self) -> bool:
        """Whether the payer can still choose a card."""
        return self.status in self.OPEN

    @property
    def test_card(self) -> Card:
        return CARDS[self.card]


class SandboxRefund(models.Model):
    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    id = fields.key()
    payment = models.ForeignKey(
        SandboxPayment, models.PROTECT, related_name="refunds", verbose_name=_("payment")
    )
    reference = models.CharField(
        _("reference"), max_length=36, blank=True, help_text=_("GoodPlay's key; empty when made here.")
    )
    amount = fields.euros(verbose_name=_("amount"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    created_at = models.DateTimeField(_("created at"))
    settles_at = models.DateTimeField(_("settles at"), null=True, blank=True)
    succeeded_at = models.DateTimeField(_("succeeded at"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(name="sandbox_refund_positive", condition=Q(amount__gt=0)),
            models.UniqueConstraint(
                name="sandbox_refund_reference_once", fields=["reference"], condition=~Q(reference="")
            ),
            models.CheckConstraint(
                name="sandbox_refund_status_dated",
                condition=Q(status="pending", settles_at__isnull=False, succeeded_at=None)
                | Q(status="succeeded", settles_at=None, succeeded_at__isnull=False)
                | Q(status="failed", settles_at=None, succeeded_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} EUR, {self.get_status_display()}"


class SandboxDispute(models.Model):
    class Status(models.TextChoices):
        OPEN = "open", _("open")
        WON = "won", _("won")
        LOST = "lost", _("lost")

    id = fields.key()
    payment = models.ForeignKey(
        SandboxPayment, models.PROTECT, related_name="disputes", verbose_name=_("payment")
    )
    amount = fields.euros(verbose_name=_("amount"))
    fee = fields.euros(verbose_name=_("fee"))
    lost_amount = fields.euros_from_zero(verbose_name=_("amount lost"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.OPEN)
    reason = models.CharField(_("reason"), max_length=40)
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.CheckConstraint(
                name="sandbox_dispute_amounts",
                condition=Q(amount__gt=0, fee__gte=0, lost_amount__gte=0, lost_amount__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="sandbox_dispute_status_dated",
                condition=Q(status="open", closed_at=None) | ~Q(status="open") & Q(closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="sandbox_dispute_lost_iff_amount",
                condition=Q(status="lost", lost_amount__gt=0) | ~Q(status="lost") & Q(lost_amount=0),
            ),
            models.UniqueConstraint(
                name="sandbox_dispute_one_open", fields=["payment"], condition=Q(status="open")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} EUR, {self.get_status_display()}"


class SandboxEvent(models.Model):
    """A notification to send. Its key is the event's; the row stays when it was delivered or given up."""

    class Kind(models.TextChoices):
        PAYMENT_PROCESSING = "payment.processing"
        PAYMENT_SUCCEEDED = "payment.succeeded"
        PAYMENT_FAILED = "payment.failed"
        PAYMENT_CANCELED = "payment.canceled"
        REFUND_UPDATED = "refund.updated"
        DISPUTE_OPENED = "dispute.opened"
        DISPUTE_CLOSED = "dispute.closed"

    id = fields.key()
    kind = models.CharField(_("kind"), max_length=30, choices=Kind.choices)
    payment = models.ForeignKey(
        SandboxPayment, models.PROTECT, related_name="events", verbose_name=_("payment")
    )
    body = models.TextField(_("body"), help_text=_("The bytes that are signed and sent."))
    created_at = models.DateTimeField(_("created at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.CheckConstraint(
                name="sandbox_event_delivered_is_done",
                condition=Q(delivered_at=None) | Q(next_attempt_at=None),
            )
        ]
        indexes = [
            # What is due, asked for every minute.
            models.Index(
                name="sandbox_event_due",
                fields=["next_attempt_at"],
                condition=Q(next_attempt_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class SandboxRequest(models.Model):
    """One answered call, by its idempotency key."""

    key = models.CharField(_("key"), primary_key=True, max_length=255)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    object_id = models.UUIDField(_("object"), null=True)
    refused = models.CharField(_("refused with"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("answered call")
        verbose_name_plural = _("answered calls")

    def __str__(self) -> str:
        return self.key


class SandboxEndpoint(models.Model):
    """The secret notifications are signed with, as GoodPlay last told it. There is one row at most."""

    ONLY: ClassVar[int] = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    secret = fields.EncryptedTextField(_("secret"))

    class Meta:
        verbose_name = _("notification secret")
        verbose_name_plural = _("notification secrets")
        constraints = [models.CheckConstraint(name="sandbox_endpoint_is_one", condition=Q(id=1))]

    def __str__(self) -> str:
        return "…"
