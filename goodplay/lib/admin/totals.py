"""What the rows of a list add up to, above it: all that its filters and its search leave, not only the page."""

from abc import abstractmethod
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

Totals = list[tuple[str | Promise, Any]]


class ListTotals(admin.ModelAdmin):
    """Shows `totals(rows)` above the list. For tables a database adds up at once: it reads every row that is left."""

    change_list_template = "admin/list_with_totals.html"

    @abstractmethod
    def totals(self, rows: QuerySet[Any]) -> Totals:
        """Add up the rows; each sum with its name."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        response = super().changelist_view(request, extra_context)
        shown = getattr(response, "context_data", None) or {}
        if "cl" in shown:
            shown["totals"] = self.totals(shown["cl"].queryset.order_by())
        return response
