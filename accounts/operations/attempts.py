"""Counting attempts in the cache, so that guesses at the same moment count too."""

from django.core.cache import cache


def count(key: str, within: int) -> int:
    """Count one more under this key, atomically, and return how many there were in the last `within` seconds."""
    if cache.add(key, 1, within):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # it expired between the two calls
        cache.set(key, 1, within)
        return 1
