"""Live events over a real server, from the donation to the page."""

from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import LoginSession
from accounts.operations import sign_in
from donations.operations import giving
from impact import sockets
from impact.models import ImpactStory
from impact.operations.milestones import record_community_milestones
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import give_credits, let_pass, make_donation
from tests.factories.impact import NOW, ImpactStoryFactory
from tests.impact.wire import Page, calling, serving

BESIDES = ("wallet_changed", "notification", "leaderboard_changed")  # what the giver's own pages hear as well
pytestmark = [pytest.mark.slow, pytest.mark.documents, pytest.mark.django_db]


@pytest.fixture(scope="module")
def port():
    with serving() as port:
        yield port


@pytest.fixture
def open_page(port):
    """Open pages that are closed again after the test."""
    with ExitStack() as pages:
        yield lambda auth=None: Page(pages.enter_context(calling(port)), auth)


def session_of(person):
    return sign_in.open_session(user=person, device=sign_in.Device("", ""), now=timezone.now())


def token_of(person):
    return session_of(person).access_token


def test_an_unlocked_story_reaches_its_player_only(open_page, settled):
    alice, bob, onlus = UserFactory(), UserFactory(), OnlusFactory()
    mine, same = open_page({"token": token_of(alice)}), open_page({"token": token_of(alice)})
    others = [open_page({"token": token_of(bob)}), open_page(), open_page({})]

    with settled():
        let_pass(make_donation(alice, onlus, "10000.00"))
    with settled():
        record_community_milestones(now=NOW)

    unlocked = [mine.event(besides=BESIDES) for _ in range(11)]
    assert {name for name, _ in unlocked} == {"story_unlocked"}
    titles = {data["story"]["title"] for _, data in unlocked}
    assert titles >= {"The first gift", "First Impact", "Transformation Leader"}
    assert same.event(besides=BESIDES)[0] == "story_unlocked"
    for page in others:
        name, data = page.event()
        assert name == "community_milestone"
        assert data["milestone"] == {
            "kind": "donations",
            "threshold": 10000.0,
            "value": 10000.0,
            "title": "Together we gave 10,000 EUR",
            "reached_at": NOW.isoformat(),
        }


def test_a_wallet_that_changes_reaches_its_player_only(open_page, settled):
    alice, bob = UserFactory(), UserFactory()
    mine = open_page({"token": token_of(alice)})
    others = [open_page({"token": token_of(bob)}), open_page()]

    with settled():
        give_credits(alice, "5.00")
        giving.donate(donor=alice, onlus_id=OnlusFactory().pk, amount=Decimal("1.50"), now=NOW)
    with settled():
        record_community_milestones(now=NOW)

    heard = mine.event(
        besides=("story_unlocked", "community_milestone", "notification", "leaderboard_changed")
    )
    assert heard == (
        "wallet_changed",
        {"current_balance": 3.5, "held_balance": 0.0, "waiting_credits": 0.0},
    )
    for page in others:
        with pytest.raises(TimeoutError):
            page.connection.recv(timeout=0.3)


def test_what_is_told_reaches_the_open_pages_of_its_reader_and_stays_in_the_feed(open_page, settled, api):
    reader, quiet = UserFactory(preferred_language="it"), UserFactory()
    quiet.preferences.notifications["push_enabled"] = False
    quiet.preferences.save()
    page, other = open_page({"token": token_of(reader)}), open_page({"token": token_of(quiet)})

    with settled():
        make_donation(reader, OnlusFactory(), "0.10")
        make_donation(quiet, OnlusFactory(), "0.10")

    pushed = [
        page.event(besides=("wallet_changed", "story_unlocked", "leaderboard_changed")) for _ in range(3)
    ]
    assert {name for name, _data in pushed} == {"notification"}
    told = {data["notification"]["kind"]: data["notification"] for _name, data in pushed}
    assert set(told) == {"receipt_issued", "story_unlocked", "donations_reached"}
    assert "Il primo dono" in told["story_unlocked"]["title"]
    with pytest.raises(TimeoutError):
        other.event(besides=("wallet_changed", "story_unlocked", "leaderboard_changed"))
    for person in (reader, quiet):  # who was not there reads it all the same
        api.force_authenticate(person)
        kept = api.get("/api/notifications", headers={"accept-language": "it"}).json()["data"]
        assert {row["kind"] for row in kept["notifications"]} == set(told)
        if person == reader:
            assert {row["id"] for row in kept["notifications"]} == {each["id"] for each in told.values()}


def test_the_pushed_story_is_in_the_players_language_and_without_its_text(open_page, settled):
    player = UserFactory(preferred_language="it")
    page = open_page({"token": token_of(player)})

    with settled():
        make_donation(player, OnlusFactory(), "0.10")

    name, data = page.event(besides=BESIDES)
    story = data["story"]
    assert (name, story["title"], story["is_unlocked"]) == ("story_unlocked", "Il primo dono", True)
    assert story["unlock_condition_value"] == 1
    assert not {"content", "media_urls"} & set(story)


def test_a_story_taken_down_meanwhile_is_not_pushed(open_page, settled):
    ImpactStory.objects.update(is_active=False)
    story = ImpactStoryFactory(unlock_condition_value=1)
    player = UserFactory()
    page = open_page({"token": token_of(player)})

    with settled():
        make_donation(player, OnlusFactory(), "1.00")
        ImpactStory.objects.filter(pk=story.pk).update(is_active=False)
    ImpactStoryFactory(title="Later", unlock_condition_value=2)
    with settled():
        make_donation(player, OnlusFactory(), "1.00")

    assert page.event(besides=BESIDES)[1]["story"]["title"] == "Later"


def ended_session(person):
    tokens = session_of(person)
    (session,) = LoginSession.objects.filter(user=person)
    sign_in.end_session(session_id=session.pk, because=LoginSession.Ended.LOGOUT, now=timezone.now())
    return tokens.access_token


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        "",
        7,
        {"a": 1},
        # `none` as the algorithm, and nobody's signature
        "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIwMTliIn0.",
        lambda: session_of(UserFactory()).refresh_token,
        lambda: token_of(UserFactory())[:-3] + "abc",
        lambda: ended_session(UserFactory()),
    ],
    ids=["nonsense", "empty", "number", "object", "none", "refresh token", "tampered", "signed out"],
)
def test_a_token_that_does_not_hold_is_refused(open_page, token):
    page = open_page({"token": token() if callable(token) else token})

    assert not page.is_connected
    assert page.refusal == "unauthorized"


@pytest.mark.parametrize("auth", [None, {}, {"token": None}, []])
def test_without_a_token_a_page_may_listen_to_the_community(open_page, auth):
    assert open_page(auth).is_connected


def test_a_socket_does_not_outlive_its_sign_in(open_page, monkeypatch):
    monkeypatch.setattr(sockets, "CHECKED_EVERY", 0.05)
    alice, bob = UserFactory(), UserFactory()
    leaving, staying = open_page({"token": token_of(alice)}), open_page({"token": token_of(bob)})

    sign_in.end_all_sessions(user=alice, because=LoginSession.Ended.LOGOUT, now=timezone.now())

    assert leaving.packet() == "41/impact,"
    with pytest.raises(TimeoutError):
        staying.connection.recv(timeout=0.3)


def test_a_socket_does_not_outlive_its_token(open_page, monkeypatch):
    monkeypatch.setattr(sockets, "CHECKED_EVERY", 0.05)
    monkeypatch.setattr(AccessToken, "lifetime", timedelta(seconds=2))
    page = open_page({"token": token_of(UserFactory())})

    assert page.is_connected
    assert page.packet() == "41/impact,"
