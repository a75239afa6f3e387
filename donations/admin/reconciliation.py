"""Reconciliations, and the queue of what differs."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.admin.break_words import lines_in_words
from donations.models import (
    BankStatement,
    Discrepancy,
    ExternalLine,
    MatchLine,
    ProviderReport,
    ReconciliationMatch,
    ReconciliationRun,
)
from donations.operations.reconciliation import resolving, runs
from donations.queries.reconciliation import RULES, explain
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.admin.facts import told
from goodplay.lib.days import SENSIBLE
from goodplay.lib.requests import client_address

RESOLVE = "donations.resolve_discrepancy"


class PeriodForm(forms.Form):
    type = forms.TypedChoiceField(
        label=_("Type"), choices=ReconciliationRun.Type.choices, coerce=ReconciliationRun.Type
    )
    start_date = forms.DateField(
        label=_("From"), validators=SENSIBLE, widget=forms.DateInput(attrs={"type": "date"})
    )
    end_date = forms.DateField(
        label=_("Until"), validators=SENSIBLE, widget=forms.DateInput(attrs={"type": "date"})
    )


class ResolveForm(forms.Form):
    resolution_type = forms.ChoiceField(label=_("Resolution"), choices=Discrepancy.Resolution.choices)
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("An adjustment, ignoring, and leaving it to the other side need a reason."),
    )


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "reconciliation_id",
        "type",
        "start_date",
        "end_date",
        "status",
        "internal_count",
        "external_count",
        "matched_count",
        "break_count",
        "times_run",
        "started_by",
    )
    list_filter = ("status", "type", "started_at")
    list_select_related = ("started_by",)
    search_fields = ("=reconciliation_id",)
    ordering = ("-started_at", "-id")
    readonly_fields = ("breaks",)

    @button(
        _("Reconcile days"),
        permission="donations.start_reconciliationrun",
        form=PeriodForm,
        explains=_(
            "Providers are asked for their account, then the books are laid beside what they and the bank tell."
        ),
        tone="good",
        on_list=True,
    )
    def start(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> str:
        return self._run(request, data)

    @button(_("Run again"), permission="donations.start_reconciliationrun")
    def again(self, request: HttpRequest, run: ReconciliationRun, data: dict[str, Any]) -> str:
        period = {"start_date": run.start_date, "end_date": run.end_date}
        return self._run(request, {"type": ReconciliationRun.Type(run.type), **period})

    def _run(self, request: HttpRequest, period: dict[str, Any]) -> str:
        run = runs.start(
            **period,
            started_by=cast(User, request.user),
            address=client_address(request),
            now=timezone.now(),
        )
        words = {"number": run, "matched": run.matched_count, "count": run.break_count}
        return _now("%(number)s: %(matched)s lines matched, %(count)s breaks are open.") % words

    @admin.display(description=_("breaks of these days"))
    def breaks(self, run: ReconciliationRun) -> SafeString:
        address = reverse("admin:donations_discrepancy_changelist")
        return format_html(
            '<a href="{}?happened_on__gte={}&amp;happened_on__lte={}">{}</a>',
            address,
            run.start_date.isoformat(),
            run.end_date.isoformat(),
            run.break_count,
        )


class AgeFilter(admin.SimpleListFilter):
    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("1", _("over a day")),
            ("7", _("over a week")),
            ("30", _("over 30 days")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("1", "7", "30"):
            return queryset
        before = timezone.now() - timedelta(days=int(self.value() or 0))
        return queryset.filter(detected_at__lt=before)


class OpenFilter(admin.SimpleListFilter):
    """What is open comes first: the queue, not the archive."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("mine", _("Mine")), ("nobody", _("Open, nobody's"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        opened = Q(status__in=Discrepancy.OPEN)
        wanted = {
            "open": opened,
            "mine": opened & Q(assignee=request.user.pk),
            "nobody": opened & Q(assignee=None),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


def may_be_resolved(row: Discrepancy) -> bool:
    return row.is_open and row.status != Discrepancy.Status.AWAITING_APPROVAL


@admin.register(Discrepancy)
class DiscrepancyAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "happened_on",
        "break_class",
        "account",
        "severity",
        "amount",
        "difference",
        "age",
        "status",
        "assignee",
    )
    list_filter = (OpenFilter, "break_class", "severity", "account", "status", AgeFilter, "happened_on")
    list_select_related = ("assignee",)
    filterable = ("happened_on__gte", "happened_on__lte")
    search_fields = ("=internal_transaction", "=external_payment", "assignee__email")
    search_help_text = _("A transaction, a reference of the other side, or the owner's e-mail.")
    ordering = ("happened_on", "id")
    readonly_fields = ("description", "our_lines", "their_lines", "steps")
    # What is wrong comes first, then both sides, then what was done about it.
    fieldsets = (
        (None, {"fields": ("description", "severity", "status", "assignee")}),
        (
            _("Both sides"),
            {
                "fields": (
                    "our_lines",
                    "their_lines",
                    "internal_amount",
                    "external_amount",
                    "difference",
                    "internal_transaction",
                    "external_payment",
                )
            },
        ),
        (
            _("What was done"),
            {"fields": ("steps", "notes", "resolution_type", "resolved_by", "resolved_at")},
        ),
        (
            _("How it was found"),
            {"fields": ("break_class", "type", "account", "happened_on", "amount", "detected_at", "run")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Discrepancy]:
        return super().get_queryset(request).select_related("run", "assignee", "resolved_by")

    @button(_("Take"), permission=RESOLVE, shown_if=may_be_resolved)
    def take(self, request: HttpRequest, row: Discrepancy, data: dict[str, Any]) -> Any:
        resolving.take(discrepancy=row, **self._by(request))
        return _("The break is yours.")

    @button(
        _("Resolve"),
        permission=RESOLVE,
        shown_if=may_be_resolved,
        form=ResolveForm,
        explains=explain,
        tone="good",
        dangerous=True,
    )
    def resolve(self, request: HttpRequest, row: Discrepancy, data: dict[str, Any]) -> Any:
        row = resolving.resolve(discrepancy=row, **data, **self._by(request))
        if row.status == Discrepancy.Status.AWAITING_APPROVAL:
            return _("Asked for. It is done when a second person approves.")
        return _("Noted: %(status)s.") % {"status": row.get_status_display()}

    @button(_("Add a note"), permission=RESOLVE, form=NoteForm)
    def add_note(self, request: HttpRequest, row: Discrepancy, data: dict[str, Any]) -> Any:
        resolving.add_note(discrepancy=row, text=data["text"], **self._by(request))
        return _("The note is kept.")

    def _by(self, request: HttpRequest) -> dict[str, Any]:
        return {"actor": request.user, "address": client_address(request), "now": timezone.now()}

    @admin.display(description=_("age"), ordering="detected_at")
    def age(self, row: Discrepancy) -> str:
        return timesince(row.detected_at, row.resolved_at, depth=1)

    @admin.display(description=_("what is wrong"))
    def description(self, row: Discrepancy) -> str:
        return explain(row)

    @admin.display(description=_("lines of the books"))
    def our_lines(self, row: Discrepancy) -> SafeString | str:
        return lines_in_words(row.ours)

    @admin.display(description=_("lines of the statement"))
    def their_lines(self, row: Discrepancy) -> SafeString | str:
        return lines_in_words(row.theirs)

    @admin.display(description=_("steps"))
    def steps(self, row: Discrepancy) -> SafeString | str:
        events = row.events.select_related("actor", "run").order_by("happened_at", "pk")
        steps = [
            {
                _now("When"): date_format(localtime(each.happened_at), "DATETIME_FORMAT"),
                _now("Status"): each.get_to_status_display(),
                _now("Who"): str(each.actor or each.run or ""),
                _now("Note"): each.note,
            }
            for each in events
        ]
        return told(steps)


class MatchLineInline(admin.TabularInline):
    model = MatchLine
    fields = readonly_fields = ("side", "key", "amount", "currency", "moved_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ReconciliationMatch)
class ReconciliationMatchAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ("matched_at", "account", "rule", "confidence", "difference", "line_count")
    list_filter = ("account", "rule", "matched_at")
    search_fields = ("=lines__key",)
    ordering = ("-matched_at", "-id")
    readonly_fields = ("why",)
    inlines = (MatchLineInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReconciliationMatch]:
        return super().get_queryset(request).annotate(lines_in_it=Count("lines"))

    @admin.display(description=_("lines"))
    def line_count(self, match: Any) -> int:
        return int(match.lines_in_it)

    @admin.display(description=_("why"))
    def why(self, match: ReconciliationMatch) -> str:
        return str(RULES.get(match.rule, match.rule))


@admin.register(ExternalLine)
class ExternalLineAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ("moved_at", "account", "kind", "amount", "fee", "currency", "party", "text")
    list_filter = ("account", "lane", "moved_at")
    search_fields = ("=key", "=group")
    ordering = ("-moved_at", "-id")


@admin.register(BankStatement)
class BankStatementAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ("starts_on", "ends_on", "statement_id", "number", "opening", "closing", "line_count")
    list_filter = ("starts_on",)
    search_fields = ("=statement_id",)
    ordering = ("-starts_on", "-id")


@admin.register(ProviderReport)
class ProviderReportAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ("since", "until", "provider", "line_count", "new_count", "fetched_at")
    list_filter = ("provider", "since")
    list_select_related = ("provider",)
    ordering = ("-since", "-id")
