"""How stories open without a gift that reaches a threshold: events, time, and what was there before them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from donations.models import SpecialEvent
from goodplay.lib.events.models import Event
from impact.models import ImpactStory, SpecialEventParticipation, StoryUnlock
from impact.operations import events, stories
from impact.tasks import open_due_stories
from social.models import ImpactScore
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.games import finished_session
from tests.factories.impact import ImpactStoryFactory

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

Condition = ImpactStory.Condition
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _only_our_stories():
    ImpactStory.objects.update(is_active=False)


def event(kind="holiday", *, starts=-DAY, ends=DAY, code="winter"):
    now = timezone.now()
    return SpecialEvent.objects.create(
        code=code, name="Winter", kind=kind, starts_at=now + starts, ends_at=now + ends
    )


def story_of(happening, **columns):
    return ImpactStoryFactory(
        unlock_condition_type=Condition.SPECIAL_EVENT, special_event_id=happening.pk, **columns
    )


def opened(story):
    return list(StoryUnlock.objects.filter(story_id=story.pk).values_list("user_id", flat=True))


def give(donor, amount="1.00", *, now=None):
    return make_donation(donor, OnlusFactory(), amount, now=now or timezone.now())


# Special events ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SpecialEvent.Kind.values)
def test_a_gift_while_an_event_runs_takes_part_in_it_and_opens_its_story(api, settled, kind):
    donor, stranger = UserFactory(), UserFactory()
    running = event(kind)
    later = event(code="later", starts=DAY, ends=2 * DAY)
    story, closed = story_of(running), story_of(later)

    with settled():
        gift = give(donor)
        give(stranger, now=timezone.now() - 3 * DAY)  # before it began

    part = SpecialEventParticipation.objects.get()
    assert (part.event, part.user, part.donation, part.session) == (running, donor, gift, None)
    assert StoryUnlock.objects.get(story_id=story.pk).donation == gift
    assert opened(closed) == []
    api.force_authenticate(donor)
    stats = api.get("/api/impact/stories/available").json()["data"]["user_stats"]
    assert stats["special_events"] == ["winter"]


def test_play_counts_towards_a_goal_of_the_community_and_nothing_else(settled):
    player = UserFactory()
    goal, holiday = event("community_goal", code="goal"), event("holiday", code="holiday")
    story, other = story_of(goal), story_of(holiday)

    with settled():
        session = finished_session(player, now=timezone.now() - timedelta(minutes=5))
    events.count_play(session=session)

    part = SpecialEventParticipation.objects.get()
    assert (part.event, part.session_id, part.donation) == (goal, session.pk, None)
    assert (opened(story), opened(other)) == ([player.pk], [])


def test_play_that_was_given_up_counts_for_nothing(settled):
    event("community_goal")

    with settled():
        finished_session(now=timezone.now() - timedelta(minutes=5), reason="abandoned")

    assert not SpecialEventParticipation.objects.exists()


def test_an_event_announced_late_counts_the_gifts_made_since_it_began(settled):
    early, outside = UserFactory(), UserFactory()
    with settled():
        give(early)
        give(outside, now=timezone.now() - 5 * DAY)
    story = story_of(event())

    open_due_stories()
    open_due_stories()

    assert opened(story) == [early.pk]
    assert SpecialEventParticipation.objects.count() == 1


# Time -------------------------------------------------------------------------------------------------------------


def test_a_story_with_dates_opens_when_its_time_comes_and_not_after_it():
    player = UserFactory()
    now = timezone.now()
    by_date = {"unlock_condition_type": Condition.TIME_BASED}
    story = ImpactStoryFactory(available_from=now + DAY, available_until=now + 3 * DAY, **by_date)
    past = ImpactStoryFactory(available_until=now - DAY, **by_date)

    assert stories.open_due(now=now) == 0
    assert stories.open_due(now=now + DAY) == 1
    assert stories.open_due(now=now + DAY) == 0
    UserFactory()
    assert stories.open_due(now=now + 3 * DAY) == 0

    assert opened(story) == [player.pk]
    assert opened(past) == []
    assert Event.objects.filter(name="story_unlocked").count() == 1


def test_a_story_opens_days_after_the_first_gift(settled):
    donor = UserFactory()
    now = timezone.now()
    story = ImpactStoryFactory(unlock_condition_type=Condition.TIME_BASED, unlock_condition_value=Decimal(30))
    with settled():
        give(donor, now=now - 29 * DAY)
        give(UserFactory(), now=now)
    UserFactory()  # never gave

    assert stories.open_due(now=now) == 0
    assert stories.open_due(now=now + DAY) == 1

    assert opened(story) == [donor.pk]


def test_the_time_of_closed_accounts_does_not_come():
    UserFactory(is_active=False)
    ImpactStoryFactory(unlock_condition_type=Condition.TIME_BASED, available_from=timezone.now() - DAY)

    assert stories.open_due(now=timezone.now()) == 0


# What was there before ---------------------------------------------------------------------------------------------


def test_a_new_story_is_given_once_to_those_who_had_reached_it(settled):
    generous, small, other = UserFactory(), UserFactory(), UserFactory()
    with settled():
        give(generous, "30.00")
        give(small, "3.00")
    ImpactScore.objects.create(
        user=other, score=960, formula_version=1, calculated_at=timezone.now(), created_at=timezone.now()
    )
    by_sum = ImpactStoryFactory(unlock_condition_type=Condition.TOTAL_DONATED, unlock_condition_value=30)
    by_count = ImpactStoryFactory(unlock_condition_type=Condition.DONATION_COUNT, unlock_condition_value=1)
    by_score = ImpactStoryFactory(unlock_condition_type=Condition.IMPACT_SCORE, unlock_condition_value=950)

    now = timezone.now()
    assert stories.open_due(now=now, limit=2) == 2  # the rest waits for the next run
    assert stories.open_due(now=now) == 2
    assert stories.open_due(now=now) == 0

    assert opened(by_sum) == [generous.pk]
    assert sorted(opened(by_count)) == sorted([generous.pk, small.pk])
    assert opened(by_score) == [other.pk]
    by_sum.refresh_from_db()
    assert now - by_sum.offered_at < timedelta(milliseconds=1)  # all a document keeps
    assert StoryUnlock.objects.filter(donation=None).count() == 4


def test_a_story_from_zero_is_everybodys():
    first = UserFactory()
    story = ImpactStoryFactory(unlock_condition_type=Condition.TOTAL_DONATED, unlock_condition_value=0)
    stories.open_due(now=timezone.now())
    second = UserFactory()

    stories.open_due(now=timezone.now())

    assert opened(story) == [first.pk, second.pk]


def test_a_gift_that_is_still_being_counted_opens_its_story_itself(settled):
    donor = UserFactory()
    story = ImpactStoryFactory(unlock_condition_type=Condition.DONATION_COUNT, unlock_condition_value=1)
    with settled():
        gift = give(donor)
        assert stories.open_due(now=timezone.now()) == 0

    assert StoryUnlock.objects.get(story_id=story.pk).donation == gift


# What a session opened ---------------------------------------------------------------------------------------------


def test_the_answer_about_a_session_tells_what_it_opened(api, settled):
    player = UserFactory()
    goal = story_of(event("community_goal"), story_type="milestone", content="Secret until read.")
    api.force_authenticate(player)
    with settled():
        session = finished_session(player, now=timezone.now() - timedelta(minutes=5))

    body = {"session_id": str(session.pk)}
    answer = api.post("/api/wallet/convert-session", body).json()["data"]
    with settled():
        finished_session(player, now=timezone.now())
    again = api.post("/api/wallet/convert-session", body).json()["data"]

    (row,) = answer["stories_unlocked"]
    assert (row["id"], row["is_unlocked"], "content" in row) == (str(goal.pk), True, False)
    assert answer["new_milestone_reached"] is True
    assert again["stories_unlocked"] == answer["stories_unlocked"]


def test_a_session_that_opened_nothing_says_so(api, settled):
    player = UserFactory()
    with settled():
        session = finished_session(player, now=timezone.now() - timedelta(minutes=5))
    api.force_authenticate(player)

    answer = api.post("/api/wallet/convert-session", {"session_id": str(session.pk)}).json()["data"]

    assert (answer["stories_unlocked"], answer["new_milestone_reached"]) == ([], False)
