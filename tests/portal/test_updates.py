"""Updates in the portal: written, looked at, scheduled, published, put away."""

from datetime import UTC, datetime

import pytest

from accounts.models import Onlus, OnlusMembership
from goodplay.lib.pictures.models import Picture, PictureUse
from impact.models import ImpactUpdate
from impact.operations import updates
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.impact import ImpactMetricFactory, ImpactUpdateFactory
from tests.factories.pictures import upload
from tests.portal.conftest import NOON

ANSWERS = {
    "title": "The roof is on",
    "content": "Since Tuesday it **no longer** rains in. <script>alert(1)</script>",
    "update_type": "project_completed",
    "priority": "",
    "author": "",
    "location": "Trento",
    "beneficiary_count": "40",
    "financial_impact": "1250.50",
    "contact_info": "",
    "tags": "Roof, School,roof",
    "donations_from": "",
    "donations_to": "",
}


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


@pytest.fixture
def draft(onlus):
    return ImpactUpdateFactory(onlus_id=onlus.pk, status="draft", published_at=None)


def address(onlus, rest=""):
    return f"/portal/{onlus.pk}/updates/{rest}"


def test_no_updates_yet(portal, onlus):
    page = portal.get(address(onlus)).content.decode()

    assert "No updates yet" in page
    assert 'aria-current="page">Updates' in page


def test_a_member_writes_and_sees_it_as_readers_will(portal, onlus):
    metric = ImpactMetricFactory(onlus_id=onlus.pk, metric_name="Roofs")
    ImpactMetricFactory(metric_name="Somebody else's")
    form = portal.get(address(onlus, "new/")).content.decode()

    response = portal.post(address(onlus, "new/"), ANSWERS | {"related_metric_ids": [str(metric.pk)]})

    assert ("Roofs" in form, "Somebody else" in form) == (True, False)
    update = ImpactUpdate.objects.get()
    assert response.headers["Location"] == address(onlus, f"{update.pk}/")
    assert (update.status, update.priority, update.tags, update.beneficiary_count) == (
        "draft",
        2,
        ["roof", "school"],
        40,
    )
    assert update.related_metrics == {"Roofs": 150}
    page = portal.get(response.headers["Location"]).content.decode()
    assert "<strong>no longer</strong>" in page
    assert "<script>alert" not in page
    assert "€1,250.50" in page


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"title": ""}, "This field is required."),
        ({"update_type": "milestone"}, "not one of the available choices"),
        ({"priority": "9"}, "not one of the available choices"),
        ({"beneficiary_count": "-1"}, "greater than or equal to 0"),
        ({"financial_impact": "-1"}, "greater than or equal to 0"),
        ({"donations_from": "2026-03-01"}, "Name the first and the last day"),
        ({"donations_from": "2026-03-02", "donations_to": "2026-03-01"}, "comes before the first"),
        ({"donations_from": "2026-03-02", "donations_to": "9999-12-31"}, "less than or equal to"),
        ({"donations_from": "0001-01-01", "donations_to": "2026-03-02"}, "greater than or equal to"),
    ],
)
def test_what_cannot_be_is_told_on_the_form(portal, onlus, answers, told):
    response = portal.post(address(onlus, "new/"), ANSWERS | answers)

    assert (response.status_code, told in response.content.decode()) == (422, True)
    assert not ImpactUpdate.objects.exists()


def test_an_update_is_about_the_donations_of_its_days(portal, onlus):
    mine = make_donation(UserFactory(), onlus, "5.00", now=NOON)
    make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON)
    days = {"donations_from": "2026-03-14", "donations_to": "2026-03-14"}

    response = portal.post(address(onlus, "new/"), ANSWERS | days)

    assert ImpactUpdate.objects.get().affected_donation_ids == [str(mine.pk)]
    page = portal.get(response.headers["Location"]).content.decode()
    assert "It is about 1 donation" in page
    assert str(mine.pk) not in page


def test_the_way_from_draft_to_archive(portal, onlus, draft):
    def post(action, **answers):
        portal.post(address(onlus, f"{draft.pk}/{action}/"), answers)
        draft.refresh_from_db()
        return draft.status

    assert post("schedule", publish_at="2026-07-01T09:00") == "scheduled"
    assert draft.publish_at == datetime(2026, 7, 1, 7, tzinfo=UTC)  # nine in Rome, in summer
    assert post("unschedule") == "draft"
    assert post("publish") == "published"
    assert draft.published_at == NOON
    assert post("schedule", publish_at="2026-07-01T09:00") == "published"
    assert post("edit", **ANSWERS | {"title": "The roof holds"}) == "published"
    assert draft.title == "The roof holds"
    assert post("archive") == "archived"
    assert post("edit", **ANSWERS | {"title": "Too late"}) == "archived"
    assert draft.title == "The roof holds"


def test_a_moment_in_the_past_is_refused(portal, onlus, draft):
    response = portal.post(address(onlus, f"{draft.pk}/schedule/"), {"publish_at": "2026-03-14T11:59"})

    draft.refresh_from_db()
    assert (response.status_code, draft.status) == (422, "draft")
    assert "a moment in the future" in response.content.decode()


def test_a_picture_that_is_too_heavy_leads_back_to_the_update(portal, onlus, draft, settings):
    settings.PICTURE_MAX_BYTES = 1000
    heavy = {"picture": upload(kind="PNG", size=(400, 400), noise=True), "alt_it": "Il tetto"}

    answer = portal.post(address(onlus, f"{draft.pk}/pictures/"), heavy, follow=True)

    assert answer.redirect_chain == [(address(onlus, f"{draft.pk}/"), 302)]
    assert "The picture is too large" in answer.text
    assert not Picture.objects.exists()


def test_pictures_are_added_and_removed(portal, onlus, draft):
    path = address(onlus, f"{draft.pk}/pictures/")
    portal.post(path, {"picture": upload(), "alt_it": "Il tetto", "alt_en": ""})
    without_words = portal.post(path, {"picture": upload(), "alt_it": "", "alt_en": ""})

    picture = Picture.objects.get()
    assert (picture.alt_it, picture.owner_id, picture.published_at) == ("Il tetto", str(onlus.pk), None)
    assert (without_words.status_code, "who cannot see it" in without_words.content.decode()) == (422, True)
    page = portal.get(address(onlus, f"{draft.pk}/")).content.decode()
    assert picture.url in page
    assert 'alt="Il tetto"' in page

    portal.post(address(onlus, f"{draft.pk}/pictures/{picture.pk}/remove/"))
    assert not PictureUse.objects.exists()


def test_what_staff_took_down_says_why(portal, onlus, draft):
    updates.remove(update=draft, reason="It names a child.", actor=StaffFactory(), now=NOON)

    page = portal.get(address(onlus, f"{draft.pk}/")).content.decode()
    portal.post(address(onlus, f"{draft.pk}/publish/"))

    draft.refresh_from_db()
    assert ("It names a child." in page, draft.status) == (True, "removed")


def test_updates_are_listed_by_state(portal, onlus, draft):
    ImpactUpdateFactory(onlus_id=onlus.pk, title="It is out")

    everything = portal.get(address(onlus)).content.decode()
    drafts = portal.get(address(onlus), {"state": "draft"}).content.decode()

    assert ("It is out" in everything, draft.title in everything) == (True, True)
    assert ("It is out" in drafts, draft.title in drafts) == (False, True)
    assert "Draft (1)" in everything


READ = ("", "{}/")
WRITE = (
    "new/",
    "{}/edit/",
    "{}/publish/",
    "{}/schedule/",
    "{}/unschedule/",
    "{}/archive/",
    "{}/pictures/",
    "{}/pictures/{}/remove/",
)


@pytest.mark.parametrize("page", READ + WRITE)
def test_viewers_only_read(client, onlus, draft, page):
    client.force_login(MembershipFactory(onlus=onlus, role=OnlusMembership.Role.VIEWER).user)

    path = address(onlus, page.format(draft.pk, draft.pk))
    answer = client.get(path) if page in READ else client.post(path, ANSWERS)

    assert answer.status_code == (200 if page in READ else 403)
    if page in READ:
        assert "Publish now" not in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.status, ImpactUpdate.objects.count()) == ("draft", 1)


@pytest.mark.parametrize("page", READ + WRITE)
def test_updates_of_another_organisation_are_not_there(portal, onlus, page):
    other = OnlusFactory()
    theirs = ImpactUpdateFactory(onlus_id=other.pk, status="draft", published_at=None)
    there = [address(other, page.format(theirs.pk, theirs.pk))]
    if "{}" in page:
        there.append(address(onlus, page.format(theirs.pk, theirs.pk)))

    for path in there:
        assert portal.post(path, ANSWERS).status_code in (404, 405)
        assert portal.get(path).status_code in (404, 405)
    theirs.refresh_from_db()
    assert theirs.status == "draft"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(portal, onlus, count, django_assert_num_queries):
    ImpactUpdateFactory.create_batch(count, onlus_id=onlus.pk)

    with django_assert_num_queries(7):
        assert portal.get(address(onlus)).content.decode().count("The roof is on") == count


def test_a_suspended_organisation_reads_why_nothing_is_published(portal, onlus, draft):
    Onlus.objects.filter(pk=onlus.pk).update(status=Onlus.Status.SUSPENDED)

    page = portal.get(address(onlus, f"{draft.pk}/")).text
    refused = portal.post(address(onlus, f"{draft.pk}/publish/"), follow=True).text

    assert "not shown to the public at present" in page
    assert "Publish now" not in page
    assert "it can publish once it is again" in refused
    draft.refresh_from_db()
    assert (draft.status, draft.published_at) == ("draft", None)
