"""Running a check: what is known about the person is gathered, judged, and stored whatever comes of it.

It fails closed: what cannot be gathered waits for a person and never passes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import ComplianceCheck, Donation, PaymentIntent, ScreenedSubject
from donations.operations.compliance.checks import open_check
from donations.queries import compliance_settings, risk_rules
from donations.queries.risk_facts import gather, sanctions
from donations.rules.engine import FACTS_UNAVAILABLE, decide
from donations.rules.facts import DONATION, Movement
from goodplay.lib.errors import NotFound
from goodplay.lib.ids import NO_ID
from goodplay.lib.money import ZERO

Status = ComplianceCheck.Status
Type = ComplianceCheck.Type
State = ScreenedSubject.State
STRUCTURING, VELOCITY = "potential_structuring", "high_transaction_velocity"
REVIEW_OVER, FRAUD_OVER = 60, 80
FORCED_OVER = "system_settings.manual_review_required_threshold"
HIT_SCORE = Decimal(80)

logger = structlog.get_logger("goodplay.compliance")


class SubjectNotFound(NotFound):
    code = "USER_NOT_FOUND"
    message = _("There is no such player.")


class TransactionNotFound(NotFound):
    code = "TRANSACTION_NOT_FOUND"
    message = _("This player has no such movement.")


@dataclass(frozen=True, slots=True)
class Risk:
    """What the money rules say about a person's last movements."""

    score: int
    level: str
    factors: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What one kind of check found. `score` and `level` replace those of the money rules where it has its own."""

    status: str
    results: dict[str, Any]
    sources: list[str]
    score: Decimal | None = None
    level: str | None = None
    factors: list[str] = field(default_factory=list)


Look = Callable[[User, Risk, datetime], Finding]


@transaction.atomic
def run_check(
    *,
    user_id: UUID,
    check_type: str,
    reason: str,
    now: datetime,
    transaction_id: UUID | None = None,
    criteria: dict[str, Any] | None = None,
    started_by: User | None = None,
) -> ComplianceCheck:
    """Look at a person now. Raises SubjectNotFound, TransactionNotFound."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise SubjectNotFound
    risk = _risk(user, transaction_id, now)
    finding = _found(user, check_type, risk, now)
    score = Decimal(risk.score) if finding.score is None else finding.score
    forced = risk.has_failed or score > compliance_settings.current().number(FORCED_OVER)
    return open_check(
        user=user,
        check_type=check_type,
        risk_level=finding.level or risk.level,
        risk_score=score,
        risk_factors=[*risk.factors, *finding.factors],
        results={**finding.results, "facts": risk.facts},
        reason=reason,
        transaction_id=transaction_id,
        status=Status.REQUIRES_REVIEW if forced else finding.status,
        criteria=criteria,
        sources=finding.sources,
        started_by=started_by,
        now=now,
    )


def player_named(email: str) -> User:
    """Return the player with this address. Raises SubjectNotFound."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise SubjectNotFound
    return user


# Risk -----------------------------------------------------------------------------------------------------------


def _risk(user: User, transaction_id: UUID | None, now: datetime) -> Risk:
    movement = Movement(
        subject=DONATION,
        subject_id=transaction_id or NO_ID,
        player_id=user.pk,
        amount=_amount(user, transaction_id),
        given={"origin": ""},
    )
    rules = risk_rules.rule_set(DONATION)
    try:
        facts = dict(gather(movement=movement, needed=rules.needs, now=now))
        decision = decide(facts=facts, rules=rules.rules, levels=rules.levels)
    except DatabaseError:
        raise  # the transaction is lost; nothing is stored as passed
    except Exception:
        logger.exception("facts of a compliance check failed", user_id=str(user.pk))
        return Risk(50, "high", [FACTS_UNAVAILABLE], has_failed=True)
    shown = {name: str(value) for name, value in facts.items()}
    return Risk(decision.score, decision.level, decision.codes, shown)


def _amount(user: User, transaction_id: UUID | None) -> Decimal:
    if transaction_id is None:
        return ZERO
    gift = Donation.objects.filter(pk=transaction_id, donor=user).values_list("amount", flat=True).first()
    paid = PaymentIntent.objects.filter(pk=transaction_id, player=user).values_list("amount", flat=True)
    amount = gift if gift is not None else paid.first()
    if amount is None:
        raise TransactionNotFound
    return amount


# The kinds ------------------------------------------------------------------------------------------------------


def _found(user: User, check_type: str, risk: Risk, now: datetime) -> Finding:
    if check_type in (Type.SANCTIONS, Type.PEP):
        return _screened(user, check_type, now)
    return _LOOKS[Type(check_type)](user, risk, now)


def _aml(user: User, risk: Risk, now: datetime) -> Finding:
    suspicious = risk.score > REVIEW_OVER or {STRUCTURING, VELOCITY} & set(risk.factors)
    results = {
        "structuring": STRUCTURING in risk.factors,
        "velocity": VELOCITY in risk.factors,
        "score": risk.score,
    }
    return Finding(Status.REQUIRES_REVIEW if suspicious else Status.PASSED, results, ["ledger"])


def _kyc(user: User, risk: Risk, now: datetime) -> Finding:
    known = {
        "email_confirmed": user.is_verified,
        "first_name": bool(user.first_name.strip()),
        "last_name": bool(user.last_name.strip()),
    }
    complete = all(known.values()) and risk.level == "low"
    missing = [f"missing_{name}" for name, there in known.items() if not there]
    return Finding(Status.PASSED if complete else Status.REQUIRES_REVIEW, known, ["account"], factors=missing)


def _fraud(user: User, risk: Risk, now: datetime) -> Finding:
    indicators = [VELOCITY] if VELOCITY in risk.factors else []
    if risk.score > FRAUD_OVER:
        indicators.append("score")
    results = {"indicators": indicators, "suggestion": "fail" if len(indicators) > 1 else "pass"}
    return Finding(Status.REQUIRES_REVIEW if indicators else Status.PASSED, results, ["ledger"])


def _tax(user: User, risk: Risk, now: datetime) -> Finding:
    """Leave tax to a person, always: no source here knows it."""
    return Finding(Status.REQUIRES_REVIEW, {"decided_by": "person"}, [])


def _screened(user: User, check_type: str, now: datetime) -> Finding:
    """Ask what the lists say of the person. Who was not screened does not pass; nor does anybody pass as not exposed
    politically without a person."""
    switch = f"aml_rules.{check_type}_screening_enabled"
    if not compliance_settings.current().flag(switch):
        return Finding(Status.REQUIRES_REVIEW, {"screening": "off"}, [], factors=["not_screened"])
    movement = Movement(subject=DONATION, subject_id=NO_ID, player_id=user.pk, amount=ZERO)
    try:
        state = sanctions.facts(user.pk, movement, now)["sanctions_state"]
    except DatabaseError:
        raise
    except Exception:
        logger.exception("screening failed", user_id=str(user.pk))
        return Finding(Status.REQUIRES_REVIEW, {"screening": "failed"}, [], factors=["not_screened"])
    results, sources = {"screening": state}, ["lists"]
    if state in (State.OPEN, State.CONFIRMED):
        return Finding(
            Status.REQUIRES_REVIEW, results, sources, HIT_SCORE, "critical", [f"{check_type}_{state}"]
        )
    if state != State.CLEAR:
        return Finding(Status.REQUIRES_REVIEW, results, sources, factors=["not_screened"])
    passes = check_type == Type.SANCTIONS
    return Finding(Status.PASSED if passes else Status.REQUIRES_REVIEW, results, sources)


_LOOKS: dict[Type, Look] = {
    Type.AML: _aml,
    Type.KYC: _kyc,
    Type.FRAUD: _fraud,
    Type.TAX_COMPLIANCE: _tax,
}
