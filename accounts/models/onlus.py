from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from goodplay.lib import fields


class OnlusCategory(models.Model):
    """A field of work. The ten of the product come by migration."""

    category = models.SlugField(_("code"), primary_key=True, max_length=30)
    name = models.CharField(_("name"), max_length=80)
    name_it = models.CharField(_("Italian name"), max_length=80)
    description = models.TextField(_("description"), blank=True, default="")
    is_active = models.BooleanField(_("active"), default=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=0)

    class Meta:
        verbose_name = _("ONLUS category")
        verbose_name_plural = _("ONLUS categories")

    def __str__(self) -> str:
        return self.name


class OnlusQuerySet(models.QuerySet["Onlus"]):
    def public(self) -> Self:
        """Return those the directory shows."""
        return self.filter(status=Onlus.Status.ACTIVE, verified_at__isnull=False)

    def accepting_donations(self) -> Self:
        return self.public().filter(compliance_status__in=IN_ORDER, bank_account_verified_at__isnull=False)


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

    id = fields.key()
    name = models.CharField(_("name"), max_length=200, unique=True)
    legal_name = models.CharField(_("legal name"), max_length=250, blank=True, default="")
    category = models.ForeignKey(OnlusCategory, models.PROTECT, related_name="organisations")
    mission_statement = models.TextField(_("mission"))
    description = models.TextField(_("description"), blank=True, default="")
    contact_email = models.EmailField(_("contact e-mail"))
    website_url = models.URLField(_("website"), blank=True, default="")
    city = models.CharField(_("city"), max_length=80, blank=True, default="")
    region = models.CharField(_("region"), max_length=80, blank=True, default="")
    tax_id = models.CharField(_("codice fiscale"), max_length=16, blank=True, default="")
    runts_number = models.CharField(_("RUNTS number"), max_length=20, blank=True, default="")
    runts_section = models.CharField(
        _("RUNTS section"), max_length=20, choices=RuntsSection.choices, blank=True, default=""
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices, default=Status.UNDER_REVIEW)
    compliance_status = models.CharField(
        _("compliance"), max_length=20, choices=ComplianceStatus.choices, default=ComplianceStatus.COMPLIANT
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    bank_account_verified_at = models.DateTimeField(_("bank account verified at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    objects = OnlusQuerySet.as_manager()

    class Meta:
        verbose_name = _("ONLUS")
        verbose_name_plural = _("ONLUS")
        constraints = [
            models.CheckConstraint(
                name="onlus_active_is_verified",
                condition=~models.Q(status="active") | models.Q(verified_at__isnull=False),
            )
        ]
        indexes = [
            # The public directory, newest first and by category.
            models.Index(name="onlus_directory", fields=["status", "-verified_at"]),
            models.Index(name="onlus_by_category", fields=["category", "status"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def accepts_donations(self) -> bool:
        return (
            self.status == self.Status.ACTIVE
            and self.compliance_status in IN_ORDER
            and self.verified_at is not None
            and self.bank_account_verified_at is not None
        )


IN_ORDER = (Onlus.ComplianceStatus.COMPLIANT, Onlus.ComplianceStatus.MINOR_ISSUES)


class OnlusMembership(models.Model):
    """Somebody's seat in an ONLUS: what the portal lets them do there."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        EDITOR = "editor", _("Editor")
        VIEWER = "viewer", _("Viewer")

    id = fields.key()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="onlus_memberships")
    onlus = models.ForeignKey(Onlus, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(name="membership_once", fields=["user", "onlus"])]

    def __str__(self) -> str:
        return f"{self.user_id} {self.get_role_display()}"
