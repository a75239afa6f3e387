from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class PayoutFile(models.Model):
    """The order of a run as it went to the bank: written once, never sent under another message id.

    What it says is in `PayoutFileContent`, because it is encrypted; `sha256` proves that it is still the same.
    """

    append_only: ClassVar[bool] = True

    id = fields.key()
    run = models.OneToOneField("donations.PayoutRun", models.PROTECT, related_name="file")
    message_id = models.CharField(_("message"), max_length=35, unique=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    payout_count = models.PositiveIntegerField(_("payouts"))
    total_amount = fields.euros(verbose_name=_("total"))
    created_at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("payout file")
        verbose_name_plural = _("payout files")

    def __str__(self) -> str:
        return self.message_id


class PayoutFileContent(models.Model):
    """The file itself (pain.001): account numbers are in it."""

    file = models.OneToOneField(PayoutFile, models.PROTECT, primary_key=True, related_name="content")
    xml = fields.EncryptedTextField(_("content"))

    class Meta:
        verbose_name = _("content of a payout file")
        verbose_name_plural = _("contents of payout files")

    def __str__(self) -> str:
        return str(self.file_id)


class BankFile(models.Model):
    """A file the bank gave: a status report, or statements. Taken once, whoever uploads it how often.

    `outcome` says what came of it; what it could not be matched with anything stays in it for the reconciliation.
    """

    class Kind(models.TextChoices):
        STATUS_REPORT = "pain.002", _("Status report (pain.002)")
        STATEMENT = "camt.053", _("Account statement (camt.053)")
        CSV = "csv", _("Account statement (CSV)")

    id = fields.key()
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    reference = models.CharField(_("reference"), max_length=35, blank=True, default="")
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    content = fields.EncryptedTextField(_("content"))
    outcome = models.JSONField(_("outcome"), default=dict)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("uploaded by"),
        related_name="+",
    )
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")
        indexes = [
            # The back office, newest first.
            models.Index(name="bank_file_received", fields=["-received_at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}".strip()

    @property
    def data(self) -> bytes:
        """The file as it came. Any bytes are stored as the letters of the same numbers."""
        return self.content.encode("latin-1")
