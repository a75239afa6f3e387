"""Campaigns, matching and pools in the back office."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations.models import Campaign, DonationMatch, GivingPool, GivingPoolMember, MatchingOffer
from donations.operations import campaigns
from donations.queries.campaigns import money_for_matching, with_totals
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin, facts_of
from goodplay.lib.money import ZERO


class Dated(AuditedAdmin):
    """Remembers when a row was added."""

    exclude = ("created_at",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        if not change:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What people gave to or were promised stays: it is switched off."""
        return False


@admin.register(Campaign)
class CampaignAdmin(Dated):
    list_display = ("title", "onlus", "goal", "raised", "starts_at", "ends_at", "is_active")
    list_filter = ("is_active", "starts_at")
    list_select_related = ("onlus",)
    autocomplete_fields = ("onlus",)
    search_fields = ("title", "onlus__name")
    ordering = ("-starts_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        return with_totals(super().get_queryset(request))

    @admin.display(description=_("given"))
    def raised(self, campaign: Any) -> Decimal:
        return campaign.raised + campaign.matched


class MatchingOfferForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """Say at the field what the operation would refuse."""
        data = super().clean() or {}
        sponsor, cap = data.get("sponsor"), data.get("cap")
        sponsor_id = sponsor.pk if sponsor else self.instance.sponsor_id
        if sponsor_id and cap and data.get("is_active"):
            left = money_for_matching(sponsor_id, besides=self.instance.pk)
            if cap > left:
                raise ValidationError(
                    {"cap": _("The sponsor has %(left)s EUR left for matching.") % {"left": left}}
                )
        if cap and cap < self.instance.matched_amount:
            raise ValidationError({"cap": campaigns.CapBelowMatched.message})
        return data


@admin.register(MatchingOffer)
class MatchingOfferAdmin(Dated):
    form = MatchingOfferForm
    list_display = (
        "name",
        "sponsor",
        "ratio",
        "cap",
        "matched_amount",
        "left",
        "starts_at",
        "ends_at",
        "is_active",
    )
    list_filter = ("is_active", "starts_at")
    list_select_related = ("sponsor",)
    autocomplete_fields = ("onlus", "campaign")
    readonly_fields = ("matched_amount",)
    search_fields = ("name", "sponsor__name")
    ordering = ("-starts_at", "-id")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """An offer keeps its sponsor: what it gave was theirs."""
        return (*self.readonly_fields, "sponsor") if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: MatchingOffer, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        if not change:
            obj.created_at = timezone.now()
        form.facts_before = facts_of(MatchingOffer.objects.filter(pk=obj.pk).first())
        campaigns.promise_match(offer=obj)

    @admin.display(description=_("left"), ordering=F("cap") - F("matched_amount"))
    def left(self, offer: MatchingOffer) -> Decimal:
        return max(ZERO, offer.cap - offer.matched_amount)


@admin.register(DonationMatch)
class DonationMatchAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "offer", "donation", "amount", "refunded_amount")
    list_filter = ("created_at",)
    list_select_related = ("offer", "donation")
    search_fields = ("=donation__id", "offer__name")
    ordering = ("-created_at", "-id")


class MembersInline(admin.TabularInline):
    model = GivingPoolMember
    extra = 1
    autocomplete_fields = ("onlus",)


@admin.register(GivingPool)
class GivingPoolAdmin(Dated):
    list_display = ("name", "is_active")
    inlines = (MembersInline,)
    search_fields = ("name",)
    ordering = ("name",)
