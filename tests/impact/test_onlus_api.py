from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Onlus
from goodplay.lib.ids import new_id
from impact.models import ImpactMetric, ImpactUpdate, MetricPoint
from impact.queries.metrics import formatted_value
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.impact import ImpactMetricFactory, ImpactUpdateFactory

pytestmark = [pytest.mark.documents, pytest.mark.django_db]


@pytest.fixture
def onlus():
    return OnlusFactory()


def metrics(api, onlus, **query):
    return api.get(f"/api/impact/onlus/{onlus.pk}/metrics", query).json()["data"]


def updates(api, onlus, **query):
    return api.get(f"/api/impact/onlus/{onlus.pk}/updates", query).json()["data"]


# Metrics ---------------------------------------------------------------------------------------------------------


def test_metrics_are_public_with_their_ratio_and_target(api, onlus):
    metric = ImpactMetricFactory(
        onlus_id=onlus.pk,
        current_value=Decimal(150),
        target_value=Decimal(200),
        related_donations_amount=Decimal("2500.00"),
        related_donations_count=12,
        collection_date=timezone.now() - timedelta(days=2),
    )
    ImpactMetricFactory(onlus_id=onlus.pk, is_active=False)
    ImpactMetricFactory()  # another ONLUS's

    response = api.get(f"/api/impact/onlus/{onlus.pk}/metrics/")

    assert response.json()["message"] == "ONLUS_VISUALIZATION_SUCCESS"
    (row,) = response.json()["data"]["metrics"]
    assert row == row | {
        "id": str(metric.pk),
        "onlus_id": str(onlus.pk),
        "metric_unit": "people",
        "unit": "people",
        "current_value": 150,
        "previous_value": None,
        "formatted_value": "150",
        "target_value": 200,
        "progress_percentage": 75,
        "verification_status": "pending",
        "is_verified": False,
        "related_donations_count": 12,
        "related_donations_amount": 2500.0,
        "efficiency_ratio": 0.06,
        "is_stale": False,
    }
    assert row["trend_30d"]["trend"] == "insufficient_data"
    assert "data_points" not in row


def test_a_metric_without_donations_or_target_has_no_ratio(api, onlus):
    ImpactMetricFactory(onlus_id=onlus.pk, collection_date=timezone.now() - timedelta(days=31))

    (row,) = metrics(api, onlus)["metrics"]

    assert (row["efficiency_ratio"], row["progress_percentage"], row["is_stale"]) == (None, None, True)


@pytest.mark.parametrize(
    ("oldest", "label", "percentage"),
    [("100", "increasing", 50), ("150", "stable", 0), ("200", "decreasing", -25), ("0", "increasing", 0)],
)
def test_the_trend_compares_the_oldest_reading_with_now(api, onlus, oldest, label, percentage):
    metric = ImpactMetricFactory(onlus_id=onlus.pk, collection_date=timezone.now())
    for days, value in ((40, "999"), (20, oldest), (10, "1")):
        moment = timezone.now() - timedelta(days=days)
        MetricPoint.objects.create(
            metric_id=metric.pk, value=Decimal(value), source="onlus_report", recorded_at=moment
        )

    (row,) = metrics(api, onlus, include_trends="true")["metrics"]

    assert row["trend_30d"] == {
        "trend": label,
        "change_value": 150 - int(oldest),
        "change_percentage": percentage,
        "data_points": 3,
        "period_days": 30,
    }
    assert [point["value"] for point in row["data_points"]] == [int(oldest), 1]


def test_readings_do_not_tell_whose_donation_they_came_from(api, onlus, settled):
    ImpactMetricFactory(onlus_id=onlus.pk, metric_type="financial", metric_unit="eur")
    with settled():
        donation = make_donation(UserFactory(), onlus, now=timezone.now())

    response = api.get(f"/api/impact/onlus/{onlus.pk}/metrics", {"include_trends": "true"})

    (row,) = response.json()["data"]["metrics"]
    assert [point["source"] for point in row["data_points"]] == ["donation"]
    assert str(donation.pk) not in response.content.decode()


def test_the_summary_keeps_units_apart_and_counts_each_donation_once(api, onlus):
    for _ in range(2):
        make_donation(UserFactory(), onlus, "5.00", now=timezone.now())
    shared = {"onlus_id": onlus.pk, "related_donations_amount": Decimal("10.00")}
    ImpactMetricFactory(current_value=Decimal(10), verification_status="verified", **shared)
    ImpactMetricFactory(current_value=Decimal(20), **shared)
    ImpactMetricFactory(metric_unit="animals", current_value=Decimal(7), **shared)

    summary = metrics(api, onlus)["metrics_summary"]

    kind = summary["summary_by_type"]["beneficiaries"]
    assert (kind["metrics_count"], kind["verified_count"], kind["verification_rate"]) == (3, 1, 33.3)
    assert (kind["total_value"], kind["avg_value"]) == (None, None)
    assert kind["by_unit"] == {
        "animals": {"metrics_count": 1, "total_value": 7, "avg_value": 7},
        "people": {"metrics_count": 2, "total_value": 30, "avg_value": 15},
    }
    assert kind["total_donations_amount"] == 10.0
    assert len(kind["metrics"]) == 3
    assert summary["totals"] == {
        "total_metrics": 3,
        "total_verified": 1,
        "overall_verification_rate": 33.3,
        "total_donations_amount": 10.0,
    }


def test_metrics_can_be_of_one_kind_of_period(api, onlus):
    start = timezone.now() - timedelta(days=30)
    ImpactMetricFactory(onlus_id=onlus.pk)
    monthly = ImpactMetricFactory(
        onlus_id=onlus.pk, period_type="monthly", period_start=start, period_end=timezone.now()
    )

    assert [row["id"] for row in metrics(api, onlus, period="monthly")["metrics"]] == [str(monthly.pk)]
    refused = api.get(f"/api/impact/onlus/{onlus.pk}/metrics", {"period": "hourly"})
    assert (refused.status_code, refused.json()["message"]) == (422, "METRIC_PERIOD_TYPE_INVALID")


@pytest.mark.parametrize("path", ["metrics", "updates"])
def test_an_onlus_the_public_does_not_see_is_not_there(api, path):
    hidden = OnlusFactory(status=Onlus.Status.SUSPENDED)
    ImpactMetricFactory(onlus_id=hidden.pk)

    for key in (hidden.pk, new_id(), "no-key"):
        response = api.get(f"/api/impact/onlus/{key}/{path}")

        assert (response.status_code, response.json()["message"]) == (404, "ONLUS_NOT_FOUND")


@pytest.mark.parametrize("count", [1, 3])
def test_metrics_cost_six_queries(api, onlus, count, django_assert_num_queries, documents_apart):
    ImpactMetricFactory.create_batch(count, onlus_id=onlus.pk)
    ImpactUpdateFactory.create_batch(count, onlus_id=onlus.pk, published_at=timezone.now())

    with django_assert_num_queries(6 - 2 * documents_apart):
        data = metrics(api, onlus)

    assert (len(data["metrics"]), len(data["recent_updates"])) == (count, count)


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("eur", "1234.56", "€1,234.56"),
        ("percentage", "12.34", "12.3%"),
        ("people", "1500", "1,500"),
        ("square_meters", "10", "10.0 m²"),
        ("liters", "2.25", "2.2 L"),
        ("kilograms", "3", "3.0 kg"),
        ("hours", "7.5", "7.5 hours"),
        ("score", "4.5", "4.50"),
        ("eur", "-5", "\N{MINUS SIGN}€5.00"),
    ],
)
def test_values_are_written_in_their_unit(unit, value, expected):
    assert formatted_value(ImpactMetric(metric_unit=unit, current_value=Decimal(value))) == expected


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [
        ("eur", "1234.56", "1.234,56\N{NO-BREAK SPACE}€"),
        ("percentage", "12.34", "12,3%"),
        ("people", "1234567", "1.234.567"),
        ("kilograms", "1234.56", "1.234,6 kg"),
        ("score", "4.5", "4,50"),
    ],
)
def test_values_are_written_in_the_readers_language(api, onlus, unit, value, expected):
    ImpactMetricFactory(onlus_id=onlus.pk, metric_unit=unit, current_value=Decimal(value))

    def written(language):
        path = f"/api/impact/onlus/{onlus.pk}/metrics"
        data = api.get(path, headers={"accept-language": language}).json()["data"]
        return data["metrics"][0]["formatted_value"]

    english = written("en")
    italian, page = written("it"), api.get(f"/organisations/{onlus.pk}/", headers={"accept-language": "it"})

    assert (italian, written("en")) == (expected, english)
    assert english != expected
    assert expected in page.content.decode()


# Updates ---------------------------------------------------------------------------------------------------------


def test_updates_are_public_without_the_donations_they_are_about(api, onlus):
    update = ImpactUpdateFactory(
        onlus_id=onlus.pk,
        published_at=timezone.now() - timedelta(hours=3),
        priority=ImpactUpdate.Priority.HIGH,
        affected_donation_ids=[str(new_id())],
        related_metrics={"schools_built": 1},
        financial_impact=Decimal("0.00"),
    )
    ImpactUpdateFactory(published_at=timezone.now())  # another ONLUS's

    response = api.get(f"/api/impact/onlus/{onlus.pk}/updates/")

    assert response.json()["message"] == "ONLUS_UPDATES_SUCCESS"
    data = response.json()["data"]
    assert (data["period_days"], data["total_updates"]) == (30, 1)
    (row,) = data["updates"]
    assert row == row | {
        "id": str(update.pk),
        "priority": "high",
        "priority_score": 3,
        "is_published": True,
        "is_recent": True,
        "age_hours": 3,
        "financial_impact": 0.0,
        "affected_donations_count": 1,
        "related_metrics": {"schools_built": 1},
    }
    assert row["engagement_metrics"]["views"] == row["engagement_metrics"]["view_count"] == 0
    assert update.affected_donation_ids[0] not in response.content.decode()


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("draft", False),
        ("scheduled", False),
        ("published", True),
        ("featured", True),
        ("archived", False),
        ("removed", False),
    ],
)
def test_only_published_updates_are_shown(api, onlus, status, shown):
    now = timezone.now()
    ImpactUpdateFactory(onlus_id=onlus.pk, status=status, published_at=now, publish_at=now)

    assert len(updates(api, onlus)["updates"]) == shown


def test_updates_go_by_urgency_then_newest(api, onlus):
    now = timezone.now()
    for title, priority, hours in (("old", 2, 5), ("critical", 5, 9), ("new", 2, 1), ("low", 1, 0)):
        published = now - timedelta(hours=hours)
        ImpactUpdateFactory(onlus_id=onlus.pk, title=title, priority=priority, published_at=published)

    data = updates(api, onlus, limit=3)

    assert [row["title"] for row in data["updates"]] == ["critical", "new", "old"]
    assert data["total_updates"] == 4


def test_updates_reach_back_as_far_as_asked(api, onlus):
    ImpactUpdateFactory(onlus_id=onlus.pk, published_at=timezone.now() - timedelta(days=40))

    assert updates(api, onlus)["updates"] == []
    assert len(updates(api, onlus, days=60)["updates"]) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_updates_cost_four_queries(api, onlus, count, django_assert_num_queries, documents_apart):
    ImpactUpdateFactory.create_batch(count, onlus_id=onlus.pk, published_at=timezone.now())

    with django_assert_num_queries(4 - 2 * documents_apart):
        assert len(updates(api, onlus)["updates"]) == count
