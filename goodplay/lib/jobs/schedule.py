"""Putting jobs on the default schedule, for data migrations. Operators change it in the admin afterwards."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps as installed
from django.utils import timezone

from goodplay.lib.migrating import RunPythonOn


def schedule(task: str, *, minutes: int | None = None, cron: str | None = None) -> RunPythonOn:
    """Return a migration operation that adds one job: every N minutes, or by a cron line in Europe/Rome."""
    return RunPythonOn("django_celery_beat", _adder(task, minutes, cron), _remover(task))


def _adder(task: str, minutes: int | None, cron: str | None) -> Callable[[Any, Any], None]:
    def add(apps: Any, schema_editor: Any) -> None:
        when: dict[str, Any] = {}
        if minutes is not None:
            interval = apps.get_model("django_celery_beat", "IntervalSchedule")
            when["interval"] = interval.objects.get_or_create(every=minutes, period="minutes")[0]
        else:
            names = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
            fields = dict(zip(names, (cron or "").split(), strict=True))
            crontab = apps.get_model("django_celery_beat", "CrontabSchedule")
            when["crontab"] = crontab.objects.get_or_create(timezone="Europe/Rome", **fields)[0]
        apps.get_model("django_celery_beat", "PeriodicTask").objects.get_or_create(
            name=task, defaults={"task": task, **when}
        )

    return add


def _remover(task: str) -> Callable[[Any, Any], None]:
    def remove(apps: Any, schema_editor: Any) -> None:
        apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name=task).delete()

    return remove


def schedule_of(names: Iterable[str]) -> dict[str, datetime]:
    """Say when each of the jobs is next due, by the schedule; those that are switched off are left out."""
    tasks = installed.get_model("django_celery_beat", "PeriodicTask").objects
    scheduled = tasks.filter(task__in=list(names), enabled=True).select_related("interval", "crontab")
    now = timezone.now()
    due: dict[str, datetime] = {}
    for task in scheduled:
        left = max(task.schedule.remaining_estimate(task.last_run_at or now), timedelta(0))
        # The schedule reads a clock of its own, some moments later: to the nearest second.
        at = (now + left + timedelta(seconds=0.5)).replace(microsecond=0)
        due[task.task] = min(at, due.get(task.task, at))
    return due
