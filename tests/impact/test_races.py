"""Exactly once, with real threads and real commits."""

from decimal import Decimal

import pytest
from django.db import connection, transaction

from goodplay.lib.errors import Conflict
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
from impact.operations import engagement, metric_reports, metric_reviews, metrics, stories, tracking, updates
from impact.operations.metric_reports import Reading
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, make_donation, take_back
from tests.factories.impact import ImpactMetricFactory, ImpactStoryFactory, ImpactUpdateFactory
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


def test_the_sweep_and_a_gift_at_once_open_a_story_once_and_the_gift_is_named():
    ImpactStory.objects.update(is_active=False)
    story = ImpactStoryFactory(unlock_condition_value=1)
    donation = give_and_die(UserFactory(), OnlusFactory(), "10.00")

    results = at_once(
        crowd(on_postgresql=10, elsewhere=4),
        lambda number: (
            stories.open_due(now=NOW) if number % 2 else tracking.track_donation(donation=donation, now=NOW)
        ),
    )

    assert no_exceptions(results)
    assert StoryUnlock.objects.get(story_id=story.pk).donation == donation
    assert Event.objects.filter(name="story_unlocked").count() == 1


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


def test_many_likes_of_one_person_count_once_and_of_many_each():
    update = ImpactUpdateFactory(published_at=NOW)
    fan, others = UserFactory(), [UserFactory() for _ in range(5)]
    people = [fan.pk] * 5 + [person.pk for person in others]

    results = at_once(
        10,
        lambda number: engagement.react(user_id=people[number], update_id=update.pk, kind="like", now=NOW),
    )

    assert no_exceptions(results)
    update.refresh_from_db()
    assert (update.like_count, update.engagement_score) == (6, 18)


def test_the_publication_job_run_twice_at_once_publishes_and_tells_once():
    update = ImpactUpdateFactory(status="scheduled", published_at=None, publish_at=NOW)

    results = at_once(4, lambda number: updates.publish_due(now=NOW))

    assert no_exceptions(results)
    assert sorted(results) == [(0, 0), (0, 0), (0, 0), (1, 0)]
    update.refresh_from_db()
    assert (update.status, update.published_at) == ("published", NOW)
    assert Event.objects.filter(name="impact_update_published").count() == 1


def test_an_edit_and_a_verification_at_once_never_verify_the_new_value():
    metric = ImpactMetricFactory(current_value=Decimal(150))
    staff, member = UserFactory(is_staff=True), UserFactory()

    def either(number):
        if number % 2:
            return metric_reviews.verify(metric=metric, seen_value=Decimal(150), actor=staff, now=NOW)
        return metric_reports.correct(
            metric=metric,
            new_value=Decimal(9000),
            reason="Miscounted.",
            seen_value=Decimal(150),
            actor=member,
            now=NOW,
        )

    results = at_once(crowd(on_postgresql=8, elsewhere=4), either)

    assert all(isinstance(each, ImpactMetric | Conflict) for each in results)
    metric.refresh_from_db()
    # Whoever came first: the value that stands was looked at, or nobody says that it was.
    assert (metric.current_value, metric.verification_status) in [(9000, "pending"), (150, "verified")]


def test_one_name_reported_many_times_at_once_is_one_metric():
    onlus = OnlusFactory()
    reading = Reading("meals", "beneficiaries", "people", Decimal(150))

    results = at_once(
        crowd(on_postgresql=8, elsewhere=4),
        lambda number: metric_reports.report(
            onlus_id=onlus.pk, reading=reading, actor=None, source="onlus_report", now=NOW
        ),
    )

    assert no_exceptions(results)
    assert sum(is_new for _metric, is_new in results) == 1
    assert ImpactMetric.objects.of_onlus(onlus.pk).count() == 1
