"""Tax rules and donors' tax data in the back office."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.forms import TaxRuleForm
from donations.models import DonorTaxProfile, TaxRule
from donations.operations import taxes
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.requests import client_address

COPIED = (
    "deduction_rate",
    "annual_cap",
    "income_share",
    "income_share_instead",
    "minimum_amount",
    "traceable_only",
    "retention_years",
    "method",
    "law",
)


@admin.register(TaxRule)
class TaxRuleAdmin(ObjectActions, ReadOnlyAdmin):
    """Rules are never edited: a change of the law is a new rule, from a day that is still ahead."""

    list_display = (
        "jurisdiction",
        "runts_section",
        "valid_from",
        "valid_until",
        "version",
        "deduction_rate",
        "annual_cap",
        "income_share",
        "law",
    )
    list_filter = ("jurisdiction", "runts_section")
    search_fields = ("law", "method")
    ordering = ("jurisdiction", "runts_section", "-valid_from", "-version")

    @button(
        _("New version"),
        permission="donations.add_taxrule",
        form=TaxRuleForm,
        initial=lambda rule: {name: getattr(rule, name) for name in COPIED},
        explains=_(
            "Makes a rule for the same jurisdiction and section that begins on a day ahead. This one stays as it is, for "
            "the gifts of its days."
        ),
        dangerous=True,
    )
    def add_version(self, request: HttpRequest, rule: TaxRule, data: dict[str, Any]) -> HttpResponseBase:
        reason = data.pop("reason")
        kept = {
            name: getattr(rule, name)
            for name in (
                "jurisdiction",
                "runts_section",
                "organisation_types",
                "documentation",
                "special_limits",
                "texts",
                "rate_key",
            )
        }
        made = taxes.add_rule(
            actor=cast(User, request.user),
            reason=reason,
            address=client_address(request),
            now=timezone.now(),
            **kept,
            **data,
        )
        return HttpResponseRedirect(reverse("admin:donations_taxrule_change", args=[made.pk]))


@admin.register(DonorTaxProfile)
class DonorTaxProfileAdmin(ReadOnlyAdmin):
    """What donors told us for the tax office, never in full: nobody's work here needs the whole codice fiscale."""

    list_display = ("donor", "masked_code", "is_individual", "shares_with_onlus", "is_current", "created_at")
    list_filter = ("is_current", "is_individual", "shares_with_onlus")
    list_select_related = ("donor",)
    search_fields = ("donor__email",)
    ordering = ("-created_at", "-id")
    fields = ("donor", "masked_code", "is_individual", "shares_with_onlus", "is_current", "created_at")

    @admin.display(description=_("codice fiscale"))
    def masked_code(self, profile: DonorTaxProfile) -> str:
        code = profile.tax_code
        return f"{code[:3]}…{code[-2:]}" if code else ""
