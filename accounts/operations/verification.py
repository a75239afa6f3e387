"""The checks of an application: opened when its review begins, answered by the house or by people."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Avg
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import BlockedAddress, Onlus, OnlusApplication, RiskLevel, User, VerificationCheck
from accounts.operations.application_states import DECIDE_RISKY, locked, note, reviewing
from accounts.operations.escalation import escalate
from accounts.queries.applications import checks_for, missing_documents, risk_of
from accounts.signals import verification_opened
from goodplay.lib.errors import AccessDenied, Conflict, DomainError, NotFound
from goodplay.lib.iban import NotIban, validate_iban

Type = VerificationCheck.Type
State = VerificationCheck.Status
Severity = VerificationCheck.Severity

HOLDS_FOR = timedelta(days=365)
LARGE_BUDGET = Decimal(10_000_000)
ESCALATED_BUDGET = Decimal(5_000_000)
QUICKLY = timedelta(days=1)

WEIGHTS = {
    "blocked_address": Decimal("0.9"),
    "duplicate_tax_id": Decimal("0.8"),
    "invalid_bank_account": Decimal("0.7"),
    "many_applications": Decimal("0.6"),
    "odd_email": Decimal("0.4"),
    "incomplete_papers": Decimal("0.3"),
}
"""How much each sign of fraud weighs; from 0.3 on the risk is medium, from 0.5 high, from 0.7 critical."""
_PLAIN_SIGNS = frozenset({"short_name", "no_website", "large_budget"})
_ORDER = [RiskLevel.UNKNOWN, RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH, RiskLevel.CRITICAL]
_SEVERITY = {
    RiskLevel.UNKNOWN: Severity.INFO,
    RiskLevel.LOW: Severity.INFO,
    RiskLevel.MEDIUM: Severity.WARNING,
    RiskLevel.HIGH: Severity.ERROR,
    RiskLevel.CRITICAL: Severity.CRITICAL,
}
_FEW_LETTERS = re.compile(r"\d{5,}|^[^a-z]+$")
_THROWN_AWAY = ("mailinator", "guerrillamail", "yopmail", "tempmail", "10minutemail", "trashmail")


class CheckNotFound(NotFound):
    code = "VERIFICATION_CHECK_NOT_FOUND"
    message = _("There is no such check.")


class CheckAlreadyCompleted(Conflict):
    code = "CHECK_ALREADY_COMPLETED"
    message = _("This check was answered already.")


class ResultSummaryRequired(DomainError):
    code = "RESULT_SUMMARY_REQUIRED"
    message = _("Say in a sentence what you found.")


class ScoreInvalid(DomainError):
    code = "CHECK_SCORE_INVALID"
    message = _("A score lies between 0 and what can be reached.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the house found out by itself."""

    status: str
    risk: RiskLevel
    score: Decimal | None
    summary: str
    details: dict[str, Any]


# Opening ---------------------------------------------------------------------------------------------------------


def open_checks(application: OnlusApplication, *, now: datetime) -> list[VerificationCheck]:
    """Open the checks of the application's field of work that are not there, and answer what the house can.

    In the caller's transaction. What people answered stays; the sanctions lists are asked after the commit.
    """
    there = set(application.verification_checks.values_list("check_type", flat=True))
    VerificationCheck.objects.bulk_create(
        VerificationCheck(
            application=application,
            check_type=kind,
            automated=kind in VerificationCheck.AUTOMATIC,
            created_at=now,
        )
        for kind in checks_for(application.category_id)
        if kind not in there
    )
    checks = list(application.verification_checks.order_by("check_type"))
    answers = {
        Type.LEGAL_STATUS: _legal_status,
        Type.TAX_EXEMPT_STATUS: _tax_status,
        Type.FRAUD_SCREENING: fraud_screening,
    }
    for check in checks:
        answer = answers.get(Type(check.check_type))
        if answer is not None and check.performed_by_id is None:
            _keep(check, answer(application, now), now)
    refresh_risk(application, now=now)
    verification_opened.announce(application=application)
    return checks


def _keep(check: VerificationCheck, answer: Answer, now: datetime) -> None:
    is_over = answer.status in VerificationCheck.OVER
    check.status, check.risk_level, check.severity = answer.status, answer.risk, _SEVERITY[answer.risk]
    check.score, check.result_summary, check.detailed_results = answer.score, answer.summary, answer.details
    check.follow_up_required = answer.risk in (RiskLevel.HIGH, RiskLevel.CRITICAL)
    check.completed_at, check.expires_at = (now, now + HOLDS_FOR) if is_over else (None, None)
    check.save()


def _legal_status(application: OnlusApplication, now: datetime) -> Answer:
    facts = {
        "legal_form": bool(application.legal_entity_type),
        "tax_id": bool(application.tax_id),
        "incorporation_date": application.incorporation_date is not None,
    }
    there = sum(facts.values())
    risk = {3: RiskLevel.LOW, 2: RiskLevel.MEDIUM}.get(there, RiskLevel.HIGH)
    score = (Decimal(there) * 100 / 3).quantize(Decimal("0.01"))
    summary = gettext("%(count)s of 3 facts are there: legal form, codice fiscale, day of foundation.")
    status = State.FAILED if risk == RiskLevel.HIGH else State.COMPLETED
    return Answer(status, risk, score, summary % {"count": there}, facts)


def _tax_status(application: OnlusApplication, now: datetime) -> Answer:
    if application.tax_id:
        summary = gettext("The codice fiscale is there and its check digit is right.")
        return Answer(State.COMPLETED, RiskLevel.LOW, Decimal(100), summary, {"tax_id": True})
    summary = gettext("There is no codice fiscale.")
    return Answer(State.FAILED, RiskLevel.HIGH, Decimal(0), summary, {"tax_id": False})


# Signs of fraud --------------------------------------------------------------------------------------------------


def fraud_screening(application: OnlusApplication, now: datetime) -> Answer:
    """Weigh the signs of fraud: the plain ones are counted, the others weighed; the worse of both counts."""
    signs = {name for name, there in _signs(application, now) if there}
    weight = min(Decimal(1), sum((WEIGHTS.get(sign, Decimal(0)) for sign in signs), Decimal(0)))
    risk = max(_risk_of_count(len(signs & _PLAIN_SIGNS)), _risk_of_weight(weight), key=_ORDER.index)
    status = {RiskLevel.CRITICAL: State.FAILED, RiskLevel.HIGH: State.MANUAL_REVIEW_REQUIRED}.get(
        risk, State.COMPLETED
    )
    named = ", ".join(sorted(signs)) or gettext("none")
    summary = gettext("Signs: %(signs)s; weight %(weight)s.") % {"signs": named, "weight": weight}
    details = {"signs": sorted(signs), "weight": str(weight)}
    return Answer(status, risk, (1 - weight) * 100, summary, details)


def _risk_of_count(count: int) -> RiskLevel:
    return RiskLevel.HIGH if count >= 3 else RiskLevel.MEDIUM if count else RiskLevel.LOW


def _risk_of_weight(weight: Decimal) -> RiskLevel:
    bounds = (("0.7", RiskLevel.CRITICAL), ("0.5", RiskLevel.HIGH), ("0.3", RiskLevel.MEDIUM))
    return next((each for least, each in bounds if weight >= Decimal(least)), RiskLevel.LOW)


def _signs(application: OnlusApplication, now: datetime) -> Iterable[tuple[str, bool]]:
    yield "short_name", len(application.organization_name) < 3
    yield "no_website", not application.website_url
    yield "large_budget", (application.annual_budget or Decimal(0)) > LARGE_BUDGET
    yield "blocked_address", _is_blocked(application)
    yield "duplicate_tax_id", _has_twin(application)
    yield "invalid_bank_account", _has_bad_account(application)
    yield "many_applications", _came_quickly(application)
    yield "odd_email", _has_odd_email(application)
    documents = application.documents.current()
    yield "incomplete_papers", bool(missing_documents(application, documents))


def _is_blocked(application: OnlusApplication) -> bool:
    address = application.address or {}
    place = " ".join(f"{address.get('street', '')} {address.get('postal_code', '')}".lower().split())
    host = application.website_url.partition("//")[2].partition("/")[0].removeprefix("www.").lower()
    email = application.contact_email
    asked = {email, email.partition("@")[2], application.applicant.email, host, place} - {""}
    return BlockedAddress.objects.filter(value__in=asked).exists()


def _has_twin(application: OnlusApplication) -> bool:
    if not application.tax_id:
        return False
    others = OnlusApplication.objects.exclude(pk=application.pk).exclude(
        status__in=[OnlusApplication.Status.WITHDRAWN, OnlusApplication.Status.EXPIRED]
    )
    own = {"applicant_id": application.applicant_id, "status": OnlusApplication.Status.REJECTED}
    others = others.exclude(**own)  # whoever applies again after a rejection is no twin
    taken = Onlus.objects.filter(tax_id=application.tax_id)
    return taken.exists() or others.filter(tax_id=application.tax_id).exists()


def _has_bad_account(application: OnlusApplication) -> bool:
    account = application.bank_account_info or {}
    if not account.get("iban"):
        return False
    try:
        validate_iban(account["iban"])
    except NotIban:
        return True
    return False


def _came_quickly(application: OnlusApplication) -> bool:
    """Say whether the applicant, or the contact address, began more than two applications within a day."""
    since = application.created_at - QUICKLY
    around = OnlusApplication.objects.filter(
        created_at__gte=since, created_at__lte=application.created_at + QUICKLY
    )
    return any(
        around.filter(**same).count() > 2
        for same in (
            {"applicant_id": application.applicant_id},
            {"contact_email": application.contact_email},
        )
    )


def _has_odd_email(application: OnlusApplication) -> bool:
    name, _at, host = application.contact_email.partition("@")
    return bool(_FEW_LETTERS.search(name)) or any(host.startswith(each) for each in _THROWN_AWAY)


# Answering -------------------------------------------------------------------------------------------------------


@transaction.atomic
def answer_check(
    *,
    check: VerificationCheck,
    reviewer: User,
    passed: bool,
    result_summary: str,
    risk_level: str,
    now: datetime,
    score: Decimal | None = None,
    findings: str = "",
    recommendations: str = "",
    external_reference: str = "",
    follow_up_notes: str = "",
    address: str = "",
) -> VerificationCheck:
    """Write down what a person found out. High and critical risks are followed up."""
    if not result_summary.strip():
        raise ResultSummaryRequired
    row, application = _answerable(check, reviewer)
    if score is not None and not 0 <= score <= row.max_score:
        raise ScoreInvalid
    risk = RiskLevel(risk_level)
    row.status = State.COMPLETED if passed else State.FAILED
    row.risk_level, row.severity, row.score = risk, _SEVERITY[risk], score
    row.result_summary, row.performed_by = result_summary.strip(), reviewer
    row.findings = _lines(findings, severity=row.severity, now=now)
    row.recommendations = [line.strip() for line in recommendations.splitlines() if line.strip()]
    row.external_reference = external_reference.strip()
    row.follow_up_notes = follow_up_notes.strip()
    row.follow_up_required = risk in (RiskLevel.HIGH, RiskLevel.CRITICAL)
    row.completed_at, row.expires_at = now, now + HOLDS_FOR
    row.save()
    refresh_risk(application, now=now)
    facts = {"check": row.check_type, "result": row.status, "risk": row.risk_level}
    note(application, reviewer, "check_answer", now=now, address=address, reason=row.result_summary, **facts)
    return row


@transaction.atomic
def skip_check(
    *, check: VerificationCheck, senior: User, reason: str, now: datetime, address: str = ""
) -> VerificationCheck:
    """Leave a check out, with the reason on record. Only a senior person may."""
    if not senior.has_perm(DECIDE_RISKY):
        raise AccessDenied
    if not reason.strip():
        raise ResultSummaryRequired
    row, application = _answerable(check, senior)
    row.status, row.result_summary, row.performed_by = State.SKIPPED, reason.strip(), senior
    row.risk_level, row.score, row.completed_at = RiskLevel.UNKNOWN, None, now
    row.save()
    refresh_risk(application, now=now)
    note(
        application,
        senior,
        "check_skip",
        now=now,
        address=address,
        reason=reason.strip(),
        check=row.check_type,
    )
    return row


def _lines(text: str, *, severity: str, now: datetime) -> list[dict[str, str]]:
    told = [line.strip() for line in text.splitlines() if line.strip()]
    return [
        {"type": "finding", "description": line, "severity": severity, "timestamp": now.isoformat()}
        for line in told
    ]


def _answerable(check: VerificationCheck, actor: User) -> tuple[VerificationCheck, OnlusApplication]:
    """Return the check, its application held, when this person may answer it. What failed may be answered anew."""
    application = reviewing(check.application_id, actor, *OnlusApplication.REVIEWED)
    row = application.verification_checks.filter(pk=check.pk).first()
    if row is None:
        raise CheckNotFound
    if row.status in (State.COMPLETED, State.SKIPPED):
        raise CheckAlreadyCompleted
    return row, application


@transaction.atomic
def report_screening(
    *, application_id: UUID, hits: list[dict[str, Any]], asked: int, vintages: list[str], now: datetime
) -> None:
    """Keep what the sanctions lists answered. A hit is looked at by a person; no list at all as well.

    Does nothing once a person answered the check, or the application is closed.
    """
    application = locked(application_id)
    check = application.verification_checks.filter(check_type=Type.SANCTIONS_SCREENING).first()
    if check is None or check.performed_by_id is not None or not application.is_open:
        return
    details = {"hits": hits, "names": asked, "lists": vintages}
    _keep(check, _screening_answer(hits, asked, vintages, details), now)
    refresh_risk(application, now=now)


def _screening_answer(
    hits: list[dict[str, Any]], asked: int, vintages: list[str], details: dict[str, Any]
) -> Answer:
    if not vintages:
        summary = gettext("No list is loaded: look the names up by hand.")
        return Answer(State.MANUAL_REVIEW_REQUIRED, RiskLevel.UNKNOWN, None, summary, details)
    if hits:
        summary = gettext("%(count)s names resemble entries of the lists: compare them.") % {
            "count": len(hits)
        }
        return Answer(State.MANUAL_REVIEW_REQUIRED, RiskLevel.CRITICAL, Decimal(0), summary, details)
    summary = gettext("None of %(count)s names is on a list.") % {"count": asked}
    return Answer(State.COMPLETED, RiskLevel.LOW, Decimal(100), summary, details)


def refresh_risk(application: OnlusApplication, *, now: datetime) -> None:
    """Sum up the checks: mean score, risk, and whether a senior person must look. In the caller's transaction."""
    checks = list(application.verification_checks.all())
    scored = application.verification_checks.filter(status=State.COMPLETED, score__isnull=False)
    mean = scored.aggregate(mean=Avg("score"))["mean"]
    application.compliance_score = None if mean is None else Decimal(mean).quantize(Decimal("0.01"))
    application.risk_level, application.risk_score = risk_of(checks)
    application.save(update_fields=["compliance_score", "risk_level", "risk_score"])
    if any(each.risk_level == RiskLevel.CRITICAL for each in checks):
        escalate(application, because=gettext("A check found a critical risk."), now=now)
    elif (application.annual_budget or Decimal(0)) > ESCALATED_BUDGET:
        escalate(application, because=gettext("The budget is above five million euros."), now=now)
