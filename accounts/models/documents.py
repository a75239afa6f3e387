from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

from .applications import OnlusApplication

SOON = timedelta(days=30)


class OnlusDocumentQuerySet(models.QuerySet["OnlusDocument"]):
    def current(self) -> Self:
        return self.filter(is_latest=True)

    def waiting(self) -> Self:
        return self.filter(status__in=OnlusDocument.WAITING)


class OnlusDocument(models.Model):
    """A paper handed in with an application: its content is a private file, each look at it is on record.

    A new file of a type is a new version; the one before is superseded and stays.
    """

    class Type(models.TextChoices):
        LEGAL_CERTIFICATE = "legal_certificate", _("Deed and statute")
        TAX_EXEMPT_STATUS = "tax_exempt_status", _("Certificate of the RUNTS or of tax status")
        FINANCIAL_REPORT = "financial_report", _("Accounts of the last two years")
        INSURANCE_COVERAGE = "insurance_coverage", _("Insurance of the volunteers")
        REFERENCES = "references", _("References")
        MISSION_STATEMENT = "mission_statement", _("Mission statement")
        BOARD_COMPOSITION = "board_composition", _("Composition of the board")
        OPERATIONAL_PLAN = "operational_plan", _("Operational plan")
        IMPACT_EVIDENCE = "impact_evidence", _("Evidence of impact")
        COMPLIANCE_CERTIFICATE = "compliance_certificate", _("Certificate of compliance")
        OTHER = "other", _("Other")

    class Status(models.TextChoices):
        PENDING = "pending", _("Handed in")
        UNDER_REVIEW = "under_review", _("Being looked at")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        EXPIRED = "expired", _("Expired")
        RESUBMISSION_REQUIRED = "resubmission_required", _("To be handed in again")
        SUPERSEDED = "superseded", _("Replaced")

    WAITING: ClassVar = (Status.PENDING, Status.UNDER_REVIEW)
    ASKED_AGAIN: ClassVar = (Status.REJECTED, Status.RESUBMISSION_REQUIRED, Status.EXPIRED)
    EXPIRING: ClassVar = (
        Type.FINANCIAL_REPORT,
        Type.INSURANCE_COVERAGE,
        Type.COMPLIANCE_CERTIFICATE,
        Type.TAX_EXEMPT_STATUS,
    )

    id = fields.key()
    application = models.ForeignKey(OnlusApplication, models.PROTECT, related_name="documents")
    document_type = models.CharField(_("type"), max_length=25, choices=Type.choices)
    title = models.CharField(_("title"), max_length=200)
    description = models.CharField(_("description"), max_length=500, blank=True, default="")
    file = models.OneToOneField(
        "private_files.PrivateFile", models.PROTECT, verbose_name=_("file"), related_name="+"
    )
    file_format = models.CharField(_("format"), max_length=4)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    previous_version = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("replaces"), related_name="next_version"
    )
    is_latest = models.BooleanField(_("latest"), default=True)
    is_required = models.BooleanField(_("required"), default=True)
    is_confidential = models.BooleanField(_("confidential"), default=True)
    status = models.CharField(_("status"), max_length=25, choices=Status.choices, default=Status.PENDING)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("handed in by"), related_name="+"
    )
    uploaded_at = models.DateTimeField(_("handed in at"))
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("looked at by"),
        related_name="+",
    )
    reviewed_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    reviewer_notes = models.TextField(
        _("notes of the reviewer"), blank=True, default="", help_text=_("Never shown to the applicant.")
    )
    rejection_reason = models.TextField(_("what is wrong"), blank=True, default="")
    expires_at = models.DateTimeField(_("holds until"), null=True, blank=True)
    reminded_days = models.PositiveSmallIntegerField(
        _("reminded before, days"), null=True, blank=True, editable=False
    )

    objects = OnlusDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document of an application")
        verbose_name_plural = _("documents of applications")
        constraints = [
            models.UniqueConstraint(
                name="onlus_document_version_once", fields=["application", "document_type", "version"]
            ),
            models.UniqueConstraint(
                name="onlus_document_one_latest",
                fields=["application", "document_type"],
                condition=Q(is_latest=True),
            ),
            models.CheckConstraint(
                name="onlus_document_superseded_is_not_latest",
                condition=Q(status="superseded", is_latest=False)
                | (~Q(status="superseded") & Q(is_latest=True)),
            ),
            models.CheckConstraint(
                name="onlus_document_reviewed_iff_dated",
                condition=Q(status__in=["pending", "under_review"], reviewed_at=None, reviewed_by=None)
                | Q(
                    status__in=["approved", "rejected", "resubmission_required"],
                    reviewed_at__isnull=False,
                    reviewed_by__isnull=False,
                )
                | Q(status__in=["expired", "superseded"]),
            ),
            models.CheckConstraint(
                name="onlus_document_refused_with_reason",
                condition=~Q(status__in=["rejected", "resubmission_required"]) | ~Q(rejection_reason=""),
            ),
        ]
        indexes = [
            # The queue of papers to look at, oldest first.
            models.Index(
                name="onlus_document_queue",
                fields=["uploaded_at"],
                condition=Q(status__in=["pending", "under_review"]),
            ),
            # What expires, for the daily job.
            models.Index(
                name="onlus_document_expiring",
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False, is_latest=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_document_type_display()} {self.version}"

    @property
    def is_waiting(self) -> bool:
        return self.status in self.WAITING

    def can_be_renewed(self, now: datetime) -> bool:
        """Say whether a taken-in organisation may replace it: it ends within thirty days, was refused, or is not looked at yet."""
        return self.status != self.Status.APPROVED or self.is_expired(now) or self.is_expiring_soon(now)

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def is_expiring_soon(self, now: datetime) -> bool:
        return self.expires_at is not None and now < self.expires_at <= now + SOON
