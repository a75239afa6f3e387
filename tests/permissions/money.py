"""Which buttons can move money: followed through the code, from the button to the ledger."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

from donations.operations import ledger

MOVES = (ledger.move, ledger.hold, ledger.post, ledger.void, ledger.reverse, ledger.expire)
APPS = {"goodplay", "accounts", "social", "games", "donations", "impact"}


def way_to_the_ledger(screen: Any, name: str) -> list[str]:
    """Return the calls from a button of a screen to a movement in the ledger, or nothing when no call leads there.

    It follows every name a function mentions, so it finds too much rather than too little; what is registered (carried
    out by an approval, a review or an event) counts as called by whoever reads the register.
    """
    first = getattr(screen, name)
    waiting, seen = [(first, [name])], set()
    goals = {_bare(move) for move in MOVES}
    while waiting:
        function, way = waiting.pop(0)
        bare = _bare(function)
        if bare in seen:
            continue
        seen.add(bare)
        if bare in goals:
            return way
        waiting += [(each, [*way, each.__qualname__]) for each in _mentioned(bare, screen)]
    return []


def _bare(function: Any) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _mentioned(function: FunctionType, screen: Any) -> Iterator[FunctionType]:
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    is_own = vars(screen).get(function.__name__) is not None
    for name in sorted(names):
        found = function.__globals__.get(name)
        yield from _functions(found)
        if isinstance(found, ModuleType) and found.__name__.split(".")[0] in APPS:
            for inner in sorted(names):
                yield from _functions(getattr(found, inner, None))
        if is_own:
            yield from _functions(vars(screen).get(name))


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _functions(found: Any) -> Iterator[FunctionType]:
    """Find the functions in a value: itself, those of a register, those of one of its entries."""
    if isinstance(found, FunctionType):
        yield found
    elif isinstance(found, dict):
        for each in found.values():
            yield from _functions(each)
    elif isinstance(found, list | tuple):
        for each in found:
            yield from _functions(each)
    elif is_dataclass(found) and not isinstance(found, type):
        for field in fields(found):
            yield from _functions(getattr(found, field.name, None))
