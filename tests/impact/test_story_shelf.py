"""What a list says of each story: hints, media, search, and what was withdrawn."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from donations.models import SpecialEvent
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from impact.models import ImpactStory, StoryUnlock, StoryWithdrawal
from impact.operations import stories
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.impact import NOW, ImpactStoryFactory

pytestmark = [pytest.mark.documents, pytest.mark.django_db]

DAY = timedelta(days=1)
LIST = "/api/impact/stories/available"


@pytest.fixture(autouse=True)
def _only_our_stories():
    ImpactStory.objects.update(is_active=False)


@pytest.fixture
def donor(api):
    person = UserFactory()
    api.force_authenticate(person)
    return person


def unlock(story, user):
    return StoryUnlock.objects.create(user=user, story_id=story.pk, unlocked_at=NOW)


def listed(api, **asked):
    return api.get(LIST, asked).json()["data"]["available_stories"]


@pytest.mark.parametrize(
    ("columns", "english", "italian"),
    [
        (
            {"unlock_condition_type": "total_donated", "unlock_condition_value": 25},
            "Give €25.00 more.",
            "25,00",
        ),
        ({"unlock_condition_value": 1}, "Make one more donation.", ""),
        ({"unlock_condition_value": 5}, "Make 5 more donations.", ""),
        (
            {"unlock_condition_type": "onlus_diversity", "unlock_condition_value": 3},
            "Support 3 more organisations.",
            "",
        ),
        (
            {"unlock_condition_type": "impact_score", "unlock_condition_value": 70},
            "Gain 70 more points of impact.",
            "",
        ),
        (
            {"unlock_condition_type": "time_based", "unlock_condition_value": 30},
            "Opens 30 days after your first donation.",
            "",
        ),
        (
            {"unlock_condition_type": "total_donated", "unlock_condition_value": 0},
            "Opens within minutes.",
            "",
        ),
    ],
)
def test_a_closed_story_says_what_is_missing(api, donor, columns, english, italian):
    ImpactStoryFactory(**{key: Decimal(v) if isinstance(v, int) else v for key, v in columns.items()})

    (row,) = listed(api, include_locked="true")
    translated = api.get(LIST, {"include_locked": "true"}, headers={"accept-language": "it"}).json()["data"]

    assert (row["status"], row["unlock_hint"]) == ("locked", english)
    assert italian in translated["available_stories"][0]["unlock_hint"]


def test_the_nearest_leave_out_what_nobody_can_open_any_more(api, donor):
    now = timezone.now()
    over, running = (
        SpecialEvent.objects.create(
            code=code, name=code, kind="holiday", starts_at=now - 9 * DAY, ends_at=now + days * DAY
        )
        for code, days in (("over", -1), ("running", 1))
    )
    ImpactStoryFactory(unlock_condition_type="special_event", special_event_id=over.pk, title="over")
    ImpactStoryFactory(unlock_condition_type="special_event", special_event_id=running.pk, title="running")
    ImpactStoryFactory(unlock_condition_type="time_based", available_until=now - DAY, title="past")
    ImpactStoryFactory(unlock_condition_type="time_based", available_from=now + DAY, title="soon")

    rows = api.get("/api/impact/stories/progress").json()["data"]["next_stories"]

    assert {row["title"]: row["unlock_hint"][:7] for row in rows} == {"running": "Take pa", "soon": "Opens o"}
    assert {row["unlock_progress"]["progress_percent"] for row in rows} == {0.0}
    assert {row["title"] for row in listed(api, include_locked="true")} == {"over", "running", "soon"}


def test_media_say_what_they_show_in_the_readers_language(api, donor):
    well, pump = "https://example.org/well.jpg", "https://example.org/pump.jpg"
    story = ImpactStoryFactory(
        media_urls=[well, pump],
        media_descriptions={well: {"en": "A well", "it": "Un pozzo"}, pump: {"en": "A pump"}},
        thumbnail_url="https://example.org/t.jpg",
        thumbnail_alt="A bucket",
        thumbnail_alt_it="Un secchio",
        content="**Dug** <script>alert(1)</script>",
    )
    unlock(story, donor)

    english = api.get(f"/api/impact/stories/{story.pk}").json()["data"]["story"]
    italian = api.get(f"/api/impact/stories/{story.pk}", headers={"accept-language": "it"}).json()["data"]

    assert english["media"] == [{"url": well, "alt": "A well"}, {"url": pump, "alt": "A pump"}]
    assert [each["alt"] for each in italian["story"]["media"]] == ["Un pozzo", "A pump"]
    assert (english["thumbnail_alt"], italian["story"]["thumbnail_alt"]) == ("A bucket", "Un secchio")
    assert english["content_html"] == "<p><strong>Dug</strong> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"


def test_words_are_found_in_what_the_reader_may_read(api, donor):
    mine = ImpactStoryFactory(title="Perché l'acqua", tags=["wells"], content="A **secret** spring.")
    closed = ImpactStoryFactory(title="The school", tags=["wells"], content="A secret door.")
    unlock(mine, donor)

    def found(search):
        return {row["id"] for row in listed(api, include_locked="true", search=search)}

    assert found("WELLS") == {str(mine.pk), str(closed.pk)}
    assert found("perche acqua") == {str(mine.pk)}
    assert found("secret") == {str(mine.pk)}  # the text of a closed story is not searched
    assert found("door") == set()
    assert found("school door") == set()
    response = api.get(LIST, {"search": "x" * 101})
    assert (response.status_code, response.json()["message"]) == (422, "STORIES_RETRIEVAL_ERROR")


# Withdrawn --------------------------------------------------------------------------------------------------------


@pytest.fixture
def withdrawn(donor):
    """A story two people had opened, taken down."""
    story = ImpactStoryFactory(content="Her whole name.", thumbnail_url="https://example.org/her.jpg")
    other = UserFactory()
    unlock(story, donor)
    unlock(story, other)
    return story, other


def take_down(story, reason="Consent was withdrawn."):
    return stories.withdraw(story=story, reason=reason, actor=StaffFactory(), now=timezone.now())


def test_a_withdrawn_story_stays_in_the_lists_of_its_readers_without_its_text(api, donor, withdrawn, settled):
    story, other = withdrawn
    with settled():
        take_down(story)

    (row,) = listed(api)
    detail = api.get(f"/api/impact/stories/{story.pk}")
    api.force_authenticate(UserFactory())
    assert listed(api, include_locked="true") == []
    assert api.get(f"/api/impact/stories/{story.pk}").status_code == 404

    assert (row["status"], row["is_unlocked"], row["title"]) == ("withdrawn", True, story.title)
    assert row["withdrawal_reason"] == "Consent was withdrawn."
    assert "Her whole name" not in detail.content.decode()
    assert "her.jpg" not in detail.content.decode()
    assert row["preview_content"] == ""
    assert StoryUnlock.objects.get(user=donor).first_viewed_at is None
    told = Event.objects.filter(name="story_withdrawn")
    assert {event.payload["user_id"] for event in told} == {str(donor.pk), str(other.pk)}
    assert {event.payload["reason"] for event in told} == {"Consent was withdrawn."}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_id, entry.reason) == (
        "withdraw",
        str(story.pk),
        "Consent was withdrawn.",
    )


def test_a_story_is_withdrawn_once_and_can_be_put_back(api, donor, withdrawn):
    story, _other = withdrawn
    take_down(story)
    with pytest.raises(stories.StoryAlreadyWithdrawn):
        take_down(story, "Again and again.")
    assert Event.objects.filter(name="story_taken_down").count() == 1

    stories.put_back(story=story, reason="All is well.", actor=StaffFactory(), now=timezone.now())

    (row,) = listed(api)
    assert (row["status"], row["content"]) == ("unlocked", "Her whole name.")
    with pytest.raises(stories.StoryNotWithdrawn):
        stories.put_back(story=story, reason="Again.", actor=StaffFactory(), now=timezone.now())
    assert StoryWithdrawal.objects.get().put_back_at is not None
