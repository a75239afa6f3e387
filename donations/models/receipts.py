from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class ReceiptCounter(models.Model):
    """The last number given out in a year. Raised in the transaction that writes the receipt, so no number is skipped."""

    year = models.PositiveSmallIntegerField(_("year"), primary_key=True)
    last_number = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("receipt counter")
        verbose_name_plural = _("receipt counters")

    def __str__(self) -> str:
        return f"{self.year}: {self.last_number}"


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def live(self) -> Self:
        """Return those that are valid: no voids, and nothing that was voided."""
        return self.filter(voids=None, voided_by=None)

    def of_donor(self, donor_id: object) -> Self:
        return self.filter(donation__donor_id=donor_id)


class Receipt(models.Model):
    """One numbered document about one donation. `facts` is what it says, frozen on the day it was issued.

    A donation has one live receipt at most. When it is given back, whole or in part, a document of the kind VOID with
    its own number names the receipt that no longer counts; over what remains a new one is issued, which `replaces` it.
    """

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        THANK_YOU = "thank_you", _("Thank-you statement")
        GIFT = "gift", _("Receipt for a gift of money")
        VOID = "void", _("Void")

    id = fields.key()
    donation = models.ForeignKey("donations.Donation", models.PROTECT, related_name="receipts")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    code = models.CharField(
        _("check code"), max_length=16, unique=True, help_text=_("Printed on it; proves it genuine.")
    )
    voids = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="voided_by",
        verbose_name=_("voids"),
    )
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )
    amount = fields.euros(help_text=_("What it is over: what was given, less what was given back before."))
    paid_amount = fields.euros(help_text=_("The part that was the donor's own money."))
    is_deductible = models.BooleanField(
        _("deductible"), help_text=_("The part of own money may be deducted.")
    )
    tax_year = models.PositiveSmallIntegerField(_("year of the gift"))
    donor_profile = models.ForeignKey(
        "donations.DonorTaxProfile",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="receipts",
        verbose_name=_("tax data of the donor"),
    )
    facts = models.JSONField(_("facts"))
    issued_at = models.DateTimeField(_("issued at"))

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.UniqueConstraint(name="receipt_number_once", fields=["year", "number"]),
            # A second first receipt would be a second live one: two issues at once make one.
            models.UniqueConstraint(
                name="receipt_first_once", fields=["donation"], condition=Q(voids=None, replaces=None)
            ),
            models.CheckConstraint(
                name="receipt_void_names_one",
                condition=Q(kind="void", voids__isnull=False, replaces=None)
                | Q(kind__in=["thank_you", "gift"], voids=None),
            ),
            models.CheckConstraint(
                name="receipt_paid_within_amount",
                condition=Q(amount__gt=0, paid_amount__gte=0, paid_amount__lte=F("amount")),
            ),
            models.CheckConstraint(
                name="receipt_deductible_is_paid", condition=Q(is_deductible=False) | Q(paid_amount__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The printed number: RCP-2026-000042."""
        return f"RCP-{self.year}-{self.number:06d}"


class ReceiptMail(models.Model):
    """One mail that carries a receipt: the one sent when it was issued, or one the donor asked for."""

    class Cause(models.TextChoices):
        ISSUE = "issue", _("Issued")
        REQUEST = "request", _("Asked for by the donor")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        SKIPPED = "skipped", _("Not wanted")

    id = fields.key()
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="mails")
    cause = models.CharField(_("cause"), max_length=8, choices=Cause.choices)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.WAITING)
    created_at = models.DateTimeField(_("created at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("receipt mail")
        verbose_name_plural = _("receipt mails")
        constraints = [
            # However often the fact is told, the mail goes out once.
            models.UniqueConstraint(
                name="receipt_mailed_once", fields=["receipt"], condition=Q(cause="issue")
            ),
            models.CheckConstraint(
                name="receipt_mail_closed_iff_decided",
                condition=Q(status="waiting", closed_at=None)
                | Q(status__in=["sent", "skipped"], closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id} {self.get_status_display()}"


class GivingStatement(models.Model):
    """What somebody gave from a day to a day, Rome's calendar, both included; frozen as it was told.

    The same days with the same figures are the same statement, however often it is asked for.
    """

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        ANNUAL = "annual", _("Of a year")
        PERIOD = "period", _("Of a period")

    id = fields.key()
    donor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="giving_statements", verbose_name=_("donor")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    code = models.CharField(_("check code"), max_length=16, unique=True)
    digest = models.CharField(_("digest of the facts"), max_length=64)
    total = fields.euros()
    donor_profile = models.ForeignKey(
        "donations.DonorTaxProfile",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("tax data of the donor"),
    )
    facts = models.JSONField(_("facts"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("giving statement")
        verbose_name_plural = _("giving statements")
        constraints = [
            models.UniqueConstraint(
                name="statement_once", fields=["donor", "kind", "first", "last", "digest"]
            ),
            models.CheckConstraint(name="statement_in_order", condition=Q(first__lte=F("last"))),
            models.CheckConstraint(name="statement_total_positive", condition=Q(total__gt=0)),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """Carries the whole key, so no two people share one: ANNUAL-2026-0198…"""
        return f"{self.kind.upper()}-{self.last.year}-{self.pk.hex.upper()}"
