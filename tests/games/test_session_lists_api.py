"""A player's sessions, listed and summed up."""

from datetime import timedelta

import pytest
import time_machine
from rest_framework.test import APIClient

from tests.factories.games import (
    NOW,
    GameFactory,
    GameSessionFactory,
    finished_session,
    open_session,
)
from tests.games.answers import SESSION_KEYS, ok, refused, url

pytestmark = pytest.mark.django_db


def sessions_of(player, count):
    return [
        GameSessionFactory(
            user=player,
            status="completed",
            score=100,
            is_verified=True,
            credits_earned="0.05",
            started_at=NOW - timedelta(hours=number),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_session_list_is_private_and_costs_two_queries(api, player, count, django_assert_num_queries):
    sessions = sessions_of(player, count)
    finished_session()

    with django_assert_num_queries(2):
        response = api.get("/api/games/sessions")

    data = ok(response, "USER_SESSIONS_RETRIEVED_SUCCESS")
    assert [row["id"] for row in data["sessions"]] == [str(session.pk) for session in sessions]
    assert all(row.keys() == SESSION_KEYS | {"game"} for row in data["sessions"])
    assert data["sessions"][0]["game"]["id"] == str(sessions[0].game_id)
    assert data["pagination"]["total_items"] == count


def test_session_list_filters_and_pages(api, player):
    _newest, older, oldest = sessions_of(player, 3)
    running = open_session(player)

    def ids(query):
        return [row["id"] for row in api.get(f"/api/games/sessions?{query}").json()["data"]["sessions"]]

    assert ids("status=active") == [str(running.pk)]
    assert ids("status=completed&limit=1&page=2") == [str(older.pk)]
    assert ids("status=completed&limit=2&offset=1") == [str(older.pk), str(oldest.pk)]
    assert len(ids("status=")) == 4


@pytest.mark.parametrize(
    ("query", "constant"),
    [
        ("status=lost", "INVALID_QUERY_PARAMETERS"),
        ("page=0", "INVALID_PAGE_NUMBER"),
        ("limit=-5", "INVALID_LIMIT_VALUE"),
    ],
)
def test_session_list_refuses_a_bad_query(api, player, query, constant):
    refused(api.get(f"/api/games/sessions?{query}"), 422, constant)


@pytest.mark.parametrize("count", [1, 3])
def test_open_sessions_cost_one_query(api, player, count, django_assert_num_queries):
    games = [GameFactory(), *[GameFactory(engine_name=name, name=name) for name in ("b", "c")][: count - 1]]
    for game in games:
        GameSessionFactory(user=player, game=game)
    paused = GameSessionFactory(user=player, game=GameFactory(engine_name="d", name="d"), status="paused")
    GameSessionFactory()

    with django_assert_num_queries(1):
        response = api.get("/api/games/sessions/active")

    data = ok(response, "ACTIVE_SESSIONS_RETRIEVED_SUCCESS")
    assert len(data["active_sessions"]) == count
    assert [row["id"] for row in data["paused_sessions"]] == [str(paused.pk)]
    assert (len(data["all_sessions"]), data["total_count"]) == (count + 1, count + 1)


@pytest.mark.parametrize("count", [1, 3])
def test_statistics_cost_one_query(api, player, count, django_assert_num_queries):
    sessions_of(player, count)
    GameSessionFactory(user=player, status="abandoned")
    finished_session()

    with django_assert_num_queries(1):
        response = api.get("/api/games/sessions/stats")

    assert ok(response, "USER_SESSION_STATS_RETRIEVED_SUCCESS") == {
        "total_sessions": count + 1,
        "completed_sessions": count,
        "completion_rate": {1: 50.0, 3: 75.0}[count],
        "total_score": 100 * count,
        "total_credits_earned": {1: 0.05, 3: 0.15}[count],
        "stats_by_status": {
            "abandoned": {"_id": "abandoned", "count": 1, "total_score": 0, "total_credits": 0.0},
            "completed": {
                "_id": "completed",
                "count": count,
                "total_score": 100 * count,
                "total_credits": {1: 0.05, 3: 0.15}[count],
            },
        },
    }


def test_statistics_of_a_player_who_never_played(api, player):
    data = ok(api.get("/api/games/sessions/stats/"), "USER_SESSION_STATS_RETRIEVED_SUCCESS")

    assert (data["total_sessions"], data["completion_rate"], data["stats_by_status"]) == (0, 0.0, {})


@pytest.mark.parametrize("slash", ["", "/"])
def test_routes_answer_with_and_without_a_slash(player, slash):
    api = APIClient()
    api.force_authenticate(player)
    session = open_session(player)

    with time_machine.travel(NOW, tick=False):
        assert api.get(f"/api/games{slash}").status_code == 200
        assert api.get(url(session) + slash).status_code == 200
        assert api.post(url(session, "moves") + slash, {"move": {"guess": 1}}).status_code == 200
        assert api.put(url(session, "end") + slash).status_code == 200
        assert api.post(f"/api/games/{session.game_id}/sessions{slash}").status_code == 201
