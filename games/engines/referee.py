"""Asking an engine: the random source of each move, and the proof that what comes back can be stored.

The same seed, config and moves give the same game again: here when it is played, in games/replay.py when it is checked.
"""

import json
import re
from collections.abc import Mapping
from random import Random
from typing import Any

from games.engines.contract import Engine, Result, State, Step

LARGEST_SCORE = 2_147_483_647

_ACHIEVEMENT = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)


class EngineFault(Exception):
    """The engine broke its contract: a bug of the engine, not a fault of the player."""


def begin(engine: Engine, *, seed: str, config: Mapping[str, Any]) -> State:
    return _object(engine.start(config, _random_source(seed, 0)))


def play(engine: Engine, *, seed: str, state: State, move: Mapping[str, Any], number: int) -> Step:
    """Play move `number`, counted from 1. A refused move leaves number and random source as they were."""
    step = engine.apply_move(_object(state), move, _random_source(seed, number))
    return Step(state=_object(step.state), outcome=_object(step.outcome))


def view(engine: Engine, state: State) -> State:
    return _object(engine.public_view(_object(state)))


def result(engine: Engine, state: State) -> Result:
    found = engine.result(_object(state))
    if type(found.score) is not int or abs(found.score) > LARGEST_SCORE:
        raise EngineFault("A score is a whole number of at most 31 bits.")
    if not all(isinstance(each, str) and _ACHIEVEMENT.fullmatch(each) for each in found.achievements):
        raise EngineFault("Achievements are constants of at most 64 characters.")
    return Result(
        score=found.score,
        won=bool(found.won),
        achievements=tuple(found.achievements),
        statistics=_object(found.statistics),
    )


def _random_source(seed: str, number: int) -> Random:
    """Every move has its own source, so it depends on the seed and the number alone, not on who served the last one."""
    return Random(f"{seed}/{number}")  # noqa: S311  (the seed is a secret of 256 random bits)


def _object(value: Any) -> State:
    """Copy a JSON object the way the database will give it back, so playing and playing again see the same."""
    if not isinstance(value, dict):
        raise EngineFault("States, outcomes and statistics are JSON objects.")
    try:
        copy: State = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise EngineFault(f"This has no JSON form: {error}") from error
    return copy
