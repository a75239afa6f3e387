from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields

from .applications import OnlusApplication, RiskLevel


class VerificationCheck(models.Model):
    """One question about an application: legal, fiscal or of risk. Some are answered by the house, most by people."""

    class Type(models.TextChoices):
        LEGAL_STATUS = "legal_status", _("Legal status")
        TAX_EXEMPT_STATUS = "tax_exempt_status", _("Tax status")
        FRAUD_SCREENING = "fraud_screening", _("Signs of fraud")
        SANCTIONS_SCREENING = "sanctions_screening", _("Sanctions lists")
        FINANCIAL_HEALTH = "financial_health", _("Financial health")
        BACKGROUND_CHECK = "background_check", _("Background of the leaders")
        REFERENCE_CHECK = "reference_check", _("References")
        INSURANCE_VERIFICATION = "insurance_verification", _("Insurance")
        OPERATIONAL_ASSESSMENT = "operational_assessment", _("Operations")
        IMPACT_VALIDATION = "impact_validation", _("Impact")
        COMPLIANCE_CHECK = "compliance_check", _("Compliance with the law")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waits")
        IN_PROGRESS = "in_progress", _("In progress")
        COMPLETED = "completed", _("Passed")
        FAILED = "failed", _("Failed")
        MANUAL_REVIEW_REQUIRED = "manual_review_required", _("A person must look")
        EXPIRED = "expired", _("Too old")
        SKIPPED = "skipped", _("Left out")

    class Severity(models.TextChoices):
        INFO = "info", _("Information")
        WARNING = "warning", _("Warning")
        ERROR = "error", _("Error")
        CRITICAL = "critical", _("Critical")

    AUTOMATIC: ClassVar = (
        Type.LEGAL_STATUS,
        Type.TAX_EXEMPT_STATUS,
        Type.FRAUD_SCREENING,
        Type.SANCTIONS_SCREENING,
    )
    OVER: ClassVar = (Status.COMPLETED, Status.FAILED, Status.SKIPPED)

    id = fields.key()
    application = models.ForeignKey(OnlusApplication, models.CASCADE, related_name="verification_checks")
    check_type = models.CharField(_("check"), max_length=25, choices=Type.choices)
    status = models.CharField(_("status"), max_length=25, choices=Status.choices, default=Status.PENDING)
    risk_level = models.CharField(
        _("risk"), max_length=10, choices=RiskLevel.choices, default=RiskLevel.UNKNOWN
    )
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices, default=Severity.INFO)
    automated = models.BooleanField(_("automatic"), default=False)
    performed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("performed by"),
        help_text=_("Empty: the house itself."),
        related_name="+",
    )
    result_summary = models.TextField(_("result"), blank=True, default="")
    detailed_results = models.JSONField(_("in detail"), default=dict, blank=True)
    findings = models.JSONField(_("findings"), default=list, blank=True)
    recommendations = models.JSONField(_("recommendations"), default=list, blank=True)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True, blank=True)
    max_score = models.DecimalField(_("of"), max_digits=5, decimal_places=2, default=Decimal(100))
    follow_up_required = models.BooleanField(_("to be followed up"), default=False)
    follow_up_notes = models.TextField(_("follow-up"), blank=True, default="")
    external_reference = models.CharField(
        _("evidence elsewhere"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("Such as the number of the extract of a register."),
    )
    created_at = models.DateTimeField(_("opened at"))
    completed_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("holds until"), null=True, blank=True)

    class Meta:
        verbose_name = _("verification check")
        verbose_name_plural = _("verification checks")
        constraints = [
            models.UniqueConstraint(name="verification_check_once", fields=["application", "check_type"]),
            models.CheckConstraint(
                name="verification_check_answered_iff_dated",
                condition=Q(
                    status__in=["completed", "failed", "skipped", "expired"], completed_at__isnull=False
                )
                | Q(status__in=["pending", "in_progress", "manual_review_required"], completed_at=None),
            ),
            models.CheckConstraint(
                name="verification_check_score_in_range",
                condition=Q(score=None) | (Q(score__gte=0) & Q(score__lte=F("max_score"))),
            ),
            models.CheckConstraint(
                name="verification_check_says_what_it_found",
                condition=~Q(status__in=["completed", "failed", "skipped"]) | ~Q(result_summary=""),
            ),
        ]
        indexes = [
            # Answers that grow too old, for the daily job.
            models.Index(
                name="verification_check_expiring",
                fields=["expires_at"],
                condition=Q(status="completed"),
            )
        ]

    def __str__(self) -> str:
        return self.get_check_type_display()

    @property
    def is_over(self) -> bool:
        return self.status in self.OVER
