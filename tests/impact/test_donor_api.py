from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import Onlus
from goodplay.lib.ids import new_id
from impact.models import ImpactMetric
from impact.queries.following import way_of
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import give_credits, make_donation
from tests.factories.impact import ImpactMetricFactory, ImpactUpdateFactory

pytestmark = [pytest.mark.documents, pytest.mark.django_db]


@pytest.fixture
def donor(api):
    person = UserFactory()
    api.force_authenticate(person)
    return person


@pytest.fixture
def give(settled):
    """Donate now, and let every handler hear of it."""

    def donate(donor, onlus=None, amount="10.00", **options):
        with settled():
            return make_donation(donor, onlus or OnlusFactory(), amount, now=timezone.now(), **options)

    return donate


# The summary -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_summary_tells_what_a_donor_did(api, donor, give, slash):
    onlus = OnlusFactory()
    verified = ImpactMetric.Verification.VERIFIED
    ImpactMetricFactory(onlus_id=onlus.pk, current_value=Decimal(60), verification_status=verified)
    ImpactMetricFactory(
        onlus_id=onlus.pk,
        metric_type=ImpactMetric.Type.PROJECTS,
        metric_unit=ImpactMetric.Unit.PROJECTS,
        current_value=Decimal(4),
        verification_status=verified,
    )
    first = give(donor, onlus, "20.00")
    give(donor, OnlusFactory(), "10.00")
    give(UserFactory(), onlus, "40.00")  # somebody else's: part of the ONLUS's figures, never of this donor's

    body = api.get(f"/api/impact/user/{donor.pk}{slash}").json()

    assert body["message"] == "USER_IMPACT_SUMMARY_SUCCESS"
    data = body["data"]
    assert data["statistics"] == data["statistics"] | {
        "total_donated": 30.0,
        "donation_count": 2,
        "onlus_diversity": 2,
        "special_events": [],
        "avg_donation_amount": 15.0,
        "current_level": 2,
    }
    assert data["impact_score"] == {
        "donation_component": 60,
        "total_donated": 30.0,
        "donation_count": 2,
        "onlus_diversity": 2,
        "component_breakdown": {"amount_score": 36, "frequency_score": 20, "diversity_score": 200},
    }
    assert data["stories"]["unlocked_count"] == 3
    assert {row["title"] for row in data["stories"]["unlocked_stories"]} == {
        "The first gift",
        "First Impact",
        "Growing Difference",
    }
    assert len(data["stories"]["next_unlockable"]) == 3
    assert data["next_unlocks"] == data["stories"]["next_unlockable"]
    assert [row["amount"] for row in data["donation_impact"]["recent_donations"]] == [10.0, 20.0]
    assert data["donation_impact"]["recent_donations"][1]["id"] == str(first.pk)
    assert data["donation_impact"]["total_impact_tracked"] == 30.0
    assert data["donation_impact"]["estimated_beneficiaries"] == 20  # a third of sixty: 20 of 60 euros
    assert data["donation_impact"]["projects_supported"] == 4
    assert [row["reached"] for row in data["milestones"]] == [True, True] + [False] * 8
    assert "progress_percent" not in data["milestones"][0]
    assert data["milestones"][2]["progress_percent"] == 60.0
    assert data["unlocked_features"] == ["basic_metrics"]


def test_the_summary_of_a_newcomer_invents_nothing(api, donor):
    data = api.get(f"/api/impact/user/{donor.pk}").json()["data"]

    assert data["statistics"]["total_donated"] == 0.0
    assert data["statistics"]["last_donation_date"] is None
    assert data["stories"]["unlocked_count"] == 0
    assert data["donation_impact"] == {
        "recent_donations": [],
        "total_impact_tracked": 0.0,
        "estimated_beneficiaries": None,
        "projects_supported": None,
    }


@pytest.mark.parametrize("path", ["", "/timeline"])
def test_another_players_impact_is_theirs(api, donor, give, path):
    other = UserFactory()
    give(other)

    for key in (other.pk, new_id(), "no-key"):
        response = api.get(f"/api/impact/user/{key}{path}")

        assert (response.status_code, response.json()["message"]) == (403, "ACCESS_DENIED")
        assert "data" not in response.json()


@pytest.mark.parametrize("path", ["", "/timeline"])
def test_staff_see_everybody_who_exists(api, give, path):
    donor = UserFactory()
    give(donor)
    api.force_authenticate(StaffFactory())

    assert api.get(f"/api/impact/user/{donor.pk}{path}").json()["data"]["user_id"] == str(donor.pk)
    missing = api.get(f"/api/impact/user/{new_id()}{path}")
    assert (missing.status_code, missing.json()["message"]) == (404, "USER_NOT_FOUND")


@pytest.mark.parametrize("path", ["user/{0}", "user/{0}/timeline", "donation/{0}"])
def test_impact_needs_a_sign_in(api, path):
    response = api.get("/api/impact/" + path.format(new_id()))

    assert (response.status_code, response.json()["message"]) == (401, "AUTHENTICATION_REQUIRED")


# The timeline ----------------------------------------------------------------------------------------------------


def test_the_timeline_lists_gifts_stories_and_milestones_newest_first(api, donor, give):
    donation = give(donor, amount="10.00")
    give(UserFactory(), amount="10.00")  # somebody else's

    body = api.get(f"/api/impact/user/{donor.pk}/timeline").json()

    assert body["message"] == "USER_TIMELINE_SUCCESS"
    data = body["data"]
    assert (data["period_days"], data["limit"]) == (30, 20)
    assert data["timeline"] == data["timeline_events"]
    kinds = [event["event_type"] for event in data["timeline_events"]]
    assert sorted(kinds) == [
        "donation_made",
        "donation_processed",
        *["milestone_reached"] * 2,
        *["story_unlocked"] * 2,
    ]
    assert kinds[-1] == "donation_made"
    assert data["timeline_events"][-1]["data"] == {
        "donation_id": str(donation.pk),
        "onlus_id": str(donation.onlus_id),
        "onlus_name": donation.onlus_name,
        "amount": 10.0,
        "refunded_amount": 0.0,
    }
    moments = [event["timestamp"] for event in data["timeline_events"]]
    assert moments == sorted(moments, reverse=True)


def test_the_timeline_brings_news_of_the_organisations_supported(api, donor, give):
    mine, other = OnlusFactory(), OnlusFactory()
    give(donor, mine)
    update = ImpactUpdateFactory(onlus_id=mine.pk, published_at=timezone.now())
    ImpactUpdateFactory(onlus_id=mine.pk, published_at=None, status="draft")
    ImpactUpdateFactory(onlus_id=other.pk, published_at=timezone.now())

    events = api.get(f"/api/impact/user/{donor.pk}/timeline").json()["data"]["timeline_events"]

    (news,) = [event for event in events if event["event_type"] == "impact_update"]
    assert (news["description"], news["data"]["onlus_id"]) == (update.title, str(mine.pk))


def test_the_timeline_reaches_back_as_far_as_asked(api, donor):
    make_donation(donor, OnlusFactory(), now=timezone.now() - timedelta(days=40))

    def events(**query):
        return api.get(f"/api/impact/user/{donor.pk}/timeline", query).json()["data"]["timeline_events"]

    assert len(events()) == 0
    assert len(events(days=60)) == 2  # made and carried out
    assert len(events(days=99999)) == 2


@pytest.mark.parametrize("count", [1, 3])
def test_the_timeline_costs_seven_queries(
    api, donor, give, count, django_assert_num_queries, documents_apart
):
    onlus = OnlusFactory()
    for _ in range(count):
        give(donor, onlus, amount="1.00")

    with django_assert_num_queries(7 - 2 * documents_apart):
        events = api.get(f"/api/impact/user/{donor.pk}/timeline").json()["data"]["timeline_events"]

    assert len(events) == 2 * count + 2


# One donation ----------------------------------------------------------------------------------------------------


def test_a_donation_shows_everything_it_set_in_motion(api, donor, give):
    onlus = OnlusFactory()
    metric = ImpactMetricFactory(onlus_id=onlus.pk, current_value=Decimal(30))
    donation = give(donor, onlus, "12.00", message="Good luck")
    news = ImpactUpdateFactory(
        onlus_id=onlus.pk, published_at=timezone.now(), affected_donation_ids=[str(donation.pk)]
    )
    ImpactUpdateFactory(
        onlus_id=onlus.pk, published_at=timezone.now() - timedelta(days=3)
    )  # older than the gift

    body = api.get(f"/api/impact/donation/{donation.pk}").json()

    assert body["message"] == "DONATION_IMPACT_DETAILS_SUCCESS"
    data = body["data"]
    assert data["donation_id"] == str(donation.pk)
    assert data["transaction_data"] == data["transaction_data"] | {
        "id": str(donation.pk),
        "transaction_id": str(donation.pk),
        "user_id": str(donor.pk),
        "type": "donated",
        "amount": 12.0,
        "effective_amount": 12.0,
        "multiplier_applied": 1,
        "source_type": "user_initiated",
        "game_session_id": None,
        "status": "completed",
        "receipt_available": True,
        "metadata": {
            "message": "Good luck",
            "is_anonymous": False,
            "onlus_name": onlus.name,
            "donation_source": "user_initiated",
        },
    }
    assert [row["id"] for row in data["related_updates"]] == [str(news.pk)]
    assert [row["id"] for row in data["onlus_metrics"]] == [str(metric.pk)]
    assert data["impact_metrics"] == data["onlus_metrics"]
    assert data["efficiency_analysis"] == {
        "donation_amount": 12.0,
        "refunded_amount": 0.0,
        "platform_fee": 0.0,
        "net_to_onlus": 12.0,
        "estimated_impact_per_euro": 2.5,
    }
    assert {row["title"] for row in data["stories_unlocked"]} == {"The first gift", "First Impact"}
    kinds = [event["event_type"] for event in data["impact_timeline"]]
    assert kinds[:2] == ["donation_made", "donation_processed"]
    assert sorted(kinds[2:]) == [
        "impact_update",
        "milestone_reached",
        "milestone_reached",
        "story_unlocked",
        "story_unlocked",
    ]


def test_nothing_of_a_donation_is_kept_whatever_payments_cost(api, donor, give, settings):
    settings.TOP_UP_FEE_PERCENT = Decimal("5")
    donation = give(donor, amount="12.50")

    data = api.get(f"/api/impact/donation/{donation.pk}").json()["data"]["efficiency_analysis"]

    assert (data["platform_fee"], data["net_to_onlus"]) == (0.0, 12.5)
    assert data["estimated_impact_per_euro"] is None


def test_somebody_elses_donation_does_not_exist(api, donor, give):
    donation = give(UserFactory())

    for key in (donation.pk, new_id(), "no-key"):
        response = api.get(f"/api/impact/donation/{key}/")

        assert (response.status_code, response.json()["message"]) == (404, "DONATION_NOT_FOUND")


def test_staff_may_follow_any_donation(api, give):
    donation = give(UserFactory())
    api.force_authenticate(StaffFactory())

    assert api.get(f"/api/impact/donation/{donation.pk}").json()["data"]["donation_id"] == str(donation.pk)


def test_a_transaction_that_is_no_donation_says_so_to_its_owner_only(api, donor):
    mine = give_credits(donor, "1.00").transaction_id
    theirs = give_credits(UserFactory(), "1.00").transaction_id

    own, others = api.get(f"/api/impact/donation/{mine}"), api.get(f"/api/impact/donation/{theirs}")

    assert (own.status_code, own.json()["message"]) == (422, "TRANSACTION_NOT_DONATION")
    assert (others.status_code, others.json()["message"]) == (404, "DONATION_NOT_FOUND")


@pytest.mark.parametrize("count", [1, 3])
def test_the_summary_costs_twelve_queries(
    api, donor, give, count, django_assert_num_queries, documents_apart
):
    for _ in range(count):
        give(donor, amount="10.00")

    with django_assert_num_queries(12 - 3 * documents_apart):
        api.get(f"/api/impact/user/{donor.pk}")


@pytest.fixture
def clerk(api):
    """Somebody of the staff who may do nothing yet."""
    person = StaffFactory(is_superuser=False)
    api.force_authenticate(person)
    return person


def test_staff_who_may_not_see_donations_see_their_own_only(api, clerk, give):
    other = UserFactory()
    donation = give(other)

    for path in (f"user/{other.pk}", f"user/{other.pk}/timeline"):
        response = api.get(f"/api/impact/{path}")
        assert (response.status_code, response.json()["message"]) == (403, "ACCESS_DENIED")
    response = api.get(f"/api/impact/donation/{donation.pk}")
    assert (response.status_code, response.json()["message"]) == (404, "DONATION_NOT_FOUND")
    assert api.get(f"/api/impact/user/{clerk.pk}").status_code == 200


def test_staff_who_may_see_donations_see_everybodys(api, clerk, give):
    clerk.user_permissions.add(Permission.objects.get(codename="view_donation"))
    other = UserFactory()
    donation = give(other)

    for path in (f"user/{other.pk}", f"user/{other.pk}/timeline", f"donation/{donation.pk}"):
        assert api.get(f"/api/impact/{path}").status_code == 200


def test_donors_read_no_news_of_an_organisation_that_is_not_shown(api, donor, give):
    onlus = OnlusFactory()
    gift = give(donor, onlus)
    ImpactUpdateFactory(onlus_id=onlus.pk, published_at=timezone.now(), title="Send us more")
    pages = (f"user/{donor.pk}/timeline", f"donation/{gift.pk}")

    before = ["Send us more" in api.get(f"/api/impact/{page}").content.decode() for page in pages]
    Onlus.objects.filter(pk=onlus.pk).update(status=Onlus.Status.SUSPENDED)
    after = ["Send us more" in api.get(f"/api/impact/{page}").content.decode() for page in pages]

    assert (before, after) == ([True, True], [False, False])
    assert "Send us more" not in str(way_of(gift, timezone.now()))
