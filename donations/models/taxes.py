from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus
from goodplay.lib import fields


class TaxRule(models.Model):
    """What a gift means for its donor's taxes, from a day on. Rows never change: another law is another row.

    Of two rules for a day the one for the section of the register wins over the one for all, then the later one, then
    the higher version. Italy: art. 83 D.Lgs. 117/2017 (30 %, 35 % for an ODV, of at most 30,000 EUR a year; or up to
    10 % of the income instead), before it art. 15 c. 1.1 TUIR (26 %).
    """

    append_only: ClassVar[bool] = True

    class Jurisdiction(models.TextChoices):
        IT = "IT", _("Italy")
        EU = "EU", _("European Union")
        US = "US", _("United States")

    id = fields.key()
    jurisdiction = models.CharField(_("jurisdiction"), max_length=2, choices=Jurisdiction.choices)
    runts_section = models.CharField(
        _("RUNTS section"),
        max_length=20,
        choices=Onlus.RuntsSection.choices,
        blank=True,
        default="",
        help_text=_("Empty: for every section that has no rule of its own."),
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The first day it no longer holds; empty: open.")
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    deduction_rate = models.DecimalField(
        _("rate"), max_digits=5, decimal_places=4, help_text=_("0.30 is 30 %; 0: nothing may be deducted.")
    )
    annual_cap = fields.euros(null=True, blank=True, verbose_name=_("most in a year"))
    income_share = models.DecimalField(
        _("share of income"), max_digits=5, decimal_places=4, null=True, blank=True
    )
    income_share_instead = models.BooleanField(
        _("share of income instead"),
        default=False,
        help_text=_("The share of income is another way to deduct the same gift, and no limit of this one."),
    )
    minimum_amount = fields.euros_from_zero(verbose_name=_("least amount"))
    traceable_only = models.BooleanField(_("traceable means only"), default=True)
    retention_years = models.PositiveSmallIntegerField(_("years to keep the papers"))
    organisation_types = models.JSONField(_("organisations that qualify"), default=list)
    documentation = models.JSONField(_("papers the donor needs"), default=list)
    special_limits = models.JSONField(_("special limits"), default=dict, blank=True)
    texts = models.JSONField(
        _("texts"), default=dict, blank=True, help_text=_("By language: requirements, rules, notes.")
    )
    method = models.CharField(_("method"), max_length=60)
    rate_key = models.CharField(_("name of the rate"), max_length=40)
    law = models.CharField(_("law"), max_length=200, blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("tax rule")
        verbose_name_plural = _("tax rules")
        constraints = [
            models.UniqueConstraint(
                name="tax_rule_version_once",
                fields=["jurisdiction", "runts_section", "valid_from", "version"],
            ),
            models.CheckConstraint(
                name="tax_rule_in_order",
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="tax_rule_shares_are_shares",
                condition=Q(deduction_rate__gte=0, deduction_rate__lte=1, minimum_amount__gte=0)
                & (Q(income_share=None) | Q(income_share__gte=0, income_share__lte=1)),
            ),
            models.CheckConstraint(
                name="tax_rule_cap_positive", condition=Q(annual_cap=None) | Q(annual_cap__gt=0)
            ),
        ]

    def __str__(self) -> str:
        section = self.get_runts_section_display() if self.runts_section else "*"
        return f"{self.jurisdiction} {section} {self.valid_from} v{self.version}"

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


class DonorTaxProfile(models.Model):
    """What a donor wants on receipts and statements. A change is a new row: older documents keep what they say."""

    id = fields.key()
    donor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="tax_profiles", verbose_name=_("donor")
    )
    tax_code = fields.EncryptedTextField(_("codice fiscale"), blank=True, default="")
    legal_name = fields.EncryptedTextField(_("name for the tax office"), blank=True, default="")
    address = fields.EncryptedTextField(_("address"), blank=True, default="")
    is_individual = models.BooleanField(
        _("individual"), default=False, help_text=_("The codice fiscale is a person's.")
    )
    shares_with_onlus = models.BooleanField(
        _("shares with the ONLUS"),
        help_text=_("The ONLUS may report the gifts to the tax office under this codice fiscale."),
    )
    is_current = models.BooleanField(_("current"), default=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("tax data of a donor")
        verbose_name_plural = _("tax data of donors")
        constraints = [
            models.UniqueConstraint(
                name="tax_profile_current_once", fields=["donor"], condition=Q(is_current=True)
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def says_the_same_as(self, other: "DonorTaxProfile | None") -> bool:
        """Compare what documents print, whatever was agreed to beside it."""
        return other is not None and self._printed == other._printed

    @property
    def _printed(self) -> tuple[str, str, str]:
        return self.tax_code, self.legal_name, self.address
