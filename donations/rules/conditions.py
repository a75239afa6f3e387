"""Conditions as data: a fact, an operator and a threshold, joined by all or any. Nothing is ever evaluated as code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from donations.rules.facts import FACTS, Fact, Kind

DEEPEST, MOST = 4, 20

Number = Callable[[str], Decimal]  # reads "section.key" of the settings


class ConditionsInvalid(ValueError):
    """Says in plain words what is wrong with the conditions."""


class FactMissing(LookupError):
    """A rule asks for a fact nobody gathered."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One comparison that held: what was seen, and what it was held against."""

    fact: str
    value: str
    operator: str
    threshold: str


@dataclass(frozen=True, slots=True)
class Comparison:
    fact: str
    operator: str
    threshold: Any

    def holds(self, facts: Mapping[str, Any]) -> list[Seen] | None:
        """Return what was seen when it holds, None when not. Raises FactMissing."""
        if facts.get(self.fact) is None:
            raise FactMissing(self.fact)
        value = _value(facts[self.fact], FACTS[self.fact])
        if not _OPERATORS[self.operator](value, self.threshold):
            return None
        return [Seen(self.fact, str(value), self.operator, _written(self.threshold))]

    @property
    def facts(self) -> frozenset[str]:
        return frozenset({self.fact})


@dataclass(frozen=True, slots=True)
class Joined:
    parts: tuple["Condition", ...]
    needs_all: bool

    def holds(self, facts: Mapping[str, Any]) -> list[Seen] | None:
        seen: list[Seen] = []
        held = 0
        for part in self.parts:
            found = part.holds(facts)
            if found is not None:
                held, seen = held + 1, seen + found
            elif self.needs_all:
                return None
        return seen if held else None

    @property
    def facts(self) -> frozenset[str]:
        return frozenset().union(*(part.facts for part in self.parts))


Condition = Comparison | Joined

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, limit: value == limit,
    "ne": lambda value, limit: value != limit,
    "gt": lambda value, limit: value > limit,
    "gte": lambda value, limit: value >= limit,
    "lt": lambda value, limit: value < limit,
    "lte": lambda value, limit: value <= limit,
    "between": lambda value, limits: limits[0] <= value <= limits[1],
    "in": lambda value, limits: value in limits,
}
_FOR = {
    Kind.NUMBER: frozenset(_OPERATORS),
    Kind.FLAG: frozenset({"eq"}),
    Kind.WORD: frozenset({"eq", "ne", "in"}),
}


def parse(raw: Any, *, subject: str, number: Number) -> Condition:
    """Read conditions as they are stored. `number` reads thresholds that name a setting. Raises ConditionsInvalid."""
    condition = _parse(raw, subject, number, DEEPEST)
    if _count(condition) > MOST:
        raise ConditionsInvalid(f"At most {MOST} comparisons.")
    return condition


def settings_named(raw: Any) -> set[str]:
    """Return the settings the thresholds of stored conditions refer to."""
    if isinstance(raw, Mapping):
        own = {raw["setting"]} if isinstance(raw.get("setting"), str) else set()
        return own.union(*(settings_named(value) for value in raw.values()))
    if isinstance(raw, list):
        return set().union(*(settings_named(value) for value in raw))
    return set()


def _parse(raw: Any, subject: str, number: Number, depth: int) -> Condition:
    if not isinstance(raw, Mapping):
        raise ConditionsInvalid("A condition is an object with a fact, or with all or any.")
    if depth == 0:
        raise ConditionsInvalid("The conditions stand too deep in each other.")
    for word in ("all", "any"):
        if word in raw:
            if set(raw) != {word} or not isinstance(raw[word], list) or not raw[word]:
                raise ConditionsInvalid(f"“{word}” stands alone, with a list that is not empty.")
            parts = tuple(_parse(each, subject, number, depth - 1) for each in raw[word])
            return Joined(parts, needs_all=word == "all")
    return _comparison(raw, subject, number)


def _comparison(raw: Mapping[str, Any], subject: str, number: Number) -> Comparison:
    if set(raw) != {"fact", "operator", "threshold"}:
        raise ConditionsInvalid("A comparison has a fact, an operator and a threshold.")
    name, operator = raw["fact"], raw["operator"]
    fact = FACTS.get(name) if isinstance(name, str) else None
    if fact is None or subject not in fact.subjects:
        raise ConditionsInvalid(f"There is no fact “{name}” for a {subject}.")
    if not isinstance(operator, str) or operator not in _FOR[fact.kind]:
        raise ConditionsInvalid(f"“{name}” cannot be compared with “{operator}”.")
    return Comparison(name, operator, _threshold(raw["threshold"], operator, fact, number))


def _threshold(raw: Any, operator: str, fact: Fact, number: Number) -> Any:
    if operator in ("between", "in"):
        if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
            raise ConditionsInvalid(f"“{operator}” takes a list.")
        limits = tuple(_one(each, fact, number) for each in raw)
        if operator == "between" and (len(limits) != 2 or limits[0] > limits[1]):
            raise ConditionsInvalid("“between” takes the least and the most.")
        return limits
    return _one(raw, fact, number)


def _one(raw: Any, fact: Fact, number: Number) -> Any:
    if isinstance(raw, Mapping):
        return _setting(raw, fact, number)
    return _value(raw, fact)


def _setting(raw: Mapping[str, Any], fact: Fact, number: Number) -> Decimal:
    path = raw.get("setting")
    if set(raw) != {"setting"} or not isinstance(path, str) or fact.kind != Kind.NUMBER:
        raise ConditionsInvalid("A threshold is a value, or names a setting.")
    try:
        return number(path)
    except (KeyError, ValueError, InvalidOperation) as error:
        raise ConditionsInvalid(f"There is no number in the settings at “{path}”.") from error


def _value(raw: Any, fact: Fact) -> Any:
    if fact.kind == Kind.FLAG and isinstance(raw, bool):
        return raw
    if fact.kind == Kind.WORD and isinstance(raw, str):
        return raw
    if (
        fact.kind == Kind.NUMBER
        and isinstance(raw, int | float | str | Decimal)
        and not isinstance(raw, bool)
    ):
        try:
            value = Decimal(str(raw))
        except InvalidOperation as error:
            raise ConditionsInvalid(f"“{raw}” is no number.") from error
        if value.is_finite():
            return value
    raise ConditionsInvalid(f"“{raw}” is no {fact.kind.value}.")


def _written(threshold: Any) -> str:
    return ", ".join(map(str, threshold)) if isinstance(threshold, tuple) else str(threshold)


def _count(condition: Condition) -> int:
    return 1 if isinstance(condition, Comparison) else sum(map(_count, condition.parts))
