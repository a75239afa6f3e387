"""What is measured of sign-ins, staff and fraud, and when it raises an alert."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import measures
from accounts.models import LoginSession, StaffSession, VerificationCheck
from accounts.operations import addresses, application_decisions, application_review, sign_in
from donations import measures as of_money
from donations.models import RiskDecision
from donations.operations import assessments
from goodplay.lib.alerts.models import AlertRule
from goodplay.lib.audit import trail
from goodplay.lib.metrics.registry import MEASURES
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.applications import MONDAY, approved, make_reviewer, submitted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


def test_what_looks_wrong_is_counted():
    boss = StaffFactory()
    for _ in range(20):
        trail.record(actor=boss, action="change", target=boss, now=NOW - timedelta(hours=1))

    assert measures.suspicious_activities(NOW) == 1
    assert measures.suspicious_activities(NOW + timedelta(days=2)) == 0


def test_networks_that_are_kept_out_are_counted_until_they_come_in_again():
    boss = StaffFactory()
    for network in ("203.0.113.0/24", "203.0.114.0/24"):
        row = addresses.block(
            network=network, hours=2, everything=False, reason="Guesses all night.", actor=boss, now=NOW
        )
    addresses.lift(row=row, reason="A mistake.", actor=boss, now=NOW)

    assert measures.blocked_ips(NOW) == 1
    assert measures.blocked_ips(NOW + timedelta(hours=2)) == 0


def test_sign_ins_in_use_are_those_renewed_and_browsers_seen():
    player, boss = UserFactory(), StaffFactory()
    for moment in (NOW, NOW - timedelta(minutes=59), NOW - timedelta(hours=2)):
        sign_in.open_session(user=player, device=sign_in.Device("phone", "127.0.0.1"), now=moment)
        StaffSession.objects.create(user=boss, opened_at=moment, seen_at=moment)
    LoginSession.objects.filter(last_used_at=NOW).update(ended_at=NOW, ended_because="logout")

    assert measures.active_sessions(NOW) == 3


def test_refused_movements_of_a_day_are_fraud_attempts():
    for action, moment in [("block", NOW), ("review", NOW), ("block", NOW - timedelta(days=2))]:
        RiskDecision.objects.create(
            subject="donation",
            subject_id=UserFactory().pk,
            action=action,
            score=90,
            level="high",
            ruleset="x",
            settings_version=1,
            created_at=moment,
        )

    assert of_money.fraud_attempts(NOW) == 1
    assert of_money.processing_fees(NOW) is None


def test_they_are_measured_and_two_of_them_raise_alerts():
    names = {"suspicious_activities", "blocked_ips", "active_sessions", "fraud_attempts", "processing_fees"}

    assert names <= MEASURES.keys()
    rules = AlertRule.objects.filter(metric__in=names).values_list("metric", "threshold", "area")
    assert set(rules) == {("suspicious_activities", 10, "security"), ("fraud_attempts", 5, "compliance")}


def test_how_applications_go_is_measured():
    assert measures.application_processing_days(MONDAY) is None
    assert measures.verification_completion(MONDAY) is None
    assert measures.application_backlog(MONDAY) == 0

    approved(now=MONDAY)  # within the hour
    slow = submitted(organization_name="Un altro coro", tax_id="80025160260", now=MONDAY)
    reviewer = make_reviewer()
    application_review.assign(application=slow, reviewer=reviewer, actor=reviewer, now=MONDAY)
    assert measures.application_backlog(MONDAY) == 1
    application_decisions.reject(
        application=slow, decided_by=reviewer, reason="For profit.", now=MONDAY + timedelta(days=16)
    )

    later = MONDAY + timedelta(days=17)
    assert measures.application_backlog(later) == 0
    assert measures.application_processing_days(later) == 8.02  # an hour, and sixteen days
    assert measures.application_processing_days(later + timedelta(days=30)) is None
    answered = sum(each.is_over for each in VerificationCheck.objects.all())
    share = round(100 * answered / VerificationCheck.objects.count(), 1)
    assert 50 < share < 100  # all of one, some of the other
    assert measures.verification_completion(later) == share
    assert measures.verification_completion(MONDAY + timedelta(days=13)) is None  # no deadline passed yet


def test_how_long_a_critical_issue_is_open_is_measured():
    assert of_money.critical_issue_hours(NOW) == 0
    facts = {
        "onlus": OnlusFactory(),
        "issue_type": "board",
        "category": "governance",
        "actor": StaffFactory(),
    }
    assessments.open_issue(**facts, description="Small.", severity="high", now=NOW - timedelta(days=9))
    grave = assessments.open_issue(
        **facts, description="Grave.", severity="critical", now=NOW - timedelta(hours=25)
    )
    assessments.open_issue(**facts, description="New.", severity="critical", now=NOW - timedelta(hours=2))
    assert of_money.critical_issue_hours(NOW) == 25

    assessments.resolve_issue(issue=grave, actor=StaffFactory(), notes="Mended.", now=NOW)
    assert of_money.critical_issue_hours(NOW) == 2


def test_the_thresholds_of_organisations_are_those_of_the_specification():
    found = AlertRule.objects.filter(area="compliance").values_list(
        "metric", "operator", "threshold", "severity"
    )

    assert {
        ("application_processing_days", "gt", 7, "high"),
        ("application_backlog", "gte", 50, "high"),
        ("verification_completion", "lt", 95, "medium"),
        ("critical_issue_hours", "gt", 24, "high"),
    } <= set(found)
