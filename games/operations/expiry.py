"""Sessions nobody came back to: stop their clock, then give them up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from games.models import GameSession, GameSessionQuerySet

from .sessions import Cause, Status, end, pause

logger = structlog.get_logger("goodplay.games")

SLICE = 1000  # one run's share; the next run takes the rest


@dataclass(frozen=True, slots=True)
class Swept:
    paused: int
    abandoned: int
    failed: int

    def __str__(self) -> str:
        return f"{self.paused} paused, {self.abandoned} abandoned, {self.failed} failed"


def expire_stale_sessions(*, now: datetime) -> Swept:
    """Pause what is idle as of its last call, and abandon what has been paused for a day.

    Every session is dealt with in a transaction of its own, so one that fails is noted and holds up no other.
    """
    idle, bad = _each(GameSession.objects.idle(now).order_by("last_seen_at", "pk"), _pause_idle, now)
    given_up, worse = _each(GameSession.objects.given_up(now).order_by("paused_at", "pk"), _abandon, now)
    return Swept(paused=idle, abandoned=given_up, failed=bad + worse)


def _each(
    sessions: GameSessionQuerySet, deal_with: Callable[[UUID, datetime], bool], now: datetime
) -> tuple[int, int]:
    done = failed = 0
    for session_id in list(sessions.values_list("pk", flat=True)[:SLICE]):
        try:
            done += deal_with(session_id, now)
        except Exception:
            logger.exception("session not expired", session_id=str(session_id))
            failed += 1
    return done, failed


@transaction.atomic
def _pause_idle(session_id: UUID, now: datetime) -> bool:
    session = GameSession.objects.idle(now).locked().filter(pk=session_id).first()
    if session is None:
        return False  # the player came back in the meantime
    pause(session, at=session.last_seen_at, now=now, cause=Cause.IDLE)
    return True


@transaction.atomic
def _abandon(session_id: UUID, now: datetime) -> bool:
    session = GameSession.objects.given_up(now).locked().filter(pk=session_id).first()
    if session is None:
        return False
    end(session, status=Status.ABANDONED, now=now, cause=Cause.EXPIRED)
    return True
