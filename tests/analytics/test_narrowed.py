"""Reports and exports of some donations only: the filters really filter, and what they cannot do is refused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from donations.exportables import build_financial
from donations.models import Donation
from donations.operations import analytics, rollups
from donations.queries.analytics.narrowed import Narrowing
from donations.queries.analytics.report import ALL, METRICS, custom_report
from donations.queries.lifetime import lifetime
from goodplay.lib.admin.dashboards import Period
from goodplay.lib.exports.models import ExportJob
from tests.accounts.test_roles import member_of
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import make_donation, take_back

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
BASE = "/api/admin/financial"
DATES = {"start_date": "2026-03-08", "end_date": "2026-03-14"}
WEEK = Period(NOON.date() - timedelta(days=6), NOON.date())


@pytest.fixture(autouse=True)
def _today(db):
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def staff(api):
    api.force_authenticate(member_of("analyst"))
    return api


@pytest.fixture
def given():
    """Two organisations of different fields, two donors, before and in the week, in part given back."""
    alice, bruno = UserFactory(), UserFactory()
    park, school = OnlusFactory(category_id="environment"), OnlusFactory(category_id="education")
    make_donation(alice, park, "10.00", now=NOON)
    make_donation(bruno, park, "20.00", now=NOON - timedelta(days=2))
    make_donation(alice, park, "30.00", now=NOON - timedelta(days=9))
    make_donation(alice, school, "7.00", now=NOON - timedelta(days=1))
    take_back(make_donation(bruno, school, "50.00", now=NOON), "5.00", now=NOON)
    Donation.objects.filter(amount="20.00").update(origin=Donation.Origin.AUTO)
    return park, school


def report(api, **filters):
    answer = api.post(f"{BASE}/reports/custom", {**DATES, "filters": filters, "metrics": list(METRICS)})
    assert answer.status_code == 200, answer.json()
    return answer.json()["data"]


def test_each_filter_leaves_what_it_names(staff, given):
    park, _school = given

    def volume(**filters):
        found = report(staff, **filters)
        assert found["parameters"]["filters"] == {name: str(value) for name, value in filters.items()}
        return found["data"]["metrics"]["volume"], found["total_records"]

    assert volume() == (82.00, 4)
    assert volume(onlus_id=str(park.pk)) == (30.00, 2)
    assert volume(category="education") == (52.00, 2)
    assert volume(origin="auto") == (20.00, 1)
    assert volume(min_amount="20.00") == (65.00, 2)
    assert volume(max_amount="10.00") == (17.00, 2)
    assert volume(onlus_id=str(park.pk), max_amount="10.00") == (10.00, 1)


def test_a_narrowed_report_analyses_the_same_donations_in_every_section(staff, given):
    park, _school = given

    found = report(staff, onlus_id=str(park.pk))["data"]

    assert found["metrics"]["growth_rate"] == {"volume": 0.00, "count": 100.00}
    assert found["metrics"]["distribution"] == {"under_10": 0, "10_to_50": 2, "50_to_100": 0, "over_100": 0}
    assert sum(each["volume"] for each in found["metrics"]["series"]) == 30.00
    assert (found["volume_analysis"]["min_amount"], found["volume_analysis"]["max_amount"]) == (10.00, 20.00)
    behaviour = found["user_behavior_analysis"]
    assert (behaviour["total_active_donors"], behaviour["behavior_metrics"]["retention_rate"]) == (2, 100.00)
    assert found["trend_analysis"]["peak_days"]["highest_volume"]["value"] == 20.00


def test_a_filter_that_leaves_everything_says_what_the_rollups_say(given):
    """Two ways to the same figures: base rows and rollups."""
    rollups.roll_up(now=NOON)
    everything = Narrowing(min_amount=Decimal("0.01"))

    for by in ("hourly", "daily", "weekly", "monthly"):
        assert custom_report(WEEK, METRICS, by, everything) == custom_report(WEEK, METRICS, by, ALL)


@pytest.mark.parametrize(
    "filters",
    [
        {"donor": "x"},
        {"onlus_id": "x"},
        {"category": "luck"},
        {"origin": "heaven"},
        {"min_amount": "-1"},
        {"max_amount": [1]},
        {"min_amount": None},
        "park",
    ],
)
def test_what_is_no_filter_is_refused(staff, filters):
    for path in ("reports/custom", "export"):
        answer = staff.post(f"{BASE}/{path}", {**DATES, "export_type": "metrics", "filters": filters})

        assert (answer.status_code, answer.json()["message"]) == (422, "INVALID_FILTERS")
    assert not ExportJob.objects.exists()


def test_exports_are_filtered_or_refused(staff, given):
    park, _school = given
    filters = {"onlus_id": str(park.pk), "min_amount": "15"}
    asked = {"date_range": DATES, "filters": filters}

    made = staff.post(f"{BASE}/export", {**asked, "export_type": "transactions"}).json()["data"]
    refused = [
        staff.post(f"{BASE}/export", {**asked, "export_type": each}) for each in ("dashboard", "analytics")
    ]

    assert (made["includes"]["filters"], made["includes"]["estimated_records"]) == (
        {"onlus_id": str(park.pk), "min_amount": "15.00"},
        1,
    )
    assert [(each.status_code, each.json()["message"]) for each in refused] == [(422, "INVALID_FILTERS")] * 2
    job = ExportJob.objects.get()
    rows = list(build_financial(job.parameters, NOON).rows)
    assert [row[3] for row in rows] == [Decimal("20.00")]
    days = list(build_financial({**job.parameters, "export_type": "metrics"}, NOON).rows)
    assert [row[1] for row in days if row[2]] == [Decimal("20.00")]


# Since the beginning ----------------------------------------------------------------------------------------------


def scanned():
    completed = list(Donation.objects.completed())
    return (
        sum((each.amount - each.refunded_amount for each in completed), Decimal("0.00")),
        len(completed),
        len({each.donor_id for each in completed}),
        len({each.onlus_id for each in completed}),
    )


def told():
    found = lifetime()
    return found.amount, found.count, found.donors, found.organisations


def test_the_totals_since_the_beginning_equal_a_scan_whatever_the_rollups_lag_behind(
    given, django_assert_num_queries
):
    assert told() == scanned()  # nothing was rolled up yet
    rollups.roll_up(now=NOON)
    assert told() == scanned()
    later = NOON + timedelta(days=3)
    with time_machine.travel(later, tick=False):
        fresh = make_donation(UserFactory(), OnlusFactory(), "3.00", now=later)
        take_back(Donation.objects.get(amount="30.00"), "30.00", now=later)
        assert told() == scanned()
        rollups.roll_up(now=later)
        take_back(fresh, "1.00", now=later)
        assert told() == scanned() == (Decimal("84.00"), 5, 3, 3)

        with django_assert_num_queries(7):
            told()


def test_a_report_is_kept_apart_by_its_filters(given):
    park, school = given
    found = [
        analytics.report(WEEK, ["volume"], "daily", NOON, {"onlus_id": str(each.pk)})["metrics"]["volume"]
        for each in (park, school)
    ]

    assert found == [Decimal("30.00"), Decimal("52.00")]
