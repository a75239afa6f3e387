"""What is given back no longer counts; what it opened stays open."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from donations.models import DonationRefund
from goodplay.lib.events.delivery import deliver, run_handler
from goodplay.lib.events.handlers import HANDLERS
from goodplay.lib.events.models import Delivery, Event
from impact.models import (
    DonationImpact,
    ImpactMetric,
    ImpactReversal,
    MetricPoint,
    MetricTally,
    StoryUnlock,
    UserMilestone,
)
from impact.operations import metrics, tracking
from impact.queries.community import STATISTICS_KEY, all_time_totals
from impact.queries.donors import donor_statistics
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, make_donation, take_back
from tests.factories.impact import ImpactMetricFactory

pytestmark = [pytest.mark.documents, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def every_delivery_succeeded():
    yield
    assert (
        list(Delivery.objects.exclude(status=Delivery.Status.DONE).values_list("handler", "last_error")) == []
    )


@pytest.fixture
def onlus(db):
    return OnlusFactory()


@pytest.fixture
def give(settled):
    def donate(donor, onlus, amount, **options):
        with settled():
            return make_donation(donor, onlus, amount, **options)

    return donate


@pytest.fixture
def refund(settled):
    def give_back(donation, amount=None, **options):
        with settled():
            return take_back(donation, amount, **options)

    return give_back


def figures(metric):
    """What the metric shows, once its tally says the same."""
    metric = ImpactMetric.objects.get(pk=metric.pk)
    tally = MetricTally.objects.get(pk=metric.pk)
    shown = (metric.related_donations_count, metric.related_donations_amount)
    assert shown == (tally.donations_count, tally.donations_amount)
    return shown


def totals(donor):
    statistics = donor_statistics(donor.pk)
    return statistics.total_donated, statistics.donation_count, statistics.onlus_diversity


# Figures ---------------------------------------------------------------------------------------------------------


def test_a_whole_refund_takes_back_everything_the_donation_counted_for(onlus, give, refund):
    donor, metric = UserFactory(), ImpactMetricFactory(onlus_id=onlus.pk)
    donation = give(donor, onlus, "25.00")
    assert (figures(metric), totals(donor)) == ((1, Decimal("25.00")), (Decimal("25.00"), 1, 1))

    given_back = refund(donation)

    assert figures(metric) == (0, Decimal("0.00"))
    assert totals(donor) == (Decimal("0.00"), 0, 0)
    assert donor_statistics(donor.pk).last_donation_date is None
    community = all_time_totals()
    assert (community.amount, community.count, community.donors, community.organisations) == (0, 0, 0, 0)
    reversal = ImpactReversal.objects.get()
    assert (reversal.refund_id, reversal.impact_id) == (given_back.pk, donation.pk)
    assert (reversal.amount, reversal.metrics_updated) == (Decimal("25.00"), 1)


def test_a_part_given_back_leaves_a_smaller_donation(onlus, give, refund):
    donor, metric = UserFactory(), ImpactMetricFactory(onlus_id=onlus.pk)
    donation = give(donor, onlus, "25.00")

    refund(donation, "10.10")

    assert figures(metric) == (1, Decimal("14.90"))
    assert totals(donor) == (Decimal("14.90"), 1, 1)
    assert all_time_totals().amount == Decimal("14.90")


def test_two_parts_and_then_the_rest(onlus, give, refund):
    donor, metric, steps = UserFactory(), ImpactMetricFactory(onlus_id=onlus.pk), []
    donation = give(donor, onlus, "25.00")

    for part in ("0.10", "14.70", None):
        refund(donation, part)
        steps.append((figures(metric), totals(donor)))

    assert steps == [
        ((1, Decimal("24.90")), (Decimal("24.90"), 1, 1)),
        ((1, Decimal("10.20")), (Decimal("10.20"), 1, 1)),
        ((0, Decimal("0.00")), (Decimal("0.00"), 0, 0)),
    ]
    assert ImpactReversal.objects.count() == 3


def test_a_refund_leaves_everybody_else_alone(onlus, give, refund):
    alice, bob, elsewhere = UserFactory(), UserFactory(), OnlusFactory()
    metric, other = ImpactMetricFactory(onlus_id=onlus.pk), ImpactMetricFactory(onlus_id=elsewhere.pk)
    donation = give(alice, onlus, "25.00")
    give(bob, onlus, "3.00")
    give(bob, elsewhere, "4.00")
    before = totals(bob)

    refund(donation)

    assert totals(bob) == before == (Decimal("7.00"), 2, 2)
    assert figures(metric) == (1, Decimal("3.00"))
    assert figures(other) == (1, Decimal("4.00"))


def test_only_metrics_that_counted_the_donation_lose_it(onlus, give, refund):
    counted, retired = ImpactMetricFactory.create_batch(2, onlus_id=onlus.pk)
    donation = give(UserFactory(), onlus, "25.00")
    ImpactMetric.objects.filter(pk=retired.pk).update(is_active=False)
    later = ImpactMetricFactory(onlus_id=onlus.pk)
    give(UserFactory(), onlus, "2.00")

    refund(donation)

    assert figures(counted) == figures(later) == (1, Decimal("2.00"))
    tally = MetricTally.objects.get(pk=retired.pk)
    assert (tally.donations_count, tally.donations_amount) == (0, Decimal("0.00"))


def test_a_donation_counted_before_its_metrics_were_noted_is_taken_off_those_there_were(onlus):
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    donation = make_donation(UserFactory(), onlus, "25.00", now=timezone.now())
    metrics.count_donation(donation=donation)
    DonationImpact.objects.create(
        donation=donation,
        onlus_id=onlus.pk,
        amount=donation.amount,
        metrics_updated=1,
        metric_ids=None,
        stories_unlocked=0,
        tracked_at=timezone.now(),
    )
    with time_machine.travel(timezone.now() + timedelta(seconds=1)):  # documents keep whole milliseconds
        later = ImpactMetricFactory(onlus_id=onlus.pk, related_donations_amount=Decimal("1.00"))
    metrics.count_donation(donation=make_donation(UserFactory(), onlus, "2.00"))

    tracking.track_refund(refund=take_back(donation, "20.00"), now=NOW)

    amounts = dict(MetricTally.objects.values_list("metric_id", "donations_amount"))
    assert amounts == {metric.pk: Decimal("7.00"), later.pk: Decimal("3.00")}


# Metrics in euros ------------------------------------------------------------------------------------------------


@pytest.fixture
def raised(onlus):
    return ImpactMetricFactory(
        onlus_id=onlus.pk,
        metric_type=ImpactMetric.Type.FINANCIAL,
        metric_unit=ImpactMetric.Unit.EUR,
        current_value=Decimal("100.00"),
    )


def test_euros_raised_fall_with_the_refund_and_a_reading_is_kept(api, onlus, raised, give, refund):
    donation = give(UserFactory(), onlus, "25.00", now=timezone.now())

    first, second = refund(donation, "10.00"), refund(donation)

    metric = ImpactMetric.objects.get(pk=raised.pk)
    assert (metric.current_value, metric.previous_value) == (Decimal("100.00"), Decimal("115.00"))
    readings = MetricPoint.objects.order_by("recorded_at", "id").values_list("value", "source")
    assert list(readings) == [
        (Decimal("125.00"), f"donation_{donation.pk}"),
        (Decimal("115.00"), f"refund_{first.pk}"),
        (Decimal("100.00"), f"refund_{second.pk}"),
    ]
    public = api.get(f"/api/impact/onlus/{onlus.pk}/metrics", {"include_trends": True})
    assert [point["source"] for point in public.json()["data"]["metrics"][0]["data_points"]] == [
        "donation",
        "refund",
        "refund",
    ]
    assert str(first.pk) not in public.text


def test_following_twice_moves_nothing_more(onlus, raised, give, refund):
    donation = give(UserFactory(), onlus, "25.00")
    given_back = refund(donation, "10.00")

    metrics.follow_tallies(donation=donation, refund=given_back, now=NOW)

    assert ImpactMetric.objects.get(pk=raised.pk).current_value == Decimal("115.00")
    assert MetricPoint.objects.count() == 2


def test_a_value_its_onlus_lowered_meanwhile_does_not_fall_below_nothing(onlus, raised, give, refund):
    donation = give(UserFactory(), onlus, "25.00")
    ImpactMetric.objects.filter(pk=raised.pk).update(current_value=Decimal("5.00"))

    refund(donation)

    assert ImpactMetric.objects.get(pk=raised.pk).current_value == Decimal("0.00")
    assert figures(raised) == (0, Decimal("0.00"))


# What was reached -------------------------------------------------------------------------------------------------


def test_stories_and_milestones_stay_and_the_level_falls(api, onlus, give, refund):
    donor = UserFactory()
    donation = give(donor, onlus, "60.00")
    unlocked = set(StoryUnlock.objects.values_list("story_id", "donation_id"))
    reached = set(UserMilestone.objects.values_list("kind", "level"))
    assert (len(unlocked), len(reached)) == (4, 4)
    api.force_authenticate(donor)

    refund(donation, "45.00")

    assert set(StoryUnlock.objects.values_list("story_id", "donation_id")) == unlocked
    assert set(UserMilestone.objects.values_list("kind", "level")) == reached
    assert Event.objects.filter(name="story_unlocked").count() == 4
    data = api.get(f"/api/impact/user/{donor.pk}").json()["data"]
    assert (data["statistics"]["total_donated"], data["statistics"]["current_level"]) == (15.0, 1)
    assert data["unlocked_features"] == []
    assert data["stories"]["unlocked_count"] == 4
    assert [row["reached"] for row in data["milestones"]] == [True] * 3 + [False] * 7
    assert data["milestones"][3]["progress_percent"] == 15.0
    way = api.get("/api/impact/stories/progress").json()["data"]["progress"]
    assert way == {"current_level": 1, "next_level": 2, "progress_to_next": 60.0}


def test_a_story_opens_once_even_when_its_threshold_is_crossed_again(onlus, give, refund):
    donor = UserFactory()
    refund(give(donor, onlus, "10.00"))

    give(donor, onlus, "10.00")

    assert Event.objects.filter(name="story_unlocked").count() == 2
    assert Event.objects.filter(name="user_milestone_reached").count() == 2


# Order, repetition ------------------------------------------------------------------------------------------------


@pytest.fixture
def events(onlus):
    """A donation and two refunds of it that nobody has reacted to yet, oldest first."""
    donation = make_donation(UserFactory(), onlus, "25.00")
    take_back(donation, "10.00")
    take_back(donation)
    names = ("donation_complete", "donation_refunded")
    return list(Event.objects.filter(name__in=names).order_by("pk"))


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 0, 1), (2, 1, 0)])
def test_the_order_of_delivery_does_not_matter(onlus, events, order, settled):
    metric = ImpactMetricFactory(onlus_id=onlus.pk)

    with settled():
        for each in order:
            deliver(events[each].pk)

    assert figures(metric) == (0, Decimal("0.00"))
    assert (DonationImpact.objects.count(), ImpactReversal.objects.count()) == (1, 2)


def test_a_refund_told_twice_counts_once(onlus, events):
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    handler = HANDLERS["impact.track_refund"]
    assert run_handler(handler, events[1])

    handler.call(events[1], NOW)

    tally = MetricTally.objects.get(pk=metric.pk)
    assert (tally.donations_count, tally.donations_amount) == (1, Decimal("15.00"))
    assert ImpactReversal.objects.count() == 1
    assert Event.objects.filter(name="refund_tracked").count() == 1


def test_a_donation_given_back_before_anybody_heard_of_it_opens_nothing(onlus, events, settled):
    with settled():
        for event in events:
            deliver(event.pk)

    assert not StoryUnlock.objects.exists()
    assert not UserMilestone.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_a_refund_costs_as_many_queries_whatever_it_counted_for(onlus, count, django_assert_num_queries):
    ImpactMetricFactory.create_batch(count, onlus_id=onlus.pk)
    donation = make_donation(UserFactory(), onlus, "25.00")
    tracking.track_donation(donation=donation, now=NOW)
    given_back = DonationRefund.objects.select_related("donation").get(pk=take_back(donation, "5.00").pk)

    locks = 2 if connection.vendor == "postgresql" else 0  # one for the refund, one for the donation in it
    with django_assert_num_queries(13 + locks):
        tracking.track_refund(refund=given_back, now=NOW)


# What people see --------------------------------------------------------------------------------------------------

STATISTICS = "/api/impact/community/statistics"


def test_the_public_figures_fall_at_once(api, onlus, give, refund):
    donation = give(UserFactory(), onlus, "25.00", now=timezone.now())
    give(UserFactory(), onlus, "5.00", now=timezone.now())
    assert api.get(STATISTICS).json()["data"]["total_donated"] == 30.0
    assert cache.get(STATISTICS_KEY)

    refund(donation, "10.00")

    assert cache.get(STATISTICS_KEY) is None
    data = api.get(STATISTICS).json()["data"]
    assert (data["total_donated"], data["total_donations"], data["total_donors"]) == (20.0, 2, 2)
    assert data["summary"]["donations"]["total_amount"] == 20.0
    refund(donation)
    data = api.get(STATISTICS).json()["data"]
    assert (data["total_donated"], data["total_donations"], data["total_donors"]) == (5.0, 1, 1)


def test_boards_rank_by_what_remains(api, onlus, give, refund):
    elsewhere, public = OnlusFactory(), {"profile_visibility": "public", "impact_score_visibility": "public"}
    alice, bob = (seen(UserFactory(display_name=name), public) for name in ("Alice", "Bob"))
    donation = give(alice, onlus, "25.00", now=timezone.now())
    give(bob, elsewhere, "20.00", now=timezone.now())

    refund(donation, "10.00")

    api.force_authenticate(alice)
    data = api.get("/api/impact/community/leaderboard").json()["data"]
    assert [(row["user_name"], row["total_donated"]) for row in data["top_donors"]] == [
        ("Bob", 20.0),
        ("Alice", 15.0),
    ]
    assert [row["total_received"] for row in data["top_onlus"]] == [20.0, 15.0]
    assert data["user_position"]["rank"] == 2
    refund(donation)
    data = api.get("/api/impact/community/leaderboard").json()["data"]
    assert [row["user_name"] for row in data["top_donors"]] == ["Bob"]
    assert data["user_position"] is None


def seen(user, privacy):
    user.preferences.privacy |= privacy | {"leaderboard_participation": True}
    user.preferences.save(update_fields=["privacy"])
    return user


def test_the_summary_shows_what_remains(api, onlus, give, refund):
    donor = UserFactory()
    ImpactMetricFactory(
        onlus_id=onlus.pk,
        current_value=Decimal(60),
        verification_status=ImpactMetric.Verification.VERIFIED,
    )
    partly, wholly = give(donor, onlus, "20.00"), give(donor, OnlusFactory(), "10.00")
    give(UserFactory(), onlus, "40.00")
    refund(partly, "10.00")
    refund(wholly)
    api.force_authenticate(donor)

    data = api.get(f"/api/impact/user/{donor.pk}").json()["data"]

    assert data["statistics"] == data["statistics"] | {
        "total_donated": 10.0,
        "donation_count": 1,
        "onlus_diversity": 1,
        "avg_donation_amount": 10.0,
    }
    assert data["impact_score"]["total_donated"] == 10.0
    assert data["donation_impact"]["total_impact_tracked"] == 10.0
    assert (
        data["donation_impact"]["estimated_beneficiaries"] == 12
    )  # 10 of the 50 euros that remain, of sixty
    recent = data["donation_impact"]["recent_donations"]
    assert {row["id"]: (row["status"], row["amount"], row["refunded_amount"]) for row in recent} == {
        str(partly.pk): ("completed", 20.0, 10.0),
        str(wholly.pk): ("refunded", 10.0, 10.0),
    }


def test_the_timeline_shows_a_refunded_donation_as_refunded_not_as_given(api, onlus, give, refund):
    donor = UserFactory()
    partly, wholly = (give(donor, onlus, amount, now=timezone.now()) for amount in ("20.00", "10.00"))
    refund(give(UserFactory(), onlus, "7.00", now=timezone.now()), now=timezone.now())
    refund(partly, "5.00", now=timezone.now())
    refund(wholly, now=timezone.now())
    api.force_authenticate(donor)

    events = api.get(f"/api/impact/user/{donor.pk}/timeline").json()["data"]["timeline_events"]

    shown = [event for event in events if event["event_type"].startswith("donation")]
    told = [(each["event_type"], each["data"]["donation_id"], each["data"].get("amount")) for each in shown]
    assert told == [
        ("donation_refunded", str(wholly.pk), 10.0),
        ("donation_refunded", str(partly.pk), 5.0),
        ("donation_processed", str(partly.pk), None),
        ("donation_made", str(partly.pk), 20.0),
    ]
    assert shown[0]["description"] == f"Your donation of 10.00 EUR to {onlus.name} was given back."
    assert shown[1]["description"] == f"Of the 20.00 EUR you gave to {onlus.name}, 5.00 EUR were given back."
    assert shown[3]["data"]["refunded_amount"] == 5.0


@pytest.mark.parametrize("count", [1, 3])
def test_the_timeline_costs_six_queries_with_refunds_too(
    api, onlus, give, refund, count, django_assert_num_queries, documents_apart
):
    donor = UserFactory()
    for _ in range(count):
        refund(give(donor, onlus, "1.00", now=timezone.now()), now=timezone.now())
    api.force_authenticate(donor)

    with django_assert_num_queries(6 - documents_apart):  # nobody is supported any more: no news is asked for
        events = api.get(f"/api/impact/user/{donor.pk}/timeline").json()["data"]["timeline_events"]

    assert sum(event["event_type"] == "donation_refunded" for event in events) == count


def test_one_donation_tells_what_was_given_back(api, onlus, give, refund):
    donor = UserFactory()
    donation = give(donor, onlus, "12.50", now=timezone.now())
    refund(donation, "2.50", now=timezone.now())
    api.force_authenticate(donor)

    data = api.get(f"/api/impact/donation/{donation.pk}").json()["data"]

    efficiency = data["efficiency_analysis"]
    del efficiency["estimated_impact_per_euro"]
    assert efficiency == {
        "donation_amount": 12.5,
        "refunded_amount": 2.5,
        "platform_fee": 0.0,
        "net_to_onlus": 10.0,
    }
    kinds = [event["event_type"] for event in data["impact_timeline"]]
    assert kinds.count("donation_refunded") == 1
    assert (data["transaction_data"]["status"], data["transaction_data"]["refunded_amount"]) == (
        "completed",
        2.5,
    )


def test_the_figures_of_an_onlus_count_what_remains(api, onlus, give, refund):
    ImpactMetricFactory(onlus_id=onlus.pk, current_value=Decimal(30))
    donation = give(UserFactory(), onlus, "25.00")

    refund(donation, "10.00")

    data = api.get(f"/api/impact/onlus/{onlus.pk}/metrics").json()["data"]
    assert data["metrics_summary"]["totals"]["total_donations_amount"] == 15.0
    assert data["metrics"][0]["related_donations_amount"] == 15.0
    assert data["metrics"][0]["efficiency_ratio"] == 2
