"""Playing over the API."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache

from accounts.models import LoginSession
from accounts.operations import sign_in
from games.models import Game, GameSession, SessionEvent, SessionMove
from games.serializers import GameSessionSerializer
from goodplay.lib.events.models import Event
from tests.factories.accounts import PASSWORD
from tests.factories.games import (
    NOW,
    GameFactory,
    finished_session,
    open_session,
    play,
    winning_moves,
    wrong_moves,
)
from tests.factories.ids import UNKNOWN_ID
from tests.games.answers import SESSION_KEYS, ok, refused, start, url

pytestmark = pytest.mark.django_db


def test_a_game_from_start_to_end(api, player):
    with time_machine.travel(NOW, tick=False) as clock:
        started = ok(start(api), "GAME_SESSION_STARTED_SUCCESS", 201)
        session = GameSession.objects.get()
        guesses = winning_moves(session)
        for number, guess in enumerate(guesses, start=1):
            clock.shift(timedelta(seconds=20))
            move = ok(api.post(url(session, "moves"), {"move": {"guess": guess}}), "MOVE_VALIDATED_SUCCESS")
            assert (move["move_valid"], move["move_number"]) == (True, number)
        paused = ok(api.put(url(session, "pause")), "SESSION_PAUSED_SUCCESS")
        clock.shift(timedelta(hours=2))
        resumed = ok(api.put(url(session, "resume")), "SESSION_RESUMED_SUCCESS")
        clock.shift(timedelta(seconds=30))
        ended = ok(api.put(url(session, "end")), "GAME_SESSION_ENDED_SUCCESS")

    assert started["session"]["current_state"]["attempts_remaining"] == 10
    assert move["outcome"] == {
        "hint": "correct",
        "attempts_remaining": 10 - len(guesses),
        "game_over": True,
        "won": True,
    }
    assert move["current_state"]["guesses_made"] == guesses
    assert (paused["session"]["status"], resumed["session"]["status"]) == ("paused", "active")
    seconds = 20 * len(guesses) + 30
    assert ended["session_result"] == {
        "session_id": str(session.pk),
        "final_score": 1000 + 50 * (10 - len(guesses)),
        "credits_earned": ended["session"]["credits_earned"],
        "completion_time_seconds": seconds,
        "achievements_unlocked": ended["session"]["achievements_unlocked"],
        "statistics": {
            "attempts_used": len(guesses),
            "won": True,
            "guesses": guesses,
            "final_score": 1000 + 50 * (10 - len(guesses)),
            "target_number": guesses[-1],
        },
    }
    assert ended["session"]["play_duration_ms"] == seconds * 1000
    assert ended["session"]["duration_seconds"] == seconds + 7200
    assert ended["session"]["status"] == "completed"
    session.refresh_from_db()
    assert session.is_verified
    assert ended["session"]["credits_earned"] == float(session.credits_earned)


def test_session_json_has_exactly_the_documented_keys(api, player):
    session = open_session(player)

    shown = ok(api.get(url(session)), "SESSION_RETRIEVED_SUCCESS")

    assert shown.keys() == {"session", "game"}
    assert shown["session"].keys() == SESSION_KEYS
    assert shown["session"]["id"] == shown["session"]["session_id"] == str(session.pk)
    assert shown["session"]["user_id"] == str(player.pk)
    assert shown["session"]["game_id"] == shown["game"]["id"]


def test_schema_declares_the_same_keys_as_are_sent():
    assert set(GameSessionSerializer().fields) == SESSION_KEYS | {"game"}


def test_play_duration_runs_while_the_session_does(api, player):
    session = open_session(player)

    with time_machine.travel(NOW + timedelta(seconds=61, milliseconds=250), tick=False):
        shown = api.get(url(session)).json()["data"]["session"]

    assert (shown["play_duration_ms"], shown["play_duration_seconds"]) == (61_250, 61.25)
    assert shown["duration_seconds"] == 61
    assert shown["started_at"] == "2026-03-04T12:00:00+00:00"


def test_money_in_a_session_is_written_in_cents(api, player):
    session = finished_session(player, minutes=10)
    GameSession.objects.filter(pk=session.pk).update(credits_earned="0.5")

    assert b'"credits_earned":0.50' in api.get(url(session)).content


# Start ------------------------------------------------------------------------------------------------------------


def test_start_takes_config_and_device(api, player):
    body = {"session_config": {"colour": "red"}, "device_info": {"device_type": "mobile"}}

    session = ok(start(api, body), "GAME_SESSION_STARTED_SUCCESS", 201)["session"]

    assert session["session_config"] == {"colour": "red", "device_info": {"device_type": "mobile"}}
    assert session["device_info"] == {"device_type": "mobile"}


def test_start_takes_game_config_as_another_name_and_the_device_from_headers(api, player):
    headers = {
        "HTTP_X_DEVICE_ID": "d-1",
        "HTTP_X_DEVICE_TYPE": "web",
        "HTTP_X_APP_VERSION": "2.0",
        "HTTP_X_PLATFORM": "p" * 300,
        "HTTP_USER_AGENT": "Browser",
    }

    session = ok(start(api, {"game_config": {"level": 2}}, **headers), "GAME_SESSION_STARTED_SUCCESS", 201)

    assert session["session"]["session_config"]["level"] == 2
    assert session["session"]["device_info"] == {
        "device_id": "d-1",
        "device_type": "web",
        "app_version": "2.0",
        "platform": "p" * 200,
        "user_agent": "Browser",
    }


def test_resuming_on_another_device_tells_so_and_a_browsers_name_alone_does_not(api, player):
    with time_machine.travel(NOW, tick=False):
        start(api, {"device_info": {"device_type": "mobile"}})
        session = GameSession.objects.get()
        api.put(url(session, "pause"), HTTP_USER_AGENT="Browser")
        same = api.put(url(session, "resume"), HTTP_USER_AGENT="Browser").json()["data"]["session"]
        api.put(url(session, "pause"))
        other = api.put(url(session, "resume"), HTTP_X_DEVICE_TYPE="web").json()["data"]["session"]

    assert same["device_info"] == {"device_type": "mobile"}
    assert other["device_info"] == {"device_type": "web"}
    assert [event.device for event in session.events.order_by("pk")] == [
        {"device_type": "mobile"},
        {"user_agent": "Browser"},
        {"user_agent": "Browser"},
        {},
        {"device_type": "web"},
    ]


def test_start_again_names_the_open_session(api, player):
    first = open_session(player)

    body = refused(start(api), 409, "ACTIVE_SESSION_EXISTS")

    assert body["data"]["existing_session"].keys() == SESSION_KEYS
    assert body["data"]["existing_session"]["session_id"] == str(first.pk)
    assert GameSession.objects.count() == 1


def test_start_of_what_cannot_be_played(api, player):
    off = GameFactory()
    Game.objects.filter(pk=off.pk).update(is_active=False)
    gone = GameFactory(engine_name="gone", name="Gone")

    refused(api.post(f"/api/games/{off.pk}/sessions"), 409, "GAME_NOT_ACTIVE")
    refused(api.post(f"/api/games/{gone.pk}/sessions"), 404, "GAME_PLUGIN_NOT_FOUND")
    refused(api.post(f"/api/games/{uuid4()}/sessions"), 404, "GAME_NOT_FOUND")
    refused(api.post("/api/games/not-an-id/sessions"), 404, "GAME_NOT_FOUND")
    assert not GameSession.objects.exists()


# State ------------------------------------------------------------------------------------------------------------


def test_refusals_by_state_over_the_api(api, player):
    with time_machine.travel(NOW, tick=False):
        session = open_session(player)
        refused(api.put(url(session, "resume")), 409, "SESSION_NOT_PAUSED")
        api.put(url(session, "pause"))
        refused(api.put(url(session, "pause")), 409, "SESSION_NOT_ACTIVE")
        refused(api.post(url(session, "moves"), {"move": {"guess": 1}}), 409, "SESSION_NOT_ACTIVE")
        ok(api.put(url(session, "end"), {"reason": "abandoned"}), "GAME_SESSION_ENDED_SUCCESS")
        refused(api.put(url(session, "end")), 409, "SESSION_ALREADY_ENDED")


def test_abandoned_session_shows_no_score_and_no_secret(api, player):
    session = open_session(player)
    play(session, *wrong_moves(session, 1))

    data = ok(api.put(url(session, "end"), {"reason": "abandoned"}), "GAME_SESSION_ENDED_SUCCESS")

    assert (data["session_result"]["final_score"], data["session"]["status"]) == (None, "abandoned")
    assert not data["session_result"]["credits_earned"]
    assert "target_number" not in data["session_result"]["statistics"]


def test_retried_move_gets_the_first_answer(api, player):
    with time_machine.travel(NOW, tick=False):
        session = open_session(player)
        body = {"move": {"guess": 50}, "client_move_id": "m-1"}
        first = api.post(url(session, "moves"), body)
        again = api.post(url(session, "moves"), body)
        other = api.post(url(session, "moves"), {**body, "move": {"guess": 51}})

    assert again.json() == first.json()
    refused(other, 422, "CLIENT_MOVE_ID_REUSED")
    assert SessionMove.objects.count() == 1


def test_end_with_an_idempotency_key_repeats_its_answer(api, player):
    session = open_session(player)

    first = api.put(url(session, "end"), {}, HTTP_IDEMPOTENCY_KEY="end-once")
    again = api.put(url(session, "end"), {}, HTTP_IDEMPOTENCY_KEY="end-once")
    other = api.put(url(session, "end"), {"reason": "abandoned"}, HTTP_IDEMPOTENCY_KEY="end-once")

    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    refused(other, 422, "IDEMPOTENCY_KEY_REUSED")
    assert (
        Event.objects.filter(name="game_session_complete", payload__session_id=str(session.pk)).count() == 1
    )


# Privacy ----------------------------------------------------------------------------------------------------------

OWNED = [
    ("get", "", None),
    ("post", "moves", {"move": {"guess": 50}}),
    ("put", "pause", None),
    ("put", "resume", None),
    ("put", "end", {"reason": "completed"}),
]


@pytest.mark.parametrize(("method", "call", "body"), OWNED)
def test_somebody_elses_session_is_not_there(api, player, method, call, body):
    session = open_session()
    before = GameSession.objects.filter(pk=session.pk).values().get()

    refused(getattr(api, method)(url(session, call), body), 404, "SESSION_NOT_FOUND")

    assert GameSession.objects.filter(pk=session.pk).values().get() == before
    assert SessionEvent.objects.count() == 1


@pytest.mark.parametrize("session_id", [UNKNOWN_ID, "abc", "0", "%00", "x" * 500, "null"])
@pytest.mark.parametrize(("method", "call", "body"), OWNED)
def test_unknown_session_is_not_there(api, player, method, call, body, session_id):
    path = f"/api/games/sessions/{session_id}" + (f"/{call}" if call else "")

    refused(getattr(api, method)(path, body), 404, "SESSION_NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "/active"),
        ("get", "/stats"),
        *[(method, f"/{UNKNOWN_ID}/{call}".rstrip("/")) for method, call, _ in OWNED],
    ],
)
def test_sessions_need_a_signed_in_player(api, method, path):
    refused(getattr(api, method)(f"/api/games/sessions{path}"), 401, "AUTHENTICATION_REQUIRED")


def test_start_needs_a_signed_in_player(api):
    refused(start(api), 401, "AUTHENTICATION_REQUIRED")


def test_secret_and_seed_never_leave_the_server(api, player):
    """The stored seed and state are searched for in every answer of a whole game."""
    answers = []
    with time_machine.travel(NOW, tick=False):
        answers.append(start(api))
        session = GameSession.objects.get()
        GameSession.objects.update(private_state={"secret": 77, "guesses": [], "marker": "hidden-marker"})
        answers += [
            start(api),
            api.get(url(session)),
            api.post(url(session, "moves"), {"move": {"guess": 50}}),
            api.post(url(session, "moves"), {"move": {"guess": 500}}),
            api.get("/api/games/sessions"),
            api.get("/api/games/sessions/active"),
            api.get("/api/games/sessions/stats"),
            api.put(url(session, "pause")),
            api.put(url(session, "resume")),
            api.put(url(session, "end"), {"reason": "abandoned"}),
            api.get(url(session)),
        ]

    everything = b"".join(answer.content for answer in answers).decode()
    assert session.seed not in everything
    for word in ("hidden-marker", "private_state", 'secret"', '"seed"', "target_number", ":77,", ":77}"):
        assert word not in everything
    event = Event.objects.get(name="game_session_complete")
    assert session.seed not in str(event.payload)


@pytest.mark.parametrize(
    ("verb", "page", "body"),
    [
        ("post", "moves", {"move": {"guess": 50}}),
        ("put", "pause", None),
        ("put", "resume", None),
        ("put", "end", {"reason": "completed"}),
        ("post", "start", {}),
    ],
)
def test_nobody_plays_with_a_sign_in_that_ended(api, verb, page, body):
    session = open_session()
    login = {"email": session.user.email, "password": PASSWORD}
    token = api.post("/api/auth/login", login).json()["data"]["tokens"]["access_token"]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    address = f"/api/games/{session.game_id}/sessions" if page == "start" else url(session, page)
    sign_in.end_all_sessions(user=session.user, because=LoginSession.Ended.STAFF, now=NOW)
    cache.clear()  # the list of ended sign-ins may be lost: whoever plays is asked for in the database

    answer = getattr(api, verb)(address, body)

    assert answer.status_code == 401
    session.refresh_from_db()
    assert (session.status, session.moves.count()) == ("active", 0)
