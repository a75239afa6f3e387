from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from impact.models import ImpactStory, StoryUnlock
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import let_pass, make_donation
from tests.factories.ids import UNKNOWN_ID
from tests.factories.impact import NOW, ImpactStoryFactory

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

FIRST_GIFT = "The first gift"


@pytest.fixture
def donor(api):
    person = UserFactory()
    api.force_authenticate(person)
    return person


def unlock(story, user, **options):
    return StoryUnlock.objects.create(user=user, story_id=story.pk, unlocked_at=NOW, **options)


def titles(rows):
    return [row["title"] for row in rows]


# The list --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/impact/stories/available", "/api/impact/stories/available/"])
def test_a_player_sees_only_what_was_unlocked(api, donor, path):
    open_story, closed = ImpactStoryFactory.create_batch(2)
    unlock(open_story, donor)
    unlock(closed, UserFactory())  # somebody else's

    body = api.get(path).json()

    assert (body["success"], body["message"]) == (True, "STORIES_RETRIEVED_SUCCESS")
    assert titles(body["data"]["available_stories"]) == [open_story.title]
    assert body["data"]["stories"] == body["data"]["available_stories"]
    assert body["data"]["available_stories"][0]["content"] == "It was dug in March."


def test_locked_stories_show_their_teaser_and_never_their_text(api, donor):
    ImpactStory.objects.update(is_active=False)
    story = ImpactStoryFactory(content="A secret well.", media_urls=["https://example.org/well.jpg"])

    response = api.get("/api/impact/stories/available", {"include_locked": "true"})

    (row,) = response.json()["data"]["available_stories"]
    assert (row["id"], row["is_unlocked"], row["media_count"]) == (str(story.pk), False, 1)
    assert row["preview_content"] == "There is a well in the square."
    assert "secret" not in response.content.decode()
    assert "well.jpg" not in response.content.decode()
    assert row["unlock_progress"] == {
        "current_value": 0,
        "required_value": 10000,
        "progress_percent": 0.0,
        "is_unlocked": False,
        "remaining_amount": 10000,
    }


def test_the_unlocked_ones_are_chosen_before_the_limit_cuts(api, donor):
    ImpactStoryFactory.create_batch(3, priority=9)
    least = ImpactStoryFactory(priority=-1)
    unlock(least, donor)

    rows = api.get("/api/impact/stories/available", {"limit": 1}).json()["data"]["available_stories"]

    assert titles(rows) == [least.title]


def test_the_list_goes_by_priority_then_featured_then_newest(api, donor):
    ImpactStory.objects.update(is_active=False)
    old = ImpactStoryFactory(title="old", created_at=NOW - timedelta(days=9))
    featured = ImpactStoryFactory(
        title="featured",
        created_at=NOW - timedelta(days=30),
        featured_until=timezone.now() + timedelta(days=1),
    )
    was_featured = ImpactStoryFactory(
        title="was featured",
        created_at=NOW - timedelta(days=40),
        featured_until=timezone.now() - timedelta(days=1),
    )
    new = ImpactStoryFactory(title="new", created_at=NOW)
    urgent = ImpactStoryFactory(title="urgent", priority=5, created_at=NOW - timedelta(days=60))
    for story in (old, featured, was_featured, new, urgent):
        unlock(story, donor)

    rows = api.get("/api/impact/stories/available").json()["data"]["available_stories"]

    assert titles(rows) == ["urgent", "featured", "new", "old", "was featured"]
    assert [row["is_featured"] for row in rows] == [False, True, False, False, False]


def test_the_list_can_be_of_one_category(api, donor):
    health = ImpactStoryFactory(category="health")
    for story in (health, ImpactStoryFactory()):
        unlock(story, donor)

    rows = api.get("/api/impact/stories/available", {"category": "health"}).json()["data"][
        "available_stories"
    ]

    assert titles(rows) == [health.title]


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5"])
def test_a_limit_that_is_no_number_is_refused(api, donor, limit):
    response = api.get("/api/impact/stories/available", {"limit": limit})

    assert (response.status_code, response.json()["message"]) == (422, "INVALID_LIMIT_VALUE")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_seven_queries(api, donor, count, django_assert_num_queries, documents_apart):
    for _ in range(count):
        unlock(ImpactStoryFactory(onlus_id=OnlusFactory().pk), donor)

    with django_assert_num_queries(7 - documents_apart):
        rows = api.get("/api/impact/stories/available").json()["data"]["available_stories"]

    assert len(rows) == count
    assert all(row["onlus_name"] for row in rows)


# Progress --------------------------------------------------------------------------------------------------------


def test_progress_names_the_two_nearest_of_each_condition(api, donor, settled):
    with settled():
        make_donation(donor, OnlusFactory(), "20.00")

    body = api.get("/api/impact/stories/progress").json()

    assert body["message"] == "NEXT_STORIES_SUCCESS"
    rows = body["data"]["next_stories"]
    assert titles(rows) == [
        "Growing Difference",
        "Community Builder",
        "Three doors",
        "Five times",
        "Ten receipts",
    ]
    assert [row["unlock_progress"]["progress_percent"] for row in rows] == [80.0, 40.0, 33.3, 20.0, 10.0]
    assert body["data"]["next_unlocks"] == rows
    assert body["data"]["progress"] == {"current_level": 1, "next_level": 2, "progress_to_next": 80.0}
    assert body["data"]["user_stats"]["total_donated"] == 20.0


def test_progress_at_the_top_has_no_next_level(api, donor, settled):
    with settled():
        let_pass(make_donation(donor, OnlusFactory(), "10000.00"))

    data = api.get("/api/impact/stories/progress").json()["data"]

    assert data["progress"] == {"current_level": 10, "next_level": None, "progress_to_next": 100.0}


# One story -------------------------------------------------------------------------------------------------------


def test_a_locked_story_keeps_its_text(api, donor):
    story = ImpactStoryFactory()

    body = api.get(f"/api/impact/stories/{story.pk}").json()

    assert body["message"] == "STORY_PROGRESS_SUCCESS"
    assert "content" not in body["data"]["story"]
    assert body["data"]["progress"] == body["data"]["story"]["unlock_progress"]
    assert not StoryUnlock.objects.exists()


def test_an_unlocked_story_opens_and_the_first_look_is_noted_once(api, donor):
    story = ImpactStoryFactory()
    mine, theirs = unlock(story, donor), unlock(story, UserFactory())

    first = api.get(f"/api/impact/stories/{story.pk}/").json()["data"]["story"]
    mine.refresh_from_db()
    seen = mine.first_viewed_at
    api.get(f"/api/impact/stories/{story.pk}/")

    assert first["content"] == "It was dug in March."
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert seen is not None
    assert mine.first_viewed_at == seen
    assert (mine.status, theirs.status) == ("viewed", "unlocked")


def test_a_story_opened_once_stays_readable_below_its_threshold(api, donor):
    story = ImpactStoryFactory()
    unlock(story, donor)

    data = api.get(f"/api/impact/stories/{story.pk}").json()["data"]

    assert data["progress"]["is_unlocked"] is True
    assert "content" in data["story"]


@pytest.mark.parametrize("key", ["no-key", UNKNOWN_ID, "taken down"])
def test_a_story_that_is_not_there(api, donor, key):
    if key == "taken down":
        key = ImpactStoryFactory(is_active=False).pk

    response = api.get(f"/api/impact/stories/{key}")

    assert (response.status_code, response.json()["message"]) == (404, "STORY_NOT_FOUND")


def test_stories_speak_the_readers_language(api, donor, settled):
    with settled():
        make_donation(donor, OnlusFactory(), "1.00")
    ImpactStoryFactory(title="Only English", unlock_condition_value=Decimal(1))

    english = api.get("/api/impact/stories/available").json()["data"]["available_stories"]
    italian = api.get("/api/impact/stories/available", headers={"accept-language": "it"}).json()["data"]

    assert titles(english) == [FIRST_GIFT]
    assert titles(italian["available_stories"]) == ["Il primo dono"]
    assert "Hai appena donato" in italian["available_stories"][0]["content"]


@pytest.mark.parametrize("path", ["available", "progress", UNKNOWN_ID])
def test_stories_need_a_sign_in(api, path):
    response = api.get(f"/api/impact/stories/{path}")

    assert (response.status_code, response.json()["message"]) == (401, "AUTHENTICATION_REQUIRED")


def test_every_story_that_comes_with_the_product_has_both_languages():
    rows = list(ImpactStory.objects.filter(author="system"))

    assert len(rows) == 15
    for story in rows:
        assert all([story.title_it, story.preview_content, story.preview_content_it, story.content_it]), story
        story.full_clean()
