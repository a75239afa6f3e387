"""Changing the rules: written by one person, tried, back-tested, and put in force by another."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import RiskRule, RuleBacktest
from donations.queries import compliance_settings, risk_rules
from donations.rules.conditions import ConditionsInvalid, parse
from donations.rules.facts import BATCH, DONATION, SESSION, TOP_UP
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import request_approval
from goodplay.lib.audit import trail
from goodplay.lib.db import transaction_lock
from goodplay.lib.errors import Conflict, DomainError

PUBLISH, RETIRE = "risk_rule_publish", "risk_rule_retire"
Status = RiskRule.Status
MAY_BLOCK = (SESSION, DONATION, TOP_UP, BATCH)


class RuleNotValid(DomainError):
    code = "RISK_RULE_INVALID"

    def __init__(self, problem: str) -> None:
        super().__init__()
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


class RuleNotDraft(Conflict):
    code = "RISK_RULE_NOT_DRAFT"
    message = _("Only a draft or a rule on trial can be put in force.")


class RuleNotInForce(Conflict):
    code = "RISK_RULE_NOT_ACTIVE"
    message = _("This rule is not in force.")


class BacktestMissing(Conflict):
    code = "RISK_RULE_BACKTEST_REQUIRED"
    message = _("Test the rule on past movements first: the one who approves reads what it would have hit.")


@transaction.atomic
def write_rule(
    *,
    subject: str,
    code: str,
    name: str,
    conditions: Any,
    action: str,
    score: int,
    is_weak: bool = False,
    description: str = "",
    author: User,
    now: datetime,
) -> RiskRule:
    """Store a draft: the first version of a rule, or the next of one there is. Raises RuleNotValid."""
    _refuse_invalid(subject=subject, conditions=conditions, action=action, score=score, is_weak=is_weak)
    transaction_lock(f"risk rule {subject} {code}")
    latest = RiskRule.objects.filter(subject=subject, code=code).order_by("-version").first()
    rule = RiskRule.objects.create(
        subject=subject,
        code=code,
        version=latest.version + 1 if latest else 1,
        name=name,
        description=description,
        conditions=conditions,
        action=action,
        score=score,
        is_weak=is_weak,
        created_by=author,
        created_at=now,
    )
    _note(rule, "risk_rule_write", author, now, before=_content(latest) if latest else {})
    return rule


@transaction.atomic
def put_on_trial(*, rule: RiskRule, actor: User, now: datetime) -> RiskRule:
    """Let the rule be asked about every movement; what it says is stored and has no effect."""
    row = _locked(rule)
    if row.status != Status.DRAFT:
        raise RuleNotDraft
    return _step(row, Status.SHADOW, actor, now)


@transaction.atomic
def withdraw_trial(*, rule: RiskRule, actor: User, now: datetime) -> RiskRule:
    row = _locked(rule)
    if row.status != Status.SHADOW:
        raise RuleNotDraft
    return _step(row, Status.DRAFT, actor, now)


@transaction.atomic
def request_publishing(
    *, rule: RiskRule, requested_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    """Ask a second person to put the rule in force. Raises RuleNotDraft, BacktestMissing."""
    row = _locked(rule)
    return request_approval(
        kind=PUBLISH,
        target=row,
        facts=_publishing(row),
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def publish(*, request: ApprovalRequest, now: datetime) -> dict[str, Any]:
    """Put the rule in force in place of the version before."""
    row = _locked(RiskRule.objects.get(pk=request.target_id))
    if _publishing(row) != request.facts:
        raise Conflict
    transaction_lock(f"risk rule {row.subject} {row.code}")
    before = RiskRule.objects.filter(subject=row.subject, code=row.code, status=Status.ACTIVE)
    before.update(status=Status.RETIRED, retired_at=now)
    row.status, row.published_by, row.published_at = Status.ACTIVE, request.decided_by, now
    row.save(update_fields=["status", "published_by", "published_at"])
    _changed()
    return {"rule": str(row)}


@transaction.atomic
def request_retirement(
    *, rule: RiskRule, requested_by: User, reason: str, now: datetime, address: str = ""
) -> ApprovalRequest:
    row = _locked(rule)
    if row.status != Status.ACTIVE:
        raise RuleNotInForce
    return request_approval(
        kind=RETIRE,
        target=row,
        facts=_content(row),
        requested_by=requested_by,
        reason=reason,
        now=now,
        address=address,
    )


@transaction.atomic
def retire(*, request: ApprovalRequest, now: datetime) -> dict[str, Any]:
    row = _locked(RiskRule.objects.get(pk=request.target_id))
    if row.status != Status.ACTIVE:
        raise RuleNotInForce
    row.status, row.retired_at = Status.RETIRED, now
    row.save(update_fields=["status", "retired_at"])
    _changed()
    return {"rule": str(row)}


# The steps ------------------------------------------------------------------------------------------------------


def _refuse_invalid(*, subject: str, conditions: Any, action: str, score: int, is_weak: bool) -> None:
    try:
        parse(conditions, subject=subject, number=compliance_settings.current().number)
    except ConditionsInvalid as error:
        raise RuleNotValid(str(error)) from error
    if not 0 <= score <= 100:
        raise RuleNotValid(str(_("A score is between 0 and 100.")))
    if action == RiskRule.Action.BLOCK and subject not in MAY_BLOCK:
        raise RuleNotValid(str(_("What is owed to an organisation can only wait for a review.")))
    if is_weak and action != RiskRule.Action.SCORE:
        raise RuleNotValid(str(_("A weak signal only adds to the score.")))


def _publishing(row: RiskRule) -> dict[str, Any]:
    """Tell the rule as the second person reads it, with the test that speaks for it."""
    if row.status not in (Status.DRAFT, Status.SHADOW):
        raise RuleNotDraft
    test = RuleBacktest.objects.filter(rule=row).order_by("-created_at", "-id").first()
    if test is None:
        raise BacktestMissing
    hits = f"{test.hit_count} of {test.looked_at} movements, {test.known_count} of them known"
    return {**_content(row), "back_test": hits}


def _content(row: RiskRule) -> dict[str, Any]:
    return {
        "rule": str(row),
        "subject": str(row.subject),
        "conditions": row.conditions,
        "action": str(row.action),
        "score": row.score,
        "is_weak": row.is_weak,
    }


def _locked(rule: RiskRule) -> RiskRule:
    return RiskRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)


def _step(row: RiskRule, status: Status, actor: User, now: datetime) -> RiskRule:
    before = row.status
    row.status = status
    row.save(update_fields=["status"])
    _note(row, f"risk_rule_{status.value}", actor, now, before={"status": str(before)})
    _changed()
    return row


def _changed() -> None:
    transaction.on_commit(risk_rules.forget)


def _note(row: RiskRule, action: str, actor: User, now: datetime, *, before: dict[str, Any]) -> None:
    trail.record(
        actor=actor,
        action=action,
        target=row,
        before=before,
        after={**_content(row), "status": str(row.status)},
        now=now,
    )
