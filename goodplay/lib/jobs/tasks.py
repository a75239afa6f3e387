"""Declaring a scheduled job."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import structlog
from celery import shared_task
from django.db.models import F
from django.utils import timezone

from goodplay.lib.jobs.models import JobRecord, JobRun

logger = structlog.get_logger("goodplay.jobs")


JOBS: dict[str, timedelta] = {}
"""Every declared job, and how often it is meant to run."""


def job(*, every: timedelta) -> Callable[[Callable[[], Any]], Any]:
    """Make a function a Celery task beat can run, and keep its runs.

    The function takes nothing, asks what is due, and may run twice or late without harm. `every` is how often it is
    meant to run: the base of the missed-run alarm. Its name, which the schedule keeps, is that of the app's `tasks`
    whichever topic of a package holds it: a file that is split renames no job.
    """

    def declare(function: Callable[[], Any]) -> Any:
        name = _name(function)
        JOBS[name] = every

        @wraps(function)
        def run() -> Any:
            started = timezone.now()
            JobRun.objects.update_or_create(
                name=name,
                defaults={"started_at": started, "expected_every": every},
                create_defaults={"started_at": started, "expected_every": every, "known_since": started},
            )
            try:
                result = function()
            except Exception as error:
                logger.exception("job failed", job=name)
                _failed(name, started, f"{type(error).__name__}: {error}"[:2000])
                raise
            _succeeded(name, started, str(result)[:200])
            return result

        return shared_task(name=name)(run)

    return declare


def _succeeded(name: str, started: datetime, result: str) -> None:
    now = timezone.now()
    JobRun.objects.filter(pk=name).update(
        succeeded_at=now, took=now - started, last_error="", result=result, failures_in_row=0
    )
    _record(name, started, now, result, succeeded=True)


def _failed(name: str, started: datetime, error: str) -> None:
    JobRun.objects.filter(pk=name).update(last_error=error, failures_in_row=F("failures_in_row") + 1)
    _record(name, started, timezone.now(), error, succeeded=False)


def _record(name: str, started: datetime, ended: datetime, outcome: str, *, succeeded: bool) -> None:
    JobRecord.objects.create(
        job_id=name, started_at=started, took=ended - started, succeeded=succeeded, outcome=outcome
    )


def _name(function: Callable[[], Any]) -> str:
    app, tasks, _topic = function.__module__.partition(".tasks")
    return f"{app}{tasks}.{function.__name__}"
