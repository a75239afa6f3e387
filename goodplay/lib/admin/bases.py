"""ModelAdmin bases: audited writes, and screens that only show."""

from typing import Any, ClassVar

from django.contrib.admin import ShowFacets, SimpleListFilter
from django.contrib.admin.utils import flatten
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import FieldDoesNotExist
from django.db.models import JSONField, Model, URLField
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from goodplay.lib.admin.facts import ToldFacts
from goodplay.lib.admin.list_exports import ListExport
from goodplay.lib.admin.pages import UncountedPaginator
from goodplay.lib.audit import trail
from goodplay.lib.fields import EncryptedTextField
from goodplay.lib.requests import client_address

Facts = dict[str, Any]


class NamedFilters(ListExport):
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
    """Every write through these screens lands in the audit trail with before and after.

    So do rows edited inline, and what many-to-many fields hold: roles and rights are named on both sides.
    """

    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        """Remember what was there; `save_related`, which always follows, writes the entry."""
        form.facts_before = facts_of(_stored(obj)) if change else {}  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        super().save_related(request, form, formsets, change)
        before = form.facts_before  # type: ignore[attr-defined]
        self.note_change(request, "change" if change else "add", form.instance, before)

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        touched = [_stored(row.instance) for row in formset.initial_forms if row.has_changed()]
        before = {row.pk: (row, facts_of(row)) for row in touched if row is not None}
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            self.note_change(request, "add", row, {})
        for row, _names in formset.changed_objects:
            self.note_change(request, "change", row, before[row.pk][1])
        for row, facts in before.values():
            if _stored(row) is None:
                self.note(request, "delete", row, facts, {})

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        self.note(request, "delete", obj, facts_of(obj), {})
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def note_change(self, request: HttpRequest, action: str, obj: Model, before: Facts) -> None:
        """Write down what differs from before; a form saved without a change leaves no entry."""
        now = facts_of(_stored(obj))
        differing = [name for name in now if name not in before or before[name] != now[name]]
        if differing:
            self.note(
                request,
                action,
                obj,
                {name: before[name] for name in differing if name in before},
                {name: now[name] for name in differing},
            )

    def note(self, request: HttpRequest, action: str, obj: Model, before: Facts, after: Facts) -> None:
        trail.record(
            actor=request.user,
            action=action,
            target=obj,
            before=_without_secrets(before),
            after=_without_secrets(after),
            address=client_address(request),
            now=timezone.now(),
        )


class ReadOnlyAdmin(NamedFilters):
    """Ledger, events and trails: look, search, never touch. Nothing is counted: these tables are large."""

    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_max_show_all = 0
    actions: Any = None

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Tell what JSON columns hold in words; the same objects each time, by which Django knows them again."""
        return [self._told.get(name, name) for name in super().get_fields(request, obj)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """As above; a part with a title in which there is nothing to read yet is left out."""
        return [
            (title, {**part, "fields": self._readable(part["fields"])})
            for title, part in super().get_fieldsets(request, obj)
            if not title or obj is None or any(self._says(obj, name) for name in flatten(part["fields"]))
        ]

    def _readable(self, names: Any) -> list[Any]:
        """Put what tells a column of JSON in its place; names may stand together on a line."""
        return [
            self._readable(name) if isinstance(name, list | tuple) else self._told.get(name, name)
            for name in names
        ]

    def _says(self, obj: Model, name: Any) -> bool:
        columns = {each.name: each for each in obj._meta.concrete_fields}
        return name not in columns or columns[name].value_from_object(obj) not in (None, "", [], {})

    @cached_property
    def _told(self) -> dict[Any, ToldFacts]:
        columns = [each for each in self.model._meta.concrete_fields if isinstance(each, JSONField)]
        return {each.name: ToldFacts(each) for each in columns if each.name not in self.readonly_fields}

    def get_paginator(self, request: HttpRequest, *args: Any, **kwargs: Any) -> UncountedPaginator:
        return UncountedPaginator(*args, asked=_page_asked(request), **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


_SECRET = {"password", "token_hash"}


def facts_of(obj: Model | None) -> Facts:
    """Read every column, and the names in every many-to-many field; moments that only say "saved" are left out."""
    if obj is None:
        return {}
    columns = [field for field in obj._meta.concrete_fields if not getattr(field, "auto_now", False)]
    return {
        **{field.name: _fact(field, obj) for field in columns},
        **{field.name: _names(getattr(obj, field.name)) for field in obj._meta.many_to_many},
    }


def _fact(field: Any, obj: Model) -> str:
    """Write one column as text; of an encrypted one only a mark by which a change shows."""
    value = str(field.value_from_object(obj))
    if isinstance(field, EncryptedTextField):
        return f"encrypted {salted_hmac(f'{field} {obj.pk}', value, algorithm='sha256').hexdigest()[:12]}"
    return value


def _names(related: Any) -> list[str]:
    return sorted(str(row) for row in related.select_related())


def _stored(obj: Model) -> Model | None:
    return type(obj)._default_manager.filter(pk=obj.pk).first()


def _without_secrets(facts: Facts) -> Facts:
    return {name: "…" if name in _SECRET else value for name, value in facts.items()}


def _page_asked(request: HttpRequest) -> int:
    try:
        return int(request.GET.get(PAGE_VAR, 1))
    except ValueError:
        return 1


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
