"""Who is asking: request ids, one log line per request, the caller's address."""

import re
import time
from collections.abc import Callable

import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from goodplay.lib.api.fallbacks import unavailable
from goodplay.lib.ids import new_id
from goodplay.lib.metrics import tally

logger = structlog.get_logger("goodplay.requests")

_ACCEPTED_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


class RequestContextMiddleware:
    """Give every request an id (the caller's `X-Request-ID` when it is sane), answer it, measure and log it once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if _ACCEPTED_ID.fullmatch(sent) else new_id().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        milliseconds = (time.perf_counter() - started) * 1000
        tally.observe(request, response.status_code, milliseconds)
        logger.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            duration_ms=round(milliseconds, 1),
        )
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer 503 where the database or the cache is away; what else breaks is a bug."""
        if not isinstance(exception, (OperationalError, RedisError)):
            return None
        logger.exception("database or cache unavailable", path=request.path)
        return unavailable(request)


def client_address(request: HttpRequest) -> str:
    """Return the address of the peer. Behind a proxy, let the server rewrite REMOTE_ADDR from its trusted header."""
    return str(request.META.get("REMOTE_ADDR", ""))
