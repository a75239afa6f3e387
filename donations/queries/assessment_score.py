"""How well an organisation keeps its house: one pure formula over plain facts, with frozen weights.

Six categories start from a base and are moved by what is known; what is not known moves nothing. A change of any
figure here is a new VERSION.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from goodplay.lib.money import to_cents

VERSION = 1
WEIGHTS: Mapping[str, int] = {
    "financial_transparency": 25,
    "operational_efficiency": 20,
    "governance": 20,
    "impact_reporting": 15,
    "regulatory_compliance": 15,
    "donor_trust": 5,
}
BASES: Mapping[str, int] = {
    "financial_transparency": 70,
    "operational_efficiency": 75,
    "governance": 80,
    "impact_reporting": 65,
    "regulatory_compliance": 85,
    "donor_trust": 80,
}
LEVELS = ((90, "excellent"), (80, "good"), (70, "satisfactory"), (60, "needs_attention"))
# What an organisation counts as afterwards.
STATUSES = ((90, "compliant"), (70, "minor_issues"), (50, "major_issues"))
# Expected gains of a recommendation, for a category below the bound and for the whole.
BELOW, BELOW_OVERALL = 70, 60
GAINS: Mapping[str, int] = {
    "financial_transparency": 5,
    "operational_efficiency": 8,
    "governance": 10,
    "impact_reporting": 7,
    "regulatory_compliance": 15,
    "overall": 20,
}

Moves = list[tuple[str, int]]
"""What moved a category, and by how many points."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an organisation over the period. None where there is nothing to reckon from.

    Rates are parts of one. `reported` is the share of results the organisation reported figures after, `well_reported`
    the share with three figures or more.
    """

    verification_level: str
    status: str
    compliance_status: str
    has_tax_id: bool
    has_legal_form: bool
    has_incorporation_date: bool
    days_since_verification: int | None = None
    success: Decimal | None = None
    efficiency: Decimal | None = None
    processing_seconds: Decimal | None = None
    reported: Decimal | None = None
    well_reported: Decimal | None = None
    passed_checks: int = 0
    failed_checks: int = 0
    repeat_donors: Decimal | None = None
    completion: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Score:
    overall: Decimal
    categories: Mapping[str, Mapping[str, Any]]

    @property
    def level(self) -> str:
        return next((level for bound, level in LEVELS if self.overall >= bound), "critical")

    @property
    def status(self) -> str:
        return next((status for bound, status in STATUSES if self.overall >= bound), "non_compliant")

    def of(self, category: str) -> Decimal:
        return Decimal(self.categories[category]["score"])

    def recommendations(self) -> dict[str, int]:
        """Name the categories worth working on, each with the points it may gain."""
        found = {name: GAINS[name] for name in WEIGHTS if name in GAINS and self.of(name) < BELOW}
        return found | ({"overall": GAINS["overall"]} if self.overall < BELOW_OVERALL else {})


def score(facts: Facts) -> Score:
    moves = {name: [move for move in rule(facts) if move[1]] for name, rule in RULES.items()}
    points = {name: _clamped(BASES[name] + sum(by for _code, by in moves[name])) for name in WEIGHTS}
    exact = sum((Decimal(points[name] * weight) for name, weight in WEIGHTS.items()), Decimal(0)) / 100
    categories = {
        name: {"score": points[name], "base": BASES[name], "moves": [list(move) for move in moves[name]]}
        for name in WEIGHTS
    }
    return Score(to_cents(exact), categories)


def issues(facts: Facts) -> dict[str, tuple[str, str]]:
    """Name what is wrong: its severity and its category."""
    found: dict[str, tuple[str, str]] = {}
    if facts.days_since_verification is not None and facts.days_since_verification > 365:
        found["verification_outdated"] = ("warning", "governance")
    if facts.success is not None and facts.success < Decimal("0.8"):
        severity = "critical" if facts.success < Decimal("0.6") else "high"
        found["allocations_fail"] = (severity, "operational_efficiency")
    if not facts.has_tax_id:
        found["tax_id_missing"] = ("high", "regulatory_compliance")
    if not facts.has_legal_form:
        found["legal_form_missing"] = ("medium", "regulatory_compliance")
    if facts.compliance_status in ("major_issues", "non_compliant"):
        found["compliance_status_bad"] = ("critical", "regulatory_compliance")
    return found


def risk(overall: Decimal, open_severities: list[str]) -> str:
    """Reckon the risk from the score and from what is open, whether or not anything is open."""
    high = open_severities.count("high")
    if overall < 60 or "critical" in open_severities:
        return "critical"
    if overall < 70 or high > 2:
        return "high"
    return "moderate" if overall < 80 or high else "low"


# The categories --------------------------------------------------------------------------------------------------


def financial_transparency(facts: Facts) -> Moves:
    return [
        ("success", _step(facts.success, ((".95", 15), (".90", 10), (".80", 5)), (".70", -10))),
        ("efficiency", _step(facts.efficiency, ((".95", 10), (".90", 5)), (".80", -5))),
        ("tax_id", 5 if facts.has_tax_id else 0),
        ("incorporation_date", 2 if facts.has_incorporation_date else 0),
    ]


def operational_efficiency(facts: Facts) -> Moves:
    return [
        ("processing", _speed(facts.processing_seconds)),
        ("success", _step(facts.success, ((".95", 10), (".90", 5)), (".80", -10))),
    ]


def governance(facts: Facts) -> Moves:
    levels = {"gold": 15, "premium": 10, "standard": 5}
    passed = 10 if facts.passed_checks >= 5 else 5 if facts.passed_checks >= 3 else 0
    return [
        ("verification_level", levels.get(facts.verification_level, 0)),
        ("status", {"active": 5, "suspended": -20}.get(facts.status, 0)),
        ("legal_form", 5 if facts.has_legal_form else 0),
        ("tax_id", 5 if facts.has_tax_id else 0),
        ("passed_checks", passed),
    ]


def impact_reporting(facts: Facts) -> Moves:
    return [
        ("reported", _step(facts.reported, ((".9", 20), (".7", 15), (".5", 10)), (".3", -10))),
        (
            "well_reported",
            10 if facts.well_reported is not None and facts.well_reported > Decimal("0.5") else 0,
        ),
    ]


def regulatory_compliance(facts: Facts) -> Moves:
    by_status = {"compliant": 10, "minor_issues": -5, "major_issues": -20, "non_compliant": -30}
    return [
        ("tax_id", 0 if facts.has_tax_id else -15),
        ("legal_form", 0 if facts.has_legal_form else -10),
        ("incorporation_date", 0 if facts.has_incorporation_date else -5),
        ("compliance_status", by_status.get(facts.compliance_status, 0)),
        ("failed_checks", -5 * facts.failed_checks),
    ]


def donor_trust(facts: Facts) -> Moves:
    return [
        ("repeat_donors", _step(facts.repeat_donors, ((".3", 15), (".2", 10), (".1", 5)))),
        ("completion", _step(facts.completion, ((".95", 5),), (".8", -10))),
    ]


RULES = {
    "financial_transparency": financial_transparency,
    "operational_efficiency": operational_efficiency,
    "governance": governance,
    "impact_reporting": impact_reporting,
    "regulatory_compliance": regulatory_compliance,
    "donor_trust": donor_trust,
}


def _step(
    value: Decimal | None, ups: tuple[tuple[str, int], ...], down: tuple[str, int] | None = None
) -> int:
    """Return the points of the first bound the value reaches, or the loss below the last one."""
    if value is None:
        return 0
    reached = next((points for bound, points in ups if value >= Decimal(bound)), 0)
    return down[1] if down and value < Decimal(down[0]) else reached


def _speed(seconds: Decimal | None) -> int:
    if seconds is None:
        return 0
    reached = next((points for bound, points in ((60, 15), (300, 10), (600, 5)) if seconds <= bound), 0)
    return -10 if seconds > 1800 else reached


def _clamped(value: int) -> int:
    return min(max(value, 0), 100)
