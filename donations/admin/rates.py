"""Rate cards, special events and how sessions were paid."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from donations.models import ConversionRate, SessionCredit, SpecialEvent
from donations.queries.rates import forget_cards
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin


@admin.register(ConversionRate)
class ConversionRateAdmin(ReadOnlyAdmin):
    """Cards are shown here; changing what play pays needs two people and comes with approvals."""

    list_display = ("rate_id", "version", "base_rate", "is_active", "priority", "valid_from", "valid_until")
    list_filter = ("is_active",)
    ordering = ("-priority", "-valid_from")


@admin.register(SpecialEvent)
class SpecialEventAdmin(AuditedAdmin):
    list_display = ("name", "kind", "starts_at", "ends_at")
    list_filter = ("kind",)
    prepopulated_fields = {"code": ("name",)}
    ordering = ("-starts_at",)

    def save_model(self, request: HttpRequest, obj: SpecialEvent, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        super().save_model(request, obj, form, change)
        forget_cards()

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
