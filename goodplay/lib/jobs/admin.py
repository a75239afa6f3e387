"""Jobs in the back office: when each ran, and its place on the schedule. Every change of the schedule is on the trail."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as beat
from django_celery_beat.admin import PeriodicTaskAdmin as TheirAdmin
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin, facts_of
from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.jobs import watch
from goodplay.lib.jobs.models import JobRecord, JobRun
from goodplay.lib.jobs.schedule import schedule_of
from goodplay.lib.requests import client_address
from goodplay.lib.templatetags.house import moment

LAST_RUNS = 20
UNASKED: Any = object()

# Jobs run every so often or by Rome's clock; the sun's, and one moment's, have no place here.
admin.site.unregister([PeriodicTask, IntervalSchedule, CrontabSchedule, ClockedSchedule, SolarSchedule])


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("late", _("Late")), ("failing", _("Failed last time")), ("off", _("Not on the schedule"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "late":
            now = timezone.now()
            scheduled = queryset.filter(is_scheduled=True)
            return queryset.filter(pk__in=[run.pk for run in scheduled if run.is_overdue(now)])
        if self.value() == "failing":
            return queryset.exclude(failures_in_row=0)
        return queryset.filter(is_scheduled=False) if self.value() == "off" else queryset


@admin.register(JobRun)
class JobRunAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "name",
        "in_time",
        "failures_in_row",
        "succeeded_at",
        "next_due",
        "took_seconds",
        "result",
        "last_error",
    )
    list_filter = (StateFilter,)
    search_fields = ("name",)
    ordering = ("name",)
    readonly_fields = ("in_time", "next_due", "took_seconds", "late_from", "last_runs")
    fieldsets = (
        (None, {"fields": ("name", "in_time", "is_scheduled", "expected_every", "next_due", "late_from")}),
        (
            _("Last run"),
            {
                "fields": (
                    "started_at",
                    "succeeded_at",
                    "took_seconds",
                    "result",
                    "failures_in_row",
                    "last_error",
                )
            },
        ),
        (_("Runs before"), {"fields": ("last_runs",)}),
    )

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Ask once when every job of the page is next due."""
        changelist = super().get_changelist_instance(request)
        due = schedule_of([run.name for run in changelist.result_list])
        for run in changelist.result_list:
            run.next_due_at = due.get(run.name)
        return changelist

    @button(
        _("Run now"),
        permission=watch.RUN,
        explains=_("It runs at once, out of its turn. A job asks what is due, so an extra run does no harm."),
    )
    def run_now(self, request: HttpRequest, run: JobRun, data: dict[str, Any]) -> Any:
        watch.run_now(job=run, by=request.user, now=timezone.now(), address=client_address(request))
        return _("Handed over to run now. Load this page again to see its outcome.")

    @admin.display(boolean=True, description=_("in time"))
    def in_time(self, run: JobRun) -> bool | None:
        return not run.is_overdue(timezone.now()) if run.is_scheduled else None

    @admin.display(description=_("next due"))
    def next_due(self, run: JobRun) -> datetime | str:
        known = vars(run).get("next_due_at", UNASKED)
        return (schedule_of([run.name]).get(run.name) if known is UNASKED else known) or "-"

    @admin.display(description=_("late from"))
    def late_from(self, run: JobRun) -> datetime | str:
        return run.overdue_from or "-"

    @admin.display(description=_("took"), ordering="took")
    def took_seconds(self, run: JobRun) -> str:
        return "-" if run.took is None else f"{run.took.total_seconds():.2f} s"

    @admin.display(description=_("the last ones"))
    def last_runs(self, run: JobRun) -> SafeString | str:
        records = run.records.order_by("-started_at")[:LAST_RUNS]
        rows = format_html_join(
            "",
            '<tr><td>{}</td><td class="end">{} s</td><td>{}</td><td>{}</td></tr>',
            (
                (
                    moment(record.started_at),
                    f"{record.took.total_seconds():.2f}",
                    _("good") if record.succeeded else _("failed"),
                    record.outcome,
                )
                for record in records
            ),
        )
        return format_html('<table class="facts">{}</table>', rows) if rows else "-"


@admin.register(JobRecord)
class JobRecordAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "job", "succeeded", "took", "outcome")
    list_filter = ("succeeded", "started_at")
    filterable = ("job",)
    search_fields = ("=job__name",)
    ordering = ("-started_at", "-id")


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(AuditedAdmin, TheirAdmin):
    actions = ("enable_tasks", "disable_tasks", "run_tasks")

    @admin.action(description=TheirAdmin.enable_tasks.short_description, permissions=["change"])
    def enable_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._noting(request, queryset, super().enable_tasks)

    @admin.action(description=TheirAdmin.disable_tasks.short_description, permissions=["change"])
    def disable_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._noting(request, queryset, super().disable_tasks)

    @admin.action(description=TheirAdmin.run_tasks.short_description, permissions=["change"])
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for task in queryset:
            self.note(request, "job_run", task, {}, {})
        super().run_tasks(request, queryset)

    def _noting(self, request: HttpRequest, tasks: QuerySet[Any], act: Callable[..., None]) -> None:
        before = [(task, facts_of(task)) for task in tasks]
        with transaction.atomic():
            act(request, tasks)
            for task, facts in before:
                self.note_change(request, "change", task, facts)


class ScheduleAdmin(AuditedAdmin):
    """Deleting a schedule would take its jobs along: it stays, unused."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(ScheduleAdmin, beat.IntervalScheduleAdmin):
    pass


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(ScheduleAdmin, beat.CrontabScheduleAdmin):
    pass
