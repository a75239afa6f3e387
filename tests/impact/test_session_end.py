"""What the answer to the end of a session says of the stories that play has opened."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from donations.models import SpecialEvent
from games.models import GameSession
from games.signals import session_end_shown
from goodplay.lib.events.models import Event
from impact.models import ImpactStory, SpecialEventParticipation, StoryUnlock
from impact.signals import story_unlocked
from social.models import ImpactScore
from tests.factories.accounts import UserFactory
from tests.factories.games import finished_session, open_session, play, winning_moves
from tests.factories.impact import ImpactStoryFactory
from tests.games.answers import ok, url

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

Condition = ImpactStory.Condition
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _only_our_stories():
    ImpactStory.objects.update(is_active=False)


@pytest.fixture
def player(api):
    player = UserFactory()
    api.force_authenticate(player)
    return player


def won_session(player):
    started_at = timezone.now() - timedelta(minutes=3)
    session = open_session(player, now=started_at)
    play(session, *winning_moves(session), now=started_at)
    return session


def goal_story(*, starts=-HOUR, ends=HOUR, **columns):
    now = timezone.now()
    goal = SpecialEvent.objects.create(
        code="goal", name="Goal", kind="community_goal", starts_at=now + starts, ends_at=now + ends
    )
    return ImpactStoryFactory(
        unlock_condition_type=Condition.SPECIAL_EVENT, special_event_id=goal.pk, **columns
    )


def score_story(value):
    return ImpactStoryFactory(
        unlock_condition_type=Condition.IMPACT_SCORE, unlock_condition_value=Decimal(value)
    )


def give_score(player, score):
    ImpactScore.objects.create(
        user=player,
        score=score,
        formula_version=1,
        calculated_at=timezone.now(),
        created_at=timezone.now(),
    )


def end(api, session, body=None, **headers):
    return ok(api.put(url(session, "end"), body or {}, **headers), "GAME_SESSION_ENDED_SUCCESS")


def told(answer):
    return [row["id"] for row in answer["stories_unlocked"]], answer["new_milestone_reached"]


def unlocks(player):
    return list(StoryUnlock.objects.filter(user=player).values_list("story_id", flat=True))


def test_the_end_tells_what_it_opened_and_the_event_opens_nothing_again(api, player, settled):
    story = goal_story(story_type="milestone", content="Secret until read.")
    bystander = UserFactory()

    with settled():
        answer = end(api, won_session(player))

    (row,) = answer["stories_unlocked"]
    assert (row["id"], row["is_unlocked"], "content" in row) == (str(story.pk), True, False)
    assert answer["new_milestone_reached"] is True
    assert (unlocks(player), unlocks(bystander)) == ([story.pk], [])
    assert SpecialEventParticipation.objects.count() == 1
    assert Event.objects.filter(name="story_unlocked").count() == 1


def test_the_end_tells_what_a_score_and_a_date_had_made_due(api, player):
    give_score(player, 300)
    by_score = score_story("300")
    score_story("300.01")
    by_date = ImpactStoryFactory(
        unlock_condition_type=Condition.TIME_BASED, available_from=timezone.now() - HOUR
    )

    answer = end(api, won_session(player))

    stories, milestone = told(answer)
    assert (set(stories), milestone) == ({str(by_score.pk), str(by_date.pk)}, False)


def test_what_was_opened_before_is_not_told_again(api, player, settled):
    goal_story()
    with settled():
        finished_session(player, now=timezone.now() - timedelta(minutes=5))

    assert told(end(api, won_session(player))) == ([], False)


@pytest.mark.parametrize("reason", ["completed", "abandoned"])
def test_play_that_does_not_count_opens_nothing(api, player, reason):
    goal_story()
    session = open_session(player, now=timezone.now())  # no move was made

    assert told(end(api, session, {"reason": reason})) == ([], False)
    assert not SpecialEventParticipation.objects.exists()


# What it costs ----------------------------------------------------------------------------------------------------


def asked_about_impact(api, session):
    with CaptureQueriesContext(connection) as captured:
        answer = end(api, session)
    tables = (ImpactStory, StoryUnlock, SpecialEvent, ImpactScore)
    names = [f'FROM "{model._meta.db_table}"' for model in tables]
    return told(answer), sum(any(name in query["sql"] for name in names) for query in captured)


def test_an_end_that_can_open_nothing_asks_nothing(api, player):
    ImpactStoryFactory(unlock_condition_type=Condition.TOTAL_DONATED, unlock_condition_value=10)
    end(api, won_session(player))

    assert asked_about_impact(api, won_session(player)) == (([], False), 0)


def test_closed_stories_that_are_not_due_cost_two_queries_however_many(api, player):
    for number in range(3):
        score_story(str(900 + number))
    goal_story(starts=HOUR, ends=2 * HOUR)
    end(api, won_session(player))

    assert asked_about_impact(api, won_session(player)) == (([], False), 2)


# Again, and when it fails -----------------------------------------------------------------------------------------


def test_a_repeated_end_tells_the_same_and_opens_nothing_more(api, player, settled):
    story = goal_story()
    session = won_session(player)
    with settled():
        first = api.put(url(session, "end"), {}, HTTP_IDEMPOTENCY_KEY="end-once")
    later = score_story("0")

    again = api.put(url(session, "end"), {}, HTTP_IDEMPOTENCY_KEY="end-once")

    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert told(again.json()["data"]) == ([str(story.pk)], False)
    assert later.pk not in unlocks(player)


def test_an_unlock_that_fails_leaves_the_end_and_comes_with_the_event(api, player, settled):
    story = goal_story()
    session = won_session(player)

    def fail(sender, **kwargs):
        raise RuntimeError

    with settled():
        story_unlocked.connect(fail)
        try:
            answer = end(api, session)
        finally:
            story_unlocked.disconnect(fail)
        session.refresh_from_db()
        assert (told(answer), session.status, unlocks(player)) == (([], False), "completed", [])

    assert answer["session"]["credits_earned"] == float(session.credits_earned)
    assert unlocks(player) == [story.pk]  # the event of the end brought it


def test_a_process_that_dies_after_the_end_leaves_an_answer_without_stories(api, player):
    goal_story()
    session = won_session(player)

    def die(sender, **kwargs):
        raise SystemExit

    session_end_shown.connect(die)
    try:
        with pytest.raises(SystemExit):
            api.put(url(session, "end"), {}, HTTP_IDEMPOTENCY_KEY="end-once")
    finally:
        session_end_shown.disconnect(die)
    again = api.put(url(session, "end"), {}, HTTP_IDEMPOTENCY_KEY="end-once")

    assert again["Idempotency-Replayed"] == "true"
    assert told(again.json()["data"]) == ([], False)
    assert GameSession.objects.get(pk=session.pk).status == "completed"
