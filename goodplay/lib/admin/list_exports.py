"""Every list as a file: the columns it shows, the rows its filters leave, for whoever may see and export them."""

import html
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, PermissionDenied
from django.db.models import Model
from django.http import FileResponse, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.hashable import make_hashable
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goodplay.lib.exports import operations
from goodplay.lib.exports.files import CONTENT_TYPES, ENDINGS
from goodplay.lib.exports.models import ExportJob
from goodplay.lib.exports.tables import Table, write_csv, write_xlsx
from goodplay.lib.fields import EncryptedTextField
from goodplay.lib.requests import client_address
from goodplay.lib.time import rome_day

RIGHT = "exports.export_lists"
KIND = "list"
_CHUNK = 2000
_IN_MEMORY = 4 * 1024 * 1024

Format = ExportJob.Format
ChangeList = Any


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[(Format.CSV, "CSV"), (Format.EXCEL, "Excel (XLSX)")],
        initial=Format.CSV,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=5,
        max_length=500,
        help_text=gettext_lazy("What the rows are needed for. It is kept with your name."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ListExport(admin.ModelAdmin):
    """Puts "Export" above the list of a screen."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        site: Any = self.admin_site
        more = site.list_context(request, self) if site.list_context is not None else {}
        context = {"export_address": self.export_address(request), **more, **(extra_context or {})}
        return super().changelist_view(request, context)

    def may_export(self, request: HttpRequest) -> bool:
        return self.has_view_or_change_permission(request) and request.user.has_perm(RIGHT)

    def export_address(self, request: HttpRequest) -> str:
        """Return where this list is exported as it is filtered now; nothing for whoever may not."""
        if not self.may_export(request):
            return ""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_export")
        return f"{address}?{request.GET.urlencode()}" if request.GET else address

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for the format and the reason, then hand out the file; a long list is made in the background."""
        if not self.may_export(request):
            raise PermissionDenied
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            rows = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{back}?e=1")
        form = ExportForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            deliver = _ask_for if _is_long(rows) else _hand_out
            return deliver(self, request, rows, form.cleaned_data)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export: %(list)s") % {"list": self._list_name},
            "opts": self.opts,
            "form": form,
            "back": f"{back}?{request.GET.urlencode()}",
            "filters": chosen_filters(rows),
            "columns": header_of(self, rows),
            "found": str(rows.result_count),
        }
        return TemplateResponse(request, "admin/export.html", context)

    @property
    def _list_name(self) -> str:
        return str(capfirst(str(self.opts.verbose_name_plural)))


def _hand_out(
    screen: ListExport, request: HttpRequest, rows: ChangeList, asked: dict[str, Any]
) -> HttpResponseBase:
    """Write the file whole before anything is sent: what fails half way is never taken for the whole list."""
    table, format_ = table_of(screen, rows), Format(asked["format"])
    file: Any = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  (the response closes it)
    count = _write(file, table, format_)
    file.seek(0)
    now = timezone.now()
    operations.record_delivered(
        kind=KIND,
        action=f"{screen.opts.model_name}_export",
        format=format_,
        parameters=_parameters(screen, request, rows),
        title=table.title,
        row_count=count,
        delivered_to=request.user,
        reason=asked["reason"],
        now=now,
        address=client_address(request),
    )
    name = f"{screen.opts.model_name}-{rome_day(now)}.{ENDINGS[format_]}"
    response = FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[format_])
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _ask_for(
    screen: ListExport, request: HttpRequest, rows: ChangeList, asked: dict[str, Any]
) -> HttpResponseBase:
    job = operations.request_export(
        kind=KIND,
        action=f"{screen.opts.model_name}_export",
        format=asked["format"],
        parameters=_parameters(screen, request, rows),
        requested_by=request.user,
        reason=asked["reason"],
        title=screen._list_name,
        now=timezone.now(),
        address=client_address(request),
    )
    told = _("The list is long: the file is being made. It will be on this page for a day.")
    messages.info(request, told)
    return HttpResponseRedirect(reverse("admin:exports_exportjob_change", args=[job.pk]))


def table_of(screen: admin.ModelAdmin, rows: ChangeList) -> Table:
    """Return the list as its filters leave it: the columns it shows, in its order, all pages."""
    columns = _columns(screen, rows)
    title = str(capfirst(str(screen.opts.verbose_name_plural)))
    return Table(title, header_of(screen, rows), _rows(screen, rows, columns))


def header_of(screen: admin.ModelAdmin, rows: ChangeList) -> list[str]:
    return [
        str(capfirst(str(label_for_field(name, screen.model, screen)))) for name in _columns(screen, rows)
    ]


def chosen_filters(rows: ChangeList) -> list[tuple[str, str]]:
    """Name what the list is narrowed by, as its side bar does."""
    chosen = [(_("Search"), rows.query)] if rows.query else []
    for each in rows.filter_specs:
        for place, choice in enumerate(each.choices(rows)):
            if place and choice.get("selected"):
                chosen.append((str(capfirst(str(each.title))), str(choice["display"])))
    return chosen


def _is_long(rows: ChangeList) -> bool:
    most = settings.EXPORT_MAX_RECORDS
    return bool(rows.queryset.values_list("pk")[most : most + 1])


def _parameters(screen: admin.ModelAdmin, request: HttpRequest, rows: ChangeList) -> dict[str, Any]:
    return {
        "model": screen.opts.label_lower,
        "query": request.GET.urlencode(),
        "filters": chosen_filters(rows),
        "asked_by": str(request.user.pk),
    }


def _write(file: IO[bytes], table: Table, format_: Format) -> int:
    if format_ == Format.EXCEL:
        return write_xlsx(file, table.title, table.header, table.rows)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    count = write_csv(text, table.header, table.rows)
    text.detach()
    return count


def _columns(screen: admin.ModelAdmin, rows: ChangeList) -> list[Any]:
    return [
        name
        for name in rows.list_display
        if name != "action_checkbox" and not _is_encrypted(screen.model, name)
    ]


def _is_encrypted(model: type[Model], name: Any) -> bool:
    """Say whether a column holds a secret, also one reached through other rows: it leaves the house in no file."""
    related: Any = model
    field: Any = None
    for part in str(name).split("__"):
        try:
            field = related._meta.get_field(part)
        except (FieldDoesNotExist, AttributeError):
            return False
        related = field.related_model
    return isinstance(field, EncryptedTextField)


def _rows(screen: admin.ModelAdmin, rows: ChangeList, columns: list[Any]) -> Iterator[list[Any]]:
    for obj in rows.queryset.iterator(chunk_size=_CHUNK):
        yield [_cell(screen, obj, name) for name in columns]


def _cell(screen: admin.ModelAdmin, obj: Model, name: Any) -> Any:
    try:
        field, _attribute, value = lookup_field(name, obj, screen)
    except ObjectDoesNotExist:
        return None
    if field is None or getattr(field, "auto_created", False):
        return _plain(value)
    if field.is_relation:
        related = getattr(obj, field.name)
        return None if related is None else str(related)
    if getattr(field, "flatchoices", None):
        return str(dict(make_hashable(field.flatchoices)).get(make_hashable(value), value))
    return _plain(value)


def _plain(value: Any) -> Any:
    """Leave numbers, days and moments as they are; of what is drawn for a page keep the words."""
    if value is None or isinstance(value, bool | int | float | Decimal | date | datetime):
        return value
    if isinstance(value, SafeString):
        return html.unescape(strip_tags(value)).strip()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value) if isinstance(value, str | Promise) or value != "" else ""
