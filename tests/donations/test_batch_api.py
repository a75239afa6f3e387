"""Batches over REST: staff hand in, ask for a release, run, retry, cancel and look."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import Onlus
from donations.models import BatchOperation, Donation
from donations.operations import batch_processing
from goodplay.lib import realtime
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.operations import approve
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.batches import figures, gifts, make_batch, released, rich_players, started, work
from tests.factories.donations import make_donation
from tests.factories.ids import UNKNOWN_ID

pytestmark = pytest.mark.django_db

PROGRESS = {
    "total_items",
    "processed_items",
    "successful_items",
    "failed_items",
    "skipped_items",
    "progress_percentage",
    "success_rate",
}


@pytest.fixture
def boss(api):
    staff = StaffFactory()
    api.force_authenticate(staff)
    return staff


def lines_for(players, onlus, amount=1.5, **more):
    return [
        {"user_id": str(each.pk), "onlus_id": str(onlus.pk), "amount": amount, **more} for each in players
    ]


def said(answer):
    return answer.status_code, answer.json()["message"]


def test_the_main_road_from_handing_in_to_the_end(api, boss, django_capture_on_commit_callbacks):
    players, onlus = rich_players(2), OnlusFactory()
    body = {
        "donations": lines_for(
            players, onlus, message="Thank you", source_reference="fair", metadata={"row": 1}
        ),
        "configuration": {"batch_size": 10, "max_retries": 2, "priority": 5},
    }

    made = api.post("/api/batch/donations", body)
    assert said(made) == (201, "BATCH_OPERATION_CREATED")
    batch_id = made.json()["data"]["batch_id"]
    assert made.json()["data"] == {
        "batch_id": batch_id,
        "total_donations": 2,
        "total_amount": 3.0,
        "estimated_processing_time": {
            "estimated_duration_seconds": 0.2,
            "estimated_duration_minutes": 0.0,
            "concurrent_workers": 5,
            "items_per_worker": 1,
        },
    }
    asked = api.post(f"/api/batch/{batch_id}/process", {"reason": "The gifts of the fair."})
    assert said(asked) == (202, "BATCH_RELEASE_REQUESTED")
    assert asked.json()["data"]["final_status"] == "queued"
    assert said(api.post(f"/api/batch/{batch_id}/process", {})) == (409, "APPROVAL_ALREADY_REQUESTED")
    approve(request=ApprovalRequest.objects.get(), decided_by=StaffFactory(), now=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        run = api.post(f"/api/batch/{batch_id}/process", {})

    assert said(run) == (202, "BATCH_PROCESSING_STARTED")
    shown = api.get(f"/api/batch/{batch_id}/status").json()["data"]
    assert (shown["status"], shown["processed_items"], shown["total_items"]) == ("completed", 2, 2)
    assert shown["progress_percentage"] == 100.0
    assert set(shown["progress"]) == PROGRESS
    assert (shown["can_be_retried"], shown["is_processing"], shown["is_completed"]) == (False, False, True)
    assert shown["donations"]["by_status"] == {
        "pending": 0,
        "retrying": 0,
        "completed": 2,
        "failed": 0,
        "skipped": 0,
    }
    assert shown["configuration"] == {"batch_size": 10, "max_retries": 2, "priority": 5}
    assert shown["results_summary"]["success_rate"] == 100.0
    assert set(Donation.objects.values_list("message", "amount")) == {("Thank you", Decimal("1.50"))}
    assert said(api.post(f"/api/batch/{batch_id}/process", {})) == (409, "BATCH_ALREADY_COMPLETED")


def test_one_key_makes_one_batch(api, boss):
    body = {"donations": lines_for(rich_players(1), OnlusFactory())}

    first = api.post("/api/batch/donations", body, HTTP_IDEMPOTENCY_KEY="once")
    again = api.post("/api/batch/donations", body, HTTP_IDEMPOTENCY_KEY="once")

    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert BatchOperation.objects.count() == 1


def test_every_line_that_is_not_in_order_is_named(api, boss):
    player, onlus = rich_players(1)[0], OnlusFactory()
    good = lines_for([player], onlus)[0]
    lines = [good, "text", {**good, "amount": "1.234"}, {**good, "user_id": 7}, {**good, "amount": 20}, {}]

    answer = api.post("/api/batch/donations", {"donations": lines})

    assert said(answer) == (422, "BATCH_VALIDATION_FAILED")
    data = answer.json()["data"]
    assert (data["valid_donations"], data["invalid_donations"]) == (0, 6)
    assert [(each["line"], each["code"]) for each in data["validation_errors"]] == [
        (1, "INSUFFICIENT_CREDITS"),
        (2, "INVALID_REQUEST"),
        (3, "INVALID_AMOUNT"),
        (4, "USER_NOT_FOUND"),
        (5, "INSUFFICIENT_CREDITS"),
        (6, "DATA_REQUIRED"),
    ]
    assert not BatchOperation.objects.exists()


def test_too_few_and_too_many(api, boss):
    line = lines_for(rich_players(1), OnlusFactory())[0]

    assert said(api.post("/api/batch/donations", {})) == (400, "DATA_REQUIRED")
    assert said(api.post("/api/batch/donations", {"donations": []})) == (422, "DONATIONS_LIST_REQUIRED")
    assert said(api.post("/api/batch/donations", {"donations": 7})) == (422, "DONATIONS_LIST_REQUIRED")
    assert said(api.post("/api/batch/donations", {"donations": [line] * 501})) == (
        422,
        "BATCH_SIZE_TOO_LARGE",
    )
    assert not BatchOperation.objects.exists()


def test_players_and_staff_without_the_right_are_kept_out(api):
    batch = make_batch()
    analyst = UserFactory(is_staff=True)
    analyst.groups.add(Group.objects.get(name="analyst"))
    routes = [
        ("post", "/api/batch/donations"),
        ("post", "/api/batch/payouts"),
        ("post", "/api/batch/operations"),
        ("post", f"/api/batch/{batch.pk}/process"),
        ("post", f"/api/batch/{batch.pk}/retry"),
        ("post", f"/api/batch/{batch.pk}/cancel"),
        ("get", f"/api/batch/{batch.pk}/status"),
        ("get", f"/api/batch/operations/{batch.pk}/progress"),
        ("get", "/api/batch/history"),
        ("get", "/api/batch/operations"),
        ("get", "/api/batch/statistics"),
    ]
    before = figures(batch)

    assert {getattr(api, method)(path).status_code for method, path in routes} == {401}
    api.force_authenticate(UserFactory())
    assert {said(getattr(api, method)(path)) for method, path in routes} == {(403, "ADMIN_ACCESS_REQUIRED")}
    api.force_authenticate(analyst)
    answers = {(method, getattr(api, method)(path).status_code) for method, path in routes}
    assert answers == {("post", 403), ("get", 200)}
    assert (figures(batch), BatchOperation.objects.count()) == (before, 1)


@pytest.mark.parametrize("key", ["nonsense", UNKNOWN_ID])
def test_what_is_missing_is_404(api, boss, key):
    for method, path in (("get", "status"), ("post", "process"), ("post", "retry"), ("post", "cancel")):
        assert said(getattr(api, method)(f"/api/batch/{key}/{path}")) == (404, "BATCH_OPERATION_NOT_FOUND")


def test_failures_are_shown_and_tried_again(api, boss):
    players, onlus = rich_players(2), OnlusFactory()
    batch = started(make_batch(gifts(players, onlus)), now=timezone.now())
    Onlus.objects.filter(pk=onlus.pk).update(status="suspended")
    work(batch, now=timezone.now() - timedelta(minutes=1))
    Onlus.objects.filter(pk=onlus.pk).update(status="active")

    shown = api.get(f"/api/batch/{batch.pk}/status").json()["data"]
    assert (shown["status"], shown["can_be_retried"]) == ("failed", True)
    assert shown["error_info"]["error_count"] == len(shown["error_info"]["recent_errors"]) == 2
    assert {each["error_code"] for each in shown["donations"]["recent_errors"]} == {
        "ORGANIZATION_NOT_ELIGIBLE_FOR_DONATIONS"
    }

    answer = api.post(f"/api/batch/{batch.pk}/retry")

    assert said(answer) == (202, "BATCH_RETRY_STARTED")
    assert answer.json()["data"]["items_retried"] == 2
    batch_processing.work(clock=timezone.now)
    assert figures(batch) == ("completed", 2, 2, 0, 0)
    assert said(api.post(f"/api/batch/{batch.pk}/retry")) == (409, "BATCH_CANNOT_BE_RETRIED")


def test_cancel_says_when_and_why(api, boss):
    batch = make_batch()

    answer = api.post(f"/api/batch/operations/{batch.pk}/cancel", {})

    batch.refresh_from_db()
    assert said(answer) == (200, "BATCH_OPERATION_CANCELLED")
    assert answer.json()["data"] == {
        "batch_id": str(batch.pk),
        "cancelled_at": batch.completed_at.isoformat(),
        "reason": "Cancelled by admin",
    }
    assert figures(batch) == ("cancelled", 3, 0, 0, 3)
    assert said(api.post(f"/api/batch/{batch.pk}/cancel")) == (409, "BATCH_ALREADY_COMPLETED")


def test_refunds_come_through_the_other_name(api, boss):
    donation = make_donation(UserFactory(), OnlusFactory(), "5.00")
    body = {"operation_type": "refunds", "items": [{"donation_id": str(donation.pk), "reason": "Sent twice"}]}

    answer = api.post("/api/batch/operations", body)

    assert said(answer) == (201, "BATCH_OPERATION_CREATED")
    batch = work(released_and_started(BatchOperation.objects.get()), now=timezone.now())
    donation.refresh_from_db()
    assert (batch.status, donation.status) == ("completed", "refunded")


def released_and_started(batch):
    return started(batch, now=timezone.now())


@pytest.mark.parametrize("kind", ["lottery", "daily"])
def test_types_that_cannot_be_handed_in(api, boss, kind):
    answer = api.post("/api/batch/operations", {"operation_type": kind, "items": [{}]})

    assert said(answer) == (422, "BATCH_TYPE_NOT_AVAILABLE")
    assert not BatchOperation.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_history_costs_the_same_for_one_and_for_three(api, boss, count, django_assert_num_queries):
    mine = [make_batch(by=boss) for _ in range(count)]
    make_batch()
    donation = make_donation(UserFactory(), OnlusFactory())
    api.post(
        "/api/batch/operations", {"operation_type": "refunds", "items": [{"donation_id": str(donation.pk)}]}
    )

    with django_assert_num_queries(2):
        answer = api.get(f"/api/batch/history?created_by={boss.pk}&status=queued&limit=50")

    data = answer.json()["data"]
    assert [each["batch_id"] for each in data["batch_operations"]] == [
        str(each.pk) for each in reversed(mine)
    ]
    assert (data["total_count"], data["filters"]) == (
        count,
        {"operation_type": "donations", "status": "queued", "created_by": str(boss.pk)},
    )
    assert data["batch_operations"][0]["last_error"] is None
    every = api.get("/api/batch/operations")
    assert said(every) == (200, "BATCH_OPERATIONS_RETRIEVED")
    assert len(every.json()["data"]["operations"]) == count + 2


def test_a_filter_that_names_nothing_known_is_refused(api, boss):
    assert said(api.get("/api/batch/history?status=lost")) == (422, "INVALID_STATUS_FILTER")
    assert said(api.get("/api/batch/statistics?days=0")) == (422, "INVALID_PERIOD")


def test_statistics_count_the_last_days(api, boss):
    work(started(make_batch(now=timezone.now()), now=timezone.now()), now=timezone.now())
    make_batch(now=timezone.now())
    make_batch(now=timezone.now() - timedelta(days=8))

    data = api.get("/api/batch/statistics?days=7&operation_type=donations").json()["data"]

    assert data["period"]["days"] == 7
    assert {status: row["count"] for status, row in data["statistics"]["by_status"].items()} == {
        "completed": 1,
        "queued": 1,
    }
    assert data["statistics"]["totals"] == {
        "batch_count": 2,
        "total_items": 6,
        "total_processed": 3,
        "total_successful": 3,
        "total_failed": 0,
        "success_rate": 100.0,
    }
    empty = api.get("/api/batch/statistics?operation_type=payouts").json()["data"]["statistics"]
    assert (empty["by_status"], empty["totals"]["batch_count"]) == ({}, 0)


def test_progress_reaches_whoever_handed_it_in(boss, monkeypatch):
    told = []
    monkeypatch.setattr(realtime, "_remote", Told(told))
    batch = started(make_batch(by=boss))

    work(batch)

    # At most one a second while it runs, however many lines that are.
    assert [(event, data["processed_items"], room) for event, data, room in told] == [
        ("batch_progress", 1, realtime.room_of(boss.pk))
    ]


class Told:
    """Where live events go instead of Redis."""

    def __init__(self, told):
        self.told = told

    def emit(self, event, data, *, room, namespace):
        self.told.append((event, data, room))


def test_releasing_needs_its_own_right(api):
    staff = UserFactory(is_staff=True)
    staff.groups.add(Group.objects.get(name="finance"))

    batch = released(make_batch(by=staff))

    assert batch.released_by != staff
    assert staff.has_perm("donations.release_batchoperation")


STRANGE = [7, True, "text", {"a": 1}, [7], [[[]]], [None], [{"amount": {}}], "x" * 3000, 10**30]


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: str(value)[:12])
def test_whatever_is_sent_is_answered_with_a_constant(api, boss, value):
    batch = make_batch()
    line = {"user_id": value, "onlus_id": value, "amount": value, "message": value, "is_anonymous": value}
    line |= {"source_reference": value, "metadata": value, "donation_id": value, "reason": value}
    sent = [
        ("donations", {"donations": value}),
        ("donations", {"donations": [line]}),
        ("payouts", {"payouts": [line], "configuration": value}),
        ("operations", {"operation_type": value, "items": value}),
        ("operations", {"operation_type": "refunds", "items": [line]}),
        (f"{batch.pk}/process", {"reason": value}),
        (f"{batch.pk}/cancel", {"reason": value if not isinstance(value, str | int) else {}}),
    ]

    answers = [api.post(f"/api/batch/{path}", body) for path, body in sent]

    assert [answer.json()["message"].isupper() for answer in answers] == [True] * len(sent)
    assert {answer.status_code for answer in answers} <= {202, 400, 422}
    assert (BatchOperation.objects.get(), figures(batch)[0]) == (batch, "queued")
