from typing import ClassVar

from django.db import models
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


class Receipt(models.Model):
    """One numbered document for one donation. `facts` is what it says, frozen on the day it was issued."""

    append_only: ClassVar[bool] = True

    class Kind(models.TextChoices):
        THANK_YOU = "thank_you", _("Thank-you statement")
        GIFT = "gift", _("Receipt for a gift of money")

    id = fields.key()
    donation = models.OneToOneField("donations.Donation", models.PROTECT, related_name="receipt")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    facts = models.JSONField(_("facts"))
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [models.UniqueConstraint(name="receipt_number_once", fields=["year", "number"])]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The printed number: RCP-2026-000042."""
        return f"RCP-{self.year}-{self.number:06d}"
