"""Stories an organisation proposes: written in the portal, decided by the staff, read by donors."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import OnlusMembership
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.events.models import Event
from goodplay.lib.pictures.models import Picture
from impact.models import ImpactStory, StoryProposal, StoryUnlock
from impact.operations import proposals
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.impact import ImpactStoryFactory
from tests.factories.pictures import upload as picture_file
from tests.portal.conftest import NOON

WRITTEN = {
    "title_it": "Il pozzo di marzo",
    "preview_content_it": "C'è un pozzo in piazza.",
    "content_it": "**Scavato** in marzo. <script>alert(1)</script>",
    "category": "environment",
    "tags": "Acqua,  pozzi, acqua",
    "note": "Foto di Anna.",
}


@pytest.fixture
def address(onlus):
    return lambda name, *keys: reverse(f"portal:{name}", args=[onlus.pk, *keys])


def proposal_of(onlus, **columns):
    author = MembershipFactory(onlus=onlus).user
    return StoryProposal.objects.create(
        **{
            "onlus": onlus,
            "proposed_by": author,
            "title_it": "La scuola",
            "preview_content_it": "Una scuola.",
        }
        | {"content_it": "Riaperta.", "created_at": NOON, "updated_at": NOON}
        | columns
    )


def test_the_page_invites_to_write_the_first(portal, address):
    page = portal.get(address("stories")).content.decode()

    assert "No proposals yet" in page
    assert address("story_new") in page
    assert 'aria-current="page">Impact' in page


def test_a_story_is_proposed_with_its_picture_and_shown_safely(portal, onlus, member, address):
    sent = {**WRITTEN, "picture": picture_file(), "alt_it": "Un pozzo"}

    response = portal.post(address("story_new"), sent)

    proposal = StoryProposal.objects.get()
    assert response.url == address("story", proposal.pk)
    assert (proposal.onlus, proposal.proposed_by, proposal.status) == (onlus, member, "waiting")
    assert proposal.tags == ["acqua", "pozzi"]
    page = portal.get(response.url).content.decode()
    assert "<strong>Scavato</strong>" in page
    assert "<script>alert" not in page
    assert 'alt="Un pozzo"' in page
    assert Picture.objects.get().published_at is None
    assert AuditEntry.objects.get(action="propose").target_id == str(proposal.pk)
    assert Event.objects.get(name="story_proposed").payload["onlus_id"] == str(onlus.pk)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"title_it": ""}, "This field is required"),
        ({"title_it": "x" * 201}, "at most 200"),
        ({"content_it": " "}, "This field is required"),
        ({"category": "nothing"}, "Select a valid choice"),
        ({"picture": "a picture without words"}, "Say what the picture shows"),
        ({"picture": "no picture at all", "alt_it": "Un pozzo"}, "picture"),
    ],
)
def test_what_cannot_be_is_refused_on_the_page(portal, address, wrong, words):
    files = {"a picture without words": picture_file, "no picture at all": broken_file}
    sent = {**WRITTEN, **wrong}
    if "picture" in wrong:
        sent["picture"] = files[wrong["picture"]]()

    response = portal.post(address("story_new"), sent)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert 'name="content_it"' in response.content.decode()
    assert not StoryProposal.objects.exists()
    assert not Picture.objects.exists()


def broken_file():
    return SimpleUploadedFile("photo.jpeg", b"no picture at all")


def test_ten_wait_at_most(portal, onlus, address):
    for _ in range(10):
        proposal_of(onlus)

    response = portal.post(address("story_new"), WRITTEN)

    assert (response.status_code, StoryProposal.objects.count()) == (422, 10)
    assert "Ten proposals are waiting" in response.content.decode()


def test_a_proposal_is_edited_and_withdrawn_while_it_waits(portal, onlus, address):
    proposal = proposal_of(onlus)

    portal.post(address("story_edit", proposal.pk), WRITTEN)
    proposal.refresh_from_db()
    assert (proposal.title_it, proposal.status) == ("Il pozzo di marzo", "waiting")
    portal.post(address("story_withdraw", proposal.pk))
    proposal.refresh_from_db()
    assert proposal.status == "withdrawn"
    assert portal.get(address("story_edit", proposal.pk)).status_code == 404
    page = portal.post(address("story_withdraw", proposal.pk), follow=True).content.decode()
    assert "no longer waiting" in page


def test_viewers_read_and_change_nothing(client, onlus, address):
    client.force_login(MembershipFactory(onlus=onlus, role=OnlusMembership.Role.VIEWER).user)
    proposal = proposal_of(onlus)

    assert address("story_new") not in client.get(address("stories")).content.decode()
    assert client.get(address("story", proposal.pk)).status_code == 200
    assert client.post(address("story_new"), WRITTEN).status_code == 404
    assert client.post(address("story_edit", proposal.pk), WRITTEN).status_code == 404
    client.post(address("story_withdraw", proposal.pk))
    proposal.refresh_from_db()
    assert (proposal.title_it, proposal.status) == ("La scuola", "waiting")
    assert StoryProposal.objects.count() == 1


def test_another_organisations_proposals_do_not_exist(portal, address):
    other = OnlusFactory()
    proposal = proposal_of(other)

    assert portal.get(reverse("portal:stories", args=[other.pk])).status_code == 404
    for name in ("story", "story_edit"):
        assert portal.get(address(name, proposal.pk)).status_code == 404
    assert portal.post(address("story_withdraw", proposal.pk)).status_code == 404
    assert "La scuola" not in portal.get(address("stories")).content.decode()
    proposal.refresh_from_db()
    assert proposal.status == "waiting"


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_whatever_there_is(portal, onlus, address, count, django_assert_num_queries):
    portal.get(address("stories"))
    for _ in range(count):
        proposal_of(onlus)
        story = ImpactStoryFactory(onlus_id=onlus.pk)
        StoryUnlock.objects.create(user=UserFactory(), story_id=story.pk, unlocked_at=NOON)

    with django_assert_num_queries(8):
        page = portal.get(address("stories")).content.decode()

    assert page.count("La scuola") == count
    assert page.count("The well") == count


# The staff --------------------------------------------------------------------------------------------------------


@pytest.fixture
def staff(client):
    person = StaffFactory()
    client.force_login(person)
    return client


def act(proposal, name):
    return reverse("admin:impact_storyproposal_do", args=[proposal.pk, name])


ACCEPTED = {
    "title": "The well of March",
    "title_it": "Il pozzo di marzo",
    "preview_content": "There is a well in the square.",
    "preview_content_it": "C'è un pozzo in piazza.",
    "content": "word " * 401,
    "content_it": "Scavato in marzo.",
    "story_type": "onlus_update",
    "category": "environment",
    "tags": "water",
    "unlock_condition_type": "onlus_diversity",
    "unlock_condition_value": "2",
    "priority": "3",
    "estimated_read_time": "",
    "featured_for": "7",
}


def test_the_staff_makes_a_story_of_a_proposal(staff, onlus, member, settings):
    settings.PUBLIC_URL = "https://goodplay.example"
    picture = {"upload": picture_file(), "alt_it": "Un pozzo", "alt_en": ""}
    facts = {"title_it": "Il pozzo", "preview_content_it": "Un pozzo.", "content_it": "Scavato."}
    proposal = proposals.propose(member=member, onlus_id=onlus.pk, facts=facts, picture=picture, now=NOON)

    asked = staff.get(act(proposal, "accept")).content.decode()
    response = staff.post(act(proposal, "accept"), ACCEPTED)

    assert "Il pozzo" in asked
    assert response.status_code == 302
    proposal.refresh_from_db()
    story = ImpactStory.objects.get(pk=proposal.story_id)
    assert (proposal.status, story.onlus_id, story.author) == ("accepted", onlus.pk, onlus.name)
    assert (story.estimated_read_time, story.tags, story.priority) == (3, ["water"], 3)
    assert story.featured_until > NOON
    (url,) = story.media_urls
    assert url.startswith("https://goodplay.example/media/pictures/")
    assert story.media_descriptions == {url: {"it": "Un pozzo"}}
    assert Picture.objects.get().published_at is not None
    told = Event.objects.get(name="story_proposal_decided").payload
    assert (told["user_id"], told["status"], told["story_id"]) == (str(member.pk), "accepted", str(story.pk))


def test_an_accepted_story_is_on_the_first_screen_at_once(
    staff, onlus, api, django_capture_on_commit_callbacks
):
    proposal = proposal_of(onlus)

    def featured():
        return [each["title"] for each in api.get("/api/impact/dashboard").json()["data"]["featured_stories"]]

    before = featured()
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(act(proposal, "accept"), ACCEPTED)

    assert "The well of March" not in before
    assert featured() == [*before, "The well of March"]


def test_the_staff_declines_with_a_reason_once(staff, portal, onlus, address):
    proposal = proposal_of(onlus)
    staff.force_login(StaffFactory())

    refused = staff.post(act(proposal, "decline"), {"reason": ""})
    proposal.refresh_from_db()
    assert (refused.status_code, proposal.status) == (200, "waiting")
    staff.post(act(proposal, "decline"), {"reason": "Names a child."})
    staff.post(act(proposal, "accept"), ACCEPTED)

    proposal.refresh_from_db()
    assert (proposal.status, proposal.reason, proposal.story_id) == ("declined", "Names a child.", None)
    assert not ImpactStory.objects.filter(title="The well of March").exists()
    assert AuditEntry.objects.get(action="decline").reason == "Names a child."
    with pytest.raises(proposals.ProposalDecided):
        proposals.take_back(member=proposal.proposed_by, proposal_id=proposal.pk, now=NOON)
