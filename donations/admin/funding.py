"""Sponsors, the money they sent, and credits given beside play."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations.models import AutoDonation, Bonus, Funding, Sponsor
from donations.operations.funding import request_funding
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.days import SENSIBLE
from goodplay.lib.money import CENT, LARGEST
from goodplay.lib.requests import client_address


class FundingForm(ReasonForm):
    amount = forms.DecimalField(
        label=_("Amount in euros"), min_value=CENT, max_value=LARGEST, decimal_places=2
    )
    purpose = forms.TypedChoiceField(label=_("For"), choices=Funding.Purpose.choices, coerce=Funding.Purpose)
    received_on = forms.DateField(label=_("Received on"), validators=SENSIBLE, widget=AdminDateWidget)
    bank_reference = forms.CharField(
        label=_("Bank reference"), max_length=60, help_text=_("As the statement has it. It counts once.")
    )

    field_order = ("amount", "purpose", "received_on", "bank_reference", "reason")


@admin.register(Sponsor)
class SponsorAdmin(ObjectActions, AuditedAdmin):
    list_display = ("name", "tax_id", "contact_email", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "tax_id")
    readonly_fields = ("created_at",)
    ordering = ("name",)

    @button(
        _("Record a payment"),
        permission="donations.add_funding",
        shown_if=lambda sponsor: sponsor.is_active,
        form=FundingForm,
        explains=_(
            "Money that reached the bank. Credits for play that wait are paid from it at once. "
            "A second person has to approve it."
        ),
        dangerous=True,
    )
    def record_payment(self, request: HttpRequest, sponsor: Sponsor, data: dict[str, Any]) -> Any:
        request_funding(
            sponsor=sponsor,
            requested_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            address=client_address(request),
            now=timezone.now(),
            **data,
        )
        return _("Asked for. It is done when a second person approves.")

    def save_model(self, request: HttpRequest, obj: Sponsor, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        if not change:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Sponsor | None = None) -> bool:
        return False


@admin.register(Funding)
class FundingAdmin(ReadOnlyAdmin):
    list_display = ("received_on", "sponsor", "amount", "purpose", "bank_reference", "recorded_by")
    list_filter = ("purpose", "sponsor")
    list_select_related = ("sponsor", "recorded_by")
    search_fields = ("=bank_reference", "sponsor__name")
    ordering = ("-received_on", "-id")


@admin.register(Bonus)
class BonusAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "player", "source_type", "amount", "granted_by")
    list_filter = ("source_type", "created_at")
    list_select_related = ("player", "transfer", "granted_by")
    search_fields = ("=transfer__cause_id", "player__email")
    ordering = ("-created_at", "-id")

    @admin.display(description=_("amount"))
    def amount(self, bonus: Bonus) -> Any:
        return bonus.transfer.amount


@admin.register(AutoDonation)
class AutoDonationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "player", "outcome", "donation")
    list_filter = ("outcome", "created_at")
    list_select_related = ("wallet__player", "donation")
    search_fields = ("wallet__player__email",)
    ordering = ("-created_at", "-id")

    @admin.display(description=_("player"))
    def player(self, look: AutoDonation) -> str:
        return str(look.wallet.player)
