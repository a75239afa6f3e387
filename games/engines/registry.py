"""Finding the engines: those shipped here, and those of other packages (entry points `goodplay.engines`)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cache, partial
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, cast

import structlog

from games.engines.contract import Engine, Manifest

logger = structlog.get_logger("goodplay.games")

GROUP = "goodplay.engines"
SHIPPED = ("games.engines.number_guessing",)

FUNCTIONS = ("start", "apply_move", "public_view", "is_finished", "result")
DIFFICULTIES = ("easy", "medium", "hard", "expert")

_NAME = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_LENGTHS = {"display_name": 120, "version": 20, "category": 40, "author": 120}
_COUNTS = ("min_players", "max_players", "estimated_duration_minutes", "most_moves")
_LARGEST_COUNT = 32_767


class BrokenEngine(Exception):
    """What was found keeps the contract badly, or not at all."""


@dataclass(frozen=True, slots=True)
class Registry:
    engines: dict[str, Engine] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)  # where it was found → what is wrong with it


@cache
def registry() -> Registry:
    """Load every engine once per process. One that is broken is left out with its reason; the others play on."""
    found = Registry()
    for origin, load in _candidates():
        try:
            engine = checked(load())
            _refuse_twins(found, engine.manifest)
        except (Exception, SystemExit) as error:
            # Somebody else's code: whatever it raises at import must not stop the server.
            logger.exception("engine left out", origin=origin)
            found.left_out[origin] = f"{type(error).__name__}: {error}"
        else:
            found.engines[engine.manifest.name] = engine
    return found


def find(name: str) -> Engine | None:
    return registry().engines.get(name)


def names() -> list[str]:
    return sorted(registry().engines)


def checked(candidate: Any) -> Engine:
    """Return the candidate as an engine, or raise BrokenEngine with everything that is wrong with it."""
    wrong = list(_problems(candidate))
    if wrong:
        raise BrokenEngine(" ".join(wrong))
    return cast(Engine, candidate)


def _candidates() -> Iterator[tuple[str, Callable[[], Any]]]:
    for module in SHIPPED:
        yield module, partial(import_module, module)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        yield f"{entry.name} = {entry.value}", entry.load


def _refuse_twins(found: Registry, manifest: Manifest) -> None:
    if manifest.name in found.engines:
        raise BrokenEngine(f"There already is an engine {manifest.name}.")
    if manifest.display_name in {engine.manifest.display_name for engine in found.engines.values()}:
        raise BrokenEngine(f"There already is a game called {manifest.display_name}.")


def _problems(candidate: Any) -> Iterator[str]:
    for function in FUNCTIONS:
        if not callable(getattr(candidate, function, None)):
            yield f"There is no function {function}."
    manifest = getattr(candidate, "manifest", None)
    if isinstance(manifest, Manifest):
        yield from _manifest_problems(manifest)
    else:
        yield "There is no manifest."


def _manifest_problems(manifest: Manifest) -> Iterator[str]:
    if not isinstance(manifest.name, str) or not _NAME.fullmatch(manifest.name):
        yield "name has 1 to 64 of a-z, 0-9 and _."
    for name, longest in _LENGTHS.items():
        value = getattr(manifest, name)
        if not isinstance(value, str) or len(value) > longest or (not value.strip() and name != "author"):
            yield f"{name} is text of at most {longest} characters."
    if not all(isinstance(text, str) for text in (manifest.description, manifest.instructions)):
        yield "description and instructions are text."
    for name in _COUNTS:
        value = getattr(manifest, name)
        if type(value) is not int or not 1 <= value <= _LARGEST_COUNT:
            yield f"{name} is a whole number from 1 to {_LARGEST_COUNT}."
    if manifest.difficulty_level not in DIFFICULTIES:
        yield f"difficulty_level is one of {', '.join(DIFFICULTIES)}."
    if not _is_rate(manifest.credit_rate):
        yield "credit_rate is a Decimal above 0 and below 1000 with at most three decimals."
    if not isinstance(manifest.shortest_move, timedelta) or manifest.shortest_move < timedelta(0):
        yield "shortest_move is a timedelta, not negative."


def _is_rate(rate: Any) -> bool:
    if rate is None:
        return True
    if not isinstance(rate, Decimal) or not rate.is_finite():
        return False
    return 0 < rate < 1000 and rate == rate.quantize(Decimal("0.001"))
