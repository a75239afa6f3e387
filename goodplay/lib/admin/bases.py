"""ModelAdmin bases: audited writes, and screens that only show."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, URLField
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from goodplay.lib.audit import trail
from goodplay.lib.requests import client_address


class NamedFilters(admin.ModelAdmin):
    """Lists are filtered by what they offer, and by nothing else a reader writes into the address.

    Django filters by any column of the model: sign by sign, that reads a password's hash or a game's seed.
    """

    # Columns that links from elsewhere filter by.
    filterable: ClassVar[tuple[str, ...]] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        offered = self._offered(request)
        return lookup in offered or _column(self.model, lookup) in offered

    def _offered(self, request: HttpRequest | None) -> set[str]:
        filters = self.list_filter if request is None else self.get_list_filter(request)
        searched = self.search_fields if request is None else self.get_search_fields(request)
        names = {self.model._meta.pk.name, *self.filterable, *map(_filter_name, filters)}
        names |= {_column(self.model, name.lstrip("^=@")) for name in searched}
        return (names | {self.date_hierarchy or ""}) - {""}


class AuditedAdmin(NamedFilters):
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


class ReadOnlyAdmin(NamedFilters):
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


def _filter_name(offer: Any) -> str:
    """Return the column or the parameter of one entry of `list_filter`."""
    if isinstance(offer, type) and issubclass(offer, SimpleListFilter):
        return str(offer.parameter_name)
    return str(offer[0] if isinstance(offer, tuple | list) else offer)


def _column(model: type[Model], lookup: str) -> str:
    """Return the column a lookup reads: `player__id__exact` reads `player`, `player__email__in` reads `player__email`."""
    path: list[str] = []
    related: Any = model
    for part in lookup.split("__"):
        name = related._meta.pk.name if part == "pk" else part
        try:
            field = related._meta.get_field(name)
        except FieldDoesNotExist:
            break
        if not (path and getattr(field, "primary_key", False)):
            path.append(name)
        related = field.related_model
        if related is None:
            break
    return "__".join(path)
