from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class FinancialReportQuerySet(models.QuerySet["FinancialReport"]):
    def standing(self) -> Self:
        """Return those that were not put away: there is one for each kind and stretch of days."""
        return self.exclude(status=FinancialReport.Status.ARCHIVED)

    def opened_to(self, user_id: object) -> Self:
        """Return those a person was given by name, as long as they stand."""
        return self.standing().filter(grants__reader=user_id, grants__withdrawn_at=None)

    def published_of(self, onlus_ids: object) -> Self:
        """Return the summaries these organisations may read."""
        return self.filter(
            report_type=FinancialReport.Type.ONLUS,
            status=FinancialReport.Status.PUBLISHED,
            onlus__in=onlus_ids,
        )


class FinancialReport(models.Model):
    """What the ledger says of a stretch of Rome days, frozen when it was made. `sha256` is over `facts`.

    Reports about everybody are for staff. A summary of an organisation is for its people, once it is published. Beside
    these, each can be opened to people by name.
    """

    class Type(models.TextChoices):
        MONTHLY = "monthly", _("Month")
        QUARTERLY = "quarterly", _("Quarter")
        ANNUAL = "annual", _("Year")
        ONLUS = "onlus_statement", _("Summary of an organisation")
        AUDIT = "audit_report", _("Audit")

    class Status(models.TextChoices):
        COMPLETED = "completed", _("Made")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Put away")

    id = fields.key()
    report_type = models.CharField(_("type"), max_length=20, choices=Type.choices)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.COMPLETED)
    onlus = models.ForeignKey(
        "accounts.Onlus",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("organisation"),
        related_name="financial_reports",
    )
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    scope = models.CharField(
        _("scope"), max_length=80, blank=True, default="", help_text=_("What an audit looked at.")
    )
    facts = models.JSONField(_("figures"))
    sha256 = models.CharField("SHA-256", max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("asked for by"),
        related_name="+",
        help_text=_("Nobody: the daily job."),
    )
    made_at = models.DateTimeField(_("made at"))
    is_confidential = models.BooleanField(
        _("confidential"),
        default=False,
        help_text=_("Of staff only those who make reports see it, and those it is opened to by name."),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    archived_at = models.DateTimeField(_("put away at"), null=True, blank=True)

    objects = FinancialReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("financial report")
        verbose_name_plural = _("financial reports")
        constraints = [
            models.UniqueConstraint(
                name="financial_report_once",
                fields=["report_type", "first", "last", "scope"],
                condition=Q(onlus=None) & ~Q(status="archived"),
            ),
            models.UniqueConstraint(
                name="financial_report_once_of_onlus",
                fields=["onlus", "report_type", "first", "last"],
                condition=Q(onlus__isnull=False) & ~Q(status="archived"),
            ),
            models.CheckConstraint(name="financial_report_days_in_order", condition=Q(last__gte=F("first"))),
            models.CheckConstraint(
                name="financial_report_of_onlus_names_it",
                condition=Q(report_type="onlus_statement", onlus__isnull=False)
                | (~Q(report_type="onlus_statement") & Q(onlus=None)),
            ),
            models.CheckConstraint(
                name="financial_report_published_is_of_onlus",
                condition=~Q(status="published")
                | Q(report_type="onlus_statement", published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="financial_report_archived_iff_dated",
                condition=Q(status="archived", archived_at__isnull=False)
                | (~Q(status="archived") & Q(archived_at=None)),
            ),
        ]
        indexes = [
            # The summaries of an organisation, the latest first.
            models.Index(name="financial_report_of_onlus", fields=["onlus", "-last", "-id"]),
            # The back office, the latest first.
            models.Index(name="financial_report_latest", fields=["-last", "-id"]),
            # What retention takes away.
            models.Index(name="financial_report_made", fields=["made_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_report_type_display()} {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}"

    @property
    def is_of_onlus(self) -> bool:
        return self.report_type == self.Type.ONLUS

    @property
    def is_audit(self) -> bool:
        return self.report_type == self.Type.AUDIT

    @property
    def may_be_published(self) -> bool:
        return self.is_of_onlus and self.status == self.Status.COMPLETED

    @property
    def is_put_away(self) -> bool:
        return self.status == self.Status.ARCHIVED


class FinancialReportFile(models.Model):
    """One paper of a report, made when it is first asked for and erased after ninety days: it can be made again."""

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        CSV = "csv", "CSV"
        EXCEL = "excel", "Excel"

    id = fields.key()
    report = models.ForeignKey(FinancialReport, models.PROTECT, related_name="files")
    format = models.CharField(_("format"), max_length=5, choices=Format.choices)
    language = models.CharField(_("language"), max_length=5)
    file = models.OneToOneField(
        "private_files.PrivateFile", models.PROTECT, verbose_name=_("file"), related_name="+"
    )
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("file of a financial report")
        verbose_name_plural = _("files of financial reports")
        constraints = [
            models.UniqueConstraint(name="report_file_once", fields=["report", "format", "language"])
        ]
        indexes = [
            # What the clean-up erases.
            models.Index(name="report_file_made", fields=["made_at"])
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.language}"
