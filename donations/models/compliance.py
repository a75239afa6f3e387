from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class RiskLevel(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    CRITICAL = "critical", _("Critical")


class ComplianceCheckQuerySet(models.QuerySet["ComplianceCheck"]):
    def pending(self) -> Self:
        return self.filter(status__in=ComplianceCheck.PENDING)

    def overdue(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now).exclude(status=ComplianceCheck.Status.EXPIRED)


class ComplianceCheck(models.Model):
    """One look at a person (or one of their movements): what was asked, found and decided.

    What the check saw is written once; only its standing, its reviewer and its escalation change afterwards.
    """

    class Type(models.TextChoices):
        AML = "aml", _("Money laundering")
        KYC = "kyc", _("Identity")
        SANCTIONS = "sanctions", _("Sanctions")
        PEP = "pep", _("Political exposure")
        FRAUD = "fraud", _("Fraud")
        TAX_COMPLIANCE = "tax_compliance", _("Tax")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        IN_PROGRESS = "in_progress", _("Running")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Failed")
        REQUIRES_REVIEW = "requires_review", _("Needs a person")
        EXEMPTED = "exempted", _("Exempted")
        EXPIRED = "expired", _("Expired")

    PENDING: ClassVar[tuple[str, ...]] = (Status.PENDING, Status.IN_PROGRESS, Status.REQUIRES_REVIEW)

    id = fields.key()
    check_id = models.CharField(_("check"), max_length=27, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("player"), related_name="compliance_checks"
    )
    transaction_id = models.UUIDField(_("transaction"), null=True, blank=True)
    check_type = models.CharField(_("type"), max_length=15, choices=Type.choices)
    status = models.CharField(_("status"), max_length=15, choices=Status.choices, default=Status.PENDING)
    risk_level = models.CharField(
        _("risk"), max_length=8, choices=RiskLevel.choices, default=RiskLevel.MEDIUM
    )
    risk_score = models.DecimalField(_("risk score"), max_digits=5, decimal_places=2, default=Decimal(0))
    compliance_score = models.DecimalField(
        _("compliance score"), max_digits=5, decimal_places=2, default=Decimal(0)
    )
    risk_factors = models.JSONField(_("risk factors"), default=list)
    check_criteria = models.JSONField(_("criteria"), default=dict)
    check_results = models.JSONField(_("results"), default=dict)
    data_sources = models.JSONField(_("sources"), default=list)
    external_check_ids = models.JSONField(
        _("numbers at providers"), default=list, help_text=_("Of the checks outside this one relies on.")
    )
    check_reason = models.CharField(_("reason"), max_length=300)
    manual_review_required = models.BooleanField(_("needs a person"), default=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    review_notes = models.CharField(_("notes of the review"), max_length=1000, blank=True, default="")
    approval_required = models.BooleanField(
        _("waits for a second person"), default=False, help_text=_("An exemption was asked for.")
    )
    exemption_reason = models.CharField(_("reason of the exemption"), max_length=500, blank=True, default="")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("exemption approved by"),
        related_name="+",
    )
    approved_at = models.DateTimeField(_("exemption approved at"), null=True, blank=True)
    escalation_level = models.PositiveSmallIntegerField(_("escalation"), default=0)
    escalated_at = models.DateTimeField(_("escalated at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"))
    last_updated_at = models.DateTimeField(_("last change"))

    objects = ComplianceCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("compliance check")
        verbose_name_plural = _("compliance checks")
        permissions = [("review_compliancecheck", "Can decide on compliance checks")]
        constraints = [
            models.CheckConstraint(
                name="check_scores_in_range",
                condition=Q(
                    risk_score__gte=0, risk_score__lte=100, compliance_score__gte=0, compliance_score__lte=100
                ),
            ),
            models.CheckConstraint(
                name="check_completed_iff_dated",
                condition=Q(status__in=["pending", "in_progress", "requires_review"], completed_at=None)
                | Q(status__in=["passed", "failed", "exempted"], completed_at__isnull=False)
                | Q(status="expired"),
            ),
            models.CheckConstraint(
                name="check_reviewed_iff_dated",
                condition=Q(reviewed_by=None, reviewed_at=None)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="check_never_reviewed_by_its_subject",
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("user")),
            ),
            models.CheckConstraint(
                name="check_exempted_by_two_people",
                condition=Q(approved_by=None, approved_at=None)
                | (
                    Q(approved_by__isnull=False, approved_at__isnull=False)
                    & ~Q(approved_by=F("reviewed_by"))
                    & ~Q(approved_by=F("user"))
                    & ~Q(exemption_reason="")
                ),
            ),
            models.CheckConstraint(
                name="check_exempted_iff_approved",
                condition=Q(status="exempted", approved_at__isnull=False)
                | Q(status="expired")
                | (~Q(status="exempted") & Q(approved_at=None)),
            ),
            models.CheckConstraint(name="check_expires_later", condition=Q(expires_at__gt=F("created_at"))),
        ]
        indexes = [
            # The standing of one person.
            models.Index(name="check_of_user", fields=["user", "-created_at", "-id"]),
            # Reports over a period, and the list.
            models.Index(name="check_created", fields=["-created_at", "-id"]),
            # What waits for a person, oldest first.
            models.Index(
                name="check_queue",
                fields=["created_at", "id"],
                condition=Q(status__in=["pending", "in_progress", "requires_review"]),
            ),
            # What the nightly job lets expire.
            models.Index(name="check_expiry", fields=["expires_at"], condition=~Q(status="expired")),
        ]

    def __str__(self) -> str:
        return self.check_id

    @property
    def requires_review(self) -> bool:
        return self.status == self.Status.REQUIRES_REVIEW

    @property
    def is_pending(self) -> bool:
        return self.status in self.PENDING

    def is_expired(self, now: datetime) -> bool:
        return self.status == self.Status.EXPIRED or self.expires_at <= now

    def may_be_reviewed_by(self, person: Any) -> bool:
        """Nobody reviews a check about themselves, nor one they asked for."""
        return person.pk not in (self.user_id, self.started_by_id)


class ComplianceNotification(models.Model):
    """That somebody was told of a check. Rows never change."""

    append_only: ClassVar[bool] = True
    purgeable: ClassVar[bool] = True

    id = fields.key()
    compliance_check = models.ForeignKey(ComplianceCheck, models.CASCADE, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=20)
    recipient = models.CharField(_("told"), max_length=120)
    message = models.CharField(_("message"), max_length=300)
    sent_at = models.DateTimeField(_("told at"))

    class Meta:
        verbose_name = _("notification of a check")
        verbose_name_plural = _("notifications of checks")
        indexes = [
            # The notifications of one check, in order.
            models.Index(name="check_notification_of", fields=["compliance_check", "sent_at"])
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class ComplianceSettings(models.Model):
    """The thresholds and switches of compliance, as one whole: the latest version counts, earlier ones are history."""

    append_only: ClassVar[bool] = True

    id = fields.key()
    version = models.PositiveIntegerField(_("version"), unique=True)
    risk_thresholds = models.JSONField(_("risk thresholds"))
    aml_rules = models.JSONField(_("money laundering rules"))
    system_settings = models.JSONField(_("system settings"))
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("in force since"))

    class Meta:
        verbose_name = _("compliance settings")
        verbose_name_plural = _("compliance settings")
        constraints = [
            models.CheckConstraint(
                name="settings_approved_by_a_second_person",
                condition=Q(approved_by=None) | ~Q(approved_by=F("updated_by")),
            )
        ]

    def __str__(self) -> str:
        return f"v{self.version}"
