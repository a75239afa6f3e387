"""Asking the API of games, and reading its envelope."""

from tests.factories.games import GameFactory

SESSION_KEYS = {
    "id",
    "session_id",
    "user_id",
    "game_id",
    "status",
    "current_state",
    "score",
    "credits_earned",
    "started_at",
    "ended_at",
    "session_config",
    "moves_count",
    "achievements_unlocked",
    "statistics",
    "duration_seconds",
    "play_duration_ms",
    "play_duration_seconds",
    "paused_at",
    "resumed_at",
    "device_info",
    "last_sync_at",
    "sync_version",
    "created_at",
    "updated_at",
}


def start(api, body=None, **headers):
    return api.post(f"/api/games/{GameFactory().pk}/sessions", body or {}, **headers)


def url(session, call=""):
    return f"/api/games/sessions/{session.pk}{call and '/'}{call}"


def ok(response, constant, status=200):
    body = response.json()
    assert (response.status_code, body["success"], body["message"]) == (status, True, constant), body
    return body["data"]


def refused(response, status, constant):
    body = response.json()
    assert (response.status_code, body["success"], body["message"]) == (status, False, constant), body
    assert body["detail"]
    return body
