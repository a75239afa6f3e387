"""Playing moves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from games.engines import contract, referee
from games.models import GameSession, SessionMove
from goodplay.lib.errors import DomainError

from .sessions import Cause, SessionNotActive, Status, engine_of, locked_session, pause


class InvalidMove(DomainError):
    """Carries the engine's own sentence."""

    code = "INVALID_MOVE"
    message = _("The rules do not allow this move now.")

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class ClientMoveIdReused(DomainError):
    code = "CLIENT_MOVE_ID_REUSED"
    message = _("This client_move_id was used for another move. Use a new one.")


def play_move(
    *,
    player: User,
    session_id: UUID,
    move: Mapping[str, Any],
    now: datetime,
    client_move_id: str | None = None,
) -> SessionMove:
    """Play one move. The same `client_move_id` again gives the first answer, whatever happened since.

    A session found idle is refused like a paused one, and stays paused: the refusal undoes only the move.
    """
    with transaction.atomic():
        session = locked_session(player, session_id)
        if played := _played_before(session, client_move_id, move):
            return played
        if session.status != Status.ACTIVE:
            raise SessionNotActive
        if not session.is_idle(now):
            return _play(session, move, client_move_id, now)
        pause(session, at=session.last_seen_at, now=now, cause=Cause.IDLE)
    raise SessionNotActive


def _played_before(
    session: GameSession, client_move_id: str | None, move: Mapping[str, Any]
) -> SessionMove | None:
    if client_move_id is None:
        return None
    played = SessionMove.objects.filter(session=session, client_move_id=client_move_id).first()
    if played is not None and played.payload != move:
        raise ClientMoveIdReused
    return played


def _play(
    session: GameSession, move: Mapping[str, Any], client_move_id: str | None, now: datetime
) -> SessionMove:
    step, view = _ask(session, move)
    session.moves_count += 1
    session.private_state, session.current_state = step.state, view
    session.last_seen_at = session.updated_at = now
    session.save(
        update_fields=["moves_count", "private_state", "current_state", "last_seen_at", "updated_at"]
    )
    return SessionMove.objects.create(
        session=session,
        number=session.moves_count,
        payload=move,
        client_move_id=client_move_id,
        outcome=step.outcome,
        state_after=view,
        played_at=now,
    )


def _ask(session: GameSession, move: Mapping[str, Any]) -> tuple[contract.Step, contract.State]:
    """Let the engine judge the move. What it refuses leaves everything as it was."""
    engine = engine_of(session)
    if session.moves_count >= engine.manifest.most_moves:
        raise InvalidMove(gettext("No moves are left. End the session to see your score."))
    try:
        step = referee.play(
            engine,
            seed=session.seed,
            state=session.private_state,
            move=move,
            number=session.moves_count + 1,
        )
    except contract.InvalidMove as refusal:
        raise InvalidMove(str(refusal)) from refusal
    return step, referee.view(engine, step.state)
