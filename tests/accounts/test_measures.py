"""What is measured of sign-ins, staff and fraud, and when it raises an alert."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import measures
from accounts.models import LoginSession, StaffSession
from accounts.operations import addresses, sign_in
from donations import measures as of_money
from donations.models import RiskDecision
from goodplay.lib.alerts.models import AlertRule
from goodplay.lib.audit import trail
from goodplay.lib.metrics.registry import MEASURES
from tests.factories.accounts import StaffFactory, UserFactory

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
