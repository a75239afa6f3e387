"""Reconciliations over REST."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connections
from django.utils import timezone

from donations.models import Discrepancy, ReconciliationRun, Transfer
from donations.operations.reconciliation import runs
from goodplay.lib.idempotency.models import IdempotencyKey
from goodplay.lib.time import rome_day
from tests.factories.accounts import UserFactory
from tests.factories.donations import NOW
from tests.payments.benches import stripe_bench
from tests.payments.intents import account_at
from tests.payments.stripe_server import ROUTES, StripeServer
from tests.reconciling.house import APRIL_2, bank_day, charge, fund, reconcile_march

pytestmark = pytest.mark.django_db
RIGHTS = ("view_reconciliationrun", "start_reconciliationrun", "resolve_discrepancy")


@pytest.fixture
def anna(api):
    staff = UserFactory(is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    api.force_authenticate(staff)
    return api


@pytest.fixture
def broken(db):
    bank_day(charges=[charge("2.50")])
    reconcile_march()
    return Discrepancy.objects.get()


def test_a_period_is_reconciled_and_reported(anna):
    bank_day(charges=[charge("2.50")])
    body = {"type": "monthly", "start_date": "2026-03-01", "end_date": "2026-03-31"}

    answer = anna.post("/api/admin/reconciliation/start", body, format="json")

    assert (answer.status_code, answer.json()["message"]) == (200, "RECONCILIATION_COMPLETED")
    data = answer.json()["data"]
    assert (data["discrepancies_count"], data["requires_review"]) == (1, True)
    assert data["summary"]["discrepancies"]["by_type"] == {"amount_mismatch": 1}
    assert data["summary"]["amounts"]["amount_variance"] == -2.5
    report = anna.get(f"/api/admin/reconciliation/{data['reconciliation_id']}").json()
    assert report["message"] == "RECONCILIATION_REPORT_GENERATED"
    (row,) = report["data"]["discrepancies"]
    assert (row["break_class"], row["severity"], row["difference"]) == ("fee", "high", -2.5)
    assert row["description"] == "A fee of 2.50 EUR was kept that is not booked."


def test_providers_are_asked_outside_of_any_transaction(real_transactions, anna, monkeypatch):
    """Whoever looks while they answer sees the key taken: it was committed. Then the answer is repeated."""
    server, taken = StripeServer(), []
    server.start()
    account_at(stripe_bench(server))

    def told(sent):
        taken.append(list(IdempotencyKey.objects.values_list("key", "status_code")))
        connections.close_all()
        return StripeServer.list_balance(server, sent)

    monkeypatch.setitem(ROUTES, ("GET", "/v1/balance_transactions"), lambda _server, sent: told(sent))
    body = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
    answers = [
        anna.post("/api/admin/reconciliation/start", body, format="json", HTTP_IDEMPOTENCY_KEY="march")
        for _ in range(2)
    ]
    server.stop()

    assert taken == [[("march", 0)]]
    assert [each.status_code for each in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert ReconciliationRun.objects.get().times_run == 1


@pytest.mark.parametrize(
    ("body", "status", "constant"),
    [
        ({"start_date": "2026-03-31", "end_date": "2026-03-01"}, 422, "INVALID_DATE_RANGE"),
        ({"start_date": "yesterday", "end_date": "2026-03-01"}, 422, "INVALID_DATE_RANGE"),
        ({"start_date": "2026-03-01", "end_date": "2999-03-01"}, 422, "INVALID_DATE_RANGE"),
        ({"start_date": "0001-01-01", "end_date": "0001-01-01"}, 422, "INVALID_DATE_RANGE"),
        ({"start_date": "2019-12-31", "end_date": "2020-01-01"}, 422, "INVALID_DATE_RANGE"),
        ({"start_date": "9999-12-31", "end_date": "9999-12-31"}, 422, "INVALID_DATE_RANGE"),
        ({}, 400, "DATA_REQUIRED"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(anna, body, status, constant):
    answer = anna.post("/api/admin/reconciliation/start", body, format="json")

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    assert not ReconciliationRun.objects.exists()


def test_today_is_not_over(anna):
    today = rome_day(timezone.now()).isoformat()

    answer = anna.post(
        "/api/admin/reconciliation/start", {"start_date": today, "end_date": today}, format="json"
    )

    assert (answer.status_code, answer.json()["message"]) == (422, "FUTURE_DATE_NOT_ALLOWED")


@pytest.mark.parametrize("count", [1, 3])
def test_the_history_costs_the_same_for_one_and_for_three(anna, count, django_assert_max_num_queries):
    for day in range(count):
        first = rome_day(NOW) - timedelta(days=day)
        runs.start(type=runs.Type.DAILY, start_date=first, end_date=first, now=APRIL_2)

    with django_assert_max_num_queries(4):
        answer = anna.get("/api/admin/reconciliation/history?type=daily")

    assert answer.json()["message"] == "RECONCILIATION_HISTORY_RETRIEVED"
    assert answer.json()["data"]["total_count"] == count == len(answer.json()["data"]["reconciliations"])


@pytest.mark.parametrize("count", [1, 3])
def test_a_report_costs_the_same_for_one_break_and_for_three(anna, count, django_assert_max_num_queries):
    bank_day(charges=[charge(f"{number}.50") for number in range(1, count + 1)])
    run = reconcile_march()

    with django_assert_max_num_queries(5):
        answer = anna.get(f"/api/admin/reconciliation/{run.pk}")

    assert len(answer.json()["data"]["discrepancies"]) == count


def test_a_break_is_resolved_with_a_second_person(anna, broken):
    fund()
    body = {"resolution_type": "manual_adjustment", "notes": "The price of the account"}

    answer = anna.post(f"/api/admin/reconciliation/{broken.pk}/resolve", body, format="json")

    assert (answer.status_code, answer.json()["message"]) == (200, "DISCREPANCY_RESOLVED")
    assert answer.json()["data"]["status"] == "awaiting_approval"
    assert not Transfer.objects.filter(kind=Transfer.Kind.ADJUSTMENT).exists()
    again = anna.post(f"/api/admin/reconciliation/{broken.pk}/resolve", body, format="json")
    assert (again.status_code, again.json()["message"]) == (409, "DISCREPANCY_AWAITS_APPROVAL")


@pytest.mark.parametrize(
    ("body", "status", "constant"),
    [
        ({"resolution_type": "forget"}, 422, "INVALID_RESOLUTION_TYPE"),
        ({"resolution_type": "ignore"}, 422, "REASON_REQUIRED"),
        ({"resolution_type": "manual_adjustment", "notes": "Book it"}, 422, "INSUFFICIENT_BALANCE"),
    ],
)
def test_a_resolution_that_is_none_changes_nothing(anna, broken, body, status, constant):
    answer = anna.post(f"/api/admin/reconciliation/{broken.pk}/resolve", body, format="json")

    assert (answer.status_code, answer.json()["message"]) == (status, constant)
    broken.refresh_from_db()
    assert (broken.status, broken.events.count()) == ("open", 1)


def test_what_is_not_there_is_said_by_the_route(anna):
    report = anna.get("/api/admin/reconciliation/REC-DAI-1")
    resolved = anna.post(
        "/api/admin/reconciliation/none/resolve", {"resolution_type": "ignore"}, format="json"
    )

    assert (report.status_code, report.json()["message"]) == (404, "RECONCILIATION_REPORT_ERROR")
    assert (resolved.status_code, resolved.json()["message"]) == (404, "DISCREPANCY_RESOLUTION_ERROR")
    wrong = anna.get("/api/admin/reconciliation/history?status=odd")
    assert (wrong.status_code, wrong.json()["message"]) == (422, "RECONCILIATION_HISTORY_ERROR")


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "start"), ("get", "history"), ("get", "REC-1"), ("post", "REC-1/resolve")],
)
def test_players_and_staff_without_the_right_see_nothing(api, method, path):
    for user in (UserFactory(), UserFactory(is_staff=True)):
        api.force_authenticate(user)

        answer = getattr(api, method)(f"/api/admin/reconciliation/{path}")

        assert (answer.status_code, answer.json()["message"]) == (403, "ADMIN_ACCESS_REQUIRED")
