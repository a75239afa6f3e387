"""What looks wrong in a day of the back office, and the alerts about it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import StaffSession
from accounts.operations.watching import watch_staff
from accounts.queries.suspicious import Pattern, Watch, watch
from goodplay.lib.alerts.models import Alert
from goodplay.lib.audit import trail
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 11, tzinfo=UTC)


@pytest.fixture
def staff():
    return StaffFactory(email="mario@goodplay.example")


def act(actor, times=1, action="review_released", *, address="10.0.0.1", now=NOON, target=None):
    for _ in range(times):
        trail.record(actor=actor, action=action, target=target or actor, address=address, now=now)


def fail(staff, times, address="203.0.113.9", now=NOON):
    act(None, times, "failed_login_attempt", address=address, now=now, target=staff)


def seen(now=NOON):
    return [(each.kind, each.severity, each.count) for each in watch(now=now).patterns]


@pytest.mark.parametrize(
    ("times", "expected"),
    [(4, []), (5, [("failed_sign_ins", "medium", 5)]), (10, [("failed_sign_ins", "high", 10)])],
)
def test_failures_from_one_address(staff, times, expected):
    fail(staff, times)
    fail(staff, 4, address="203.0.113.10")

    assert seen() == expected


@pytest.mark.parametrize(("times", "expected"), [(19, []), (20, [("identical_actions", "medium", 20)])])
def test_the_same_action_again_and_again(staff, times, expected):
    act(staff, times)
    act(staff, 19, "payout_released")

    assert seen() == expected


@pytest.mark.parametrize(("addresses", "expected"), [(3, []), (4, [("many_addresses", "medium", 4)])])
def test_one_person_at_many_addresses(staff, addresses, expected):
    for number in range(addresses):
        act(staff, 2, address=f"10.0.0.{number}")

    assert seen() == expected


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [(4, 59, True), (5, 0, False), (20, 59, False), (21, 0, True)],  # UTC; Rome is one hour ahead in November
)
def test_work_outside_romes_hours(staff, hour, minute, expected):
    moment = NOON.replace(hour=hour, minute=minute)
    act(staff, now=moment)

    assert seen(moment) == ([("unusual_hours", "low", 1)] if expected else [])


def test_a_browser_that_moved(staff):
    times = {"opened_at": NOON, "seen_at": NOON, "session_key": "x"}
    StaffSession.objects.create(user=staff, address="10.0.0.1", last_address="10.0.0.1", **times)
    StaffSession.objects.create(user=staff, address="10.0.0.1", last_address="203.0.113.9", **times)

    assert seen() == [("session_moved", "high", 1)]


def test_a_refusal_is_written_down_once_a_minute_and_is_grave():
    now = datetime.now(UTC)
    clerk = UserFactory(is_staff=True, email="luca@goodplay.example")
    client = Client()
    client.force_login(clerk)

    answers = [
        client.get("/admin/accounts/user/?q=rossi"),
        client.get("/admin/accounts/user/"),
        client.post("/admin/accounts/user/"),
        client.post("/admin/filters/save/accounts/user/", {"query": "q=a", "name": "All"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    entries = AuditEntry.objects.filter(action="permission_refused").order_by("sequence")
    assert [entry.after for entry in entries] == [
        {"method": "GET", "path": "/admin/accounts/user/"},
        {"method": "POST", "path": "/admin/accounts/user/"},
        {"method": "POST", "path": "/admin/filters/save/accounts/user/"},
    ]
    assert {(entry.actor, entry.target_id, entry.address) for entry in entries} == {
        (clerk, str(clerk.pk), "127.0.0.1")
    }
    found = [each for each in watch(now=now + timedelta(minutes=1)).patterns if each.severity == "high"]
    assert found == [Pattern("permission_refused", "high", "luca@goodplay.example", str(clerk.pk), 3)]
    assert watch_staff(now=now + timedelta(minutes=1)) == 1


def test_strangers_and_what_is_allowed_leave_no_refusal(client, staff):
    client.get("/admin/accounts/user/")
    client.force_login(UserFactory())
    client.get("/admin/accounts/user/")
    client.force_login(staff)

    answer = client.get("/admin/accounts/user/")

    assert answer.status_code == 200
    assert not AuditEntry.objects.filter(action="permission_refused").exists()


def test_what_is_older_than_a_day_is_forgotten(staff):
    fail(staff, 10, now=NOON - timedelta(hours=24))

    assert (seen(), watch(now=NOON).failures) == ([], 0)


@pytest.mark.parametrize(
    ("failures", "patterns", "score", "threat"),
    [
        (0, 0, 100, "low"),
        (10, 0, 100, "low"),
        (11, 1, 85, "low"),
        (21, 5, 75, "medium"),
        (20, 6, 75, "medium"),
        (51, 0, 60, "high"),
        (0, 11, 70, "high"),
        (51, 11, 30, "high"),
    ],
)
def test_the_score_and_the_threat(failures, patterns, score, threat):
    found = Watch(failures, [Pattern("unusual_hours", "low", "x", "x", 1)] * patterns)

    assert (found.score, found.threat) == (score, threat)


def test_each_pattern_raises_one_alert_and_counts_up(staff):
    fail(staff, 10)
    act(staff, now=NOON.replace(hour=2))

    assert [watch_staff(now=NOON) for _ in range(2)] == [1, 1]

    alert = Alert.objects.get()
    assert (alert.area, alert.severity) == ("security", "high")
    assert alert.dedupe_key == "suspicious:failed_sign_ins:203.0.113.9"


def test_the_dashboard_shows_the_score_and_what_looks_wrong(client, staff):
    now = datetime.now(UTC)
    fail(staff, 12, now=now)
    client.force_login(staff)

    content = client.get("/admin/?board=staff").context["content"]

    assert content.figures[0].value == 85
    assert content.tables[0].rows[0][2:] == ("203.0.113.9", 12)


def test_watching_costs_the_same_whatever_happened(staff):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            watch(now=NOON)
        return len(queries)

    fail(staff, 1)
    few = cost()
    fail(staff, 12)
    act(staff, 25)

    assert cost() == few == 7
