"""Deciding: which rules speak, what they add up to, and what follows."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from donations.rules.conditions import Condition

VERSION = "1"
HIGHEST = 100
FACTS_UNAVAILABLE = "FACTS_UNAVAILABLE"


class Action(StrEnum):
    ALLOW = "allow"
    REVIEW = "review"
    BLOCK = "block"


_SEVERITY = {"score": 0, "allow": 0, "review": 1, "block": 2}


@dataclass(frozen=True, slots=True)
class Levels:
    """From which score on a movement is that risky, and from which it waits for a person."""

    medium: int = 30
    high: int = 50
    critical: int = 70
    review_from: Decimal = Decimal(70)

    def of(self, score: Decimal | int) -> str:
        for name in ("critical", "high", "medium"):
            if score >= getattr(self, name):
                return name
        return "low"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule. A weak one counts only beside one that is not; one on trial never counts."""

    code: str
    version: int
    condition: Condition
    action: str
    score: int
    is_weak: bool = False
    is_on_trial: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: which rule spoke, what it does, what it saw and what that was held against."""

    rule: str
    version: int
    action: str
    score: int
    seen: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Decision:
    action: Action
    score: int
    level: str
    reasons: tuple[Reason, ...] = ()
    shadow_reasons: tuple[Reason, ...] = ()
    has_failed: bool = False

    @property
    def is_plain_allow(self) -> bool:
        return self.action == Action.ALLOW and not self.reasons and not self.shadow_reasons

    @property
    def codes(self) -> list[str]:
        return [FACTS_UNAVAILABLE] if self.has_failed else [reason.rule for reason in self.reasons]


def decide(*, facts: Mapping[str, Any], rules: Iterable[Rule], levels: Levels) -> Decision:
    """Ask every rule. The gravest effect of those that speak decides; their scores together may hold a movement too.

    The order of rules changes nothing. A further rule that speaks never makes a decision milder. Raises FactMissing.
    """
    strong: list[Reason] = []
    weak: list[Reason] = []
    shadow: list[Reason] = []
    for rule in sorted(rules, key=lambda each: (each.code, each.version)):
        seen = rule.condition.holds(facts)
        if seen is not None:
            found = Reason(rule.code, rule.version, rule.action, rule.score, [asdict(each) for each in seen])
            (shadow if rule.is_on_trial else weak if rule.is_weak else strong).append(found)
    counted = [*strong, *weak] if strong else []
    score = min(HIGHEST, sum(reason.score for reason in counted))
    return Decision(
        action=_action(counted, score, levels),
        score=score,
        level=levels.of(score),
        reasons=tuple(counted),
        shadow_reasons=tuple(shadow),
    )


def failed(score: int = 50) -> Decision:
    """Return the decision about what cannot be judged: a person looks."""
    return Decision(Action.REVIEW, score, "high", has_failed=True)


def _action(reasons: list[Reason], score: int, levels: Levels) -> Action:
    gravest = max((_SEVERITY[reason.action] for reason in reasons), default=0)
    if gravest == _SEVERITY["block"]:
        return Action.BLOCK
    if gravest == _SEVERITY["review"] or (reasons and score >= levels.review_from):
        return Action.REVIEW
    return Action.ALLOW
