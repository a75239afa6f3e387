"""Files of the bank that wait: those that are not believed, and those whose columns somebody has to name."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class QuarantinedFile(models.Model):
    """A file of the bank that contradicts itself or breaks its format: kept to be looked at, never booked.

    It leaves only when a corrected file took its place, or when somebody discards it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Quarantined")
        REPLACED = "replaced", _("Replaced by a corrected file")
        DISCARDED = "discarded", _("Discarded")

    id = fields.key()
    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    content = fields.EncryptedTextField(_("content"))
    fault = models.CharField(_("fault"), max_length=40)
    detail = models.CharField(_("detail"), max_length=500, blank=True, default="")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("uploaded by"),
        related_name="+",
    )
    received_at = models.DateTimeField(_("received at"))
    replaced_by = models.ForeignKey(
        "donations.BankFile",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("corrected file"),
        related_name="replaces",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("decided by"),
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("quarantined file")
        verbose_name_plural = _("quarantined files")
        constraints = [
            models.CheckConstraint(
                name="quarantine_decided_iff_dated",
                condition=Q(state="waiting", decided_at=None, replaced_by=None)
                | Q(state="replaced", decided_at__isnull=False, replaced_by__isnull=False)
                | Q(state="discarded", decided_at__isnull=False, replaced_by=None),
            ),
        ]
        indexes = [
            # The back office, newest first.
            models.Index(name="quarantined_newest", fields=["-received_at", "-id"]),
        ]

    def __str__(self) -> str:
        return self.name or self.sha256[:12]

    @property
    def is_waiting(self) -> bool:
        return self.state == self.State.WAITING

    @property
    def data(self) -> bytes:
        """The file as it came. Any bytes are stored as the letters of the same numbers."""
        return self.content.encode("latin-1")


class StatementMapping(models.Model):
    """Which column of a bank's CSV says what. Columns are named as the first row names them."""

    class Delimiter(models.TextChoices):
        SEMICOLON = ";", _("Semicolon")
        COMMA = ",", _("Comma")
        TAB = "\t", _("Tab")
        PIPE = "|", _("Vertical bar")

    class Encoding(models.TextChoices):
        UTF_8 = "utf-8-sig", "UTF-8"
        WINDOWS = "cp1252", "Windows-1252"
        LATIN = "iso-8859-15", "ISO 8859-15"

    id = fields.key()
    name = models.CharField(_("name"), max_length=60, unique=True)
    delimiter = models.CharField(
        _("delimiter"), max_length=1, choices=Delimiter.choices, default=Delimiter.SEMICOLON
    )
    encoding = models.CharField(
        _("encoding"), max_length=12, choices=Encoding.choices, default=Encoding.UTF_8
    )
    skipped_rows = models.PositiveSmallIntegerField(
        _("rows before the header"), default=0, validators=[MaxValueValidator(50)]
    )
    date_format = models.CharField(
        _("date format"), max_length=20, default="%d/%m/%Y", help_text=_("%d/%m/%Y reads 23/11/2026.")
    )
    has_decimal_comma = models.BooleanField(_("decimal comma"), default=True)
    date_column = models.CharField(_("column of the booking date"), max_length=60)
    amount_column = models.CharField(
        _("column of the amount"), max_length=60, blank=True, default="", help_text=_("With its sign.")
    )
    sign_column = models.CharField(
        _("column of the sign"),
        max_length=60,
        blank=True,
        default="",
        help_text=_("Where the amount has none: D, DARE or - went out."),
    )
    in_column = models.CharField(_("column of money in"), max_length=60, blank=True, default="")
    out_column = models.CharField(_("column of money out"), max_length=60, blank=True, default="")
    currency_column = models.CharField(_("column of the currency"), max_length=60, blank=True, default="")
    text_column = models.CharField(_("column of the text"), max_length=60, blank=True, default="")
    party_column = models.CharField(_("column of the other side"), max_length=60, blank=True, default="")
    reference_column = models.CharField(_("column of the reference"), max_length=60, blank=True, default="")

    class Meta:
        verbose_name = _("columns of a bank's CSV")
        verbose_name_plural = _("columns of banks' CSVs")
        constraints = [
            models.CheckConstraint(
                name="statement_mapping_has_an_amount",
                condition=(~Q(amount_column="") & Q(in_column="", out_column=""))
                | (Q(amount_column="", sign_column="") & ~Q(in_column="") & ~Q(out_column="")),
                violation_error_message=_("Name the column of the amount, or those of money in and out."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
