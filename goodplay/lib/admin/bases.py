"""ModelAdmin bases: audited writes, and screens that only show."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, URLField
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from goodplay.lib.audit import trail
from goodplay.lib.requests import client_address


class AuditedAdmin(admin.ModelAdmin):
    """Every write through these screens lands in the audit trail with before and after."""

    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        before = (
            _facts(type(obj)._default_manager.filter(pk=obj.pk).first(), form.changed_data) if change else {}
        )
        super().save_model(request, obj, form, change)
        changed = form.changed_data if change else [field.name for field in obj._meta.concrete_fields]
        if change and not changed:
            return
        trail.record(
            actor=request.user,
            action="change" if change else "add",
            target=obj,
            before=before,
            after=_facts(obj, changed),
            address=client_address(request),
            now=timezone.now(),
        )

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        before = _facts(obj, [field.name for field in obj._meta.concrete_fields])
        trail.record(
            actor=request.user,
            action="delete",
            target=obj,
            before=before,
            address=client_address(request),
            now=timezone.now(),
        )
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Ledger, events and trails: look, search, never touch. Counts are left out: these tables are large."""

    show_full_result_count = False
    actions: Any = None

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


_SECRET = {"password", "token_hash"}


def _facts(obj: Model | None, names: list[str]) -> dict[str, Any]:
    """Read the named columns; many-to-many and secrets are named without their content."""
    if obj is None:
        return {}
    columns = {field.name: field for field in obj._meta.concrete_fields}
    return {
        name: "…" if name in _SECRET or name not in columns else str(columns[name].value_from_object(obj))
        for name in names
    }
