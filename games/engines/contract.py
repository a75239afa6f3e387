"""What the rules of a game look like to GoodPlay. docs/writing-an-engine.md is the guide for authors.

An engine is a module or an object with a `manifest` and five pure functions over a state. The server stores the
state, locks it during a move, seeds the random source and measures the time; so any process can serve any move, and
the whole game can be played again from its seed and its moves. This module needs nothing but Python.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, Protocol

State = dict[str, Any]
"""A JSON object: text keys; values of text, whole numbers, floats, booleans, null, lists and such objects."""


class InvalidMove(Exception):
    """The rules do not allow this move now. The text tells the player why; nothing is recorded."""


class InvalidConfig(Exception):
    """The game cannot be started with these options. The text tells the player why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the catalogue shows of a game, and the limits the server holds it to.

    `name` is the engine's for ever: sessions point at it. `credit_rate` multiplies what a minute of play earns; None
    takes the installation's. A session is believed only if its play took at least `shortest_move` per move.
    """

    name: str
    display_name: str
    version: str
    category: str
    description: str = ""
    instructions: str = ""
    author: str = ""
    credit_rate: Decimal | None = None
    min_players: int = 1
    max_players: int = 1
    estimated_duration_minutes: int = 10
    difficulty_level: str = "medium"
    requires_internet: bool = False
    most_moves: int = 1000
    shortest_move: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Step:
    """What one accepted move made: the state after it, and what its answer tells the player."""

    state: State
    outcome: State = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a game stands. `achievements` are constants, `statistics` a JSON object the player sees."""

    score: int
    won: bool
    achievements: tuple[str, ...] = ()
    statistics: State = field(default_factory=dict)


class Engine(Protocol):
    """The rules of one game. No function changes what it is given, reads a clock, or keeps anything between calls."""

    @property
    def manifest(self) -> Manifest: ...

    def start(self, config: Mapping[str, Any], rng: Random) -> State:
        """Make the state of a new game. Raises InvalidConfig."""

    def apply_move(self, state: State, move: Mapping[str, Any], rng: Random) -> Step:
        """Play one move of the player's own making: trust nothing in it. Raises InvalidMove."""

    def public_view(self, state: State) -> State:
        """Return the part of the state the player may see now."""

    def is_finished(self, state: State) -> bool:
        """Say whether the game is over by its rules."""

    def result(self, state: State) -> Result:
        """Return how the game stands, finished or left early; then the statistics must still keep its secrets."""
