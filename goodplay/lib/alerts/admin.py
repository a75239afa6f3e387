"""Alerts in the back office: each person sees those of the areas they hold the right for, the worst first."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.alerts import operations
from goodplay.lib.alerts.models import URGENCY, Alert, AlertRule, areas_of, right_of
from goodplay.lib.metrics.registry import MEASURES
from goodplay.lib.requests import client_address
from goodplay.lib.templatetags.house import moment


class NotesForm(forms.Form):
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class FindingForm(forms.Form):
    notes = forms.CharField(
        label=_("What you found or did"),
        min_length=5,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StatusFilter(admin.SimpleListFilter):
    """What is not resolved comes first without asking; this narrows further."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("unresolved", _("Not resolved")), *Alert.Status.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "unresolved":
            return queryset.exclude(status=Alert.Status.RESOLVED)
        return queryset.filter(status=self.value()) if self.value() else queryset


def may_handle(request: HttpRequest, alert: Alert) -> bool:
    return request.user.has_perm(right_of(alert.area))


@admin.register(Alert)
class AlertAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "heading",
        "severity_mark",
        "area",
        "status",
        "count",
        "last_seen_at",
        "first_seen_at",
        "acknowledged_by",
    )
    list_filter = (StatusFilter, "severity", "area", "alert_type", "first_seen_at")
    list_select_related = ("acknowledged_by",)
    search_fields = ("title", "=alert_type", "=dedupe_key", "=id")
    ordering = URGENCY
    fieldsets = (
        (None, {"fields": ("heading", "text", "facts")}),
        (_("What it is"), {"fields": ("severity_mark", "area", "alert_type", "source", "dedupe_key")}),
        (_("Seen"), {"fields": ("count", "first_seen_at", "last_seen_at")}),
        (
            _("Handled"),
            {
                "fields": (
                    "status",
                    "acknowledged_by",
                    "acknowledged_at",
                    "notes",
                    "resolved_by",
                    "resolved_at",
                )
            },
        ),
    )
    readonly_fields = ("heading", "text", "facts", "severity_mark")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return super().get_queryset(request).visible_to(request.user)  # type: ignore[attr-defined]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(areas_of(request.user)) if obj is None else may_handle(request, obj)

    @button(
        _("Acknowledge"),
        permission=may_handle,
        shown_if=lambda alert: alert.is_open,
        form=NotesForm,
        explains=_("You look after it: others see your name beside it."),
    )
    def acknowledge(self, request: HttpRequest, alert: Alert, data: dict[str, Any]) -> Any:
        operations.acknowledge(alert=alert, by=request.user, notes=data["notes"], **_here(request))
        return _("Acknowledged: it is yours.")

    @button(
        _("Resolve"),
        permission=may_handle,
        shown_if=lambda alert: not alert.is_resolved,
        form=FindingForm,
        explains=_("It is over. Should its cause come back, a new alert opens."),
        tone="good",
    )
    def resolve(self, request: HttpRequest, alert: Alert, data: dict[str, Any]) -> Any:
        operations.resolve(alert=alert, by=request.user, notes=data["notes"], **_here(request))
        return _("Resolved.")

    @admin.display(description=_("title"), ordering="title")
    def heading(self, alert: Alert) -> str:
        return alert.heading

    @admin.display(description=_("message"))
    def text(self, alert: Alert) -> str:
        return alert.text

    @admin.display(description=_("severity"))
    def severity_mark(self, alert: Alert) -> SafeString:
        return format_html(
            '<span class="severity severity-{}">{}</span>', alert.severity, alert.get_severity_display()
        )

    @admin.display(description=_("facts"))
    def facts(self, alert: Alert) -> SafeString | str:
        rows = format_html_join(
            "",
            "<tr><th scope=row>{}</th><td>{}</td></tr>",
            ((name.replace("_", " "), _written(value)) for name, value in alert.data.items()),
        )
        return format_html('<table class="facts">{}</table>', rows) if alert.data else "-"


def _written(value: Any) -> str:
    """Write one fact: moments by Rome's clock, nothing as a dash."""
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    return moment(found) if found and found.tzinfo else "-" if value in (None, "") else str(value)


def _here(request: HttpRequest) -> dict[str, Any]:
    return {"address": client_address(request), "now": timezone.now()}


class AlertRuleForm(forms.ModelForm):
    metric = forms.ChoiceField(label=_("Measure"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = sorted((name, f"{each.label} ({name})") for name, each in MEASURES.items())
        current = self.instance.metric
        known = {name for name, _label in offered}
        left_over = [(current, current)] if current and current not in known else []
        self.fields["metric"].choices = [*offered, *left_over]  # type: ignore[attr-defined]


@admin.register(AlertRule)
class AlertRuleAdmin(AuditedAdmin):
    form = AlertRuleForm
    list_display = (
        "metric",
        "operator",
        "threshold",
        "over_minutes",
        "holds_for_minutes",
        "severity",
        "area",
        "is_active",
        "breached_since",
    )
    list_filter = ("is_active", "severity", "area")
    search_fields = ("metric",)
    ordering = ("metric", "threshold", "id")
    readonly_fields = ("breached_since",)
