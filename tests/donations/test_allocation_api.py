"""Funding requests over the API, and consent on the wallet's route."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine

from accounts.models import Onlus
from donations.models import AllocationRequest, AllocationResult, Wallet
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.allocation import make_giver, make_request, run
from tests.factories.donations import NOW

BODY = {
    "requested_amount": 250,
    "project_title": "Trees for the school",
    "project_description": "Sixty young trees, and the people to plant them with the pupils of the town.",
}
BASE = "/api/onlus/allocations"


@pytest.fixture
def onlus(db):
    return OnlusFactory()


@pytest.fixture
def editor(onlus, api):
    editor = MembershipFactory(onlus=onlus, role="editor").user
    api.force_authenticate(editor)
    return editor


def ask(api, onlus, **body):
    return api.post(f"{BASE}/request", BODY | {"onlus_id": str(onlus.pk)} | body, format="json")


def test_an_editor_asks(api, onlus, editor):
    answer = ask(api, onlus, urgency_level=4, priority=3, category="education", annual_budget="9000.50")

    assert answer.status_code == 201
    body = answer.json()
    assert body["message"] == "ALLOCATION_REQUEST_CREATED_SUCCESS"
    asked = AllocationRequest.objects.get()
    assert body["data"]["request_id"] == str(asked.pk)
    assert (asked.amount, asked.category_id, asked.annual_budget) == (250, "education", Decimal("9000.50"))
    assert (body["data"]["status"], body["data"]["allocation_score"]) == ("pending", None)


def test_the_same_key_asks_once(api, onlus, editor):
    for _number in range(2):
        answer = api.post(
            f"{BASE}/request",
            BODY | {"onlus_id": str(onlus.pk)},
            format="json",
            headers={"Idempotency-Key": "once"},
        )
        assert answer.status_code == 201

    assert AllocationRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"requested_amount": 0}, "INVALID_AMOUNT_RANGE"),
        ({"requested_amount": "1000000.01"}, "INVALID_AMOUNT_RANGE"),
        ({"requested_amount": "many"}, "INVALID_AMOUNT_FORMAT"),
        ({"project_title": ""}, "MISSING_REQUIRED_FIELD"),
        ({"onlus_id": None}, "MISSING_REQUIRED_FIELD"),
        ({"urgency_level": 6}, "ALLOCATION_REQUEST_INVALID"),
        ({"deadline": "2020-01-01T00:00:00Z"}, "ALLOCATION_DEADLINE_INVALID"),
    ],
)
def test_refusals_change_nothing(api, onlus, editor, body, code):
    answer = ask(api, onlus, **body)

    assert (answer.status_code, answer.json()["message"]) == (422, code)
    assert not AllocationRequest.objects.exists()


def test_others_cannot_ask_or_look(api, onlus, editor):
    asked = make_request(onlus=onlus)
    make_giver("100.00")
    run()
    result = asked.result
    api.force_authenticate(UserFactory())

    assert ask(api, onlus).json()["message"] == "ONLUS_NOT_FOUND"
    for path, code in (
        (f"request/{asked.pk}", "ALLOCATION_REQUEST_NOT_FOUND"),
        (f"result/{result.pk}", "ALLOCATION_RESULT_NOT_FOUND"),
        (f"onlus/{onlus.pk}/requests", "ONLUS_NOT_FOUND"),
        (f"onlus/{onlus.pk}/results", "ONLUS_NOT_FOUND"),
        (f"onlus/{onlus.pk}/recommendations", "ONLUS_NOT_FOUND"),
        (f"request/{uuid4()}", "ALLOCATION_REQUEST_NOT_FOUND"),
        ("request/nonsense", "ALLOCATION_REQUEST_NOT_FOUND"),
    ):
        answer = api.get(f"{BASE}/{path}")
        assert (answer.status_code, answer.json()["message"]) == (404, code), path
    assert AllocationRequest.objects.count() == 1


def test_a_viewer_may_not_ask(api, onlus):
    api.force_authenticate(MembershipFactory(onlus=onlus, role="viewer").user)

    assert ask(api, onlus).status_code == 403
    assert not AllocationRequest.objects.exists()


def test_members_follow_request_and_result(api, onlus, editor):
    donor = make_giver("40.00")
    asked = make_request("100.00", onlus=onlus)
    run()

    request = api.get(f"{BASE}/request/{asked.pk}").json()["data"]
    result = api.get(f"{BASE}/result/{asked.result.pk}")

    assert (request["status"], request["allocation_score"], request["result_id"]) == (
        "partial",
        67.0,
        str(asked.result.pk),
    )
    assert request["score_components"]["urgency"] == {"score": 100.0, "weight": 0.2, "points": 20.0}
    assert (result.json()["data"]["target_amount"], result.json()["data"]["allocated_amount"]) == (100, 40)
    assert str(donor.pk) not in result.content.decode()
    told = result.json()["data"]
    assert (told["fees_deducted"], told["net_amount"], told["efficiency_ratio"]) == (0, 40, 0.4)
    assert (told["processing_time_seconds"], told["completed_at"]) == (0, told["finished_at"])
    assert (request["id"], request["scoring_factors"]) == (request["request_id"], request["score_components"])
    assert (request["deadline"], request["days_until_deadline"], request["is_expired"]) == (None, None, False)


@pytest.mark.parametrize(
    ("status", "left", "days", "expired"),
    [
        ("pending", timedelta(days=3, hours=5), 3, False),
        ("pending", timedelta(0), 0, True),
        ("pending", -timedelta(hours=1), -1, True),
        ("cancelled", -timedelta(hours=1), -1, False),
    ],
)
def test_a_deadline_is_counted_down(api, onlus, editor, status, left, days, expired):
    decided = {"decided_at": NOW} if status == "cancelled" else {}
    asked = make_request("100.00", onlus=onlus, status=status, deadline=NOW + left, **decided)

    with time_machine.travel(NOW, tick=False):
        api.force_authenticate(editor)
        told = api.get(f"{BASE}/request/{asked.pk}").json()["data"]

    assert (told["days_until_deadline"], told["is_expired"]) == (days, expired)


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_more_rows(api, onlus, editor, count, django_assert_num_queries):
    for _number in range(count):
        make_request("1.00", onlus=onlus)
        make_giver("1.00")
    run()

    for name in ("requests", "results"):
        with django_assert_num_queries(3):
            answer = api.get(f"{BASE}/onlus/{onlus.pk}/{name}")
        assert len(answer.json()["data"][name]) == count
    assert api.get(f"{BASE}/onlus/{onlus.pk}/requests?status=pending").json()["data"]["requests"] == []


def test_recommendations(api, onlus, editor):
    make_giver("100.00")
    make_request("100.00", onlus=onlus)
    run()

    answer = api.get(f"{BASE}/onlus/{onlus.pk}/recommendations?min_amount=100&max_amount=201")

    assert answer.json()["data"] == {
        "onlus_id": str(onlus.pk),
        "current_eligibility": True,
        "eligibility_code": "",
        "compliance_score": 70.0,
        "recommended_amount": 150.5,
        "recommendations": [{"about": "success", "type": "positive", "priority": "medium", "figure": 1.0}],
    }


@pytest.mark.parametrize(
    ("points", "kind", "priority"),
    [
        ("90.00", "positive", "high"),
        ("89.99", None, None),
        ("60.00", None, None),
        ("59.99", "warning", "critical"),
        (None, None, None),
    ],
)
def test_the_compliance_score_is_praised_and_warned_of(api, onlus, editor, points, kind, priority):
    Onlus.objects.filter(pk=onlus.pk).update(compliance_score=points)

    told = api.get(f"{BASE}/onlus/{onlus.pk}/recommendations").json()["data"]["recommendations"]

    said = {"about": "compliance", "type": kind, "priority": priority, "figure": float(points or 0)}
    assert told == ([said] if kind else [])


def fail(onlus, moment):
    request = make_request("10.00", onlus=onlus, now=moment, status="failed", decided_at=moment)
    AllocationResult.objects.create(
        request=request,
        target_amount=10,
        method="automatic",
        status="failed",
        retry_count=3,
        created_at=moment,
        finished_at=moment,
    )


@pytest.mark.parametrize(("given", "kind"), [(4, None), (3, "improvement"), (5, "positive")])
def test_success_is_that_of_the_last_five_allocations(api, onlus, editor, given, kind):
    """Four of five (0.8) say nothing, three of five (0.6) ask for improvement; what is older does not count."""
    for number in range(6 - given):
        fail(onlus, NOW + timedelta(hours=number))
    for number in range(given):
        later = NOW + timedelta(days=1, hours=number)
        make_giver("10.00", now=later)
        make_request("10.00", onlus=onlus, now=later)
        run(now=later)

    told = api.get(f"{BASE}/onlus/{onlus.pk}/recommendations").json()["data"]["recommendations"]

    assert [each["type"] for each in told] == ([kind] if kind else [])


def test_consent_is_a_switch_of_the_wallet(api, db):
    alice = UserFactory()
    api.force_authenticate(alice)

    answer = api.put(
        "/api/wallet/auto-donation", {"enabled": True, "allocation_consent": True}, format="json"
    )

    assert answer.json()["data"]["allocation_consent"] is True
    assert Wallet.objects.get(player=alice).allocation_consent
    shown = api.get("/api/wallet").json()["data"]["auto_donation_settings"]
    assert shown["allocation_consent"] is True
    refused = api.put("/api/wallet/auto-donation", {"allocation_consent": False}, format="json")
    assert refused.json()["message"] == "AUTO_DONATION_SETTINGS_INVALID"  # nobody to give to
    assert Wallet.objects.get(player=alice).allocation_consent


def test_without_consent_nothing_is_allocated(api, db):
    alice = make_giver("50.00", preferred_onlus=OnlusFactory())
    api.force_authenticate(alice)
    make_request("50.00")

    answer = api.put("/api/wallet/auto-donation", {"allocation_consent": False}, format="json")

    assert answer.status_code == 200
    assert run(now=NOW).given_amount == 0
