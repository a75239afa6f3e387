"""What everybody sees is kept for a while: until then it costs nothing, and a fact that changes it drops it at once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.operations import standing
from impact.models import ImpactStory
from impact.operations import metric_reports, metric_reviews, reports, stories, updates
from impact.operations.milestones import record_community_milestones
from impact.queries.community import STATISTICS_KEY
from impact.queries.dashboard import DASHBOARD_KEY
from impact.tasks import warm_dashboards
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import let_pass, make_donation, take_back
from tests.factories.impact import CommunityReportFactory, ImpactMetricFactory, ImpactUpdateFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 18, 11, tzinfo=UTC)
DASHBOARD, STATISTICS = "/api/impact/dashboard", "/api/impact/community/statistics"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def donated(api, address=DASHBOARD):
    data = api.get(address).json()["data"]
    highlights = data.get("community_highlights") or data
    return highlights["total_platform_donated"]


@pytest.mark.parametrize(
    ("key", "minutes"), [(DASHBOARD_KEY, 15), (STATISTICS_KEY, 30)], ids=["dashboard", "statistics"]
)
def test_what_everybody_sees_is_kept_for_its_time(api, clock, key, minutes):
    make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON)
    api.get(DASHBOARD)
    kept = cache.get(key)

    clock.shift(timedelta(minutes=minutes, seconds=-1))
    assert cache.get(key) == kept is not None
    clock.shift(timedelta(seconds=2))

    assert cache.get(key) is None


def test_the_second_reader_costs_nothing(api, django_assert_num_queries):
    assert donated(api) == 0
    make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON)  # its event is not carried yet

    with django_assert_num_queries(0):
        assert donated(api) == 0


def test_the_job_keeps_it_warm_before_anybody_asks(api, clock, django_assert_num_queries):
    make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON - timedelta(minutes=1))
    warm_dashboards()

    with django_assert_num_queries(0):
        assert donated(api) == 5
    clock.shift(timedelta(minutes=10))
    assert warm_dashboards() == "0 updates"
    assert cache.get(DASHBOARD_KEY).generated_at == NOON + timedelta(minutes=10)


def give():
    let_pass(make_donation(UserFactory(), OnlusFactory(), "10000.00", now=NOON))


def give_back():
    take_back(make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON), now=NOON)


def publish_report():
    reports.publish(report=CommunityReportFactory(status="completed"), now=NOON)


def withdraw_story():
    story = ImpactStory.objects.get(title="The first gift")
    stories.withdraw(story=story, reason="A figure was wrong.", actor=StaffFactory(), now=NOON)


def publish_update():
    draft = ImpactUpdateFactory(status="draft", published_at=None)
    updates.publish(update=draft, actor=StaffFactory(), now=NOON)


def archive_update():
    updates.archive(update=ImpactUpdateFactory(), actor=StaffFactory(), now=NOON)


@pytest.mark.parametrize(
    "fact", [give, give_back, publish_report, withdraw_story, publish_update, archive_update]
)
def test_a_fact_that_changes_the_dashboard_drops_it(api, settled, fact):
    api.get(DASHBOARD)
    assert cache.get(DASHBOARD_KEY) is not None

    with settled(), transaction.atomic():
        fact()

    assert cache.get(DASHBOARD_KEY) is None


@pytest.mark.parametrize("fact", [give, give_back, publish_report])
def test_a_fact_that_changes_the_sums_drops_them(api, settled, fact):
    api.get(STATISTICS)
    assert cache.get(STATISTICS_KEY) is not None

    with settled(), transaction.atomic():
        fact()

    assert cache.get(STATISTICS_KEY) is None


def test_a_milestone_of_the_community_drops_both(api, settled):
    give()
    api.get(DASHBOARD)

    with settled():
        assert record_community_milestones(now=NOON)

    assert cache.get(DASHBOARD_KEY) is cache.get(STATISTICS_KEY) is None


# What is kept of one donor and of one organisation ----------------------------------------------------------------


def first_screen(api):
    return api.get(DASHBOARD).json()["data"]["user_summary"]


def opened_stories(api):
    return [row["title"] for row in api.get("/api/impact/stories/available").json()["data"]["stories"]]


def reported(api, onlus, **query):
    return api.get(f"/api/impact/onlus/{onlus.pk}/metrics", query).json()["data"]


def test_the_own_part_of_the_first_screen_costs_nothing_the_second_time(api, django_assert_num_queries):
    donor, other = UserFactory(), UserFactory()
    api.force_authenticate(donor)
    first_screen(api)

    with django_assert_num_queries(0):
        assert first_screen(api)["total_donated"] == 0
    api.force_authenticate(other)
    with django_assert_num_queries(4):  # somebody else's is reckoned for them
        first_screen(api)


def test_a_gift_changes_the_own_part_at_once(api, settled):
    donor = UserFactory()
    api.force_authenticate(donor)
    assert first_screen(api)["total_donated"] == 0

    with settled():
        make_donation(donor, OnlusFactory(), "5.00", now=NOON)

    assert first_screen(api) == first_screen(api) | {"total_donated": 5, "unlocked_stories_count": 1}


def test_the_own_part_is_kept_for_a_quarter_of_an_hour(api, clock, django_assert_num_queries):
    api.force_authenticate(UserFactory())
    first_screen(api)

    clock.shift(timedelta(minutes=15, seconds=1))

    with django_assert_num_queries(12):
        first_screen(api)


def test_what_somebody_opened_is_not_asked_again_until_it_changes(api, settled):
    donor = UserFactory()
    api.force_authenticate(donor)
    assert opened_stories(api) == []
    with settled():
        make_donation(donor, OnlusFactory(), "5.00", now=NOON)
    assert opened_stories(api) == ["The first gift"]

    with CaptureQueriesContext(connection) as asked:
        opened_stories(api)

    assert [each for each in asked if "storyunlock" in each["sql"].lower()] == []


def test_a_story_taken_down_is_gone_for_who_had_opened_it(api, settled):
    donor = UserFactory()
    api.force_authenticate(donor)
    with settled():
        make_donation(donor, OnlusFactory(), "5.00", now=NOON)
    opened_stories(api)

    with settled(), transaction.atomic():
        withdraw_story()

    [row] = api.get("/api/impact/stories/available").json()["data"]["stories"]
    assert row["status"] == "withdrawn"


def report_anew(onlus):
    reading = metric_reports.Reading("children_helped", "beneficiaries", "people", Decimal(7))
    metric_reports.report(onlus_id=onlus.pk, reading=reading, actor=StaffFactory(), source="portal", now=NOON)


def give_to(onlus):
    make_donation(UserFactory(), onlus, "5.00", now=NOON)


def tell_news(onlus):
    draft = ImpactUpdateFactory(onlus_id=onlus.pk, status="draft", published_at=None)
    updates.publish(update=draft, actor=StaffFactory(), now=NOON)


@pytest.mark.parametrize(
    ("fact", "read"),
    [
        (report_anew, lambda shown: shown["metrics_summary"]["totals"]["total_metrics"]),
        (give_to, lambda shown: shown["metrics_summary"]["totals"]["total_donations_amount"]),
        (tell_news, lambda shown: len(shown["recent_updates"])),
    ],
)
def test_what_an_organisation_reports_is_kept_until_it_changes(
    api, settled, django_assert_num_queries, fact, read
):
    onlus, other = OnlusFactory(), OnlusFactory()
    before = reported(api, onlus)
    reported(api, other)
    with django_assert_num_queries(1):  # whether it is public is asked each time
        assert reported(api, onlus) == before

    with settled(), transaction.atomic():
        fact(onlus)

    assert read(reported(api, onlus)) > read(before)
    with django_assert_num_queries(1):  # another's is kept
        reported(api, other)


def test_each_way_of_asking_is_kept_apart(api, settled):
    onlus = OnlusFactory()
    with settled():
        report_anew(onlus)

    for _again in range(2):
        assert len(reported(api, onlus)["metrics"]) == 1
        assert reported(api, onlus, period="monthly")["metrics"] == []
        [bare], [whole] = (
            reported(api, onlus, include_trends=trends)["metrics"] for trends in ("false", "true")
        )
        assert bare != whole


BOARDS = ["/api/impact/metrics/top", "/api/impact/metrics/totals"]


def verify_another(onlus):
    metric = ImpactMetricFactory(onlus_id=onlus.pk, related_donations_amount=Decimal(10))
    metric_reviews.verify(metric=metric, seen_value=metric.current_value, actor=StaffFactory(), now=NOON)


def suspend(onlus):
    standing.suspend(onlus=onlus, reason="Papers are missing.", actor=StaffFactory(), now=NOON)


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("fact", [verify_another, suspend])
def test_organisations_side_by_side_are_kept_until_something_of_one_changes(
    api, settled, django_assert_num_queries, board, fact
):
    onlus = OnlusFactory()
    ImpactMetricFactory(
        onlus_id=onlus.pk, verification_status="verified", related_donations_amount=Decimal(10)
    )
    before = api.get(board).json()["data"]
    with django_assert_num_queries(0):
        assert api.get(board).json()["data"] == before

    with settled(), transaction.atomic():
        fact(onlus)

    assert api.get(board).json()["data"] != before


@pytest.mark.parametrize("board", BOARDS)
def test_organisations_side_by_side_are_kept_for_five_minutes(api, clock, django_assert_num_queries, board):
    api.get(board)
    clock.shift(timedelta(minutes=5, seconds=1))

    with django_assert_num_queries(2):
        api.get(board)


def test_each_ranking_is_kept_apart(api):
    for unit in ("people", "liters"):
        ImpactMetricFactory(
            metric_unit=unit, verification_status="verified", related_donations_amount=Decimal(10)
        )

    for _again in range(2):
        shown = [
            api.get(BOARDS[0], {"metric_unit": unit}).json()["data"]["top_metrics"]
            for unit in ("people", "liters", "score")
        ]
        assert [[row["metric_unit"] for row in rows] for rows in shown] == [["people"], ["liters"], []]
