"""Reports of compliance over REST: behaviour, what the rules stopped, the trail, and three depths of one period."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import LoginSession
from donations.models import Transfer
from donations.operations import giving, reviews
from donations.operations.compliance import checks
from donations.queries import behaviour
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import give_credits
from tests.factories.games import GameSessionFactory
from tests.factories.ids import UNKNOWN_ID
from tests.factories.risk import hold_from
from tests.factories.screening import import_pep, screen_all

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def desk(api):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="compliance"))
    api.force_authenticate(user)
    api.officer = user
    return api


def paid(user, amount, minutes_ago=0, now=NOW):
    give_credits(user, amount, kind="player_cash", now=now - timedelta(minutes=minutes_ago))


def played(user, *, minutes, ended=True, hours_ago=20, verified=True, now=NOW, **columns):
    started = now - timedelta(hours=hours_ago)
    length = timedelta(minutes=minutes)
    return GameSessionFactory(
        user=user,
        status="completed" if ended else "active",
        is_verified=verified,
        played_for=length,
        started_at=started,
        ended_at=started + length if ended else None,
        **columns,
    )


def codes(found):
    return {sign.code for sign in found["indicators"]}


# Behaviour ------------------------------------------------------------------------------------------------------


def test_somebody_who_did_nothing_has_no_signs():
    found = behaviour.analyse(UserFactory().pk, now=NOW)

    assert (found["risk_score"], found["risk_level"], found["indicators"]) == (0, "low", [])
    assert found["volume"]["paid_in"] == found["play"]["sessions"] == found["devices"]["addresses"] == 0


@pytest.mark.parametrize(
    ("amounts", "minutes", "wanted"),
    [
        (["500.00"], [0], set()),
        (["500.01"], [0], {"high_amount", "medium_volume"}),
        (["300.00", "201.00"], [0, 40], {"medium_volume"}),
        (["600.00", "400.01"], [0, 40], {"high_volume", "high_amount"}),
        (["1.11", "2.22", "3.33", "4.44", "5.55", "6.66"], [0, 7, 9, 21, 30, 41], {"medium_volume"}),
        (["3.00"] * 6, [0, 70, 200, 350, 480, 700], {"identical_amounts"}),
        (["10.00", "20.00", "30.00", "40.00", "50.00"], [0, 70, 150, 370, 380], {"mostly_round_amounts"}),
        (["1.10", "2.20", "3.30", "4.40", "5.50"], [0, 90, 180, 270, 360], {"regular_intervals"}),
        (["1.10", "2.20"], [0, 0.1], {"rapid_succession"}),
    ],
)
def test_each_sign_of_money_speaks_where_it_should_and_nowhere_else(amounts, minutes, wanted):
    user = UserFactory()
    for amount, ago in zip(amounts, minutes, strict=True):
        paid(user, amount, ago)

    assert codes(behaviour.analyse(user.pk, now=NOW)) == wanted


def test_night_is_a_sign_when_most_of_it_happens_there():
    user, night = UserFactory(), datetime(2026, 3, 4, 2, tzinfo=UTC)
    for minutes in (0, 13, 47, 61, 100):
        paid(user, f"{minutes + 1}.10", minutes, now=night)

    assert codes(behaviour.analyse(user.pk, now=night)) == {"predominantly_off_hours"}


def test_play_and_devices_are_looked_at_too():
    user = UserFactory()
    long, short = played(user, minutes=13 * 60), played(user, minutes=0.1, hours_ago=3, verified=False)
    fine = played(user, minutes=30, hours_ago=2, device_info={"model": "One"})
    played(UserFactory(), minutes=900)
    for number in range(4):
        LoginSession.objects.create(
            user=user,
            refresh_jti=str(number),
            user_agent="Firefox",
            address=f"192.0.2.{number}",
            created_at=NOW,
            last_used_at=NOW,
            expires_at=NOW,
        )

    found = behaviour.analyse(user.pk, now=NOW)

    assert codes(found) == {"extremely_long_session", "very_short_session", "many_addresses"}
    assert (found["risk_score"], found["risk_level"]) == (50, "medium")
    assert found["devices"] == {"addresses": 4, "devices": 2}
    assert (found["play"]["sessions"], found["play"]["verified"], found["play"]["minutes"]) == (3, 2, 810)
    issues = {each["session_id"]: each["issues"] for each in found["doubtful_sessions"]}
    assert issues == {long.pk: ["too_long"], short.pk: ["too_short", "not_verified"], fine.pk: []}


def test_a_session_with_three_issues_is_not_legitimate():
    user = UserFactory()
    session = played(user, minutes=800, hours_ago=20, verified=False)
    GameSessionFactory._meta.model.objects.filter(pk=session.pk).update(
        ended_at=session.started_at + timedelta(minutes=60)
    )

    found = behaviour.analyse(user.pk, now=NOW)

    judged = found["doubtful_sessions"][0]
    assert judged["issues"] == ["too_long", "not_verified", "longer_than_its_time"]
    assert (judged["legitimacy_score"], judged["is_legitimate"]) == (40, False)
    assert (found["play"]["legitimate"], found["play"]["doubtful"]) == (0, 1)


def test_one_gift_of_two_parts_is_one_movement():
    user = UserFactory()
    give_credits(user, "300.00", now=NOW - timedelta(days=3))
    give_credits(user, "300.00", kind="player_cash", now=NOW - timedelta(days=3))
    giving.donate(donor=user, onlus_id=OnlusFactory().pk, amount=Decimal("600.00"), now=NOW)

    found = behaviour.analyse(user.pk, now=NOW)

    assert Transfer.objects.filter(kind="donation").count() == 2
    assert (found["volume"]["gifts"], found["volume"]["largest_movement"]) == (1, Decimal("600.00"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_report_costs_the_same_for_one_and_for_three(count, django_assert_num_queries):
    user = UserFactory()
    for number in range(count):
        paid(user, "5.00", number * 7)
        played(user, minutes=5, hours_ago=number + 1)
    behaviour.analyse(user.pk, now=NOW)

    with django_assert_num_queries(4):
        behaviour.analyse(user.pk, now=NOW)


def test_the_report_over_rest(desk):
    user = UserFactory()
    paid(user, "600.00", now=timezone.now())

    answer = desk.get(f"/api/compliance/users/{user.pk}/analysis", {"hours": 48})

    data = answer.json()["data"]
    assert (answer.status_code, answer.json()["message"]) == (200, "FRAUD_ANALYSIS_COMPLETED")
    assert (data["risk_score"], data["risk_level"], data["period"]["hours"]) == (40, "medium", 48)
    assert {"code": "high_amount", "seen": "€ 600.00", "threshold": "€ 500"} in data["indicators"]
    missing = desk.get(f"/api/compliance/users/{UNKNOWN_ID}/analysis")
    wrong = desk.get(f"/api/compliance/users/{user.pk}/analysis", {"hours": 0})
    assert (missing.json()["message"], wrong.json()["message"]) == ("USER_NOT_FOUND", "INVALID_HOURS_VALUE")


# What the rules stopped -----------------------------------------------------------------------------------------


def held(amount="20.00"):
    user = UserFactory()
    give_credits(user, amount)
    return giving.donate(donor=user, onlus_id=OnlusFactory().pk, amount=Decimal(amount), now=timezone.now())


@pytest.mark.parametrize("count", [1, 3])
def test_what_was_stopped_is_listed_with_what_became_of_it(desk, count, django_assert_num_queries):
    hold_from("donation", "20.00")
    gifts = [held() for _number in range(count)]
    held("5.00")
    review = reviews.Review.objects.get(subject_id=gifts[0].pk)
    reviews.release(review=review, decided_by=StaffFactory(), reason="Known", now=timezone.now())
    desk.get("/api/compliance/flagged")

    with django_assert_num_queries(4):
        answer = desk.get("/api/compliance/flagged")

    data = answer.json()["data"]
    assert answer.json()["message"] == "FLAGGED_MOVEMENTS_RETRIEVED"
    assert (data["total_count"], data["failed_count"], data["overall_risk"]) == (count, 0, "low")
    assert [row["subject_id"] for row in data["flagged"]] == [str(gift.pk) for gift in reversed(gifts)]
    assert data["flagged"][-1]["review_status"] == "released"
    assert data["flagged"][-1]["reasons"] == ["review_amount"]


@pytest.mark.parametrize(
    ("query", "constant"),
    [
        ({"hours": "x"}, "INVALID_HOURS_VALUE"),
        ({"subject": "poem"}, "INVALID_SUBJECT"),
        ({"action": "allow"}, "INVALID_ACTION"),
        ({"limit": 0}, "INVALID_LIMIT_VALUE"),
    ],
)
def test_a_wrong_question_is_refused(desk, query, constant):
    assert desk.get("/api/compliance/flagged", query).json()["message"] == constant


def test_the_trail_of_compliance_is_for_those_who_read_trails(desk, api):
    check = opened()
    checks.approve(check=check, decided_by=StaffFactory(), notes="Known", now=timezone.now())
    refused = desk.get("/api/compliance/audit-trail")
    auditor = UserFactory(is_staff=True)
    auditor.groups.add(Group.objects.get(name="auditor"))
    api.force_authenticate(auditor)

    data = api.get("/api/compliance/audit-trail", {"action": "compliance_check_passed"}).json()["data"]

    assert (refused.status_code, refused.json()["message"]) == (403, "ADMIN_ACCESS_REQUIRED")
    assert data["total_count"] == 1
    assert (data["entries"][0]["target_id"], data["entries"][0]["reason"]) == (str(check.pk), "Known")


def test_a_check_is_reviewed_under_its_short_address_too(desk):
    check = opened()

    answer = desk.post(f"/api/compliance/{check.check_id}/review", {"decision": "approve"})

    check.refresh_from_db()
    assert (answer.json()["message"], check.status) == ("COMPLIANCE_CHECK_REVIEWED", "passed")


# Three depths ---------------------------------------------------------------------------------------------------


def opened(**changes):
    facts = {
        "check_type": "aml",
        "risk_level": "high",
        "risk_score": Decimal("55.00"),
        "risk_factors": ["potential_structuring"],
        "results": {},
        "reason": "A rule",
        "now": timezone.now() - timedelta(hours=2),
    }
    return checks.open_check(user=UserFactory(), **(facts | changes))


def report(desk, report_type):
    return desk.get("/api/compliance/reports", {"report_type": report_type, "days": 2}).json()["data"]


def test_a_summary_says_no_more_than_the_counts(desk):
    opened()

    data = report(desk, "summary")

    assert (data["summary"]["total_checks"], "details" in data, "regulatory" in data) == (1, False, False)


def test_a_detailed_report_tells_days_findings_and_who_decided(desk):
    check, staff = opened(), StaffFactory()
    opened(check_type="kyc", risk_factors=[])
    checks.approve(check=check, decided_by=staff, notes="Known", now=check.created_at + timedelta(hours=1))

    data = report(desk, "detailed")

    details = data["details"]
    assert "regulatory" not in data
    assert sum(day["count"] for day in details["daily"]) == data["summary"]["total_checks"] == 2
    assert details["outcomes"] == [
        {"check_type": "aml", "status": "passed", "count": 1},
        {"check_type": "kyc", "status": "requires_review", "count": 1},
    ]
    assert details["risk_factors"] == {"potential_structuring": 1}
    assert details["reviewers"] == [{"reviewer_id": str(staff.pk), "decided": 1, "average_hours": 1.0}]
    assert details["average_hours_to_decision"] == 1.0


def test_a_regulatory_report_tells_what_an_authority_asks(desk):
    now = timezone.now()
    UserFactory(first_name="Ottavia", last_name="Brandolini")
    edition = import_pep(now=now)
    screen_all(now=now)
    hold_from("donation", "20.00")
    held()

    data = report(desk, "regulatory")["regulatory"]

    assert data["cases"] == {"opened": 1, "closed": {}, "open_at_end": 1}
    assert data["held"] == {"count": 1, "amount": 20.0, "by_outcome": {"open": 1}}
    assert data["decisions"] == {"review": 1}
    assert (data["screening"]["answers"], data["screening"]["hits"]) == (2, {"open": 1})
    assert [each["vintage"] for each in data["screening"]["lists"]] == [edition.vintage]
    assert {
        "subject": "donation",
        "code": "review_amount",
        "version": 1,
        "action": "review",
        "score": 50,
    } in (data["rules_in_force"])
