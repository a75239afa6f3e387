"""The ten levels, what each opens, and the documents a donor can keep."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from donations.operations import rollups
from goodplay.lib.time import rome_day
from impact.levels import LEVELS
from impact.models import ImpactMetric, ImpactStory, StoryUnlock, UserMilestone
from impact.operations import stories
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import let_pass, make_donation, take_back
from tests.factories.impact import ImpactMetricFactory, ImpactUpdateFactory
from tests.factories.payouts import NOW, exported, make_account, prepare, settled

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

FEATURES = "/api/impact/features"


@pytest.fixture
def donor(api):
    person = UserFactory()
    api.force_authenticate(person)
    return person


@pytest.fixture
def give(settled):
    def donate(donor, amount, onlus=None, *, now=None, **options):
        with settled():
            gift = make_donation(donor, onlus or OnlusFactory(), amount, now=now or timezone.now(), **options)
            return let_pass(gift, now=now or timezone.now())

    return donate


# Levels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "opened"),
    [("9.99", 0), ("25.00", 2), ("150.00", 4), ("1000.00", 7), ("5000.00", 9), ("10000.00", 10)],
)
def test_each_level_reached_opens_its_story(api, donor, give, amount, opened):
    give(donor, amount)

    by_sum = ImpactStory.objects.filter(unlock_condition_type="total_donated", author="system")
    unlocked = StoryUnlock.objects.filter(user=donor, story_id__in=list(by_sum.values_list("pk", flat=True)))
    assert unlocked.count() == opened
    assert UserMilestone.objects.filter(user=donor, kind="amount").count() == opened
    data = api.get(f"/api/impact/user/{donor.pk}").json()["data"]
    assert data["statistics"]["current_level"] == opened
    assert [row["reached"] for row in data["milestones"]] == [True] * opened + [False] * (10 - opened)


def test_the_numbers_of_gifts_are_milestones_too(api, donor, give):
    onlus = OnlusFactory()
    for _ in range(5):
        give(donor, "1.00", onlus)

    rows = api.get(f"/api/impact/user/{donor.pk}").json()["data"]["count_milestones"]

    assert [row["count"] for row in rows] == [1, 5, 10, 25, 50, 100, 250, 500]
    assert [row["reached"] for row in rows[:3]] == [True, True, False]
    assert [row.get("progress_percent") for row in rows[1:4]] == [None, 50.0, 20.0]


# Features ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "level", [level for level in LEVELS if level.feature], ids=lambda level: level.feature
)
def test_a_feature_opens_with_its_level_and_says_so_before(api, donor, give, level):
    give(donor, level.amount - Decimal("0.01"))
    closed = api.get(f"{FEATURES}/{level.feature}")
    give(donor, "0.01")

    opened = api.get(f"{FEATURES}/{level.feature}")

    body = closed.json()
    assert (closed.status_code, body["message"]) == (403, f"IMPACT_LEVEL_{level.number}_REQUIRED")
    assert str(level.name) in body["detail"]
    assert body["data"] == {
        "feature": level.feature,
        "required_level": level.number,
        "required_amount": float(level.amount),
        "missing_amount": 0.01,
    }
    assert (opened.status_code, opened.json()["message"]) == (200, "IMPACT_FEATURE_SUCCESS")
    assert opened.json()["data"]["level"] == level.number


def test_the_list_of_features_says_where_each_is_and_what_is_missing(api, donor, give):
    give(donor, "50.00")

    data = api.get(FEATURES).json()["data"]

    assert (data["current_level"], len(data["features"])) == (3, 9)
    assert [row["feature"] for row in data["features"] if row["is_open"]] == ["basic_metrics", "trend_data"]
    assert data["features"][2] == {
        "feature": "detailed_analytics",
        "level": 4,
        "level_name": "Changemaker",
        "amount": 100,
        "is_open": False,
        "missing_amount": 50.0,
        "path": "/api/impact/features/detailed_analytics",
    }
    assert api.get(f"{FEATURES}/staff").json()["message"] == "FEATURE_NOT_FOUND"


def test_features_show_the_donors_own_and_nobody_elses(api, donor, give):
    onlus, other = OnlusFactory(), OnlusFactory()
    verified = {"current_value": Decimal(300), "verification_status": ImpactMetric.Verification.VERIFIED}
    metric = ImpactMetricFactory(onlus_id=onlus.pk, metric_name="Meals", **verified)
    ImpactMetricFactory(onlus_id=onlus.pk, metric_name="Unchecked")
    ImpactMetricFactory(onlus_id=other.pk, **verified)
    news = ImpactUpdateFactory(onlus_id=onlus.pk, published_at=timezone.now())
    ImpactUpdateFactory(onlus_id=other.pk, published_at=timezone.now())
    give(donor, "7500.00", onlus)
    give(donor, "2500.00", onlus)
    give(UserFactory(), "10000.00", onlus)
    give(UserFactory(), "40.00", other)
    rollups.roll_up(now=timezone.now())

    everything = api.get(f"{FEATURES}/all_features").json()["data"]["content"]

    (mine,) = everything["basic_metrics"]["organisations"]
    assert (mine["onlus_id"], mine["given"]) == (str(onlus.pk), 10000.0)
    parts = {row["metric_name"]: row["your_part"] for row in mine["metrics"]}
    assert parts == {"Meals": 150.0, "Unchecked": None}  # half of what was given to it
    assert str(metric.pk) in {row["metric_id"] for row in mine["metrics"]}
    months = everything["trend_data"]["months"]
    assert (len(months), months[-1]["donated"], months[-1]["donated_so_far"]) == (12, 10000.0, 10000.0)
    analytics = everything["detailed_analytics"]
    assert analytics["by_organisation"] == [
        {"onlus_id": str(onlus.pk), "name": onlus.name, "amount": 10000.0, "donations": 2}
    ]
    assert (analytics["largest_donation"], analytics["average_donation"]) == (7500.0, 5000.0)
    assert [row["id"] for row in everything["onlus_direct_updates"]["updates"]] == [str(news.pk)]
    assert everything["community_leaderboard"]["by_period"]["all_time"]["total_donated"] == 10000.0
    assert everything["platform_insights"]["months"][-1]["donated"] == 20040.0
    assert everything["admin_dashboards"]["days"][-1]["donations"] == 4
    assert len(everything["admin_dashboards"]["days"]) == 30


def test_fields_of_work_are_named_in_the_readers_language_though_their_sums_are_kept(api, donor, give):
    give(donor, "10000.00", OnlusFactory())
    rollups.roll_up(now=timezone.now())

    def names(language):
        headers = {"accept-language": language}
        content = api.get(f"{FEATURES}/all_features", headers=headers).json()["data"]["content"]
        (kept,), (own,) = (
            content[feature]["by_category"] for feature in ("platform_insights", "detailed_analytics")
        )
        assert kept["category"] == own["category"] == "environment"
        return kept["category_name"], own["category_name"]

    assert names("en") == ("Environment", "Environment")
    assert names("it") == ("Ambiente", "Ambiente")


# Documents --------------------------------------------------------------------------------------------------------


def test_the_own_report_is_a_table_or_a_page(api, donor, give):
    onlus = OnlusFactory(name="=Cmd|' Amici")
    give(donor, "4000.00", onlus)
    give(donor, "1000.00", onlus)
    give(UserFactory(), "12.00", onlus)
    today = rome_day(timezone.now()).isoformat()
    asked = {"from": today, "to": today}

    table = api.get("/api/impact/report", {**asked, "format": "csv", "language": "en"})
    page = api.get("/api/impact/report", asked)

    assert table["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert rows[1][1].startswith("'=Cmd")
    assert (page["Content-Type"], page.content[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.parametrize(
    ("asked", "constant"),
    [
        ({"from": "2026-05-02", "to": "2026-05-01"}, "INVALID_REPORT_PERIOD"),
        ({"from": "2019-01-01", "to": "2026-05-01"}, "INVALID_REPORT_PERIOD"),
        ({"from": "soon", "to": "2026-05-01"}, "INVALID_REPORT_PERIOD"),
        ({}, "INVALID_REPORT_PERIOD"),
        ({"from": "2020-05-01", "to": "2020-05-02"}, "NO_IMPACT_IN_PERIOD"),
        ({"from": "2020-05-01", "to": "2020-05-02", "format": "doc"}, "INVALID_REPORT_FORMAT"),
    ],
)
def test_a_report_of_nothing_is_refused(api, donor, give, asked, constant):
    give(donor, "5000.00")

    assert api.get("/api/impact/report", asked).json()["message"] == constant


def test_the_own_report_takes_level_nine(api, donor, give):
    give(donor, "4999.99")

    response = api.get("/api/impact/report", {"from": "2026-01-01", "to": "2026-01-02"})

    assert (response.status_code, response.json()["message"]) == (403, "IMPACT_LEVEL_9_REQUIRED")


@pytest.mark.parametrize("language", ["en", "it", "../klingon"])
def test_the_statement_of_a_year_is_for_everybody_who_gave(api, donor, give, language):
    give(donor, "12.00", OnlusFactory(name="Amici “del” #Parco <b>*"))
    year = rome_day(timezone.now()).year

    page = api.get(f"/api/impact/statement/{year}", {"language": language})

    assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
    assert f"goodplay-impact-{year}.pdf" in page["Content-Disposition"]
    refused = {
        2020: "NO_IMPACT_IN_PERIOD",
        2019: "INVALID_REPORT_PERIOD",
        year + 1: "INVALID_REPORT_PERIOD",
        "²026": "INVALID_REPORT_PERIOD",
    }
    for wanted, constant in refused.items():
        assert api.get(f"/api/impact/statement/{wanted}").json()["message"] == constant


@pytest.mark.parametrize("path", ["features", "features/basic_metrics", "report", "statement/2026"])
def test_what_levels_open_needs_a_sign_in(api, path):
    assert api.get(f"/api/impact/{path}").json()["message"] == "AUTHENTICATION_REQUIRED"


# Your euro --------------------------------------------------------------------------------------------------------


def test_your_euro_tells_where_the_money_is(api, donor, give):
    gift = give(donor, "10.00", now=timezone.now() - timedelta(days=30))
    back = give(donor, "4.00")
    take_back(back, now=timezone.now())

    def euro(donation):
        return api.get(f"/api/impact/donation/{donation.pk}").json()["data"]["your_euro"]

    assert euro(gift) == euro(gift) | {
        "amount": 10.0,
        "earned_amount": 10.0,
        "paid_amount": 0.0,
        "platform_fee": 0.0,
        "payment_fee": 0.0,
        "net_to_onlus": 10.0,
        "state": "cleared",
        "payout": None,
    }
    assert (euro(back)["state"], euro(back)["net_to_onlus"]) == ("refunded", 0.0)


def test_your_euro_names_the_payout_once_the_bank_is_told(api, donor):
    onlus = OnlusFactory()
    make_account(onlus)
    gift = make_donation(donor, onlus, "20.00", now=NOW)
    run = prepare()

    def euro():
        return api.get(f"/api/impact/donation/{gift.pk}").json()["data"]["your_euro"]

    assert (euro()["state"], euro()["payout"]) == ("cleared", None)
    exported(run)
    assert (euro()["state"], euro()["payout"]["transferred_at"]) == ("ordered", None)
    settled(run)
    payout = euro()["payout"]
    assert (euro()["state"], payout["batch"], payout["amount"]) == ("transferred", run.message_id, 20.0)
    assert payout["transferred_at"] is not None


# What is kept -----------------------------------------------------------------------------------------------------


def test_the_summary_is_kept_until_something_of_it_changes(
    api, donor, give, settled, django_assert_num_queries
):
    path = f"/api/impact/user/{donor.pk}"
    give(donor, "10.00")
    first = api.get(path).json()["data"]
    with django_assert_num_queries(0):
        assert api.get(path).json()["data"] == first
    assert (
        api.get(path, headers={"accept-language": "it"}).json()["data"]["milestones"][0]["name"]
        == "Primo impatto"
    )
    story = ImpactStory.objects.get(title="First Impact")

    give(UserFactory(), "10.00")
    assert api.get(path).json()["data"]["statistics"] == first["statistics"]
    give(donor, "1.00")
    assert api.get(path).json()["data"]["statistics"]["donation_count"] == 2
    with settled():
        stories.withdraw(story=story, reason="It was wrong.", actor=StaffFactory(), now=timezone.now())

    shown = api.get(path).json()["data"]["stories"]["unlocked_stories"]
    assert {row["title"]: row["status"] for row in shown}["First Impact"] == "withdrawn"
