"""The roots that were published."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, button
from impact.models import DayRoot
from impact.queries.proofs import still_holds


@admin.register(DayRoot)
class DayRootAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("day", "leaf_count", "root", "made_at")
    fields = ("day", "leaf_count", "root", "seal", "made_at")
    date_hierarchy = "day"
    ordering = ("-day",)

    @button(_("Reckon anew"), permission="impact.view_dayroot")
    def reckon_anew(self, request: HttpRequest, root: DayRoot, data: dict[str, Any]) -> Any:
        if still_holds(root):
            return _("The transfers of the day still lead to this root.")
        return _(
            "The transfers of the day do NOT lead to this root any more: tell whoever answers for the books."
        )
