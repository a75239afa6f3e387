"""The alarm about jobs that do not run, or fail; and running one now."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask

from goodplay.lib.alerts.models import Alert
from goodplay.lib.alerts.operations import raise_alert, resolve_alert
from goodplay.lib.audit import trail
from goodplay.lib.db import try_transaction_lock
from goodplay.lib.errors import AccessDenied, NotFound
from goodplay.lib.jobs.models import JobRun
from goodplay.lib.jobs.soon import soon
from goodplay.lib.jobs.tasks import JOBS

RUN = "jobs.run_job"
SOURCE = "jobs"
SEVERAL = 3  # as many late at once: not they are ill, but what runs them
STANDSTILL = "jobs:standstill"
LOOKS_IN_EVERY = timedelta(minutes=1)
SELDOM = timedelta(hours=1)
PATIENCE = 3  # failures in a row of a job that runs often

_looked_in: datetime | None = None


class JobUnknown(NotFound):
    code = "JOB_UNKNOWN"
    message = _("This job does not exist any more.")


def watch_now_and_then(*, now: datetime) -> None:
    """Watch from a process that only looks in, once a minute at most: the job that should may be what has died."""
    global _looked_in
    if _looked_in is None or not timedelta(0) <= now - _looked_in < LOOKS_IN_EVERY:
        _looked_in = now
        watch(now=now)


@transaction.atomic
def watch(*, now: datetime) -> str:
    """Raise alerts about late and failing jobs, and resolve those that are over."""
    if not try_transaction_lock("jobs watch"):
        return "a twin is at it"
    learn_schedule(now=now)
    runs = list(JobRun.objects.filter(is_scheduled=True).order_by("name"))
    late = [run for run in runs if run.is_overdue(now)]
    failing = [run for run in runs if _is_failing(run)]
    due = {**_late_alerts(late), **{_failing_key(run): _about_failing(run) for run in failing}}
    for key, facts in due.items():
        raise_alert(dedupe_key=key, area="system", source=SOURCE, now=now, **facts)
    over = Alert.objects.unresolved().filter(source=SOURCE).exclude(dedupe_key__in=due)
    for key in list(over.values_list("dedupe_key", flat=True)):
        resolve_alert(dedupe_key=key, now=now)
    return f"{len(late)} late, {len(failing)} failing"


def learn_schedule(*, now: datetime) -> None:
    """Know every job that is on the schedule, also one that has never run: that one may be late too."""
    current_app.loader.import_default_modules()
    enabled = set(PeriodicTask.objects.filter(enabled=True).values_list("task", flat=True)) & set(JOBS)
    known = {run.name: run for run in JobRun.objects.all()}
    JobRun.objects.bulk_create(
        [
            JobRun(name=name, expected_every=JOBS[name], known_since=now)
            for name in sorted(enabled - set(known))
        ],
        ignore_conflicts=True,
    )
    JobRun.objects.filter(is_scheduled=False, name__in=enabled).update(is_scheduled=True, known_since=now)
    JobRun.objects.filter(is_scheduled=True).exclude(name__in=enabled).update(is_scheduled=False)


def run_now(*, job: JobRun, by: Any, now: datetime, address: str = "") -> None:
    """Hand the job over to run right after the commit, out of its turn. It asks what is due, so that does no harm."""
    if not by.has_perm(RUN):
        raise AccessDenied
    current_app.loader.import_default_modules()
    task = current_app.tasks.get(job.name) if job.name in JOBS else None
    if task is None:
        raise JobUnknown
    with transaction.atomic():
        trail.record(actor=by, action="job_run", target=job, address=address, now=now)
        transaction.on_commit(partial(soon, task))


def _late_alerts(late: list[JobRun]) -> dict[str, dict[str, Any]]:
    if len(late) >= SEVERAL:
        return {STANDSTILL: _about_standstill(late)}
    return {f"jobs:late:{run.name}": _about_late(run) for run in late}


def _about_standstill(late: list[JobRun]) -> dict[str, Any]:
    return {
        "alert_type": "jobs_standstill",
        "severity": "critical",
        "title": lambda: _now("%(count)s jobs do not run") % {"count": len(late)},
        "message": _("Look whether the scheduler and the workers are alive."),
        "data": {"jobs": ", ".join(run.name for run in late)},
    }


def _about_late(run: JobRun) -> dict[str, Any]:
    return {
        "alert_type": "job_late",
        "severity": "high",
        "title": lambda: _now("A job is late: %(job)s") % {"job": run.name},
        "message": _("Its last good run is too long ago."),
        "data": {"job": run.name, "last_good_run": run.succeeded_at, "last_error": run.last_error},
    }


def _is_failing(run: JobRun) -> bool:
    seldom = run.expected_every is not None and run.expected_every >= SELDOM
    return run.failures_in_row >= (1 if seldom else PATIENCE)


def _failing_key(run: JobRun) -> str:
    return f"jobs:failing:{run.name}"


def _about_failing(run: JobRun) -> dict[str, Any]:
    return {
        "alert_type": "job_failing",
        "severity": "high",
        "title": lambda: _now("A job fails: %(job)s") % {"job": run.name},
        "message": run.last_error,
        "data": {"job": run.name, "failures_in_row": run.failures_in_row, "started_at": run.started_at},
    }
