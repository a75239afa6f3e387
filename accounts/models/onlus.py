from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields
from goodplay.lib.money import to_cents

WARNED_BEFORE, HIDDEN_AFTER = timedelta(days=14), timedelta(days=30)
"""So long before its report is due an organisation is asked for it, and so long after it leaves the search."""


EXAMINED_EVERY = timedelta(days=2 * 365)
"""So long an examination of papers and people holds."""
MUCH_RECEIVED, EARLIER = Decimal(100_000), timedelta(days=365 - 180)
"""Who received more is reviewed again after 180 days, so much earlier than the others."""
LOW_SCORE = Decimal(70)


class OnlusCategory(models.Model):
    """A field of work. The ten of the product come by migration."""

    category = models.SlugField(_("code"), primary_key=True, max_length=30)
    name = models.CharField(_("name"), max_length=80)
    name_it = models.CharField(_("Italian name"), max_length=80)
    description = models.TextField(_("description"), blank=True, default="")
    verification_requirements = models.JSONField(
        _("what is asked for"), default=list, blank=True, help_text=_("Told to applicants, a line each.")
    )
    compliance_standards = models.JSONField(
        _("what is expected later"), default=list, blank=True, help_text=_("Told to applicants, a line each.")
    )
    icon = models.CharField(_("icon"), max_length=40, blank=True, default="")
    color = models.CharField(
        _("colour"),
        max_length=7,
        blank=True,
        default="",
        validators=[RegexValidator(r"^#[0-9a-f]{6}$")],
        help_text=_("As #rrggbb."),
    )
    metadata = models.JSONField(_("for programs"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=0)

    class Meta:
        verbose_name = _("ONLUS category")
        verbose_name_plural = _("ONLUS categories")

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of whoever reads."""
        return self.name_it if (get_language() or "").startswith("it") else self.name


class OnlusQuerySet(models.QuerySet["Onlus"]):
    def public(self) -> Self:
        """Return those the directory shows."""
        return self.filter(status=Onlus.Status.ACTIVE, verified_at__isnull=False)

    def accepting_donations(self) -> Self:
        return self.public().filter(compliance_status__in=IN_ORDER, bank_account_verified_at__isnull=False)

    def featured(self, now: datetime) -> Self:
        return self.public().filter(featured_until__gt=now)

    def searchable(self, now: datetime) -> Self:
        """Leave out those whose report, or whose examination by our staff, is long overdue, until it is there."""
        examined = now - HIDDEN_AFTER - EXAMINED_EVERY
        return self.exclude(report_due_at__lte=now - HIDDEN_AFTER).exclude(last_examined_at__lte=examined)

    def needing_review(self, now: datetime) -> Self:
        """Return those whose review is due or was never planned, those of low score, and those under investigation.

        A review is due after a year, and after half of it where much was received.
        """
        due = Q(next_review_at=None) | Q(next_review_at__lte=now)
        due |= Q(next_review_at__lte=now + EARLIER, total_donations_received__gt=MUCH_RECEIVED)
        due |= Q(compliance_score__lt=LOW_SCORE)
        listed = Q(verified_at__isnull=False, status__in=(Onlus.Status.ACTIVE, Onlus.Status.UNDER_REVIEW))
        return self.filter(listed & (due | Q(compliance_status=Onlus.ComplianceStatus.UNDER_INVESTIGATION)))


def _score(label: Any) -> "models.DecimalField[Any, Any]":
    """Return a column for a score from 0 to 100; nothing while there is none."""
    bounds = [MinValueValidator(0), MaxValueValidator(100)]
    return models.DecimalField(
        label, max_digits=5, decimal_places=2, null=True, blank=True, validators=bounds, editable=False
    )


class Onlus(models.Model):
    """A non-profit that can be given to, once it is verified.

    The tax status ONLUS ended on 1 January 2026; the name stays in the product, and the register that counts is the
    RUNTS (D.Lgs. 117/2017): its number and section decide what a gift means for taxes.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        INACTIVE = "inactive", _("Inactive")
        SUSPENDED = "suspended", _("Suspended")
        UNDER_REVIEW = "under_review", _("Under review")
        DEACTIVATED = "deactivated", _("Deactivated")

    class ComplianceStatus(models.TextChoices):
        COMPLIANT = "compliant", _("Compliant")
        MINOR_ISSUES = "minor_issues", _("Minor issues")
        MAJOR_ISSUES = "major_issues", _("Major issues")
        NON_COMPLIANT = "non_compliant", _("Not compliant")
        UNDER_INVESTIGATION = "under_investigation", _("Under investigation")

    class RuntsSection(models.TextChoices):
        ODV = "odv", _("Volunteer organisation (ODV)")
        APS = "aps", _("Social promotion association (APS)")
        FILANTROPICO = "filantropico", _("Philanthropic body")
        IMPRESA_SOCIALE = "impresa_sociale", _("Social enterprise")
        RETE = "rete", _("Association network")
        MUTUO_SOCCORSO = "mutuo_soccorso", _("Mutual aid society")
        ALTRI = "altri", _("Other third-sector body")

    class VerificationLevel(models.TextChoices):
        BASIC = "basic", _("Basic")
        STANDARD = "standard", _("Standard")
        PREMIUM = "premium", _("Premium")
        GOLD = "gold", _("Gold")

    class ReportStage(models.TextChoices):
        """How it stands with its duty to report every three months what it does."""

        SOON = "soon", _("Due within two weeks")
        OVERDUE = "overdue", _("Overdue")
        HIDDEN = "hidden", _("Overdue, and out of the search")

    NETWORKS: ClassVar[tuple[str, ...]] = ("facebook", "instagram", "linkedin", "mastodon", "x", "youtube")

    id = fields.key()
    name = models.CharField(_("name"), max_length=200, unique=True)
    legal_name = models.CharField(_("legal name"), max_length=250, blank=True, default="")
    category = models.ForeignKey(OnlusCategory, models.PROTECT, related_name="organisations")
    mission_statement = models.TextField(_("mission"))
    description = models.TextField(_("description"), blank=True, default="")
    contact_email = models.EmailField(_("contact e-mail"))
    website_url = models.URLField(_("website"), blank=True, default="")
    contact_phone = models.CharField(_("contact phone"), max_length=30, blank=True, default="")
    social_media = models.JSONField(_("social media"), default=dict, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    certifications = models.JSONField(_("certifications"), default=list, blank=True)
    street = models.CharField(_("street and number"), max_length=120, blank=True, default="")
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True, default="")
    city = models.CharField(_("city"), max_length=80, blank=True, default="")
    region = models.CharField(_("region"), max_length=80, blank=True, default="")
    tax_id = models.CharField(_("codice fiscale"), max_length=16, blank=True, default="")
    runts_number = models.CharField(_("RUNTS number"), max_length=20, blank=True, default="")
    runts_section = models.CharField(
        _("RUNTS section"), max_length=20, choices=RuntsSection.choices, blank=True, default=""
    )
    legal_entity_type = models.CharField(
        _("legal form"), max_length=80, blank=True, default="", help_text=_("Shown to staff only.")
    )
    incorporation_date = models.DateField(_("incorporated on"), null=True, blank=True)
    operational_scope = models.TextField(_("where it works"), blank=True, default="")
    target_beneficiaries = models.TextField(_("whom it helps"), blank=True, default="")
    primary_activities = models.JSONField(_("main activities"), default=list, blank=True)
    annual_budget = fields.euros(verbose_name=_("budget of a year"), null=True, blank=True)
    funding_sources = models.JSONField(_("funding sources"), default=list, blank=True)
    is_tax_deductible = models.BooleanField(
        _("gifts are deductible"),
        default=True,
        help_text=_("Off: receipts of later gifts give no right to a deduction."),
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.UNDER_REVIEW)
    compliance_status = models.CharField(
        _("compliance"), max_length=20, choices=ComplianceStatus.choices, default=ComplianceStatus.COMPLIANT
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    bank_account_verified_at = models.DateTimeField(_("bank account verified at"), null=True, blank=True)
    # Staff only; what was given is summed from the donations every hour.
    leadership_team = fields.EncryptedJSONField(_("leaders"), default=list, blank=True)
    board_members = fields.EncryptedJSONField(_("board"), default=list, blank=True)
    achievements = models.JSONField(_("achievements"), default=list, blank=True, editable=False)
    total_donations_received = fields.euros_from_zero(verbose_name=_("received in all"), editable=False)
    total_donors = models.PositiveIntegerField(_("donors"), default=0, editable=False)
    last_donation_at = models.DateTimeField(_("last donation"), null=True, blank=True, editable=False)
    verification_level = models.CharField(
        _("verification level"),
        max_length=10,
        choices=VerificationLevel.choices,
        default=VerificationLevel.BASIC,
    )
    compliance_score = _score(_("compliance score"))
    transparency_score = _score(_("transparency score"))
    impact_score = _score(_("impact score"))
    donor_rating = models.DecimalField(
        _("rating by donors"), max_digits=3, decimal_places=2, null=True, blank=True, editable=False
    )
    rating_count = models.PositiveIntegerField(_("ratings"), default=0, editable=False)
    featured_until = models.DateTimeField(_("featured until"), null=True, blank=True)
    report_due_at = models.DateTimeField(
        _("next report due"),
        null=True,
        blank=True,
        editable=False,
        help_text=_(
            "Three months after the latest report, or after the first gift; empty while nothing was given."
        ),
    )
    report_warning = models.CharField(
        _("warned of the report"),
        max_length=10,
        choices=ReportStage.choices,
        blank=True,
        default="",
        editable=False,
    )
    last_examined_at = models.DateTimeField(
        _("last examined"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When our staff last looked at all its papers; the next time is due two years later."),
    )
    examination_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What follows is for staff only: no serializer and no portal page reads it, but the reason of a suspension.
    suspension_reason = models.CharField(_("why suspended"), max_length=500, blank=True, default="")
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    compliance_notes = models.TextField(_("compliance notes"), blank=True, default="")
    compliance_reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("compliance reviewer"),
        related_name="+",
    )
    last_compliance_review_at = models.DateTimeField(_("last compliance review"), null=True, blank=True)
    next_review_at = models.DateTimeField(_("next review"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    objects = OnlusQuerySet.as_manager()

    class Meta:
        verbose_name = _("ONLUS")
        verbose_name_plural = _("ONLUS")
        constraints = [
            models.CheckConstraint(
                name="onlus_active_is_verified",
                condition=~Q(status="active") | Q(verified_at__isnull=False),
            ),
            models.CheckConstraint(
                name="onlus_suspended_at_with_reason",
                condition=Q(suspended_at=None, suspension_reason="")
                | (
                    Q(suspended_at__isnull=False, status__in=["suspended", "deactivated"])
                    & ~Q(suspension_reason="")
                ),
            ),
            models.CheckConstraint(
                name="onlus_scores_in_range",
                condition=(Q(compliance_score=None) | Q(compliance_score__range=(0, 100)))
                & (Q(transparency_score=None) | Q(transparency_score__range=(0, 100)))
                & (Q(impact_score=None) | Q(impact_score__range=(0, 100)))
                & (Q(donor_rating=None) | Q(donor_rating__range=(1, 5))),
            ),
        ]
        indexes = [
            # The public directory, newest first and by category.
            models.Index(name="onlus_directory", fields=["status", "-verified_at"]),
            models.Index(name="onlus_by_category", fields=["category", "status"]),
            # The organisations shown first.
            models.Index(
                name="onlus_featured", fields=["featured_until"], condition=Q(featured_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        return self.status == self.Status.ACTIVE and self.verified_at is not None

    @property
    def accepts_donations(self) -> bool:
        return (
            self.is_public
            and self.compliance_status in IN_ORDER
            and self.bank_account_verified_at is not None
        )

    @property
    def overall_score(self) -> Decimal | None:
        """Compliance 40, transparency 30, impact 30, weighed over those that are there."""
        scores = ((self.compliance_score, 40), (self.transparency_score, 30), (self.impact_score, 30))
        known = [(score, weight) for score, weight in scores if score is not None]
        if not known:
            return None
        exact = sum((score * weight for score, weight in known), Decimal(0)) / sum(
            weight for _s, weight in known
        )
        return to_cents(exact)

    def is_featured(self, now: datetime) -> bool:
        return self.featured_until is not None and now < self.featured_until

    @property
    def checked_at(self) -> datetime | None:
        """When our staff last looked at it as a whole."""
        return self.last_examined_at or self.verified_at

    @property
    def examination_due_at(self) -> datetime | None:
        return self.last_examined_at + EXAMINED_EVERY if self.last_examined_at else None

    def report_stage(self, now: datetime) -> str:
        """Say how the duty to report stands; nothing while all is well."""
        due = self.report_due_at
        if due is None or now < due - WARNED_BEFORE:
            return ""
        if now < due:
            return self.ReportStage.SOON
        return self.ReportStage.OVERDUE if now < due + HIDDEN_AFTER else self.ReportStage.HIDDEN

    def is_reporting_on_time(self, now: datetime) -> bool | None:
        """Say whether it told in time what it does; None while nobody gave to it."""
        return None if self.report_due_at is None else now < self.report_due_at

    def needs_review(self, now: datetime) -> bool:
        earlier = EARLIER if self.total_donations_received > MUCH_RECEIVED else timedelta(0)
        due = self.next_review_at is None or self.next_review_at <= now + earlier
        is_low = self.compliance_score is not None and self.compliance_score < LOW_SCORE
        return due or is_low or self.compliance_status == self.ComplianceStatus.UNDER_INVESTIGATION


IN_ORDER = (Onlus.ComplianceStatus.COMPLIANT, Onlus.ComplianceStatus.MINOR_ISSUES)


class DirectoryTotals(models.Model):
    """What the organisations of the directory received together. One row, summed from the donations every hour."""

    name = models.CharField(_("name"), primary_key=True, max_length=20, default="directory")
    donors = models.PositiveIntegerField(_("donors"), help_text=_("Each counted once."))
    summed_at = models.DateTimeField(_("summed at"))

    class Meta:
        verbose_name = _("totals of the directory")
        verbose_name_plural = _("totals of the directory")

    def __str__(self) -> str:
        return f"{self.donors}"
