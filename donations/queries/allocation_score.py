"""How urgent and how well placed a request is: one pure formula over plain facts, with frozen weights.

Six factors from 0 to 100, weighed into a score from 0 to 100. A change of any figure here is a new VERSION.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from goodplay.lib.money import to_cents

VERSION = 1
THRESHOLD = Decimal(60)
WEIGHTS: Mapping[str, Decimal] = {
    "funding_gap": Decimal("0.25"),
    "urgency": Decimal("0.20"),
    "performance": Decimal("0.20"),
    "preferences": Decimal("0.15"),
    "efficiency": Decimal("0.10"),
    "seasonal": Decimal("0.10"),
}
NO_ASSESSMENT = Decimal(70)
RESULTS_FOR_PERFORMANCE, RESULTS_FOR_EFFICIENCY = 10, 5

_FULL = Decimal(100)
_GAPS = ((Decimal("0.8"), 95), (Decimal("0.6"), 85), (Decimal("0.4"), 70), (Decimal("0.2"), 55))
_DEADLINES = ((7, 20), (30, 10), (90, 5))
_SEASON_OF = {
    "education": ((8, 9), 15),
    "healthcare": ((10, 11), 10),
    "environment": ((4, 5), 10),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a request and of who asks, at the moment of the look.

    `outcomes` and `efficiencies` are those of past allocations, the latest first: whether anything was given, and which
    part of the target. `preferences` are the causes of each consenting donor.
    """

    category: str
    month: int
    text: str = ""
    annual_budget: Decimal | None = None
    received: Decimal = Decimal(0)
    urgency_level: int = 2
    days_left: int | None = None
    is_emergency: bool = False
    is_emergency_type: bool = False
    compliance: Decimal = NO_ASSESSMENT
    outcomes: Sequence[bool] = ()
    efficiencies: Sequence[Decimal] = ()
    preferences: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Score:
    total: Decimal
    factors: Mapping[str, Decimal]
    version: int = field(default=VERSION)

    @property
    def passes(self) -> bool:
        return self.total >= THRESHOLD

    def breakdown(self) -> dict[str, dict[str, str]]:
        """Tell each factor with its weight and what it adds, as it is stored and shown."""
        return {
            name: {
                "score": str(score),
                "weight": str(WEIGHTS[name]),
                "points": str(to_cents(score * WEIGHTS[name])),
            }
            for name, score in self.factors.items()
        }


def score(facts: Facts) -> Score:
    factors = {
        "funding_gap": funding_gap(facts),
        "urgency": urgency(facts),
        "performance": performance(facts),
        "preferences": preferences(facts),
        "efficiency": efficiency(facts),
        "seasonal": seasonal(facts),
    }
    exact = sum((_clamped(factors[name]) * weight for name, weight in WEIGHTS.items()), Decimal(0))
    return Score(to_cents(_clamped(exact)), {name: to_cents(value) for name, value in factors.items()})


def funding_gap(facts: Facts) -> Decimal:
    if not facts.annual_budget:
        return Decimal(50)
    gap = max(Decimal(0), facts.annual_budget - facts.received) / facts.annual_budget
    return Decimal(next((points for bound, points in _GAPS if gap >= bound), 40))


def urgency(facts: Facts) -> Decimal:
    if facts.is_emergency:
        return _FULL
    near = facts.days_left
    soon = 0 if near is None else next((points for days, points in _DEADLINES if near <= days), 0)
    return _clamped(Decimal(facts.urgency_level * 20 + soon))


def performance(facts: Facts) -> Decimal:
    latest = facts.outcomes[:RESULTS_FOR_PERFORMANCE]
    if not latest:
        return facts.compliance
    succeeded = Decimal(sum(latest)) / len(latest)
    return Decimal("0.7") * facts.compliance + Decimal("0.3") * succeeded * _FULL


def preferences(facts: Facts) -> Decimal:
    """Average over the donors: who named no cause counts as undecided."""
    if not facts.preferences:
        return Decimal(50)
    words = _words(facts.text)
    matches = [_match(causes, facts.category, words) for causes in facts.preferences]
    return sum(matches, Decimal(0)) / len(matches)


def efficiency(facts: Facts) -> Decimal:
    latest = facts.efficiencies[:RESULTS_FOR_EFFICIENCY]
    if not latest:
        return Decimal(70)
    return sum(latest, Decimal(0)) / len(latest) * _FULL


def seasonal(facts: Facts) -> Decimal:
    if facts.is_emergency_type:
        return Decimal(90)
    season = 20 if facts.month in (11, 12) else 10 if facts.month in (3, 4) else 0
    months, more = _SEASON_OF.get(facts.category, ((), 0))
    return Decimal(50 + season + (more if facts.month in months else 0))


def _match(causes: Sequence[str], category: str, words: str) -> Decimal:
    named = [cause.casefold() for cause in causes]
    if not named:
        return Decimal(50)
    found = (category.casefold() in named) + sum(_words(cause) in words for cause in named)
    return _clamped(Decimal(found) / len(named) * _FULL)


def _words(text: str) -> str:
    """Write the words of a text with a space around each, so that whole words are found in it."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return f" {' '.join(words)} "


def _clamped(value: Decimal) -> Decimal:
    return min(max(value, Decimal(0)), _FULL)
