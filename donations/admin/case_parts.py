"""What stands below a case: what it is about, and its timeline."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from donations.models import CaseEvent, CaseLink
from goodplay.lib.admin.links import linked


class _Shown(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("donations.view_case"))


class LinkInline(_Shown):
    model = CaseLink
    fields = readonly_fields = ("about", "created_at")
    ordering = ("created_at", "id")
    verbose_name_plural = _("what it is about")

    @admin.display(description=_("what"))
    def about(self, link: CaseLink) -> SafeString | str:
        return linked(link.target_type, link.target_id, link.label)


class TimelineInline(_Shown):
    model = CaseEvent
    fields = readonly_fields = ("created_at", "kind", "text", "attached", "actor")
    ordering = ("created_at", "id")
    verbose_name_plural = _("timeline")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("actor")

    @admin.display(description=_("file"))
    def attached(self, event: CaseEvent) -> SafeString | str:
        """Lead to the page where the file can be opened."""
        return linked("donations.caseevent", event.pk, _now("The file")) if event.file_id else "-"
