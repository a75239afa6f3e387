"""Putting jobs on the default schedule, for data migrations. Operators change it in the admin afterwards."""

from collections.abc import Callable
from typing import Any

from django.db import migrations


def schedule(task: str, *, minutes: int | None = None, cron: str | None = None) -> migrations.RunPython:
    """Return a migration operation that adds one job: every N minutes, or by a cron line in Europe/Rome."""
    return migrations.RunPython(_adder(task, minutes, cron), _remover(task))


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
