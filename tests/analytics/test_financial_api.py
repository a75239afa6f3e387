"""The financial analytics over REST: real figures, right refusals, a fixed number of questions."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from donations.operations import analytics
from goodplay.lib.alerts.operations import raise_alert
from goodplay.lib.exports.models import ExportJob
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation, take_back

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
BASE = "/api/admin/financial"
GETS = (
    "dashboard",
    "metrics",
    "trends",
    "analytics/users",
    "analytics/payments",
    "forecasting",
    "performance",
    "alerts",
)
POSTS = ("reports/custom", "export")


@pytest.fixture(autouse=True)
def _today(db):
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def analyst(api):
    person = StaffFactory(is_superuser=False)
    person.user_permissions.add(Permission.objects.get(codename="view_financial_analytics"))
    api.force_authenticate(person)
    return person


@pytest.fixture
def staff(api, analyst):
    return api


def days_ago(days):
    return NOON - timedelta(days=days)


def get(api, path, **query):
    return api.get(f"{BASE}/{path}", query)


def data(api, path, **query):
    response = get(api, path, **query)
    assert response.status_code == 200, response.json()
    return response.json()["data"]


def test_the_dashboard_compares_with_as_many_days_before(staff):
    alice, bruno, onlus = UserFactory(), UserFactory(), OnlusFactory()
    make_donation(alice, onlus, "10.00", now=NOON)
    make_donation(alice, onlus, "20.00", now=days_ago(6))
    gone = make_donation(bruno, onlus, "5.00", now=days_ago(2))
    take_back(gone, "1.00")
    make_donation(bruno, onlus, "17.00", now=days_ago(7))

    found = data(staff, "dashboard", days=7)

    assert found["core_metrics"] == {
        "total_volume": {"current": 34.00, "previous": 17.00, "growth_rate": 100.00},
        "total_donations": {"current": 3, "previous": 1, "growth_rate": 200.00},
        "average_donation": {"current": 11.33, "previous": 17.00},
        "unique_donors": 2,
        "conversion_rate": 100.00,
        "donations_per_donor": 1.50,
    }
    assert found["period"] == {
        "start_date": "2026-03-07T23:00:00+00:00",
        "end_date": "2026-03-14T23:00:00+00:00",
        "days": 7,
    }
    assert found["generated_at"] == "2026-03-14T11:00:00+00:00"
    assert set(found) == {
        "core_metrics",
        "trends",
        "user_analytics",
        "payment_analytics",
        "performance_metrics",
        "forecasting",
        "period",
        "generated_at",
    }


def test_nothing_given_is_nothing_invented(staff):
    found = data(staff, "dashboard")

    assert found["core_metrics"]["total_volume"] == {"current": 0.00, "previous": 0.00, "growth_rate": None}
    assert found["trends"]["peak_days"] == {"highest_volume": None, "highest_count": None}
    assert found["user_analytics"]["behavior_metrics"]["retention_rate"] is None
    assert found["payment_analytics"]["success_metrics"]["success_rate"] is None
    assert found["payment_analytics"]["performance_metrics"]["median_processing_time_seconds"] is None
    assert found["performance_metrics"]["transaction_processing"]["average_response_time_ms"] is None
    assert found["forecasting"] == {"error": "INSUFFICIENT_HISTORY", "days_needed": 7, "days_known": 0}


@pytest.mark.parametrize(
    ("by", "starts"),
    [
        ("hourly", ["2026-03-02T11:00:00+00:00", "2026-03-09T11:00:00+00:00"]),
        ("weekly", ["2026-02-23", "2026-03-02", "2026-03-09"]),
        ("monthly", ["2026-02-01", "2026-03-01"]),
    ],
)
def test_metrics_are_grouped_as_asked(staff, by, starts):
    make_donation(UserFactory(), OnlusFactory(), "10.00", now=days_ago(12))
    make_donation(UserFactory(), OnlusFactory(), "2.00", now=days_ago(5))

    found = data(
        staff,
        "metrics",
        period=by,
        start_date="2026-02-27",
        end_date="2026-03-14",
        metric_type=["volume", "distribution"],
    )

    assert found["period"] == by
    assert found["metrics"]["volume"] == 12.00
    assert found["metrics"]["distribution"] == {"under_10": 1, "10_to_50": 1, "50_to_100": 0, "over_100": 0}
    assert "count" not in found["metrics"]
    assert [each["start"] for each in found["metrics"]["series"]] == starts
    assert sum(each["volume"] for each in found["metrics"]["series"]) == 12.00


def test_a_trend_tells_its_direction_and_swing(staff):
    for days, amount in ((3, "1.00"), (2, "2.00"), (1, "3.00"), (0, "4.00")):
        make_donation(UserFactory(), OnlusFactory(), amount, now=days_ago(days))

    found = data(staff, "trends", days=4)

    assert [day["volume"] for day in found["daily_data"]] == [1.00, 2.00, 3.00, 4.00]
    assert (found["trend_direction"], found["slope"], found["volatility"]) == ("increasing", 1.0000, 1.12)
    assert found["peak_day"] == {"date": "2026-03-14", "value": 4.00}


def test_donors_are_grouped_by_what_they_do(staff):
    onlus, once, often, large = OnlusFactory(), UserFactory(), UserFactory(), UserFactory()
    make_donation(once, onlus, "1.00", now=NOON)
    for day in range(6):
        make_donation(often, onlus, "2.00", now=days_ago(day))
    make_donation(large, onlus, "100.00", now=NOON)
    make_donation(large, onlus, "100.01", now=NOON)
    make_donation(once, onlus, "9.00", now=days_ago(10))
    make_donation(UserFactory(), onlus, "9.00", now=days_ago(10))

    found = data(staff, "analytics/users", days=7)
    alone = data(staff, "analytics/users", days=7, segment="high_value")

    assert found["total_active_donors"] == 3
    assert found["user_segments"] == {
        "new_donors": 1,
        "returning_donors": 2,
        "high_value": 1,
        "frequent_donors": 1,
    }
    assert found["behavior_metrics"] == {
        "average_donations_per_user": 3.00,
        "average_value_per_user": 71.00,
        "median_donation_value": 2.00,
        "retention_rate": 50.00,
    }
    assert found["value_distribution"] == {"under_10": 7, "10_to_50": 0, "50_to_100": 1, "over_100": 1}
    assert alone["user_segments"] == {"high_value": 1}
    assert alone["behavior_metrics"]["average_value_per_user"] == 200.01


def test_cohorts_follow_those_who_registered_in_a_month(staff):
    onlus = OnlusFactory()
    first, second = (UserFactory(created_at=datetime(2026, 1, 5, tzinfo=UTC)) for _number in range(2))
    make_donation(first, onlus, "1.00", now=datetime(2026, 1, 9, tzinfo=UTC))
    make_donation(second, onlus, "1.00", now=datetime(2026, 1, 9, tzinfo=UTC))
    make_donation(first, onlus, "1.00", now=NOON)

    cohort = data(staff, "analytics/users")["cohorts"][-3]

    assert cohort == {
        "month": "2026-01-01",
        "registered": 2,
        "donors": [2, 0, 1],
        "retention": [100.00, 0.00, 50.00],
    }


def test_the_forecast_says_what_it_would_have_got_wrong(staff):
    onlus, donor = OnlusFactory(), UserFactory()
    for days in range(1, 15):
        make_donation(donor, onlus, "10.00", now=days_ago(days))

    found = data(staff, "forecasting", forecast_days=3)

    assert found["forecast_data"] == [
        {
            "date": f"2026-03-{day}",
            "predicted_volume": 10.00,
            "confidence": sure,
            "lower": 10.00,
            "upper": 10.00,
        }
        for day, sure in ((14, 0.85), (15, 0.80), (16, 0.75))
    ]
    assert found["methodology"] == "moving_average_with_growth"
    assert found["confidence_intervals"] == {"lower": [10.00] * 3, "upper": [10.00] * 3}
    assert found["accuracy"] == {
        "predictions_checked": 28,
        "mean_absolute_error": 0.00,
        "mean_absolute_percentage_error": 0.00,
    }


def test_a_custom_report_holds_what_was_asked_for(staff):
    for amount in ("1.00", "2.00", "3.00", "94.00"):
        make_donation(UserFactory(), OnlusFactory(), amount, now=NOON)
    asked = {
        "start_date": "2026-03-13",
        "end_date": "2026-03-14T12:00:00Z",
        "metrics": ["volume", "growth_rate"],
    }

    answer = staff.post(f"{BASE}/reports/custom", {"report_name": "March", **asked}).json()

    assert answer["message"] == "CUSTOM_REPORT_GENERATED"
    found = answer["data"]
    assert (found["report_id"], found["report_name"], found["total_records"]) == (
        "CUSTOM-20260314110000",
        "March",
        4,
    )
    assert found["data"]["volume_analysis"] == {
        "total_volume": 100.00,
        "average_amount": 25.00,
        "median_amount": 2.50,
        "min_amount": 1.00,
        "max_amount": 94.00,
        "standard_deviation": 39.84,
        "percentiles": {"25th": 1.00, "75th": 3.00, "90th": 94.00},
    }
    assert found["data"]["transaction_count_analysis"] == {
        "total_transactions": 4,
        "daily_average": 2.00,
        "peak_day_transactions": 4,
        "transactions_per_hour": 0.08,
    }
    assert set(found["data"]["metrics"]) == {"volume", "growth_rate", "series"}


def test_an_export_is_made_of_the_donations(staff, analyst, django_capture_on_commit_callbacks):
    make_donation(UserFactory(display_name="Alice"), OnlusFactory(name="Il Sentiero"), "12.34", now=NOON)

    with django_capture_on_commit_callbacks(execute=True):
        answer = staff.post(f"{BASE}/export", {"format": "csv", "export_type": "transactions"})

    found, job = answer.json()["data"], ExportJob.objects.get()
    assert (answer.status_code, answer.json()["message"]) == (202, "FINANCIAL_EXPORT_INITIATED")
    assert found["export_id"] == job.export_id
    assert found["export_id"].startswith("FINEXP-20260314")
    assert found["created_by"] == str(analyst.pk)
    assert (job.kind, job.parameters) == (
        "financial",
        {"export_type": "transactions", "first": "2026-02-13", "last": "2026-03-14"},
    )


def test_alerts_are_those_of_money_that_are_open(staff):
    common = {"source": "test", "now": NOON}
    raise_alert(
        area="financial",
        alert_type="threshold",
        severity="high",
        title="Refunds",
        message="Many.",
        dedupe_key="a",
        data={"metric": "refund_rate", "threshold": "10", "current_value": "12.50"},
        **common,
    )
    raise_alert(
        area="financial", alert_type="books", severity="critical", title="B", dedupe_key="b", **common
    )
    raise_alert(area="security", alert_type="threshold", severity="high", title="C", dedupe_key="c", **common)

    found = data(staff, "alerts")
    limits = data(staff, "alerts", alert_type="threshold")

    assert (found["total_count"], found["critical_count"], found["high_count"]) == (2, 1, 1)
    assert [(each["title"], each["alert_type"]) for each in found["alerts"]] == [
        ("B", "system"),
        ("Refunds", "threshold"),
    ]
    assert found["alerts"][1] | {"alert_id": ""} == {
        "alert_id": "",
        "alert_type": "threshold",
        "severity": "high",
        "title": "Refunds",
        "description": "Many.",
        "metric": "refund_rate",
        "threshold": "10",
        "current_value": "12.50",
        "created_at": "2026-03-14T11:00:00+00:00",
        "requires_attention": True,
    }
    assert limits["total_count"] == 1


@pytest.mark.parametrize(
    ("path", "query", "constant"),
    [
        ("dashboard", {"start_date": "yesterday"}, "INVALID_START_DATE_FORMAT"),
        ("dashboard", {"end_date": "2026-02-30"}, "INVALID_END_DATE_FORMAT"),
        ("dashboard", {"start_date": "2026-03-10", "end_date": "2026-03-01"}, "INVALID_DATE_RANGE"),
        ("dashboard", {"start_date": "2020-03-10"}, "INVALID_DATE_RANGE"),
        ("trends", {"start_date": "2026-03-15"}, "INVALID_DATE_RANGE"),
        ("dashboard", {"days": "0"}, "INVALID_DATE_RANGE"),
        ("dashboard", {"days": "731"}, "INVALID_DATE_RANGE"),
        ("metrics", {"metric_type": ["volume", "luck"]}, "INVALID_METRIC_TYPES"),
        ("metrics", {"period": "yearly"}, "INVALID_PERIOD"),
        ("metrics", {"period": "hourly", "days": "32"}, "INVALID_PERIOD"),
        ("trends", {"metric": "growth_rate"}, "INVALID_METRIC"),
        ("analytics/users", {"segment": "whales"}, "INVALID_USER_SEGMENT"),
        ("analytics/payments", {"payment_method": "shells"}, "INVALID_PAYMENT_METHOD"),
        ("forecasting", {"forecast_days": "91"}, "INVALID_FORECAST_PERIOD"),
        ("forecasting", {"forecast_days": "0"}, "INVALID_FORECAST_PERIOD"),
        ("forecasting", {"metric": "luck"}, "INVALID_FORECAST_METRIC"),
        ("performance", {"hours": "721"}, "INVALID_PERIOD"),
        ("alerts", {"limit": "51"}, "INVALID_LIMIT_VALUE"),
        ("alerts", {"severity": "mild"}, "INVALID_SEVERITY"),
        ("alerts", {"alert_type": "noise"}, "INVALID_ALERT_TYPE"),
    ],
)
def test_what_cannot_be_answered_is_refused(staff, path, query, constant):
    response = get(staff, path, **query)

    assert (response.status_code, response.json()["message"]) == (422, constant)


DATES = {"start_date": "2026-03-01", "end_date": "2026-03-14"}


@pytest.mark.parametrize(
    ("path", "body", "status", "constant"),
    [
        ("reports/custom", {}, 400, "DATA_REQUIRED"),
        ("reports/custom", {"start_date": "2026-03-01"}, 422, "DATE_RANGE_REQUIRED"),
        ("reports/custom", {**DATES, "end_date": "soon"}, 422, "INVALID_DATE_FORMAT"),
        ("reports/custom", {**DATES, "end_date": 20260314}, 422, "INVALID_DATE_FORMAT"),
        ("reports/custom", {**DATES, "end_date": "2026-02-01"}, 422, "INVALID_DATE_RANGE"),
        ("reports/custom", {**DATES, "metrics": []}, 422, "INVALID_METRICS"),
        ("reports/custom", {**DATES, "metrics": ["luck"]}, 422, "INVALID_METRICS"),
        ("reports/custom", {**DATES, "group_by": "yearly"}, 422, "INVALID_GROUP_BY"),
        ("reports/custom", {**DATES, "filters": {"onlus": "x"}}, 422, "INVALID_FILTERS"),
        ("export", {}, 400, "DATA_REQUIRED"),
        ("export", {"format": "xml"}, 422, "INVALID_EXPORT_FORMAT"),
        ("export", {"export_type": "donors"}, 422, "INVALID_EXPORT_TYPE"),
        ("export", {"date_range": {"start_date": "x"}}, 422, "INVALID_DATE_RANGE"),
        ("export", {"filters": {"a": 1}}, 422, "INVALID_FILTERS"),
    ],
)
def test_what_cannot_be_made_is_refused(staff, path, body, status, constant):
    response = staff.post(f"{BASE}/{path}", body)

    assert (response.status_code, response.json()["message"]) == (status, constant)
    assert ExportJob.objects.count() == 0


@pytest.mark.parametrize(
    "end", ["2026-03-14", "2026-03-14T09:00:00", "2026-03-14T09:00:00Z", "2026-03-15T00:00:00+01:00"]
)
def test_dates_are_read_with_and_without_an_offset(staff, end):
    found = data(staff, "dashboard", start_date="2026-03-13T23:30:00", end_date=end)

    assert found["period"]["start_date"] == "2026-03-13T23:00:00+00:00"
    assert found["period"]["days"] == 1


@pytest.mark.parametrize("path", [*GETS, *POSTS])
@pytest.mark.parametrize("who", ["nobody", "player", "staff"])
def test_only_staff_with_the_right_see_money(api, path, who):
    if who != "nobody":
        api.force_authenticate(UserFactory() if who == "player" else StaffFactory(is_superuser=False))

    response = api.post(f"{BASE}/{path}", DATES) if path in POSTS else api.get(f"{BASE}/{path}")

    refusal = (401, "AUTHENTICATION_REQUIRED") if who == "nobody" else (403, "ADMIN_ACCESS_REQUIRED")
    assert (response.status_code, response.json()["message"]) == refusal


def test_answers_are_kept_until_something_is_given(staff, django_capture_on_commit_callbacks):
    donor, onlus = UserFactory(), OnlusFactory()
    make_donation(donor, onlus, "2.00", now=NOON)
    first = data(staff, "trends")
    with time_machine.travel(NOON + timedelta(minutes=14), tick=False):
        make_donation(donor, onlus, "3.00", now=NOON)
        kept = data(staff, "trends")
    with time_machine.travel(NOON + timedelta(minutes=14, seconds=1), tick=False):
        with django_capture_on_commit_callbacks(execute=True):
            make_donation(donor, onlus, "5.00", now=NOON)
        fresh = data(staff, "trends")

    assert kept == first
    assert [each["daily_data"][-1]["volume"] for each in (first, fresh)] == [2.00, 10.00]
    assert fresh["generated_at"] == "2026-03-14T11:14:01+00:00"


@pytest.mark.parametrize("path", GETS)
def test_every_answer_costs_the_same_for_few_and_many(staff, analyst, path):
    analyst.has_perm("donations.view_financial_analytics")  # what a person may is asked once
    counts = []
    for rows, days in ((1, 7), (3, 90)):
        for number in range(rows):
            make_donation(UserFactory(), OnlusFactory(), "1.00", now=days_ago(number))
        analytics.rollups.roll_up(now=NOON)
        analytics.forget()
        query = {"days": days} if path not in ("forecasting", "performance", "alerts") else {}
        with CaptureQueriesContext(connection) as asked:
            get(staff, path, **query)
        counts.append(len(asked))

    assert counts[0] == counts[1]
