"""Thresholds staff set: alerts are raised when a figure breaks them, and resolve by themselves."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from goodplay.lib.alerts import thresholds
from goodplay.lib.alerts.models import Alert, AlertRule
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.metrics.models import SystemMetric
from tests.factories.accounts import StaffFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def no_other_rules(db, request):
    """Only the rules of the test: one of them looks at those that came with the migrations."""
    if "defaults" not in request.node.name:
        AlertRule.objects.all().delete()


def rule(metric="cpu_usage", threshold="80", **columns):
    return AlertRule.objects.create(metric=metric, threshold=Decimal(threshold), **columns)


def measured(value, *, name="cpu_usage", kind="performance", at=NOW):
    SystemMetric.objects.create(metric_type=kind, timestamp=at, data={name: value})


def state():
    return list(Alert.objects.order_by("pk").values_list("alert_type", "severity", "status", "count"))


def test_the_worst_broken_rule_raises_one_alert():
    rule(threshold="80"), rule(threshold="85", severity="high"), rule(threshold="95", severity="critical")
    measured(90)

    assert thresholds.evaluate(now=NOW) == "1 raised, 0 resolved"

    alert = Alert.objects.get()
    assert state() == [("cpu_usage", "high", "open", 1)]
    assert (alert.title, alert.data) == (
        "Processor: 90 %",
        {"value": 90, "threshold": "85.000", "minutes": 1},
    )


def test_it_resolves_by_itself():
    rule()
    measured(81)
    thresholds.evaluate(now=NOW)
    measured(80, at=NOW + MINUTE)

    thresholds.evaluate(now=NOW + MINUTE)

    assert state() == [("cpu_usage", "medium", "resolved", 1)]


def test_what_is_not_known_changes_nothing():
    rule()
    thresholds.evaluate(now=NOW)
    measured(99)
    thresholds.evaluate(now=NOW)
    measured(None, at=NOW + MINUTE)

    thresholds.evaluate(now=NOW + MINUTE)
    thresholds.evaluate(now=NOW + timedelta(hours=3))

    assert state() == [("cpu_usage", "medium", "open", 1)]


def test_it_must_hold_before_it_is_raised():
    rule(holds_for_minutes=2)
    for number, value in enumerate((90, 90, 70, 90, 90, 90)):
        measured(value, at=NOW + MINUTE * number)
        thresholds.evaluate(now=NOW + MINUTE * number)
        assert Alert.objects.exists() is (number == 5)


def test_counts_are_added_up_over_their_minutes():
    rule("failed_logins", "100", over_minutes=60, area="security")
    for number in range(60):
        measured(2, name="failed_logins", kind="security", at=NOW - MINUTE * (number + 1))

    thresholds.evaluate(now=NOW)

    assert (Alert.objects.get().area, Alert.objects.get().data["value"]) == ("security", 120)


def test_a_figure_may_be_too_low():
    rule("daily_story_unlocks", "0", operator="lte", severity="low")
    measured(1, name="daily_story_unlocks", kind="user_activity")
    thresholds.evaluate(now=NOW)
    measured(0, name="daily_story_unlocks", kind="user_activity", at=NOW + MINUTE)

    thresholds.evaluate(now=NOW + MINUTE)

    assert state() == [("daily_story_unlocks", "low", "open", 1)]


def test_a_rule_switched_off_takes_its_alert_along():
    mine = rule()
    measured(99)
    thresholds.evaluate(now=NOW)
    AlertRule.objects.filter(pk=mine.pk).update(is_active=False)

    thresholds.evaluate(now=NOW)

    assert state() == [("cpu_usage", "medium", "resolved", 1)]


def test_a_measure_that_does_not_exist_any_more_is_unknown():
    rule("phlogiston")

    assert thresholds.evaluate(now=NOW) == "0 raised, 0 resolved"


def test_staff_change_thresholds_on_the_trail(client):
    mine, person = rule(), StaffFactory()
    client.force_login(person)
    address = reverse("admin:alerts_alertrule_change", args=[mine.pk])
    form = client.get(address).context["adminform"].form
    values = {name: form.initial[name] for name in form.fields}

    client.post(address, {**values, "threshold": "70"})
    refused = client.post(address, {**values, "metric": "phlogiston"})

    mine.refresh_from_db()
    entry = AuditEntry.objects.get()
    assert (mine.threshold, mine.metric) == (Decimal("70.000"), "cpu_usage")
    assert (entry.actor, entry.before, entry.after) == (
        person,
        {"threshold": "80.000"},
        {"threshold": "70.000"},
    )
    assert "metric" in refused.context["adminform"].form.errors


def test_the_database_refuses_a_rule_without_a_window():
    with pytest.raises(IntegrityError), transaction.atomic():
        rule(over_minutes=0)


def test_the_defaults_are_the_thresholds_of_the_architecture_document():
    found = {
        (each.metric, each.operator, f"{each.threshold.normalize():f}", each.severity)
        for each in AlertRule.objects.all()
    }

    assert {
        ("story_unlock_latency", "gt", "500", "high"),
        ("dashboard_load_time", "gt", "2000", "medium"),
        ("report_generation_time", "gt", "300", "high"),
        ("daily_story_unlocks", "lte", "0", "low"),
        ("api_error_rate", "gt", "1", "critical"),
        ("cpu_usage", "gt", "95", "critical"),
        ("memory_usage", "gt", "98", "critical"),
        ("failed_logins", "gt", "100", "medium"),
        ("refund_rate", "gt", "10", "medium"),
    } <= found
