"""What is kept of a donor's impact and of what an organisation reports, and when it no longer holds."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language

from goodplay.lib.kept import Kept, kept, mark, mark_after_commit

STORIES_MARK = "impact:stories:mark"
BOARDS_MARK = "impact:boards:mark"
DASHBOARD_KEPT_FOR = 15 * 60
UNLOCKS_KEPT_FOR = 60 * 60
METRICS_KEPT_FOR = 5 * 60

Answer = dict[str, Any]


def kept_summary(user_id: UUID, make: Callable[[], Answer]) -> Answer:
    """Return the donor's summary in the language that is on, made anew when something of it changed."""
    key = f"impact:user:{user_id}:summary:{get_language()}"
    return kept(key, (_mark_of(user_id), STORIES_MARK), settings.IMPACT_STORY_CACHE_TTL, make)


def kept_dashboard(user_id: UUID, make: Callable[[], Answer]) -> Answer:
    """Return what the first screen shows of the donor."""
    key = f"impact:user:{user_id}:dashboard:{get_language()}"
    return kept(key, (_mark_of(user_id),), DASHBOARD_KEPT_FOR, make)


def kept_unlocks(user_id: UUID, make: Callable[[], Kept]) -> Kept:
    """Return what the reader has opened, and what of it was withdrawn."""
    key = f"impact:user:{user_id}:unlocks"
    return kept(key, (_mark_of(user_id), STORIES_MARK), UNLOCKS_KEPT_FOR, make)


def kept_play_stories(make: Callable[[], Kept]) -> Kept:
    """Return the stories that play can open, for everybody."""
    return kept("impact:stories:by_play", (STORIES_MARK,), settings.IMPACT_STORY_CACHE_TTL, make)


def kept_metrics(onlus_id: UUID, asked: str, make: Callable[[], Answer]) -> Answer:
    """Return what an organisation reports, asked in one way."""
    key = f"impact:onlus:{onlus_id}:metrics:{asked}:{get_language()}"
    return kept(key, (_mark_of_onlus(onlus_id),), METRICS_KEPT_FOR, make)


def kept_board(asked: str, make: Callable[[], Answer]) -> Answer:
    """Return what organisations report side by side, asked in one way."""
    return kept(f"impact:boards:{asked}", (BOARDS_MARK,), METRICS_KEPT_FOR, make)


def forget_donor(user_id: UUID) -> None:
    """Something of this donor changed: gifts, stories, levels, score."""
    mark(_mark_of(user_id))


def forget_stories() -> None:
    """A story changed: nobody's summary holds any more."""
    mark(STORIES_MARK)


def forget_onlus(onlus_id: UUID) -> None:
    """Something an organisation reports changed, or what it was given; after the transaction, where there is one."""
    mark_after_commit(_mark_of_onlus(onlus_id), BOARDS_MARK)


def forget_boards() -> None:
    """Another set of organisations is public."""
    mark(BOARDS_MARK)


def _mark_of(user_id: UUID) -> str:
    return f"impact:user:{user_id}:mark"


def _mark_of_onlus(onlus_id: UUID) -> str:
    return f"impact:onlus:{onlus_id}:mark"
