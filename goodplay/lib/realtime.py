"""Socket.IO: one server, rooms per person, and `emit` for synchronous code.

With REDIS_URL every process can emit through Redis. Without it the server lives in the one process that also runs the
jobs; elsewhere (a script, the test suite) nobody is connected and emitting does nothing.
"""

import asyncio
from typing import Any
from uuid import UUID

import redis.exceptions
import socketio
import structlog
from django.conf import settings

logger = structlog.get_logger("goodplay.realtime")

NAMESPACE = "/impact"


class _Live:
    """The event loop of the server in this process, once it runs."""

    loop: asyncio.AbstractEventLoop | None = None


def _manager() -> Any:
    return socketio.AsyncRedisManager(settings.REDIS_URL) if settings.REDIS_URL else None


def make_server() -> socketio.AsyncServer:
    origins = settings.CORS_ALLOWED_ORIGINS or None
    return socketio.AsyncServer(async_mode="asgi", client_manager=_manager(), cors_allowed_origins=origins)


server = make_server()
_remote: Any = socketio.RedisManager(settings.REDIS_URL, write_only=True) if settings.REDIS_URL else None


def attach_loop() -> None:
    """Remember the loop the server runs on. Called by the server's start-up."""
    _Live.loop = asyncio.get_running_loop()


def room_of(user_id: UUID | str) -> str:
    return f"user:{user_id}"


def emit(event: str, data: dict[str, Any], *, user_id: UUID | str | None = None) -> None:
    """Send to one person's sockets, or to everybody. Nothing is lost when nobody listens: the facts are stored."""
    room = room_of(user_id) if user_id else None
    if _remote is not None:
        try:
            _remote.emit(event, data, room=room, namespace=NAMESPACE)
        except redis.exceptions.RedisError:
            logger.warning("live event not sent", live_event=event)
    elif _Live.loop is not None:
        sending = server.emit(event, data, room=room, namespace=NAMESPACE)
        asyncio.run_coroutine_threadsafe(sending, _Live.loop)
