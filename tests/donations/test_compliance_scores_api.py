"""Assessments over REST: members read their own, everybody who signed in the names and scores of the best."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts.models import Onlus
from accounts.operations import standing
from donations.models import ComplianceRecommendation
from donations.operations import assessments
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
BASE = "/api/onlus/compliance"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def onlus():
    return OnlusFactory(name="Bosco Vivo", verified_at=NOW - timedelta(days=30))


@pytest.fixture
def api(onlus):
    return signed_in(MembershipFactory(onlus=onlus, role="viewer").user)


def signed_in(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def whole(**columns):
    """One that scores better: with all its papers."""
    papers = {
        "tax_id": "97812345678",
        "legal_entity_type": "association",
        "incorporation_date": date(2015, 5, 1),
        "verified_at": NOW - timedelta(days=30),
    }
    return OnlusFactory(**papers | columns)


def test_a_member_reads_the_current_score_with_what_is_wrong(api, onlus):
    assessments.assess(onlus=onlus, now=NOW - timedelta(days=1))
    made = assessments.assess(onlus=onlus, now=NOW)
    assessments.open_issue(
        onlus=onlus,
        issue_type="board",
        description="The board has one member.",
        severity="critical",
        category="governance",
        actor=StaffFactory(),
        now=NOW,
    )

    response = api.get(f"{BASE}/score/{onlus.pk}/current")

    data = response.json()["data"]
    assert response.json()["message"] == "CURRENT_COMPLIANCE_SCORE_SUCCESS"
    assert (data["score_id"], data["is_current"], data["is_verified"]) == (str(made.pk), True, False)
    assert (data["days_until_next_assessment"], data["is_assessment_overdue"]) == (90, False)
    assert data["critical_issues_count"] == 1
    assert "The board has one member." in {each["description"] for each in data["compliance_issues"]}
    assert set(data["category_scores"]) == set(made.categories)
    assert {each["category"] for each in data["improvement_recommendations"]} == set(
        ComplianceRecommendation.objects.filter(onlus=onlus).values_list("category", flat=True)
    )


def test_one_that_was_not_assessed_has_no_score(api, onlus):
    response = api.get(f"{BASE}/score/{onlus.pk}/current")

    assert (response.status_code, response.json()["message"]) == (404, "COMPLIANCE_SCORE_NOT_FOUND")


@pytest.mark.parametrize("count", [1, 3])
def test_the_history_is_the_latest_first_and_costs_the_same(api, onlus, count, django_assert_num_queries):
    for days in range(count):
        assessments.assess(onlus=onlus, now=NOW - timedelta(days=days))

    with django_assert_num_queries(3):
        response = api.get(f"{BASE}/score/{onlus.pk}/history")

    assert response.json()["message"] == "ONLUS_COMPLIANCE_SCORES_SUCCESS"
    dates = [row["assessment_date"] for row in response.json()["data"]["scores"]]
    assert (len(dates), dates) == (count, sorted(dates, reverse=True))


@pytest.mark.parametrize("what", ["current", "history"])
def test_anothers_score_does_not_exist(api, what):
    other = whole()
    assessments.assess(onlus=other, now=NOW)

    for key in (other.pk, uuid4(), "x"):
        response = api.get(f"{BASE}/score/{key}/{what}")
        assert (response.status_code, response.json()["message"]) == (404, "ONLUS_NOT_FOUND")


def test_the_best_are_told_with_names_and_scores_only(onlus):
    best, hidden = whole(name="Mare Libero"), whole(name="Sospesa")
    for each in (onlus, best, hidden):
        assessments.assess(onlus=each, now=NOW)
    Onlus.objects.filter(pk=hidden.pk).update(status="suspended")

    response = signed_in(UserFactory()).get(f"{BASE}/top-performers")

    assert response.json()["message"] == "TOP_PERFORMING_SCORES_SUCCESS"
    rows = response.json()["data"]["scores"]
    assert [(row["rank"], row["organization_name"]) for row in rows] == [
        (1, "Mare Libero"),
        (2, "Bosco Vivo"),
    ]
    assert set(rows[0]) == {
        "rank",
        "onlus_id",
        "organization_name",
        "overall_score",
        "category_scores",
        "compliance_level",
    }


def test_the_best_are_kept_for_an_hour_and_dropped_by_an_assessment(
    onlus, django_assert_num_queries, django_capture_on_commit_callbacks
):
    assessments.assess(onlus=onlus, now=NOW)
    client = signed_in(UserFactory())
    cache.clear()
    client.get(f"{BASE}/top-performers")
    with django_assert_num_queries(1):  # who is still public
        assert client.get(f"{BASE}/top-performers").json()["data"]["count"] == 1

    with django_capture_on_commit_callbacks(execute=True):
        assessments.assess(onlus=whole(), now=NOW)

    assert client.get(f"{BASE}/top-performers").json()["data"]["count"] == 2


def test_the_best_are_told_by_the_name_they_have_now_and_come_back_when_they_are_open_again(
    onlus, django_capture_on_commit_callbacks
):
    staff, client = StaffFactory(), signed_in(UserFactory())
    for each in (onlus, whole(name="Mare Libero")):
        assessments.assess(onlus=each, now=NOW)
    standing.suspend(onlus=onlus, actor=staff, reason="Papers are late.", now=NOW)

    def names():
        rows = client.get(f"{BASE}/top-performers").json()["data"]["scores"]
        return [row["organization_name"] for row in rows]

    assert names() == ["Mare Libero"]
    Onlus.objects.filter(name="Mare Libero").update(name="Mare Aperto")
    with django_capture_on_commit_callbacks(execute=True):
        standing.reactivate(onlus=onlus, actor=staff, reason="They came.", now=NOW)

    assert names() == ["Mare Aperto", "Bosco Vivo"]


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_other_limits_are_refused(limit):
    response = signed_in(UserFactory()).get(f"{BASE}/top-performers?limit={limit}")

    assert (response.status_code, response.json()["message"]) == (422, "INVALID_LIMIT_VALUE")


def test_strangers_are_asked_to_sign_in(onlus):
    for path in ("top-performers", f"score/{onlus.pk}/current", f"score/{onlus.pk}/history"):
        assert APIClient().get(f"{BASE}/{path}").status_code == 401


def test_the_score_is_told_by_the_names_of_older_clients_and_beside_its_peers(api, onlus):
    Onlus.objects.filter(pk=onlus.pk).update(
        tax_id="97812345678", legal_entity_type="association", incorporation_date=date(2015, 5, 1)
    )
    assessments.assess(onlus=Onlus.objects.get(pk=onlus.pk), now=NOW)
    for number in range(5):
        data = api.get(f"{BASE}/score/{onlus.pk}/current").json()["data"]
        assert data["benchmark_comparisons"] == {}
        assessments.assess(onlus=OnlusFactory(name=f"Vicina {number}"), now=NOW)

    data = api.get(f"{BASE}/score/{onlus.pk}/current").json()["data"]

    assert {
        "financial_health_score": 77,
        "transparency_score": 77,
        "efficiency_score": 75,
        "governance_score": 95,
        "impact_score": 65,
        "regulatory_score": 95,
    }.items() <= data.items()
    assert data["benchmark_comparisons"]["financial_transparency"] == {
        "organization_value": 77,
        "peer_average": 70,
        "percentile": 100,
    }
    assert "Vicina" not in str(data)
