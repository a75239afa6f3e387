"""Bringing the catalogue up to what the engines say."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from games.engines.contract import Manifest
from games.engines.registry import registry
from games.models import Game

logger = structlog.get_logger("goodplay.games")

OF_THE_ENGINE = (
    "description",
    "instructions",
    "category",
    "version",
    "author",
    "min_players",
    "max_players",
    "estimated_duration_minutes",
    "difficulty_level",
    "requires_internet",
)
"""Columns the engine decides, under the same name in its manifest; so is `name`, there `display_name`."""


@dataclass(frozen=True, slots=True)
class Synced:
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def sync_games(*, now: datetime) -> Synced:
    """Give every engine its game, and take over what a new version says of itself.

    Staff's own columns, `is_active` and `credit_rate`, are set once and then left alone. A game whose engine is gone
    keeps its row and its history. May run any number of times, also at once; one bad engine spoils only its own row.
    """
    synced, known = Synced(), {game.engine_name: game for game in Game.objects.all()}
    for name, engine in registry().engines.items():
        try:
            with transaction.atomic():
                done = _sync(known.get(name), engine.manifest, now, synced)
        except IntegrityError:
            logger.exception("game not synced", engine=name)
            done = synced.refused
        if done is not None:
            done.append(name)
    return synced


def _sync(game: Game | None, manifest: Manifest, now: datetime, synced: Synced) -> list[str] | None:
    columns = {"name": manifest.display_name} | {name: getattr(manifest, name) for name in OF_THE_ENGINE}
    if game is None:
        rate = _first_rate(manifest)
        Game.objects.create(engine_name=manifest.name, credit_rate=rate, created_at=now, **columns)
        return synced.added
    changed = {name: value for name, value in columns.items() if getattr(game, name) != value}
    if not changed:
        return None
    _change(game, changed)
    return synced.changed


def _change(game: Game, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(game, name, value)
    game.save(update_fields=[*columns, "updated_at"])


def _first_rate(manifest: Manifest) -> Decimal:
    return manifest.credit_rate or Decimal(settings.DEFAULT_GAME_CREDIT_RATE)
