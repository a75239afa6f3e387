"""Exactly once, with real threads and real commits."""

from decimal import Decimal

import pytest
from django.db import connection, transaction

from goodplay.lib.events.delivery import deliver
from goodplay.lib.events.models import Delivery, Event
from impact.models import (
    DonationImpact,
    ImpactMetric,
    ImpactReversal,
    ImpactStory,
    MetricTally,
    StoryUnlock,
    UserMilestone,
)
from impact.operations import metrics, stories, tracking
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, make_donation, take_back
from tests.factories.impact import ImpactMetricFactory, ImpactStoryFactory
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.slow, pytest.mark.usefixtures("real_transactions")]


def no_exceptions(results):
    return [result for result in results if isinstance(result, Exception)] == []


def give_and_die(*gift):
    """Commit a donation in a process that dies right then: its event is recorded and nobody is told."""
    with transaction.atomic():
        donation = make_donation(*gift)
        connection.run_on_commit.clear()
    return donation


def test_one_donation_tracked_by_many_at_once_counts_once():
    onlus = OnlusFactory()
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    donation = give_and_die(UserFactory(), onlus, "25.00")

    results = at_once(
        crowd(on_postgresql=20, elsewhere=6),
        lambda number: tracking.track_donation(donation=donation, now=NOW),
    )

    assert no_exceptions(results)
    assert DonationImpact.objects.count() == 1
    assert StoryUnlock.objects.count() == 3
    assert UserMilestone.objects.count() == 3
    assert Event.objects.filter(name="story_unlocked").count() == 3
    assert MetricTally.objects.get(pk=metric.pk).donations_count == 1


def test_a_donation_and_play_at_once_open_each_story_once():
    donor = UserFactory()
    ImpactStoryFactory(unlock_condition_type=ImpactStory.Condition.IMPACT_SCORE, unlock_condition_value=0)
    donation = give_and_die(donor, OnlusFactory(), "10.00")

    def either(number):
        if number % 2:
            return stories.reevaluate(user_id=donor.pk, now=NOW)
        return tracking.track_donation(donation=donation, now=NOW)

    results = at_once(crowd(on_postgresql=20, elsewhere=6), either)

    assert no_exceptions(results)
    assert StoryUnlock.objects.filter(user=donor).count() == 3
    assert Event.objects.filter(name="story_unlocked").count() == 3


def test_many_donations_followed_at_once_lose_no_cent_of_a_metric():
    donors = crowd(on_postgresql=20, elsewhere=6)
    onlus = OnlusFactory()
    raised = ImpactMetricFactory(
        onlus_id=onlus.pk, metric_type="financial", metric_unit="eur", current_value=Decimal("100.00")
    )
    ImpactMetricFactory.create_batch(3, onlus_id=onlus.pk)
    donations = [give_and_die(UserFactory(), onlus, "1.01") for _ in range(donors)]

    def track(number):
        tracking.track_donation(donation=donations[number], now=NOW)
        metrics.follow_tallies(donation=donations[number], now=NOW)

    results = at_once(donors, track)

    assert no_exceptions(results)
    raised = ImpactMetric.objects.get(pk=raised.pk)
    assert raised.related_donations_count == donors
    assert raised.related_donations_amount == Decimal("1.01") * donors
    assert raised.current_value == Decimal("100.00") + Decimal("1.01") * donors


def test_one_refund_tracked_by_many_at_once_counts_once_even_before_its_donation():
    onlus = OnlusFactory()
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    donation = give_and_die(UserFactory(), onlus, "25.00")
    with transaction.atomic():
        refunds = [take_back(donation, "10.00"), take_back(donation, "5.00")]
        connection.run_on_commit.clear()

    def track(number):
        if number % 3 == 2:
            return tracking.track_donation(donation=donation, now=NOW)
        return tracking.track_refund(refund=refunds[number % 3], now=NOW)

    results = at_once(crowd(on_postgresql=18, elsewhere=6), track)

    assert no_exceptions(results)
    assert (DonationImpact.objects.count(), ImpactReversal.objects.count()) == (1, 2)
    tally = MetricTally.objects.get(pk=metric.pk)
    assert (tally.donations_count, tally.donations_amount) == (1, Decimal("10.00"))


def test_events_delivered_after_a_crash_are_reacted_to_once():
    """The process died between the commit and the delivery: the sweep finds the event, twice if need be."""
    donor = UserFactory()
    give_and_die(donor, OnlusFactory(), "10.00")
    assert not StoryUnlock.objects.exists()

    event = Event.objects.get(name="donation_complete")
    at_once(crowd(on_postgresql=8, elsewhere=4), lambda number: deliver(event.pk))

    assert StoryUnlock.objects.filter(user=donor).count() == 2
    assert not Delivery.objects.exclude(status=Delivery.Status.DONE).exists()
