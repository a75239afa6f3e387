import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.metrics.models import RouteTotal, SystemMetric


@admin.register(SystemMetric)
class SystemMetricAdmin(ReadOnlyAdmin):
    list_display = ("timestamp", "period", "metric_type", "figures")
    list_filter = ("period", "metric_type", "timestamp")
    ordering = ("-timestamp", "-id")

    @admin.display(description=_("figures"))
    def figures(self, row: SystemMetric) -> SafeString:
        return format_html("<code>{}</code>", json.dumps(row.data, sort_keys=True))


@admin.register(RouteTotal)
class RouteTotalAdmin(ReadOnlyAdmin):
    list_display = ("route", "requests", "errors", "refusals", "average", "updated_at")
    search_fields = ("route",)
    ordering = ("-errors", "-requests", "route")

    @admin.display(description=_("average, ms"))
    def average(self, row: RouteTotal) -> str:
        return f"{row.total_ms / row.requests:.1f}" if row.requests else "-"
