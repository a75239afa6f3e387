"""Liveness and readiness, for load balancers and people on call."""

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connections
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from goodplay.lib import db
from goodplay.lib.documents import ALIAS
from goodplay.lib.jobs import watch

logger = structlog.get_logger("goodplay.health")


def live(request: HttpRequest) -> JsonResponse:
    """Say that the process answers. Known to clients in exactly this shape."""
    return JsonResponse({"status": "healthy", "message": "API is running"})


def ready(request: HttpRequest) -> JsonResponse:
    """Say whether this process can do its work: 200 when every store it is set up with answers, else 503."""
    parts = {"database": db.is_reachable(), "cache": _cache_answers()}
    if settings.MONGODB_URL:
        parts["documents"] = _documents_answer()
    if parts["database"]:
        _look_after_jobs()
    well = all(parts.values())
    states = {name: "up" if up else "down" for name, up in parts.items()}
    return JsonResponse(
        {"status": "ready" if well else "unavailable", "checks": states}, status=200 if well else 503
    )


def _look_after_jobs() -> None:
    """Raise the alarm about missed runs from here too: whoever should run the jobs may be what has died.

    Late jobs are no reason to take this process out of service.
    """
    try:
        watch.watch_now_and_then(now=timezone.now())
    except DatabaseError as error:
        logger.warning("jobs could not be looked after", reason=repr(error))


def _cache_answers() -> bool:
    try:
        cache.set("health", "ok", 10)
        return bool(cache.get("health") == "ok")
    except Exception as error:
        # Each backend fails in its own words.
        logger.warning("cache does not answer", reason=repr(error))
        return False


def _documents_answer() -> bool:
    try:
        connections[ALIAS].ensure_connection()
        return connections[ALIAS].is_usable()
    except Exception as error:
        logger.warning("document database does not answer", reason=repr(error))
        return False
