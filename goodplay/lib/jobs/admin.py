"""Jobs in the back office: when each ran, and its place on the schedule. Every change of the schedule is on the trail."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
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
from goodplay.lib.jobs.models import JobRun

# Jobs run every so often or by Rome's clock; the sun's, and one moment's, have no place here.
admin.site.unregister([PeriodicTask, IntervalSchedule, CrontabSchedule, ClockedSchedule, SolarSchedule])


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ("name", "in_time", "succeeded_at", "took", "result", "last_error")
    ordering = ("name",)

    @admin.display(boolean=True, description=_("in time"))
    def in_time(self, run: JobRun) -> bool:
        return not run.is_overdue(timezone.now())


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
