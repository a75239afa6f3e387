"""What is kept of the public directory, and when it no longer holds. Nothing in it is anybody's own."""

from collections.abc import Callable

from goodplay.lib.kept import Kept, kept, mark_after_commit

FEATURED, NAMES, CATEGORIES, STATISTICS = (
    "onlus:featured",
    "onlus:names",
    "onlus:categories",
    "onlus:statistics",
)
MARK = "onlus:directory:mark"
KEPT_FOR = {FEATURED: 5 * 60, NAMES: 3 * 60, CATEGORIES: 60 * 60, STATISTICS: 30 * 60}


def kept_directory(what: str, make: Callable[[], Kept]) -> Kept:
    """Return a part of the directory, made anew when an organisation or a field of work changed."""
    return kept(what, (MARK,), KEPT_FOR[what], make)


def forget_directory() -> None:
    """Something the directory says changed, or who is in it; counts once the change is committed."""
    mark_after_commit(MARK)
