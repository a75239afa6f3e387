"""What clients should not send: the envelope with a constant, and nothing changed."""

import pytest
import time_machine

from games.models import GameSession, SessionMove
from tests.factories.games import (
    NOW,
    open_session,
)
from tests.games.answers import ok, refused, start, url

pytestmark = pytest.mark.django_db


DEEP = {"a": None}
for _ in range(60):
    DEEP = {"a": DEEP}

BAD_START = [
    ({"session_config": "red"}, 422, "INVALID_SESSION_CONFIG"),
    ({"session_config": [1]}, 422, "INVALID_SESSION_CONFIG"),
    ({"session_config": None}, 422, "INVALID_SESSION_CONFIG"),
    ({"session_config": {"x": "y" * 9000}}, 422, "INVALID_SESSION_CONFIG"),
    ({"game_config": 7}, 422, "INVALID_SESSION_CONFIG"),
    ({"device_info": "phone"}, 422, "INVALID_DEVICE_INFO"),
    ({"device_info": {"x": "y" * 9000}}, 422, "INVALID_DEVICE_INFO"),
    ({"session_config": DEEP}, 400, "INVALID_REQUEST"),
    ({"session_config": {"x": "\x00"}}, 400, "INVALID_REQUEST"),
]


@pytest.mark.parametrize(("body", "status", "constant"), BAD_START)
def test_start_refuses_bad_input(api, player, body, status, constant):
    refused(start(api, body), status, constant)

    assert not GameSession.objects.exists()


BAD_MOVES = [
    ({}, 422, "MOVE_DATA_REQUIRED"),
    ({"move": None}, 422, "MOVE_DATA_REQUIRED"),
    ({"guess": 50}, 422, "MOVE_DATA_REQUIRED"),
    ({"move": 50}, 422, "INVALID_MOVE"),
    ({"move": "50"}, 422, "INVALID_MOVE"),
    ({"move": [50]}, 422, "INVALID_MOVE"),
    ({"move": True}, 422, "INVALID_MOVE"),
    ({"move": {}}, 422, "INVALID_MOVE"),
    ({"move": {"guess": "50"}}, 422, "INVALID_MOVE"),
    ({"move": {"guess": True}}, 422, "INVALID_MOVE"),
    ({"move": {"guess": 50.0}}, 422, "INVALID_MOVE"),
    ({"move": {"guess": 10**400}}, 422, "INVALID_MOVE"),
    ({"move": {"guess": 101}}, 422, "INVALID_MOVE"),
    ({"move": {"guess": 50, "x": "y" * 9000}}, 422, "INVALID_MOVE"),
    ({"move": {"guess": 50}, "client_move_id": ""}, 422, "INVALID_CLIENT_MOVE_ID"),
    ({"move": {"guess": 50}, "client_move_id": None}, 422, "INVALID_CLIENT_MOVE_ID"),
    ({"move": {"guess": 50}, "client_move_id": "x" * 65}, 422, "INVALID_CLIENT_MOVE_ID"),
    ({"move": {"guess": 50}, "client_move_id": {"a": 1}}, 422, "INVALID_CLIENT_MOVE_ID"),
    ({"move": {"guess": 50}, "client_move_id": True}, 422, "INVALID_CLIENT_MOVE_ID"),
]


@pytest.mark.parametrize(("body", "status", "constant"), BAD_MOVES)
def test_move_refuses_bad_input(api, player, body, status, constant):
    session = open_session(player)

    with time_machine.travel(NOW, tick=False):
        refused(api.post(url(session, "moves"), body), status, constant)

    session.refresh_from_db()
    assert (session.moves_count, session.current_state["guesses_made"]) == (0, [])
    assert not SessionMove.objects.exists()


RAW = [
    ("{", 400, "INVALID_REQUEST"),
    ('{"move": {"guess": NaN}}', 400, "INVALID_REQUEST"),
    ('{"move": {"guess": 1e400}}', 422, "INVALID_MOVE"),
    ('{"move": {"x": -1e999}}', 422, "INVALID_MOVE"),
    ("[1]", 400, "INVALID_REQUEST"),
    ('"move"', 400, "INVALID_REQUEST"),
    ("\ufeff{}", 400, "INVALID_REQUEST"),
    ('{"move": {"guess": ' + "9" * 5000 + "}}", 400, "INVALID_REQUEST"),
    ("[" * 100_000, 400, "INVALID_REQUEST"),
    ('{"move": {"x": "' + "y" * 300_000 + '"}}', 413, "REQUEST_TOO_LARGE"),
]


@pytest.mark.parametrize(("body", "status", "constant"), RAW)
def test_move_refuses_what_is_no_json(api, player, body, status, constant):
    session = open_session(player)

    refused(api.post(url(session, "moves"), body.encode(), content_type="application/json"), status, constant)

    assert not SessionMove.objects.exists()


def test_move_refuses_other_media_types(api, player):
    session = open_session(player)

    refused(api.post(url(session, "moves"), b"x", content_type="text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("reason", ["timeout", "", None, 1, True, ["completed"], {"a": 1}, "COMPLETED"])
def test_end_refuses_an_unknown_reason(api, player, reason):
    session = open_session(player)

    refused(api.put(url(session, "end"), {"reason": reason}), 422, "INVALID_END_REASON")

    session.refresh_from_db()
    assert session.is_open


def test_client_figures_are_not_believed(api, player):
    session = open_session(player)

    with time_machine.travel(NOW, tick=False):
        body = {"reason": "completed", "final_score": 999999, "play_duration_ms": 86400000, "score": 5}
        result = ok(api.put(url(session, "end"), body), "GAME_SESSION_ENDED_SUCCESS")["session_result"]

    assert (result["final_score"], result["completion_time_seconds"]) == (0, 0)
    assert result["credits_earned"] in {None, 0}
