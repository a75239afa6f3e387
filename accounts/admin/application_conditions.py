"""What approved organisations still owe, and the addresses no application is to come from."""

from typing import Any, cast

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.application_papers import OfApplication
from accounts.forms import application_review as forms
from accounts.models import ApprovalCondition, BlockedAddress, User
from accounts.operations import application_decisions
from accounts.operations.application_states import REVIEW
from goodplay.lib.admin.bases import AuditedAdmin
from goodplay.lib.admin.buttons import button
from goodplay.lib.requests import client_address


class LateFilter(admin.SimpleListFilter):
    title, parameter_name = _("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Still owed")), ("late", _("Past the day")), ("met", _("Met"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "late":
            return queryset.filter(met_at=None, due_on__lt=timezone.localdate())
        if self.value() in ("open", "met"):
            return queryset.filter(met_at__isnull=self.value() == "open")
        return queryset


@admin.register(ApprovalCondition)
class ApprovalConditionAdmin(OfApplication):
    list_display = ("text", "of", "due_on", "met_at", "met_by")
    list_select_related = ("application", "met_by")
    list_filter = (LateFilter, "due_on")
    search_fields = ("application__organization_name", "text")
    ordering = ("due_on", "id")
    fields = ("of", "text", "due_on", ("met_by", "met_at"), "met_note")

    @button(
        _("Note that it is met"),
        permission=REVIEW,
        shown_if=lambda row: row.met_at is None,
        form=forms.MetForm,
        tone="good",
    )
    def met(self, request: HttpRequest, row: ApprovalCondition, data: dict[str, Any]) -> Any:
        application_decisions.meet_condition(
            condition=row,
            actor=cast(User, request.user),
            now=timezone.now(),
            address=client_address(request),
            **data,
        )
        return self.back(request, row, _("Noted: the condition is met."))


@admin.register(BlockedAddress)
class BlockedAddressAdmin(AuditedAdmin):
    list_display = ("value", "reason", "created_at")
    search_fields = ("value",)
    ordering = ("value",)
