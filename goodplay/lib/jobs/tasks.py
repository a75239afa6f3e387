"""Declaring a scheduled job."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import structlog
from celery import shared_task
from django.utils import timezone

from goodplay.lib.jobs.models import JobRun

logger = structlog.get_logger("goodplay.jobs")


def job(*, every: timedelta) -> Callable[[Callable[[], Any]], Any]:
    """Make a function a Celery task beat can run, and keep its last run.

    The function takes nothing, asks what is due, and may run twice or late without harm. `every` is how often it is
    meant to run: the base of the missed-run alarm. Its name, which the schedule keeps, is that of the app's `tasks`
    whichever topic of a package holds it: a file that is split renames no job.
    """

    def declare(function: Callable[[], Any]) -> Any:
        name = _name(function)

        @wraps(function)
        def run() -> Any:
            started = timezone.now()
            JobRun.objects.update_or_create(
                name=name, defaults={"started_at": started, "expected_every": every}
            )
            try:
                result = function()
            except Exception as error:
                logger.exception("job failed", job=name)
                JobRun.objects.filter(pk=name).update(last_error=f"{type(error).__name__}: {error}"[:2000])
                raise
            now = timezone.now()
            JobRun.objects.filter(pk=name).update(
                succeeded_at=now, took=now - started, last_error="", result=str(result)[:200]
            )
            return result

        return shared_task(name=name)(run)

    return declare


def _name(function: Callable[[], Any]) -> str:
    app, tasks, _topic = function.__module__.partition(".tasks")
    return f"{app}{tasks}.{function.__name__}"
