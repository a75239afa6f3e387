"""Rate cards, special events and how sessions were paid."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations.models import ConversionRate, SessionCredit, SpecialEvent
from donations.operations import rates as operations
from donations.queries.rates import forget_cards
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address


class VersionForm(ReasonForm):
    base_rate = forms.DecimalField(label=_("EUR per minute"), max_digits=8, decimal_places=6)
    multipliers = forms.CharField(
        label=_("Multipliers"),
        widget=forms.Textarea(attrs={"rows": 8}),
        required=False,
        help_text=_("One on each line: its name, a space, its factor. Bonuses add up, they do not multiply."),
    )
    valid_from = forms.SplitDateTimeField(
        label=_("Valid from"), widget=AdminSplitDateTime, required=False, help_text=_("Empty: at once.")
    )
    valid_until = forms.SplitDateTimeField(
        label=_("Valid until"), widget=AdminSplitDateTime, required=False, help_text=_("Empty: for good.")
    )
    priority = forms.IntegerField(label=_("Priority"), min_value=-100, max_value=100)
    description = forms.CharField(label=_("Description"), max_length=200, required=False)

    field_order = (
        "base_rate",
        "multipliers",
        "valid_from",
        "valid_until",
        "priority",
        "description",
        "reason",
    )

    def clean_multipliers(self) -> dict[str, str]:
        try:
            return operations.read_multipliers(self.cleaned_data["multipliers"])
        except DomainError as error:
            raise forms.ValidationError(str(error)) from error


def _as_it_is(card: ConversionRate) -> dict[str, Any]:
    lines = (f"{name} {factor}" for name, factor in card.multipliers.items())
    return {
        "base_rate": card.base_rate,
        "multipliers": "\n".join(lines),
        "priority": card.priority,
        "description": card.description,
    }


@admin.register(ConversionRate)
class ConversionRateAdmin(ObjectActions, ReadOnlyAdmin):
    """What a card paid stays as it was: a change is a new version, and needs a second person."""

    list_display = ("rate_id", "version", "base_rate", "is_active", "priority", "valid_from", "valid_until")
    list_filter = ("is_active",)
    ordering = ("-priority", "-valid_from", "-id")

    @button(
        _("New version"),
        permission="donations.add_conversionrate",
        form=VersionForm,
        initial=_as_it_is,
        explains=_("The new version takes over when it starts. A second person has to approve it."),
        dangerous=True,
    )
    def new_version(self, request: HttpRequest, card: ConversionRate, data: dict[str, Any]) -> Any:
        operations.request_version(card=card, **data, **_asking(request))
        return _("Asked for. It is done when a second person approves.")

    @button(
        _("Take out of force"),
        permission="donations.change_conversionrate",
        shown_if=lambda card: card.is_active,
        form=ReasonForm,
        explains=_("Play is then paid by the next card in order. A second person has to approve it."),
        tone="danger",
        dangerous=True,
    )
    def withdraw(self, request: HttpRequest, card: ConversionRate, data: dict[str, Any]) -> Any:
        operations.request_withdrawal(card=card, **data, **_asking(request))
        return _("Asked for. It is done when a second person approves.")


@admin.register(SpecialEvent)
class SpecialEventAdmin(AuditedAdmin):
    """While an event runs, play earns the special-event factor of the card in force."""

    list_display = ("name", "kind", "starts_at", "ends_at")
    list_filter = ("kind",)
    prepopulated_fields = {"code": ("name",)}
    ordering = ("-starts_at",)

    def save_model(self, request: HttpRequest, obj: SpecialEvent, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        super().save_model(request, obj, form, change)
        transaction.on_commit(forget_cards)

    def has_change_permission(self, request: HttpRequest, obj: SpecialEvent | None = None) -> bool:
        """An event that has begun has paid people: it stays as it was announced."""
        begun = obj is not None and obj.starts_at <= timezone.now()
        return not begun and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: SpecialEvent | None = None) -> bool:
        return False


@admin.register(SessionCredit)
class SessionCreditAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "player", "minutes", "multiplier", "active_multipliers", "amount", "rate")
    list_filter = ("source_type", "created_at")
    list_select_related = ("player", "rate")
    search_fields = ("=session__id", "player__email")
    ordering = ("-created_at", "-id")


def _asking(request: HttpRequest) -> dict[str, Any]:
    return {"requested_by": request.user, "address": client_address(request), "now": timezone.now()}
