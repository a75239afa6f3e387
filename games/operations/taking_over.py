"""Games and play of an old installation, as a history. It earns nothing and scores nothing: nobody here saw it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from games.models import Game, GameSession


@dataclass(frozen=True, slots=True)
class OldGame:
    name: str
    plugin: str
    description: str
    instructions: str
    category: str
    version: str
    author: str
    credit_rate: Decimal
    difficulty_level: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OldSession:
    user_id: UUID
    game_id: UUID
    is_completed: bool
    score: int | None
    played_for: timedelta
    moves_count: int
    started_at: datetime
    ended_at: datetime
    session_config: dict[str, Any]
    statistics: dict[str, Any]
    achievements: list[str]
    sync_version: int


@transaction.atomic
def take_over_game(*, key: UUID, game: OldGame) -> Game:
    """Return the game an engine here plays, found by plugin or name; else keep the old one, switched off, for its history."""
    same = Q(name__iexact=game.name)
    if game.plugin:
        same |= Q(engine_name=game.plugin)
    found = Game.objects.filter(same).order_by("created_at", "pk").first()
    if found is not None:
        return found
    return Game.objects.create(
        id=key,
        engine_name=f"old-{key.hex}",
        name=game.name,
        description=game.description,
        instructions=game.instructions,
        category=game.category,
        version=game.version,
        author=game.author,
        credit_rate=game.credit_rate,
        difficulty_level=game.difficulty_level,
        is_active=False,
        created_at=game.created_at,
    )


@transaction.atomic
def take_over_session(*, key: UUID, session: OldSession, now: datetime) -> GameSession:
    """Keep a session that is over. What is open there is over here: its game's state stays behind."""
    status = GameSession.Status.COMPLETED if session.is_completed else GameSession.Status.ABANDONED
    return GameSession.objects.create(
        id=key,
        user_id=session.user_id,
        game_id=session.game_id,
        status=status,
        session_config=session.session_config,
        moves_count=session.moves_count,
        score=session.score if session.is_completed else None,
        achievements_unlocked=session.achievements,
        statistics=session.statistics,
        sync_version=session.sync_version,
        played_for=session.played_for,
        started_at=session.started_at,
        ended_at=session.ended_at,
        last_seen_at=session.ended_at,
        updated_at=now,
    )
