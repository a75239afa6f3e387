"""The life of a play session: start, pause, resume, end. Its clock is the server's."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from games import scoring
from games.engines import referee
from games.engines.contract import Engine, InvalidConfig
from games.engines.registry import find
from games.models import Game, GameSession, SessionEvent
from games.signals import game_session_complete
from goodplay.lib.errors import Conflict, DomainError, NotFound

logger = structlog.get_logger("goodplay.games")

Status, Kind, Cause = GameSession.Status, SessionEvent.Kind, SessionEvent.Cause
NOTHING: Mapping[str, Any] = MappingProxyType({})


class GameNotFound(NotFound):
    code = "GAME_NOT_FOUND"
    message = _("There is no such game.")


class GamePluginNotFound(NotFound):
    code = "GAME_PLUGIN_NOT_FOUND"
    message = _("This game is not installed here at the moment. Try again later.")


class GameNotActive(Conflict):
    code = "GAME_NOT_ACTIVE"
    message = _("This game is switched off at the moment. Choose another one.")


class ActiveSessionExists(Conflict):
    """Carries the session that is open already."""

    code = "ACTIVE_SESSION_EXISTS"
    message = _("You have an open session of this game. Go on with it, or end it first.")

    def __init__(self, session: GameSession) -> None:
        super().__init__()
        self.session = session


class SessionStartRefused(DomainError):
    """Carries the engine's own sentence."""

    code = "PLUGIN_SESSION_START_FAILED"
    message = _("The game cannot be started with these options.")

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class SessionNotFound(NotFound):
    code = "SESSION_NOT_FOUND"
    message = _("There is no such session.")


class SessionNotActive(Conflict):
    code = "SESSION_NOT_ACTIVE"
    message = _("This session is not running. Resume it if it is paused, or start a new one.")


class SessionNotPaused(Conflict):
    code = "SESSION_NOT_PAUSED"
    message = _("This session is not paused.")


class SessionAlreadyEnded(Conflict):
    code = "SESSION_ALREADY_ENDED"
    message = _("This session has ended. Start a new one to play again.")


def start_session(
    *,
    player: User,
    game: Game,
    now: datetime,
    config: Mapping[str, Any] = NOTHING,
    device: Mapping[str, Any] = NOTHING,
) -> GameSession:
    """Open a session. The database allows one open session per player and game, so of two twins one is refused."""
    if not game.is_active:
        raise GameNotActive
    session = _new_session(player, game, config, device, now)
    try:
        with transaction.atomic():
            session.save(force_insert=True)
            _event(session, Kind.START, now=now, device=device).save(force_insert=True)
    except IntegrityError as error:
        raise _already_open(player, game) from error
    return session


@transaction.atomic
def pause_session(
    *, player: User, session_id: UUID, now: datetime, device: Mapping[str, Any] = NOTHING
) -> GameSession:
    """Stop the clock; as of the last call when that is long ago."""
    session = locked_session(player, session_id)
    if session.status != Status.ACTIVE:
        raise SessionNotActive
    if session.is_idle(now):
        pause(session, at=session.last_seen_at, now=now, cause=Cause.IDLE)
    else:
        pause(session, at=now, now=now, device=device)
    return session


@transaction.atomic
def resume_session(
    *, player: User, session_id: UUID, now: datetime, device: Mapping[str, Any] = NOTHING
) -> GameSession:
    """Start the clock again. A session that went idle counts as paused, noticed or not."""
    session = locked_session(player, session_id)
    if session.is_idle(now):
        pause(session, at=session.last_seen_at, now=now, cause=Cause.IDLE)
    if session.status != Status.PAUSED:
        raise SessionNotPaused
    _event(session, Kind.RESUME, now=now, device=device).save(force_insert=True)
    session.status = Status.ACTIVE
    session.running_since = session.resumed_at = session.last_seen_at = session.updated_at = now
    if device.keys() - {"user_agent"}:  # a user agent alone names no device
        session.device_info = {**device}
    session.save(
        update_fields=[
            "status",
            "running_since",
            "resumed_at",
            "last_seen_at",
            "updated_at",
            "device_info",
        ]
    )
    return session


@transaction.atomic
def end_session(
    *,
    player: User,
    session_id: UUID,
    reason: str,
    now: datetime,
    device: Mapping[str, Any] = NOTHING,
) -> GameSession:
    """End a session, once. `reason` is completed (scored, even when the game is not over) or abandoned (it is not)."""
    session = locked_session(player, session_id)
    if not session.is_open:
        raise SessionAlreadyEnded
    end(session, status=Status(reason), now=now, device=device)
    return session


# What the operations above and their neighbours share; the session is locked ---------------------------------------


def locked_session(player: User, session_id: UUID) -> GameSession:
    """Take the player's session for writing; somebody else's is not there."""
    try:
        return GameSession.objects.locked().get(pk=session_id, user_id=player.pk)
    except GameSession.DoesNotExist:
        raise SessionNotFound from None


def engine_of(session: GameSession) -> Engine:
    engine = find(session.game.engine_name)
    if engine is None:
        raise GamePluginNotFound
    return engine


def pause(
    session: GameSession,
    *,
    at: datetime,
    now: datetime,
    cause: str = Cause.PLAYER,
    device: Mapping[str, Any] = NOTHING,
) -> None:
    """Stop the clock as of `at`, and write that down."""
    _event(session, Kind.PAUSE, now=now, at=at, cause=cause, device=device).save(force_insert=True)
    session.played_for = session.played_until(now)
    session.status, session.running_since, session.paused_at = Status.PAUSED, None, at
    session.last_seen_at, session.updated_at = at, now
    session.save(
        update_fields=["played_for", "status", "running_since", "paused_at", "last_seen_at", "updated_at"]
    )


def end(
    session: GameSession,
    *,
    status: GameSession.Status,
    now: datetime,
    cause: str = Cause.PLAYER,
    device: Mapping[str, Any] = NOTHING,
) -> None:
    """Stop the clock, score, and tell everybody: the receivers may add credits before the one UPDATE of the row."""
    events = []
    if session.is_idle(now):
        session.paused_at = session.last_seen_at
        events.append(_event(session, Kind.PAUSE, now=now, at=session.last_seen_at, cause=Cause.IDLE))
    events.append(_event(session, Kind.END, now=now, cause=cause, device=device))
    session.played_for, session.running_since = session.played_until(now), None
    session.status, session.ended_at, session.updated_at = status, now, now
    if status == Status.COMPLETED:
        _score(session, engine_of(session))
    else:
        session.statistics = _statistics_so_far(session)
    SessionEvent.objects.bulk_create(events)
    game_session_complete.announce(session=session)
    session.save(update_fields=_ENDED)


_ENDED = [
    "status",
    "score",
    "normalized_score",
    "is_verified",
    "credits_earned",
    "achievements_unlocked",
    "statistics",
    "played_for",
    "running_since",
    "paused_at",
    "ended_at",
    "updated_at",
]


def _event(
    session: GameSession,
    kind: str,
    *,
    now: datetime,
    at: datetime | None = None,
    cause: str = Cause.PLAYER,
    device: Mapping[str, Any] = NOTHING,
) -> SessionEvent:
    return SessionEvent(
        session=session, kind=kind, cause=cause, device={**device}, happened_at=at or now, recorded_at=now
    )


def _new_session(
    player: User, game: Game, config: Mapping[str, Any], device: Mapping[str, Any], now: datetime
) -> GameSession:
    engine = find(game.engine_name)
    if engine is None:
        raise GamePluginNotFound
    session = GameSession(
        user_id=player.pk,
        game=game,
        session_config={**config, "device_info": {**device}},
        device_info={**device},
        seed=secrets.token_hex(32),
        engine_version=engine.manifest.version,
        running_since=now,
        started_at=now,
        last_seen_at=now,
        updated_at=now,
    )
    try:
        session.private_state = referee.begin(engine, seed=session.seed, config=session.options)
    except InvalidConfig as refusal:
        raise SessionStartRefused(str(refusal)) from refusal
    session.current_state = referee.view(engine, session.private_state)
    return session


def _already_open(player: User, game: Game) -> DomainError:
    """Find the twin that was first; when it ended this very moment, the player may simply try again."""
    twin = GameSession.objects.select_related("game").of_player(player.pk).open().filter(game=game).first()
    return Conflict() if twin is None else ActiveSessionExists(twin)


def _score(session: GameSession, engine: Engine) -> None:
    result = referee.result(engine, session.private_state)
    session.score = result.score
    session.achievements_unlocked = list(result.achievements)
    session.statistics = result.statistics
    session.normalized_score = scoring.normalized_score(
        raw=result.score,
        category=session.game.category,
        difficulty=session.game.difficulty_level,
        played_for=session.played_for,
        engine_name=session.game.engine_name,
    )
    plausible = session.played_for >= engine.manifest.shortest_move * session.moves_count
    session.is_verified = session.moves_count > 0 and plausible


def _statistics_so_far(session: GameSession) -> dict[str, Any]:
    """A session can be given up even when its engine is gone or broken: else it would block the game for ever."""
    try:
        return referee.result(engine_of(session), session.private_state).statistics
    except Exception:
        logger.exception("no statistics for an abandoned session", session_id=str(session.pk))
        return {}
