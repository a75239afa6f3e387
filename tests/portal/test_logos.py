"""The logo of an organisation: put up in the portal, shown wherever its name stands, public as long as it is."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import Onlus
from accounts.operations import logos, standing
from accounts.operations.onlus import verify_onlus
from accounts.operations.profile_page import change_legal_data
from accounts.queries.logos import logos_of, public_logos_of
from accounts.templatetags.logos import initials
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.pictures.models import Picture
from goodplay.lib.pictures.tasks import delete_unused_pictures
from tests.accounts.test_directory_caches import saved
from tests.factories.accounts import MembershipFactory, OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.pictures import upload
from tests.portal.conftest import NOON

API = "/api/onlus/organizations"


@pytest.fixture(autouse=True)
def root(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def profile(onlus):
    return f"/portal/{onlus.pk}/profile/"


def put_up(browser, onlus, **picture):
    return browser.post(f"{profile(onlus)}logo/", {"logo": upload(kind="PNG", **picture)})


def logo_of(onlus) -> Picture | None:
    return logos_of([onlus.pk]).get(onlus.pk)


def make_logo(onlus, member=None) -> Picture:
    member = member or MembershipFactory(onlus=onlus).user
    return logos.put_up(onlus=onlus, upload=upload(), member=member, now=NOON)


def status_of(address, browser=None) -> int:
    answer = (browser or Client()).get(address)
    list(answer.streaming_content if answer.streaming else ())
    return answer.status_code


@pytest.mark.parametrize("role", ["owner", "editor"])
def test_who_writes_puts_a_logo_up_and_everybody_sees_it(client, onlus, role):
    writer = MembershipFactory(onlus=onlus, role=role).user
    client.force_login(writer)

    answer = put_up(client, onlus)

    assert answer.headers["Location"] == profile(onlus)
    logo = logo_of(onlus)
    assert (logo.alt_it, logo.alt_en) == ("Logo di Il Sentiero Verde", "Logo of Il Sentiero Verde")
    assert (logo.uploaded_by, status_of(logo.url)) == (writer, 200)
    entry = AuditEntry.objects.get(action="onlus_logo")
    assert (entry.actor, entry.before, entry.after) == (writer, {"logo": None}, {"logo": logo.sha256})
    for page in (
        profile(onlus),
        f"/portal/{onlus.pk}/",
        "/",
        "/organisations/",
        f"/organisations/{onlus.pk}/",
    ):
        assert logo.thumbnail_url in client.get(page).text


def test_the_directory_of_the_api_tells_the_address(api_reader, onlus):
    OnlusFactory(name="Senza")
    before = {row["name"]: row["logo_url"] for row in api_reader(API)}

    logo = make_logo(onlus)

    assert before == {"Il Sentiero Verde": None, "Senza": None}
    assert {row["name"]: row["logo_url"] for row in api_reader(API)} == {
        "Il Sentiero Verde": logo.url,
        "Senza": None,
    }
    for path in ("/recent?days=3650", "/search?q=sentiero", f"/{onlus.pk}"):
        told = api_reader(API + path)
        rows = [told] if isinstance(told, dict) else told
        assert {row["logo_url"] for row in rows if row["name"] == onlus.name} == {logo.url}


@pytest.fixture
def api_reader(client):
    return lambda address: client.get(address).json()["data"]


def test_another_logo_takes_the_place_of_the_first_which_is_closed_at_once(portal, onlus, today):
    put_up(portal, onlus)
    first = logo_of(onlus)
    put_up(portal, onlus, colour=(200, 10, 10))

    second = logo_of(onlus)
    assert first.pk != second.pk
    assert (status_of(first.url), status_of(second.url)) == (404, 200)
    entry = AuditEntry.objects.filter(action="onlus_logo").latest("sequence")
    assert (entry.before, entry.after) == ({"logo": first.sha256}, {"logo": second.sha256})


def test_a_removed_logo_leaves_initials_and_no_file(portal, onlus, today):
    put_up(portal, onlus)
    logo = logo_of(onlus)

    portal.post(f"{profile(onlus)}logo/remove/")
    again = portal.post(f"{profile(onlus)}logo/remove/", follow=True)

    assert logo_of(onlus) is None
    assert status_of(logo.url) == 404
    assert '<span class="mark huge" aria-hidden="true">SV</span>' in again.text
    assert "There is no logo." in again.text
    assert AuditEntry.objects.filter(action="onlus_logo").count() == 2
    Picture.objects.update(created_at=NOON.replace(year=2025))
    delete_unused_pictures()
    assert not Picture.objects.exists()


def test_viewers_change_no_logo_and_editors_no_words(client, onlus, member):
    logo = make_logo(onlus, member)
    viewer = MembershipFactory(onlus=onlus, role="viewer").user
    client.force_login(viewer)
    refused = [put_up(client, onlus).status_code, client.post(f"{profile(onlus)}logo/remove/").status_code]
    with pytest.raises(logos.WritersOnly):
        make_logo(onlus, viewer)
    client.force_login(MembershipFactory(onlus=onlus, role="editor").user)
    refused.append(
        client.post(profile(onlus), {"mission_statement": "Mine", "contact_email": "a@b.example"}).status_code
    )
    page = client.get(profile(onlus)).text

    assert refused == [403, 403, 403]
    assert logo_of(onlus) == logo
    assert Picture.objects.count() == 1
    onlus.refresh_from_db()
    assert onlus.mission_statement == "Trees for the city."
    assert ('name="logo"' in page, 'name="mission_statement"' in page) == (True, False)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "This field is required"),
        ({"kind": "GIF"}, "JPEG, PNG or WebP."),
        ({"size": (39, 200)}, "at least 40 pixels"),
        ({"size": (900, 100)}, "too long and thin"),
    ],
)
def test_what_is_no_logo_is_refused_beside_the_field_and_changes_nothing(portal, onlus, member, sent, says):
    logo = make_logo(onlus, member)

    entry = {"logo": upload(**sent)} if sent else {}
    answer = portal.post(f"{profile(onlus)}logo/", entry)

    assert answer.status_code == 422
    assert says in answer.text
    assert logo_of(onlus) == logo
    assert AuditEntry.objects.filter(action="onlus_logo").count() == 1


def test_a_logo_that_is_too_heavy_leads_back_to_the_profile(portal, onlus, settings):
    settings.PICTURE_MAX_BYTES = 1000

    answer = portal.post(
        f"{profile(onlus)}logo/", {"logo": upload(kind="PNG", size=(400, 400), noise=True)}, follow=True
    )

    assert (answer.status_code, answer.redirect_chain[-1][0]) == (200, profile(onlus))
    assert "The picture is too large" in answer.text
    assert logo_of(onlus) is None


def test_a_logo_is_public_exactly_as_long_as_its_organisation_is(onlus, today):
    new = OnlusFactory(name="Appena Arrivati", status=Onlus.Status.UNDER_REVIEW, verified_at=None)
    member, officer = MembershipFactory(onlus=new).user, StaffFactory()
    own = Client()
    own.force_login(member)
    logo = make_logo(new, member)
    seen = [(status_of(logo.url), status_of(logo.url, own), public_logos_of([new.pk]))]

    verify_onlus(onlus=new, now=NOON)
    seen.append((status_of(logo.url), status_of(logo.url, own), public_logos_of([new.pk])))
    standing.suspend(onlus=new, actor=officer, reason="Late", now=NOON)
    seen.append((status_of(logo.url), status_of(logo.url, own), public_logos_of([new.pk])))
    standing.reactivate(onlus=new, actor=officer, reason="Mended", now=NOON)
    seen.append((status_of(logo.url), status_of(logo.url, own), public_logos_of([new.pk])))

    hidden, shown = (404, 200, {}), (200, 200, {new.pk: logo})
    assert seen == [hidden, shown, hidden, shown]


def test_a_logo_goes_by_the_new_name_of_its_organisation(onlus, member):
    make_logo(onlus, member)
    request = ApprovalRequest(
        target_id=str(onlus.pk),
        decided_by=StaffFactory(),
        reason="New statute",
        facts={"from": {"name": onlus.name}, "to": {"name": "Il Larice"}},
    )

    change_legal_data(request=request, now=NOON)

    assert logo_of(onlus).alt_en == "Logo of Il Larice"


def test_a_logo_goes_by_the_name_staff_give_its_organisation(client, onlus, member):
    make_logo(onlus, member)
    client.force_login(StaffFactory())
    address, form = saved(client, onlus)

    answer = client.post(address, form | {"name": "Il Larice"})

    assert answer.status_code == 302
    assert logo_of(onlus).alt_it == "Logo di Il Larice"


def test_a_list_that_is_kept_shows_the_logo_of_the_moment(api_reader, onlus, member):
    Onlus.objects.filter(pk=onlus.pk).update(featured_until=NOON + timedelta(days=1))
    seen = [api_reader(f"{API}/featured")[0]["logo_url"]]

    logo = make_logo(onlus, member)
    seen.append(api_reader(f"{API}/featured")[0]["logo_url"])
    logos.remove(onlus=onlus, member=member, now=NOON)
    seen.append(api_reader(f"{API}/featured")[0]["logo_url"])

    assert seen == [None, logo.url, None]


@pytest.mark.parametrize("may_delete", [True, False])
def test_staff_take_a_logo_down_with_a_reason(client, onlus, member, may_delete):
    logo = make_logo(onlus, member)
    officer = UserFactory(is_staff=True)
    rights = ["view_onlus", "change_onlus", "view_picture"] + ["delete_picture"] * may_delete
    officer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(officer)
    page = client.get(reverse("admin:accounts_onlus_change", args=[onlus.pk])).text
    door = reverse("admin:accounts_onlus_do", args=[onlus.pk, "take_down_logo"])

    answer = client.post(door, {"reason": "It is somebody else's"})

    assert logo.thumbnail_url in page
    assert ("Take down the logo" in page) is may_delete
    assert (logo_of(onlus) is None) is may_delete
    assert answer.status_code == (302 if may_delete else 403)
    entries = AuditEntry.objects.filter(action="picture_take_down")
    assert [(each.actor, each.reason) for each in entries] == [
        (officer, "It is somebody else's")
    ] * may_delete
    assert status_of(logo.url) == (404 if may_delete else 200)


@pytest.mark.parametrize("count", [1, 3])
def test_logos_cost_lists_one_query_however_many(client, count, django_assert_num_queries):
    for _each in range(count):
        shown = OnlusFactory()
        make_logo(shown)
        make_donation(UserFactory(), shown, "5.00", now=NOON)
    client.get("/transparency/")  # its figures are kept

    with django_assert_num_queries(2):
        rows = client.get(API).json()["data"]
    with django_assert_num_queries(5):
        directory = client.get("/organisations/").text
    with django_assert_num_queries(3):
        transparency = client.get("/transparency/").text

    assert len({row["logo_url"] for row in rows} - {None}) == count
    assert directory.count("mark drawn") == transparency.count("mark drawn") == count


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Il Sentiero Verde", "SV"),
        ("L'Albero", "A"),
        ("Casa dei Nonni", "CN"),
        ("La Mensa di Quartiere", "MQ"),
        ("Emergency", "E"),
        ("Città dell’Ècole", "CÈ"),
        ("Di", "D"),
        ("100 Passi", "1P"),
        ("—", ""),
    ],
)
def test_initials_leave_the_little_words_out(name, letters):
    assert initials(name) == letters
