"""Counting attempts in the cache, so that guesses at the same moment count too. Raises while nobody can count."""

from goodplay.lib.cache import limits


def count(key: str, within: int) -> int:
    """Count one more under this key, atomically, and return how many there were in the last `within` seconds."""
    if limits.add(key, 1, within):
        return 1
    try:
        return limits.incr(key)
    except ValueError:  # it expired between the two calls
        limits.set(key, 1, within)
        return 1


def forget(key: str) -> None:
    limits.delete(key)
