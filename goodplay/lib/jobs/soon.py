"""Running a task right after a request, without making the caller wait and without needing a broker."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections

from goodplay.lib.events.delivery import publish

logger = structlog.get_logger("goodplay.jobs")

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="soon")


def soon(task: Any, **arguments: str) -> None:
    """Hand a Celery task over as events are (settings.EVENT_DELIVERY). What is lost on the way, a job must pick up."""
    if settings.EVENT_DELIVERY == "inline":
        _run(task, arguments)
    elif settings.EVENT_DELIVERY == "celery":
        publish(task.name, arguments)
    elif settings.EVENT_DELIVERY == "thread":
        _thread.submit(_run_in_thread, task, arguments)


def _run(task: Any, arguments: dict[str, str]) -> None:
    try:
        task(**arguments)
    except Exception:
        # The caller's own work is done; the job behind the task finds this again.
        logger.exception("left to the job", task=task.name, **arguments)


def _run_in_thread(task: Any, arguments: dict[str, str]) -> None:
    close_old_connections()
    try:
        _run(task, arguments)
    finally:
        close_old_connections()
