from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.audit import exporting
from goodplay.lib.audit.models import AuditCheckpoint, AuditEntry
from goodplay.lib.days import SENSIBLE
from goodplay.lib.requests import client_address


class DaysForm(ReasonForm):
    first = forms.DateField(label=_("From"), validators=SENSIBLE, widget=AdminDateWidget)
    last = forms.DateField(
        label=_("Until"),
        validators=SENSIBLE,
        widget=AdminDateWidget,
        help_text=_("The last day, included."),
    )
    field_order = ("first", "last", "reason")


def may_export(request: HttpRequest, nothing: None) -> bool:
    return request.user.has_perms(["audit.view_auditentry", "exports.export_lists"])


@admin.register(AuditEntry)
class AuditEntryAdmin(ObjectActions, ReadOnlyAdmin):
    @button(
        _("Export, signed"),
        permission=may_export,
        form=DaysForm,
        explains=_(
            "One file with every entry of these days and its hash, sealed with the key of this platform: whoever has the "
            "public key can prove that nothing was changed or left out. The export itself is on the trail."
        ),
        on_list=True,
    )
    def export_signed(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> HttpResponseBase:
        lines = exporting.begin(
            **data, actor=request.user, address=client_address(request), now=timezone.now()
        )
        name = f"audit-trail-{data['first']}-{data['last']}.jsonl"
        return StreamingHttpResponse(
            lines,
            content_type="application/x-ndjson",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    list_display = ("sequence", "recorded_at", "actor", "action", "target_type", "target_id", "reason")
    list_filter = ("action", "target_type", "recorded_at")
    list_select_related = ("actor",)
    search_fields = ("=target_id", "actor__email")
    ordering = ("-sequence",)


@admin.register(AuditCheckpoint)
class AuditCheckpointAdmin(ReadOnlyAdmin):
    list_display = ("first_sequence", "last_sequence", "recorded_at", "proof", "archive")
    list_select_related = ("proof", "archive")
    ordering = ("-first_sequence",)
