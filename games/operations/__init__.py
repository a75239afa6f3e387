"""Every write of games, by topic: the catalogue, the life of a session, its moves, and its expiry."""

from .catalogue import Synced, sync_games
from .expiry import Swept, expire_stale_sessions
from .moves import ClientMoveIdReused, InvalidMove, play_move
from .sessions import (
    ActiveSessionExists,
    GameNotActive,
    GameNotFound,
    GamePluginNotFound,
    SessionAlreadyEnded,
    SessionNotActive,
    SessionNotFound,
    SessionNotPaused,
    SessionStartRefused,
    end_session,
    pause_session,
    resume_session,
    start_session,
)

__all__ = [
    "ActiveSessionExists",
    "ClientMoveIdReused",
    "GameNotActive",
    "GameNotFound",
    "GamePluginNotFound",
    "InvalidMove",
    "SessionAlreadyEnded",
    "SessionNotActive",
    "SessionNotFound",
    "SessionNotPaused",
    "SessionStartRefused",
    "Swept",
    "Synced",
    "end_session",
    "expire_stale_sessions",
    "pause_session",
    "play_move",
    "resume_session",
    "start_session",
    "sync_games",
]
