"""The rules in force, ready to be asked. Cached, because every movement asks: a change counts at once where it is
made, and within a minute everywhere else."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache

from donations.models import RiskRule
from donations.queries import compliance_settings
from donations.rules.conditions import parse
from donations.rules.engine import VERSION, Levels, Rule
from donations.rules.facts import SUBJECTS

RULES_KEY, RULES_CACHED_FOR = "risk-rules", 60  # seconds


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one kind of movement with the settings their thresholds come from."""

    rules: tuple[Rule, ...]
    levels: Levels
    settings_version: int
    fingerprint: str

    @property
    def needs(self) -> frozenset[str]:
        return frozenset().union(*(rule.condition.facts for rule in self.rules))


def rule_set(subject: str) -> RuleSet:
    sets: dict[str, RuleSet] = cache.get_or_set(RULES_KEY, _read, RULES_CACHED_FOR) or _read()
    return sets[subject]


def forget() -> None:
    cache.delete(RULES_KEY)


def built(rows: Iterable[RiskRule], settings: compliance_settings.Settings) -> RuleSet:
    rules = tuple(ready(row, settings) for row in rows)
    named = sorted(f"{rule.code}:{rule.version}:{rule.is_on_trial}" for rule in rules)
    digest = hashlib.sha256("|".join([VERSION, str(settings.version), *named]).encode()).hexdigest()
    levels = Levels(review_from=settings.number("system_settings.manual_review_required_threshold"))
    return RuleSet(rules, levels, settings.version, digest[:16])


def ready(row: RiskRule, settings: compliance_settings.Settings) -> Rule:
    return Rule(
        code=row.code,
        version=row.version,
        condition=parse(row.conditions, subject=row.subject, number=settings.number),
        action=row.action,
        score=row.score,
        is_weak=row.is_weak,
        is_on_trial=row.status == RiskRule.Status.SHADOW,
    )


def _read() -> dict[str, RuleSet]:
    settings = compliance_settings.current()
    rows = list(RiskRule.objects.evaluated().order_by("code", "version"))
    return {subject: built([row for row in rows if row.subject == subject], settings) for subject in SUBJECTS}
