"""Answers kept in the cache with the marks of what they were made from.

A change sets a new mark: what was made before it, even by somebody who was still at it, is not shown again.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.core.cache import cache
from django.db import transaction

from goodplay.lib.ids import new_id

MARKED_FOR = 7 * 24 * 3600

Kept = TypeVar("Kept")


def kept(key: str, marks: Sequence[str], seconds: int, make: Callable[[], Kept]) -> Kept:
    """Return what is kept under the key while none of its marks was set anew, else make it and keep that."""
    found = cache.get_many([key, *marks])
    known: tuple[list[str], Kept] | None = found.get(key)
    if known is not None and known[0] == [found.get(each) for each in marks]:
        return known[1]
    fresh = {each: str(new_id()) for each in marks if each not in found}
    if fresh:
        cache.set_many(fresh, MARKED_FOR)
    made = make()
    cache.set(key, ([{**found, **fresh}[each] for each in marks], made), seconds)
    return made


def mark(*names: str) -> None:
    """Let nothing that was made under these marks be shown again."""
    cache.set_many({name: str(new_id()) for name in names}, MARKED_FOR)


def mark_after_commit(*names: str) -> None:
    """Do so once the change is there for others to read; at once where there is no transaction."""
    transaction.on_commit(lambda: mark(*names), robust=True)
