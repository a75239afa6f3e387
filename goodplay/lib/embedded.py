"""GoodPlay in one process: the web server with its sockets, and the scheduled jobs in a thread beside it.

For one machine without a broker. Jobs run here, so the live events they emit reach the sockets of this process.
"""

import signal
import socket
import threading

import structlog
import uvicorn
from celery import current_app
from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone
from django_celery_beat.schedulers import DatabaseScheduler

from goodplay.lib.events.delivery import SWEEP_GRACE, sweep

logger = structlog.get_logger("goodplay.embedded")

RESTART_AFTER = 5.0
FINISH_WITHIN = 10


class AddressTaken(Exception):
    """Another program listens where we want to."""


def listen(host: str, port: int) -> socket.socket:
    """Take the address before anything else starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise AddressTaken(error.strerror) from error
    return listener


def serve(listener: socket.socket) -> None:
    """Answer requests on the listener until SIGINT or SIGTERM, then finish what runs and return."""
    _close_connections_after_each_request()
    # uvicorn raises the signal again when it is done; both shall end in the `finally` below, not in sudden death.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    jobs = JobThread()
    jobs.start()
    try:
        uvicorn.Server(_web_server()).run(sockets=[listener])
    except KeyboardInterrupt:
        logger.info("stopped answering")
    finally:
        jobs.stop()


def _web_server() -> uvicorn.Config:
    return uvicorn.Config(
        "goodplay.asgi:application",
        ws="websockets-sansio",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=FINISH_WITHIN,
    )


def _close_connections_after_each_request() -> None:
    """Under ASGI every request has a thread of its own, so a kept connection would never be used again."""
    for options in connections.settings.values():
        options["CONN_MAX_AGE"] = 0


class JobThread(threading.Thread):
    """Deliver what a crash left, then run due jobs until told to stop.

    With a broker the jobs belong to workers and a beat process: then this thread has nothing to do.
    """

    def __init__(self) -> None:
        super().__init__(name="jobs", daemon=True)
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()
        self.join(timeout=FINISH_WITHIN)

    def run(self) -> None:
        if not settings.CELERY_TASK_ALWAYS_EAGER:
            return
        while not self._stopping.is_set():
            try:
                self._work()
            except Exception:
                # A database that is away must not end the jobs for good: try again until told to stop.
                logger.exception("the scheduler stumbled and starts again")
                self._stopping.wait(RESTART_AFTER)
            finally:
                close_old_connections()

    def _work(self) -> None:
        # Nobody else carries events yet, so none is too fresh to be picked up.
        sweep(timezone.now() + SWEEP_GRACE)
        scheduler = _scheduler()
        try:
            while not self._stopping.is_set():
                self._stopping.wait(scheduler.tick() or 0)
        finally:
            scheduler.close()


def _scheduler() -> DatabaseScheduler:
    current_app.loader.import_default_modules()
    # Eager tasks are sent nowhere, yet Celery wants a connection, and its default is RabbitMQ on this machine.
    current_app.conf.update(broker_url="memory://")
    return DatabaseScheduler(app=current_app)
