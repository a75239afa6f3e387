"""Counting in this process: a few additions a request, written down every few seconds by a thread of its own."""

import os
import socket
import threading
from collections import Counter

import structlog
from django.apps import apps
from django.conf import settings
from django.db import close_old_connections, connection
from django.http import HttpRequest
from django.utils import timezone

from goodplay.lib.metrics.durations import Durations

logger = structlog.get_logger("goodplay.metrics")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_lock = threading.Lock()
_routes: dict[str, Durations] = {}
_counts: Counter[str] = Counter()
_writer: threading.Thread | None = None


def observe(request: HttpRequest, status: int, milliseconds: float) -> None:
    """Count one answered request under its route. What no route took (files, wrong addresses) counts if it failed."""
    match = request.resolver_match
    if match is None and status < 500:
        return
    method = request.method if request.method in METHODS else "OTHER"
    key = f"{method} {match.route if match else 'none'}"
    with _lock:
        _routes.setdefault(key, Durations()).add(milliseconds, status)
    _start_writer()


def count(name: str, by: int = 1) -> None:
    """Count something that has no row of its own, such as a failed sign-in."""
    with _lock:
        _counts[name] += by
    _start_writer()


def flush() -> bool:
    """Write down what was counted since the last time; False when there was nothing."""
    global _routes, _counts
    with _lock:
        routes, counts, _routes, _counts = _routes, _counts, {}, Counter()
    if not routes and not counts:
        return False
    # By name: the middleware is known before the models are.
    apps.get_model("metrics", "RequestTally").objects.create(
        process=f"{socket.gethostname()}:{os.getpid()}"[:80],
        ended_at=timezone.now(),
        routes={key: durations.as_row() for key, durations in routes.items()},
        counts=dict(counts),
    )
    return True


def _start_writer() -> None:
    """Start the thread with the first count, so that a forked worker has its own."""
    global _writer
    if settings.METRICS_FLUSH_SECONDS and (_writer is None or not _writer.is_alive()):
        with _lock:
            if _writer is None or not _writer.is_alive():
                _writer = threading.Thread(target=_write_on, name="metrics", daemon=True)
                _writer.start()


def _write_on() -> None:
    pause = threading.Event()
    while True:
        pause.wait(settings.METRICS_FLUSH_SECONDS)
        try:
            close_old_connections()
            flush()
        except Exception:
            # A database that is away costs these seconds' figures, nothing else.
            logger.exception("figures were lost")
        finally:
            connection.close()
