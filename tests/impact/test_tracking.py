from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from goodplay.lib.events.models import Delivery, Event
from impact.models import DonationImpact, ImpactMetric, ImpactStory, MetricPoint, StoryUnlock, UserMilestone
from impact.operations import metrics, stories, tracking
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import let_pass, make_donation, take_back
from tests.factories.impact import NOW, ImpactMetricFactory, ImpactStoryFactory

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

Condition = ImpactStory.Condition


def titles_unlocked_by(donor):
    unlocked = StoryUnlock.objects.filter(user=donor).values_list("story_id", flat=True)
    return set(ImpactStory.objects.filter(pk__in=list(unlocked)).values_list("title", flat=True))


def amounts_reached(donor):
    reached = UserMilestone.objects.filter(user=donor, kind="amount").order_by("level")
    return list(reached.values_list("level", "threshold"))


@pytest.fixture(autouse=True)
def every_delivery_succeeded():
    yield
    assert (
        list(Delivery.objects.exclude(status=Delivery.Status.DONE).values_list("handler", "last_error")) == []
    )


# Stories ---------------------------------------------------------------------------------------------------------


def test_a_small_first_gift_unlocks_its_story(settled):
    donor = UserFactory()

    with settled():
        make_donation(donor, OnlusFactory(), "0.05")

    assert titles_unlocked_by(donor) == {"The first gift"}


def test_one_large_gift_unlocks_every_level_it_crosses(settled):
    donor = UserFactory()

    with settled():
        donation = make_donation(donor, OnlusFactory(), "150.00")

    assert titles_unlocked_by(donor) == {
        "The first gift",
        "First Impact",
        "Growing Difference",
        "Community Builder",
        "Changemaker",
    }
    assert amounts_reached(donor) == [(1, Decimal(10)), (2, Decimal(25)), (3, Decimal(50)), (4, Decimal(100))]
    assert DonationImpact.objects.get(donation=donation).stories_unlocked == 5


@pytest.mark.parametrize(("amount", "levels"), [("24.99", 1), ("25.00", 2), ("1000.00", 7), ("10000.00", 10)])
def test_a_level_is_reached_at_its_very_amount(settled, amount, levels):
    donor = UserFactory()

    with settled():
        let_pass(make_donation(donor, OnlusFactory(), amount))

    assert len(amounts_reached(donor)) == levels


def test_unlocks_are_written_and_announced_once(settled):
    donor, onlus = UserFactory(), OnlusFactory()
    with settled():
        first = make_donation(donor, onlus, "10.00")
        make_donation(donor, onlus, "10.00")

    tracking.track_donation(donation=first, now=NOW)
    stories.reevaluate(user_id=donor.pk, now=NOW)

    unlocks = StoryUnlock.objects.filter(user=donor)
    assert {unlock.donation_id for unlock in unlocks} == {first.pk}
    assert unlocks.count() == 2
    assert Event.objects.filter(name="story_unlocked").count() == 2
    assert Event.objects.filter(name="user_milestone_reached").count() == 2
    assert DonationImpact.objects.count() == 2


def test_a_story_stays_open_after_a_refund(settled):
    donor, onlus = UserFactory(), OnlusFactory()
    with settled():
        donation = make_donation(donor, onlus, "10.00")
    with settled():
        take_back(donation)

    with settled():
        make_donation(donor, onlus, "1.00")

    assert titles_unlocked_by(donor) == {"The first gift", "First Impact"}


def test_an_inactive_story_stays_closed(settled):
    ImpactStoryFactory(title="Taken down", unlock_condition_value=1, is_active=False)
    donor = UserFactory()

    with settled():
        make_donation(donor, OnlusFactory())

    assert titles_unlocked_by(donor) == {"The first gift"}


def test_supporting_three_organisations_unlocks_their_story(settled):
    donor = UserFactory()

    with settled():
        for onlus in OnlusFactory.create_batch(3):
            make_donation(donor, onlus)
        make_donation(donor, onlus)

    assert titles_unlocked_by(donor) == {"The first gift", "Three doors"}


def test_a_story_of_the_score_opens_when_the_score_reaches_it(settled):
    ImpactStoryFactory(
        title="Scored", unlock_condition_type=Condition.IMPACT_SCORE, unlock_condition_value=Decimal("0.01")
    )
    donor = UserFactory()

    with settled():
        make_donation(donor, OnlusFactory(), "20.00")

    assert "Scored" in titles_unlocked_by(donor)


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [(-1, 1, True), (-1, None, True), (None, 1, True), (1, 2, False), (-2, -1, False), (None, 0, False)],
)
def test_a_story_with_dates_opens_between_them(opens, closes, expected):
    window = {
        "available_from": NOW + timedelta(days=opens) if opens is not None else None,
        "available_until": NOW + timedelta(days=closes) if closes is not None else None,
    }
    ImpactStoryFactory(
        title="Christmas", unlock_condition_type=Condition.TIME_BASED, unlock_condition_value=0, **window
    )
    player = UserFactory()

    stories.reevaluate(user_id=player.pk, now=NOW)

    assert titles_unlocked_by(player) == ({"Christmas"} if expected else set())


@pytest.mark.parametrize(("days", "expected"), [(6, set()), (7, {"A week"})])
def test_a_story_of_days_counts_from_the_first_gift(settled, days, expected):
    donor = UserFactory()
    with settled():
        make_donation(donor, OnlusFactory(), now=NOW)
    ImpactStoryFactory(title="A week", unlock_condition_type=Condition.TIME_BASED, unlock_condition_value=7)

    stories.reevaluate(user_id=donor.pk, now=NOW + timedelta(days=days))

    assert titles_unlocked_by(donor) == {"The first gift"} | expected


def test_nobody_meets_a_special_event_or_days_without_a_gift():
    for condition in (Condition.SPECIAL_EVENT, Condition.TIME_BASED):
        ImpactStoryFactory(unlock_condition_type=condition, unlock_condition_value=0)
    player = UserFactory()

    assert stories.reevaluate(user_id=player.pk, now=NOW) == []


def test_play_opens_nothing_that_donations_open(settled):
    donor = UserFactory()
    make_donation(donor, OnlusFactory(), "10.00")  # its events are still on their way

    assert stories.reevaluate(user_id=donor.pk, now=NOW) == []


# Metrics ---------------------------------------------------------------------------------------------------------


def test_a_donation_counts_towards_every_active_metric_of_its_onlus_once(settled):
    onlus = OnlusFactory()
    people = ImpactMetricFactory(onlus_id=onlus.pk)
    retired = ImpactMetricFactory(onlus_id=onlus.pk, is_active=False)
    other = ImpactMetricFactory()

    with settled():
        donation = make_donation(UserFactory(), onlus, "2.50")
        make_donation(UserFactory(), onlus, "1.00")
    metrics.follow_tallies(donation=donation, now=NOW)

    figures = {
        row.pk: (row.related_donations_count, row.related_donations_amount, row.current_value)
        for row in ImpactMetric.objects.all()
    }
    assert figures == {
        people.pk: (2, Decimal("3.50"), Decimal("150.00")),
        retired.pk: (0, Decimal("0.00"), Decimal("150.00")),
        other.pk: (0, Decimal("0.00"), Decimal("150.00")),
    }
    assert DonationImpact.objects.get(donation=donation).metrics_updated == 1


def test_a_financial_metric_grows_by_the_donation_and_keeps_a_reading(settled):
    onlus = OnlusFactory()
    raised = ImpactMetricFactory(
        onlus_id=onlus.pk,
        metric_type=ImpactMetric.Type.FINANCIAL,
        metric_unit=ImpactMetric.Unit.EUR,
        current_value=Decimal("100.00"),
        related_donations_amount=Decimal("40.00"),
        related_donations_count=4,
    )

    with settled():
        donation = make_donation(UserFactory(), onlus, "2.50")
    metrics.follow_tallies(donation=donation, now=NOW)

    raised.refresh_from_db()
    assert (raised.current_value, raised.previous_value) == (Decimal("102.50"), Decimal("100.00"))
    assert (raised.related_donations_count, raised.related_donations_amount) == (5, Decimal("42.50"))
    point = MetricPoint.objects.get()
    assert (point.metric_id, point.value, point.source) == (
        raised.pk,
        Decimal("102.50"),
        f"donation_{donation.pk}",
    )


def test_a_metric_that_lagged_behind_catches_up_with_the_next_donation(settled):
    onlus = OnlusFactory()
    metric = ImpactMetricFactory(onlus_id=onlus.pk)
    lost = make_donation(UserFactory(), onlus, "5.00")
    tracking.track_donation(
        donation=lost, now=NOW
    )  # counted, but the server stopped before the metric followed

    with settled():
        make_donation(UserFactory(), onlus, "1.00")

    metric.refresh_from_db()
    assert (metric.related_donations_count, metric.related_donations_amount) == (2, Decimal("6.00"))


def test_what_the_onlus_reports_meanwhile_is_kept(settled):
    onlus = OnlusFactory()
    metric = ImpactMetricFactory(
        onlus_id=onlus.pk, metric_type=ImpactMetric.Type.FINANCIAL, metric_unit=ImpactMetric.Unit.EUR
    )
    with settled():
        make_donation(UserFactory(), onlus, "5.00")
    ImpactMetric.objects.filter(pk=metric.pk).update(current_value=Decimal("1000.00"))

    with settled():
        make_donation(UserFactory(), onlus, "1.00")

    metric.refresh_from_db()
    assert metric.current_value == Decimal("1001.00")


# Milestones of everybody -----------------------------------------------------------------------------------------


def test_count_milestones_are_recorded_beside_amounts(settled):
    donor, onlus, donations = UserFactory(), OnlusFactory(), []

    for _ in range(6):
        with settled():
            donations.append(make_donation(donor, onlus))

    reached = UserMilestone.objects.filter(user=donor, kind="count").order_by("level")
    assert [(each.level, each.threshold, each.donation_id) for each in reached] == [
        (1, Decimal(1), donations[0].pk),
        (2, Decimal(5), donations[4].pk),
    ]


def test_tracking_happens_now_not_when_the_donation_was_made(settled):
    before = timezone.now()

    with settled():
        donation = make_donation(UserFactory(), OnlusFactory(), now=NOW)

    assert DonationImpact.objects.get(donation=donation).tracked_at >= before
