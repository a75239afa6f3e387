from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from goodplay.lib.events.models import Event
from impact.models import CommunityMilestone, ImpactMetric
from impact.operations.milestones import record_community_milestones
from impact.queries.community import today_so_far
from impact.queries.leaderboard import Metric, Period, own_position, period_start, top_donors
from impact.tasks import record_due_community_milestones
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import let_pass, make_donation, take_back
from tests.factories.impact import NOW, ImpactMetricFactory

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

STATISTICS = "/api/impact/community/statistics"
LEADERBOARD = "/api/impact/community/leaderboard"


# Statistics ------------------------------------------------------------------------------------------------------


def test_statistics_are_public_and_add_up_what_was_given(api, settled):
    alice, bob, onlus, now = UserFactory(), UserFactory(), OnlusFactory(), timezone.now()
    with settled():
        make_donation(alice, onlus, "2.50", now=now)
        make_donation(alice, OnlusFactory(), "1.00", now=now)
        make_donation(bob, onlus, "10.00", now=now, is_anonymous=True)
        make_donation(bob, onlus, "100.00", now=now - timedelta(days=400))
    refunded = make_donation(bob, onlus, "7.00", now=now)
    take_back(refunded, now=now)

    body = api.get(STATISTICS).json()

    assert body["message"] == "COMMUNITY_STATS_SUCCESS"
    data = body["data"]
    assert data == data | {
        "total_donated": 113.5,
        "total_donations": 4,
        "total_donors": 2,
        "onlus_supported": 2,
        "active_users": 0,
        "stories_unlocked": 6,
        "report_type": "real_time",
        "is_current": True,
        "id": None,
    }
    assert data["summary"]["donations"] == {
        "total_amount": 13.5,
        "total_count": 3,
        "average_amount": 4.5,
        "per_day_count": 3,
        "per_day_amount": 13.5,
    }
    assert data["summary"]["community"]["unique_donors"] == 2
    assert data["summary"]["community"]["engagement_rate"] == 1.5
    assert data["user_engagement_stats"]["returning_donors"] == 1
    assert data["growth_metrics"]["donations_growth"] == 100.0
    assert data["period"]["duration_days"] == 1


def test_statistics_of_an_empty_platform_are_zeros(api):
    data = api.get(STATISTICS + "/").json()["data"]

    assert (data["total_donated"], data["total_donors"]) == (0.0, 0)
    assert data["summary"]["donations"]["average_amount"] == 0.0
    assert data["user_engagement_stats"]["average_session_time"] is None


def test_statistics_are_kept_half_an_hour_and_dropped_by_a_donation(api, settled, django_assert_num_queries):
    def total():
        return api.get(STATISTICS).json()["data"]["total_donated"]

    assert total() == 0.0
    with django_assert_num_queries(0):
        assert total() == 0.0
    make_donation(UserFactory(), OnlusFactory(), "3.00", now=timezone.now())  # its event has not arrived yet
    assert total() == 0.0

    with settled():
        make_donation(UserFactory(), OnlusFactory(), "4.00", now=timezone.now())

    assert total() == 7.0


def test_impact_figures_are_verified_ones_and_keep_units_apart():
    environment = {"metric_type": ImpactMetric.Type.ENVIRONMENTAL, "verification_status": "verified"}
    ImpactMetricFactory(current_value=Decimal(40), verification_status="verified")
    ImpactMetricFactory(current_value=Decimal(1000))  # nobody checked it
    ImpactMetricFactory(metric_unit="liters", current_value=Decimal("7.5"), **environment)
    ImpactMetricFactory(metric_unit="kilograms", current_value=Decimal(3), **environment)

    figures = today_so_far(NOW).impact_metrics

    assert figures["total_beneficiaries"] == 40
    assert figures["environmental_impact"] == {"kilograms": Decimal(3), "liters": Decimal("7.5")}
    assert figures["social_impact"] == {}


def test_today_begins_at_midnight_in_rome_and_is_compared_with_yesterday_so_far():
    noon = datetime(2026, 3, 4, 11, tzinfo=UTC)
    donor, onlus = UserFactory(), OnlusFactory()
    make_donation(donor, onlus, "6.00", now=datetime(2026, 3, 3, 23, tzinfo=UTC))  # 00:00 in Rome: today
    make_donation(donor, onlus, "4.00", now=datetime(2026, 3, 3, 10, 59, tzinfo=UTC))  # yesterday before noon
    make_donation(donor, onlus, "90.00", now=datetime(2026, 3, 3, 20, tzinfo=UTC))  # yesterday evening

    report = today_so_far(noon)

    assert report.total_donations_amount == Decimal("6.00")
    assert report.growth_metrics["donation_growth_percentage"] == Decimal("50.00")


# Leaderboard -----------------------------------------------------------------------------------------------------


def test_the_board_shows_only_who_takes_part(api):
    onlus = OnlusFactory(name="Casa Aperta")
    alice = UserFactory(display_name="Alice")
    hidden = [
        UserFactory(display_name="Bob", preferences__leaderboard_participation=False),
        UserFactory(display_name="Carla", preferences__profile_visibility="private"),
        UserFactory(display_name="Dario", preferences__impact_score_visibility="friends"),
        UserFactory(display_name="Elena"),
        UserFactory(display_name="Fabio"),
    ]
    make_donation(alice, onlus, "1.00", now=timezone.now())
    for person in hidden:
        make_donation(person, onlus, "50.00", now=timezone.now(), is_anonymous=person.display_name == "Elena")
    hidden[-1].is_active = False
    hidden[-1].save(update_fields=["is_active"])

    response = api.get(LEADERBOARD)

    body = response.json()
    assert body["message"] == "LEADERBOARD_SUCCESS"
    data = body["data"]
    assert (data["period"], data["metric"], data["user_position"]) == ("monthly", "total_donated", None)
    assert data["top_donors"] == [
        {
            "rank": 1,
            "user_id": str(alice.pk),
            "user_name": "Alice",
            "total_donated": 1.0,
            "donation_count": 1,
            "onlus_diversity": 1,
            "impact_score": 0,
        }
    ]
    assert data["leaderboard"] == data["top_donors"]
    assert data["top_onlus"] == [
        {
            "rank": 1,
            "onlus_id": str(onlus.pk),
            "name": "Casa Aperta",
            "total_received": 251.0,
            "donors_count": 6,
        }
    ]
    for person in hidden:
        assert person.display_name not in response.content.decode()
        assert str(person.pk) not in response.content.decode()


def test_equals_share_a_rank_and_the_next_one_counts_on(api):
    onlus = OnlusFactory()
    for amount in ("5.00", "9.00", "5.00", "1.00"):
        make_donation(UserFactory(), onlus, amount, now=timezone.now())

    rows = api.get(LEADERBOARD).json()["data"]["top_donors"]

    assert [(row["rank"], row["total_donated"]) for row in rows] == [(1, 9.0), (2, 5.0), (2, 5.0), (4, 1.0)]


@pytest.mark.parametrize(
    ("metric", "first"), [("total_donated", "rich"), ("donation_count", "busy"), ("onlus_diversity", "wide")]
)
def test_the_board_can_go_by_another_figure(api, metric, first):
    organisations = OnlusFactory.create_batch(2)
    make_donation(UserFactory(display_name="rich"), organisations[0], "90.00", now=timezone.now())
    busy, wide = UserFactory(display_name="busy"), UserFactory(display_name="wide")
    for _ in range(3):
        make_donation(busy, organisations[0], "1.00", now=timezone.now())
    for onlus in organisations:
        make_donation(wide, onlus, "1.00", now=timezone.now())

    rows = api.get(LEADERBOARD, {"metric": metric}).json()["data"]["top_donors"]

    assert rows[0]["user_name"] == first


def test_the_board_by_score(settled):
    onlus, small, large = OnlusFactory(), UserFactory(), UserFactory()
    with settled():
        make_donation(small, onlus, "5.00", now=timezone.now())
        make_donation(large, onlus, "50.00", now=timezone.now())

    rows = top_donors(Period.ALL_TIME, Metric.IMPACT_SCORE, limit=10, now=timezone.now())

    assert [row["user_id"] for row in rows] == [large.pk, small.pk]
    assert rows[0]["impact_score"] > rows[1]["impact_score"] > 0


def test_a_signed_in_donor_learns_the_own_place_even_unseen(api):
    onlus = OnlusFactory()
    make_donation(UserFactory(), onlus, "5.00", now=timezone.now())
    shy = UserFactory(preferences__leaderboard_participation=False)
    make_donation(shy, onlus, "2.00", now=timezone.now())
    api.force_authenticate(shy)

    data = api.get(LEADERBOARD).json()["data"]

    assert data["user_position"] == {
        "rank": 2,
        "user_id": str(shy.pk),
        "total_donated": 2.0,
        "donation_count": 1,
        "onlus_diversity": 1,
        "impact_score": 0,
    }
    assert len(data["top_donors"]) == 1


def test_who_gave_nothing_in_the_period_has_no_place():
    donor = UserFactory()
    make_donation(donor, OnlusFactory(), now=NOW - timedelta(days=60))

    assert own_position(donor.pk, Period.MONTHLY, Metric.TOTAL_DONATED, now=NOW) is None
    assert own_position(donor.pk, Period.YEARLY, Metric.TOTAL_DONATED, now=NOW)["rank"] == 1


@pytest.mark.parametrize(
    ("period", "start"),
    [
        (Period.DAILY, datetime(2026, 3, 3, 23, tzinfo=UTC)),
        (Period.WEEKLY, datetime(2026, 3, 1, 23, tzinfo=UTC)),
        (Period.MONTHLY, datetime(2026, 2, 28, 23, tzinfo=UTC)),
        (Period.YEARLY, datetime(2025, 12, 31, 23, tzinfo=UTC)),
        (Period.ALL_TIME, None),
    ],
)
def test_periods_follow_the_rome_calendar(period, start):
    assert period_start(period, NOW) == start


@pytest.mark.parametrize("query", [{"period": "hourly"}, {"metric": "beauty"}])
def test_an_unknown_period_or_metric_is_refused(api, query):
    response = api.get(LEADERBOARD, query)

    assert (response.status_code, response.json()["message"]) == (422, "LEADERBOARD_ERROR")


@pytest.mark.parametrize("count", [1, 3])
def test_the_board_costs_four_queries(api, count, django_assert_num_queries):
    onlus, me = OnlusFactory(), UserFactory()
    for person in [me, *UserFactory.create_batch(count)]:
        make_donation(person, onlus, now=timezone.now())
    api.force_authenticate(me)

    with django_assert_num_queries(4):
        rows = api.get(LEADERBOARD).json()["data"]["top_donors"]

    assert len(rows) == count + 1


# Milestones of everybody -----------------------------------------------------------------------------------------


def test_a_community_threshold_is_recorded_and_announced_once(settled):
    onlus = OnlusFactory()
    let_pass(make_donation(UserFactory(), onlus, "9999.99"))
    assert record_due_community_milestones() == 0
    make_donation(UserFactory(), onlus, "0.01")

    with settled():
        assert record_due_community_milestones() == 1
    assert record_community_milestones(now=NOW) == []

    milestone = CommunityMilestone.objects.get()
    assert (milestone.kind, milestone.threshold, milestone.value) == (
        "donations",
        Decimal(10_000),
        Decimal(10_000),
    )
    assert Event.objects.filter(name="community_milestone").count() == 1


def test_a_milestone_reads_in_the_language_of_each_who_asks(api):
    CommunityMilestone.objects.create(
        kind="donations", threshold=Decimal(10000), value=Decimal(10001), reached_at=timezone.now()
    )

    def title(language):
        report = api.get(STATISTICS, headers={"Accept-Language": language}).json()["data"]
        return report["milestones_reached"][0]["title"]

    assert [title(language) for language in ("it", "en", "it")] == [
        "Insieme abbiamo donato 10,000 EUR",
        "Together we gave 10,000 EUR",
        "Insieme abbiamo donato 10,000 EUR",
    ]
