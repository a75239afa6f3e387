"""Redis as a cache that may be away.

The cache `default` is then empty and keeps nothing: what people read is made anew, slower. What must not be forgotten, such
as failed passwords, is asked of `limits`, which raises: what depends on it answers 503 until Redis is back.
"""

import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, cast

import structlog
from django.core.cache import BaseCache, caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.redis import RedisCache
from django.utils.connection import ConnectionProxy
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NotInTime

logger = structlog.get_logger("goodplay.cache")

RESTS = 5.0  # seconds in which a Redis that did not answer is not asked again
MOST_OWED = 10_000

limits = cast(BaseCache, ConnectionProxy(caches, "limits"))


class CacheAway(RedisError):
    """Redis does not answer, or did not a moment ago."""


class Outage:
    """What this process knows of Redis being away: until when it is left alone, and which keys could not be written."""

    def __init__(self) -> None:
        self._until, self._owed, self._lock = 0.0, set[str](), Lock()

    @property
    def is_on(self) -> bool:
        return self._until > 0

    @property
    def rests(self) -> bool:
        return time.monotonic() < self._until

    def goes_on(self, error: Exception) -> None:
        if not self.is_on:
            logger.warning("cache is away", reason=repr(error))
        self._until = time.monotonic() + RESTS

    def owe(self, keys: Iterable[str]) -> None:
        with self._lock:
            if len(self._owed) < MOST_OWED:
                self._owed.update(keys)

    def ends(self, forget: Callable[[list[str]], Any]) -> None:
        """Forget what could not be written meanwhile, as Redis has it as it was; then count it as back."""
        with self._lock:
            if not self.is_on:
                return  # another thread was first
            if self._owed:
                forget(list(self._owed))
            logger.info("cache is back", forgotten=len(self._owed))
            self._owed.clear()
            self._until = 0.0


outage = Outage()


def _asking(name: str) -> Callable[..., Any]:
    def ask(self: "StrictRedisCache", *given: Any, **named: Any) -> Any:
        return self._ask(name, given, named)

    return ask


class StrictRedisCache(RedisCache):
    """Says at once that Redis is away, instead of trying anew with every call."""

    add, get, set, touch, delete, incr = map(_asking, ("add", "get", "set", "touch", "delete", "incr"))
    get_many, set_many, delete_many = map(_asking, ("get_many", "set_many", "delete_many"))
    has_key, clear = map(_asking, ("has_key", "clear"))

    def _ask(self, name: str, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if outage.rests:
            raise CacheAway
        try:
            if outage.is_on:
                outage.ends(self._cache.delete_many)
            return getattr(RedisCache, name)(self, *given, **named)
        except (NotConnected, NotInTime) as error:
            outage.goes_on(error)
            raise CacheAway from error


class ForgivingRedisCache(StrictRedisCache):
    """Answers as an empty cache while Redis is away. What could not be written is forgotten there when it is back."""

    WRITING = frozenset({"add", "set", "touch", "delete", "incr"})
    WRITING_MANY = frozenset({"set_many", "delete_many"})

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._nothing = DummyCache("", params)

    def _ask(self, name: str, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            return super()._ask(name, given, named)
        except RedisError as error:
            if not isinstance(error, CacheAway):
                logger.warning("cache refused", method=name, reason=repr(error))
            outage.owe(self._written(name, given, named))
            return getattr(self._nothing, name)(*given, **named)

    def _written(self, name: str, given: tuple[Any, ...], named: dict[str, Any]) -> list[str]:
        keys = given[:1] if name in self.WRITING else given[0] if name in self.WRITING_MANY else ()
        return [self.make_key(key, version=named.get("version")) for key in keys]
