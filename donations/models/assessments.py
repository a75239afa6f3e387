from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class ComplianceAssessment(models.Model):
    """How an organisation did over a period, in six categories. A new one closes the one before; none is changed.

    `categories` holds for each its score, the base it started from and what moved it: {"score", "base", "moves"}.
    """

    class Level(models.TextChoices):
        EXCELLENT = "excellent", _("Excellent")
        GOOD = "good", _("Good")
        SATISFACTORY = "satisfactory", _("Satisfactory")
        NEEDS_ATTENTION = "needs_attention", _("Needs attention")
        CRITICAL = "critical", _("Critical")

    class Risk(models.TextChoices):
        LOW = "low", _("Low")
        MODERATE = "moderate", _("Moderate")
        HIGH = "high", _("High")
        CRITICAL = "critical", _("Critical")

    id = fields.key()
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="assessments")
    period_start = models.DateTimeField(_("from"))
    period_end = models.DateTimeField(_("to"))
    overall_score = models.DecimalField(_("score"), max_digits=5, decimal_places=2)
    categories = models.JSONField(_("categories"), default=dict)
    level = models.CharField(_("level"), max_length=15, choices=Level.choices)
    risk_level = models.CharField(_("risk"), max_length=10, choices=Risk.choices)
    formula_version = models.PositiveSmallIntegerField(_("formula"))
    is_current = models.BooleanField(_("current"), default=True)
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("assessed by"),
        related_name="+",
        help_text=_("Nobody: the weekly job."),
    )
    assessed_at = models.DateTimeField(_("assessed at"))
    next_due_at = models.DateTimeField(_("next due"))
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("verified by"),
        related_name="+",
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    verification_notes = models.CharField(_("notes"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("compliance assessment")
        verbose_name_plural = _("compliance assessments")
        constraints = [
            models.UniqueConstraint(
                name="assessment_one_current", fields=["onlus"], condition=Q(is_current=True)
            ),
            models.CheckConstraint(
                name="assessment_score_in_range", condition=Q(overall_score__range=(0, 100))
            ),
            models.CheckConstraint(
                name="assessment_verified_whole",
                condition=Q(verified_at=None, verified_by=None)
                | Q(verified_at__isnull=False, verified_by__isnull=False),
            ),
        ]
        indexes = [
            # The history of an organisation, the latest first.
            models.Index(name="assessment_of_onlus", fields=["onlus", "-assessed_at", "-id"]),
            # What the weekly job looks for, and the nightly watch.
            models.Index(name="assessment_due", fields=["next_due_at"], condition=Q(is_current=True)),
        ]

    def __str__(self) -> str:
        return f"{self.overall_score} {self.assessed_at:%Y-%m-%d}"


class ComplianceIssueQuerySet(models.QuerySet["ComplianceIssue"]):
    def open(self) -> Self:
        return self.filter(resolved_at=None)


class ComplianceIssue(models.Model):
    """What is wrong with an organisation. It belongs to the organisation, so it survives a new assessment.

    One the formula found is resolved by the assessment that no longer finds it; one staff wrote, by staff.
    """

    class Severity(models.TextChoices):
        WARNING = "warning", _("Warning")
        MEDIUM = "medium", _("Medium")
        HIGH = "high", _("High")
        CRITICAL = "critical", _("Critical")

    id = fields.key()
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="compliance_issues")
    issue_type = models.CharField(_("type"), max_length=40)
    description = models.CharField(
        _("description"), max_length=500, blank=True, default="", help_text=_("The organisation reads it.")
    )
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices)
    category = models.CharField(_("category"), max_length=30, blank=True, default="")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("opened by"),
        related_name="+",
        help_text=_("Nobody: an assessment."),
    )
    identified_at = models.DateTimeField(_("found at"))
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("resolved by"),
        related_name="+",
    )
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolution_notes = models.CharField(_("how it was resolved"), max_length=500, blank=True, default="")

    objects = ComplianceIssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("compliance issue")
        verbose_name_plural = _("compliance issues")
        constraints = [
            models.UniqueConstraint(
                name="compliance_issue_found_once",
                fields=["onlus", "issue_type"],
                condition=Q(resolved_at=None, opened_by=None),
            )
        ]
        indexes = [
            # What is open at an organisation, for its page and its risk.
            models.Index(name="compliance_issue_open", fields=["onlus"], condition=Q(resolved_at=None)),
        ]

    def __str__(self) -> str:
        return self.description or self.issue_type


class ComplianceRecommendation(models.Model):
    """What an organisation could do better in one category, and what that is expected to gain."""

    id = fields.key()
    onlus = models.ForeignKey("accounts.Onlus", models.PROTECT, related_name="compliance_recommendations")
    category = models.CharField(_("category"), max_length=30)
    expected_gain = models.PositiveSmallIntegerField(_("expected gain"))
    suggested_at = models.DateTimeField(_("suggested at"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("compliance recommendation")
        verbose_name_plural = _("compliance recommendations")
        constraints = [
            models.UniqueConstraint(
                name="recommendation_once", fields=["onlus", "category"], condition=Q(done_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.category} +{self.expected_gain}"
