"""Liveness and readiness, for load balancers and people on call."""

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse

from goodplay.lib import db


def live(request: HttpRequest) -> JsonResponse:
    """Say that the process answers. Known to clients in exactly this shape."""
    return JsonResponse({"status": "healthy", "message": "API is running"})


def ready(request: HttpRequest) -> JsonResponse:
    """Say whether this process can do its work: 200 when database and cache answer, else 503."""
    parts = {"database": db.is_reachable(), "cache": _cache_answers()}
    well = all(parts.values())
    states = {name: "up" if up else "down" for name, up in parts.items()}
    return JsonResponse(
        {"status": "ready" if well else "unavailable", "checks": states}, status=200 if well else 503
    )


def _cache_answers() -> bool:
    try:
        cache.set("health", "ok", 10)
        return cache.get("health") == "ok"
    except OSError:
        return False
