"""Assessing organisations: the score, what is wrong, what would help, and who has to know."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from accounts.operations import standing
from accounts.operations.application_states import refuse_own
from donations.models import ComplianceAssessment, ComplianceIssue, ComplianceRecommendation
from donations.queries import assessment_score as formula
from donations.queries.assessments import (
    at_risk,
    due_for_assessment,
    facts_of,
    forget_top_performers,
    open_issues,
    overdue,
)
from donations.signals import critical_issue_opened
from goodplay.lib.alerts.models import Area, Severity
from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict, DomainError

PERIOD_MONTHS = (1, 60)
NEXT_AFTER = timedelta(days=90)
TASK_BELOW = 50
MOST_OVERDUE_ALERTS = 10
MONTH = timedelta(days=365) / 12


class PeriodInvalid(DomainError):
    code = "INVALID_PERIOD"
    message = _("Assess 1 to 60 months.")


class AlreadyVerified(Conflict):
    code = "ASSESSMENT_ALREADY_VERIFIED"
    message = _("Somebody verified this assessment already.")


class AlreadyResolved(Conflict):
    code = "COMPLIANCE_ISSUE_ALREADY_RESOLVED"
    message = _("This issue is resolved already.")


@transaction.atomic
def assess(
    *, onlus: Onlus, now: datetime, months: int = 12, assessor: User | None = None, address: str = ""
) -> ComplianceAssessment:
    """Assess an organisation over the last months, and let everything follow: status, issues, recommendations, alerts.

    Locks the organisation: of two at once the later one becomes the current assessment.
    """
    if not PERIOD_MONTHS[0] <= months <= PERIOD_MONTHS[1]:
        raise PeriodInvalid
    row = Onlus.objects.select_for_update(of=("self",), no_key=True).get(pk=onlus.pk)
    start = now - months * MONTH
    facts = facts_of(row, start, now)
    found = formula.score(facts)
    _settle_issues(row, formula.issues(facts), now)
    _settle_recommendations(row, found.recommendations(), now)
    ComplianceAssessment.objects.filter(onlus=row, is_current=True).update(is_current=False)
    assessment = ComplianceAssessment.objects.create(
        onlus=row,
        period_start=start,
        period_end=now,
        overall_score=found.overall,
        categories=found.categories,
        level=found.level,
        risk_level=formula.risk(found.overall, _open_severities(row)),
        formula_version=formula.VERSION,
        assessor=assessor,
        assessed_at=now,
        next_due_at=now + NEXT_AFTER,
    )
    standing.note_assessment(
        onlus=row,
        status=found.status,
        scores={
            "compliance_score": found.overall,
            "transparency_score": found.of("financial_transparency"),
            "impact_score": found.of("impact_reporting"),
        },
    )
    forget_top_performers()
    if found.overall < TASK_BELOW:
        _alert_of_task(row, assessment, now)
    if assessor is not None:
        after = {"overall_score": str(found.overall), "level": found.level}
        trail.record(
            actor=assessor,
            action="compliance_assess",
            target=assessment,
            after=after,
            address=address,
            now=now,
        )
    return assessment


def assess_due(*, now: datetime) -> int:
    """Assess every organisation whose assessment is due, each in its own transaction; return how many."""
    rows = list(due_for_assessment(now))
    for onlus in rows:
        assess(onlus=onlus, now=now)
    return len(rows)


@transaction.atomic
def watch(*, now: datetime) -> int:
    """Raise an alert for each organisation at risk, and for assessments long overdue; each once. Return how many."""
    risky = list(at_risk())
    for assessment in risky:
        is_critical = assessment.risk_level == ComplianceAssessment.Risk.CRITICAL
        _alert(
            "onlus_at_risk",
            Severity.CRITICAL if is_critical else Severity.HIGH,
            f"{assessment.onlus}: risk {assessment.risk_level}, score {assessment.overall_score}",
            assessment,
            now,
        )
    late = list(overdue(now)[:MOST_OVERDUE_ALERTS])
    for assessment in late:
        title = f"{assessment.onlus}: assessment overdue since {assessment.next_due_at:%Y-%m-%d}"
        _alert("assessment_overdue", Severity.MEDIUM, title, assessment, now)
    return len(risky) + len(late)


@transaction.atomic
def verify(
    *, assessment: ComplianceAssessment, actor: User, notes: str, now: datetime, address: str = ""
) -> ComplianceAssessment:
    """Confirm an assessment by a person who read it."""
    refuse_own(assessment.onlus, actor)
    waiting = ComplianceAssessment.objects.filter(pk=assessment.pk, verified_at=None)
    if not claim(waiting, verified_at=now, verified_by=actor, verification_notes=notes.strip()):
        raise AlreadyVerified
    assessment.refresh_from_db()
    trail.record(
        actor=actor,
        action="compliance_assessment_verify",
        target=assessment,
        reason=notes,
        address=address,
        now=now,
    )
    return assessment


@transaction.atomic
def open_issue(
    *,
    onlus: Onlus,
    issue_type: str,
    description: str,
    severity: str,
    category: str,
    actor: User,
    now: datetime,
    address: str = "",
) -> ComplianceIssue:
    """Write down what staff found. The organisation reads the description on its page."""
    issue = ComplianceIssue.objects.create(
        onlus=onlus,
        issue_type=issue_type,
        description=description.strip(),
        severity=ComplianceIssue.Severity(severity),
        category=category,
        opened_by=actor,
        identified_at=now,
    )
    _announce_critical(issue)
    after = {"onlus": str(onlus.pk), "severity": severity, "description": issue.description}
    trail.record(
        actor=actor, action="compliance_issue_open", target=issue, after=after, address=address, now=now
    )
    return issue


@transaction.atomic
def resolve_issue(
    *, issue: ComplianceIssue, actor: User, notes: str, now: datetime, address: str = ""
) -> ComplianceIssue:
    refuse_own(issue.onlus, actor)
    waiting = ComplianceIssue.objects.open().filter(pk=issue.pk)
    if not claim(waiting, resolved_at=now, resolved_by=actor, resolution_notes=notes.strip()):
        raise AlreadyResolved
    issue.refresh_from_db()
    trail.record(
        actor=actor, action="compliance_issue_resolve", target=issue, reason=notes, address=address, now=now
    )
    return issue


# The steps -------------------------------------------------------------------------------------------------------


def _settle_issues(onlus: Onlus, found: Mapping[str, tuple[str, str]], now: datetime) -> None:
    """Open what is found anew, let what stays stay, and resolve what is found no more."""
    known = {each.issue_type: each for each in open_issues(onlus.pk).filter(opened_by=None)}
    for name, issue in known.items():
        if name not in found:
            issue.resolved_at = now
            issue.save(update_fields=["resolved_at"])
        elif issue.severity != found[name][0]:
            issue.severity = found[name][0]
            issue.save(update_fields=["severity"])
            _announce_critical(issue)
    for name in found.keys() - known.keys():
        severity, category = found[name]
        issue = ComplianceIssue.objects.create(
            onlus=onlus, issue_type=name, severity=severity, category=category, identified_at=now
        )
        _announce_critical(issue)


def _settle_recommendations(onlus: Onlus, wanted: Mapping[str, int], now: datetime) -> None:
    open_ones = ComplianceRecommendation.objects.filter(onlus=onlus, done_at=None)
    open_ones.exclude(category__in=wanted).update(done_at=now)
    known = set(open_ones.values_list("category", flat=True))
    ComplianceRecommendation.objects.bulk_create(
        ComplianceRecommendation(onlus=onlus, category=name, expected_gain=gain, suggested_at=now)
        for name, gain in wanted.items()
        if name not in known
    )


def _open_severities(onlus: Onlus) -> list[str]:
    return list(open_issues(onlus.pk).values_list("severity", flat=True))


def _announce_critical(issue: ComplianceIssue) -> None:
    if issue.severity == ComplianceIssue.Severity.CRITICAL:
        critical_issue_opened.announce(issue=issue)


def _alert_of_task(onlus: Onlus, assessment: ComplianceAssessment, now: datetime) -> None:
    title = f"{onlus}: score {assessment.overall_score}, decide whether it stays open"
    _alert("onlus_score_below_50", Severity.CRITICAL, title, assessment, now)


def _alert(
    alert_type: str, severity: Severity, title: str, assessment: ComplianceAssessment, now: datetime
) -> None:
    raise_alert(
        area=Area.COMPLIANCE,
        alert_type=alert_type,
        severity=severity,
        title=title,
        dedupe_key=f"{alert_type}:{assessment.onlus_id}",
        source="compliance_assessment",
        now=now,
        data={"onlus_id": str(assessment.onlus_id), "score": str(assessment.overall_score)},
    )
