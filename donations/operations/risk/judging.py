"""Judging a movement by the rules in force, and keeping what was decided."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from donations.models import PaymentIntent, RiskDecision, RiskRule, RiskSubject
from donations.queries import compliance_settings, risk_rules
from donations.queries.risk_facts import gather
from donations.rules.engine import Action, Decision, decide, failed
from donations.rules.facts import Movement, plain
from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.errors import DomainError
from goodplay.lib.money import ZERO

__all__ = ["FraudDetected", "Judgement", "Movement", "judge", "judge_anew", "keep", "replay", "top_up"]

logger = structlog.get_logger("goodplay.risk")


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision with what it was made of."""

    movement: Movement
    decision: Decision
    facts: dict[str, Any]
    rules: list[list[Any]]
    ruleset: str
    settings_version: int
    now: datetime

    @property
    def holds(self) -> bool:
        return self.decision.action == Action.REVIEW

    @property
    def blocks(self) -> bool:
        return self.decision.action == Action.BLOCK

    @property
    def stops(self) -> bool:
        """Say whether the movement must wait: money that is here already cannot be refused any more."""
        return self.holds or self.blocks

    @property
    def codes(self) -> list[str]:
        return self.decision.codes


class FraudDetected(DomainError):
    """A rule refuses the movement. It is undone, so what was decided is kept by whoever catches this for good."""

    code = "FRAUD_DETECTION_TRIGGERED"
    message = _(
        "This was refused for safety. Nothing was moved; please write to us if you think it is a mistake."
    )

    def __init__(self, judgement: Judgement | None = None) -> None:
        super().__init__()
        self.judgement = judgement

    def settle(self) -> None:
        if self.judgement is not None:
            keep(self.judgement)


def top_up(intent: PaymentIntent) -> Movement:
    return Movement(RiskSubject.TOP_UP.value, intent.pk, intent.player_id, intent.amount)


def judge(*, movement: Movement, now: datetime) -> Judgement:
    """Ask the rules about a movement; nothing is written. What cannot be judged waits for a person."""
    rules = risk_rules.rule_set(movement.subject)
    facts: dict[str, Any] = {}
    try:
        facts = dict(gather(movement=movement, needed=rules.needs, now=now))
        decision = decide(facts=facts, rules=rules.rules, levels=rules.levels)
    except DatabaseError:
        raise  # the transaction is lost, and the movement with it
    except Exception:
        logger.exception("risk facts failed", subject=movement.subject, subject_id=str(movement.subject_id))
        decision = failed()
    asked = [[rule.code, rule.version, rule.is_on_trial] for rule in rules.rules]
    return Judgement(movement, decision, plain(facts), asked, rules.fingerprint, rules.settings_version, now)


def keep(judgement: Judgement) -> RiskDecision | None:
    """Store what was decided, unless no rule had anything to say; tell the staff when it could not be judged."""
    decision, movement = judgement.decision, judgement.movement
    if decision.is_plain_allow:
        return None
    if decision.has_failed:
        _alert(judgement)
    return RiskDecision.objects.create(
        subject=movement.subject,
        subject_id=movement.subject_id,
        player_id=movement.player_id,
        amount=movement.amount,
        action=decision.action.value,
        score=decision.score,
        level=decision.level,
        reasons=[asdict(reason) for reason in decision.reasons],
        shadow_reasons=[asdict(reason) for reason in decision.shadow_reasons],
        facts=judgement.facts,
        rules=judgement.rules,
        ruleset=judgement.ruleset,
        settings_version=judgement.settings_version,
        has_failed=decision.has_failed,
        created_at=judgement.now,
    )


def replay(stored: RiskDecision) -> Decision:
    """Decide again by the same versions of rules and settings over the facts that were stored."""
    return _decide_by(stored, stored.facts)


def judge_anew(stored: RiskDecision, *, known: Mapping[str, Any], now: datetime) -> Judgement:
    """Judge a stored movement by the rules of then, with what is `known` now in place of what was not then."""
    facts = {**stored.facts, **known}
    movement = Movement(
        stored.subject,
        stored.subject_id,
        stored.player_id,
        stored.amount if stored.amount is not None else ZERO,
    )
    decision = _decide_by(stored, facts)
    return Judgement(movement, decision, facts, stored.rules, stored.ruleset, stored.settings_version, now)


def _decide_by(stored: RiskDecision, facts: Mapping[str, Any]) -> Decision:
    settings = compliance_settings.of_version(stored.settings_version)
    asked = {(code, version): is_on_trial for code, version, is_on_trial in stored.rules}
    rows = RiskRule.objects.filter(subject=stored.subject, code__in={code for code, _version in asked})
    rules = [
        replace(risk_rules.ready(row, settings), is_on_trial=asked[row.code, row.version])
        for row in rows
        if (row.code, row.version) in asked
    ]
    levels = risk_rules.built([], settings).levels
    return decide(facts=facts, rules=rules, levels=levels)


def _alert(judgement: Judgement) -> None:
    movement = judgement.movement
    raise_alert(
        area="compliance",
        alert_type="risk_facts_failed",
        severity="high",
        title=_("Movements cannot be judged"),
        message=_("Facts for the risk rules are missing, so these movements wait for a person."),
        dedupe_key=f"risk-facts-{movement.subject}",
        data={"subject": movement.subject, "subject_id": str(movement.subject_id)},
        source="risk",
        now=judgement.now,
    )
