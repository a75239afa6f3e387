from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from accounts.models import User
from goodplay.lib.time import ROME
from social import operations, scoring
from social.serializers import ImpactScoreHistorySerializer, ImpactScoreSerializer
from tests.factories.accounts import UserFactory
from tests.factories.ids import UNKNOWN_ID
from tests.factories.social import give, play
from tests.social.shapes import assert_shape

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

NOON = datetime(2026, 11, 18, 12, tzinfo=ROME)
DAY = timedelta(days=1)


def score_of(api, user, of="me"):
    api.force_authenticate(user)
    response = api.get(f"/api/social/impact-score/{of}")
    assert response.status_code == 200
    assert response.json()["message"] == "IMPACT_SCORE_RETRIEVED_SUCCESS"
    return response.json()["data"]


def refused(api, user, of):
    api.force_authenticate(user)
    response = api.get(f"/api/social/impact-score/{of}")
    body = response.json()
    assert body["success"] is False
    assert "data" not in body
    return response.status_code, body["message"]


def test_my_score(api):
    alice, bob = UserFactory(), UserFactory()
    give(alice, "5.00", at=NOON - DAY)
    play(alice, minutes=60, at=NOON)
    give(bob, "900.00", at=NOON - 20 * DAY)

    data = score_of(api, alice)

    assert_shape(data, ImpactScoreSerializer())
    assert data["id"] == str(alice.impact_score.pk)
    assert data["user_id"] == str(alice.pk)
    assert data["impact_score"] == 141.9
    assert data["components"]["gaming"] == {
        "score": 41.0,
        "percentage": 4.1,
        "details": {
            "play_time_score": 16.0,
            "game_variety_score": 25.0,
            "tournament_score": 0.0,
            "achievement_score": 0.0,
            "base_score": 41.0,
            "consistency_multiplier": 1.0,
        },
    }
    assert data["components"]["social"]["score"] == 0
    assert data["components"]["donation"]["score"] == 259.19
    assert data["components"]["donation"]["percentage"] == 13.0
    assert data["components"]["donation"]["details"]["total_donated"] == 5.0
    assert data["rankings"] == {"global": 2, "weekly": 1}
    assert data["trend"] == {"trend": "increasing", "change": 12.3, "change_percentage": 9.5}
    assert data["formula_version"] == scoring.FORMULA_VERSION
    assert data["last_calculated"] == "2026-11-18T11:00:00+00:00"


def test_a_brand_new_player_has_zero_and_no_rank(api):
    data = score_of(api, UserFactory())

    assert_shape(data, ImpactScoreSerializer())
    assert (data["id"], data["last_calculated"], data["created_at"]) == (None, None, None)
    assert data["impact_score"] == 0
    assert [part["score"] for part in data["components"].values()] == [0, 0, 0]
    assert data["rankings"] == {"global": None, "weekly": None}
    assert data["trend"] == {"trend": "insufficient_data", "change": None, "change_percentage": None}


def test_a_trend_from_zero_has_no_percentage(api):
    alice = UserFactory()
    play(alice, minutes=60, at=NOON - 36 * DAY)
    operations.refresh_due_scores(now=NOON - 6 * DAY)
    play(alice, minutes=60, at=NOON)

    trend = score_of(api, alice)["trend"]

    assert trend == {"trend": "increasing", "change": 12.3, "change_percentage": None}


def test_a_public_score_is_open_to_others_but_not_the_euros(api):
    alice, bob = UserFactory(), UserFactory()
    give(alice, "12.34", at=NOON)

    data = score_of(api, bob, of=alice.pk)

    assert_shape(data, ImpactScoreSerializer())
    assert data["user_id"] == str(alice.pk)
    assert data["components"]["donation"]["score"] > 0
    assert "total_donated" not in data["components"]["donation"]["details"]
    assert data["rankings"] == {"global": 1, "weekly": 1}


def test_who_shares_no_statistics_shows_the_total_only(api):
    alice, bob = UserFactory(preferences__stats_sharing=False), UserFactory()
    give(alice, "12.34", at=NOON)

    seen_by_bob, seen_by_alice = score_of(api, bob, of=alice.pk), score_of(api, alice, of=alice.pk)

    assert_shape(seen_by_bob, ImpactScoreSerializer())
    hidden = {"score": None, "percentage": None, "details": {}}
    assert seen_by_bob["components"] == {"gaming": hidden, "social": hidden, "donation": hidden}
    assert seen_by_bob["impact_score"] == seen_by_alice["impact_score"] > 0
    assert seen_by_alice["components"]["donation"]["details"]["total_donated"] == 12.34


@pytest.mark.parametrize(
    "settings",
    [
        {"impact_score_visibility": "private"},
        {"impact_score_visibility": "friends"},
        {"profile_visibility": "private"},
    ],
)
def test_a_closed_score_is_open_to_its_owner_alone(api, settings):
    alice = UserFactory(**{f"preferences__{key}": value for key, value in settings.items()})
    give(alice, "12.34", at=NOON)

    assert refused(api, UserFactory(), alice.pk) == (403, "ACCESS_DENIED")
    assert score_of(api, alice, of=alice.pk)["impact_score"] > 0


def test_who_opted_out_of_boards_has_a_score_but_no_rank(api):
    alice = UserFactory(preferences__leaderboard_participation=False)
    give(alice, "12.34", at=NOON)

    data = score_of(api, alice)

    assert data["impact_score"] > 0
    assert data["rankings"] == {"global": None, "weekly": None}


@pytest.mark.parametrize("of", ["0", "not-a-key", "me2", UNKNOWN_ID])
def test_an_unknown_player_is_not_found(api, of):
    assert refused(api, UserFactory(), of) == (404, "USER_NOT_FOUND")


def test_a_closed_account_is_not_found(api):
    gone = UserFactory()
    give(gone, at=NOON)
    User.objects.filter(pk=gone.pk).update(is_active=False, deleted_at=NOON)

    assert refused(api, UserFactory(), gone.pk) == (404, "USER_NOT_FOUND")


@pytest.mark.parametrize("of", ["me", "history", UNKNOWN_ID])
def test_scores_need_a_sign_in(api, of):
    response = api.get(f"/api/social/impact-score/{of}")

    assert (response.status_code, response.json()["message"]) == (401, "AUTHENTICATION_REQUIRED")


@pytest.mark.parametrize("days", [1, 3])
def test_scores_cost_three_queries_and_others_four(api, days, django_assert_num_queries):
    alice, bob = UserFactory(), UserFactory()
    for number in range(days):
        play(alice, at=NOON - number * DAY)
        give(bob, at=NOON)

    with django_assert_num_queries(3):
        score_of(api, alice)
    with django_assert_num_queries(4):
        score_of(api, alice, of=bob.pk)


@pytest.mark.parametrize(
    "path", ["impact-score/me", "impact-score/history", "leaderboards", "leaderboards/global_impact"]
)
def test_both_forms_of_a_path_are_served(api, path):
    api.force_authenticate(UserFactory())

    plain, slashed = api.get(f"/api/social/{path}"), api.get(f"/api/social/{path}/")

    assert plain.status_code == slashed.status_code == 200
    assert plain.json() == slashed.json()


# History --------------------------------------------------------------------------------------------------------


def history_of(api, user, query=""):
    api.force_authenticate(user)
    response = api.get(f"/api/social/impact-score/history{query}")
    return response.status_code, response.json()


def test_history_of_thirty_days(api):
    alice, bob = UserFactory(), UserFactory()
    give(bob, "800.00", at=NOON)
    for days in (30, 29, 1, 0):
        play(alice, minutes=60, at=NOON - days * DAY)
        if days == 1:
            operations.rank_yesterday(now=NOON)

    status, body = history_of(api, alice)

    assert (status, body["message"]) == (200, "IMPACT_SCORE_HISTORY_RETRIEVED_SUCCESS")
    data = body["data"]
    assert_shape(data, ImpactScoreHistorySerializer())
    assert [(row["date"], row["rank"]) for row in data["history"]] == [
        ("2026-10-20", None),
        ("2026-11-17", 2),
        ("2026-11-18", None),
    ]
    assert data["history"][-1]["score"] == data["current_score"] == float(alice.impact_score.score)
    assert data["history"][-1]["gaming_component"] == float(alice.impact_score.gaming_component)
    assert data["trend"]["trend"] == "increasing"


def test_history_of_one_day_and_of_ninety(api):
    alice = UserFactory()
    for days in (89, 30, 0):
        play(alice, minutes=60, at=NOON - days * DAY)

    assert len(history_of(api, alice, "?days=1")[1]["data"]["history"]) == 1
    assert len(history_of(api, alice, "?days=90")[1]["data"]["history"]) == 3


def test_history_of_a_new_player_is_empty(api):
    status, body = history_of(api, UserFactory())

    assert status == 200
    assert body["data"] == {
        "current_score": 0.0,
        "trend": {"trend": "insufficient_data", "change": None, "change_percentage": None},
        "history": [],
    }


@pytest.mark.parametrize("days", ["0", "91", "-1", "ten", "1e3", ""])
def test_history_refuses_other_numbers_of_days(api, days):
    status, body = history_of(api, UserFactory(), f"?days={days}")

    assert (status, body["success"], list(body["errors"])) == (422, False, ["days"])


@pytest.mark.parametrize("days", [1, 3])
def test_history_costs_two_queries(api, days, django_assert_num_queries):
    alice = UserFactory()
    for number in range(days):
        play(alice, at=NOON - number * DAY)

    with django_assert_num_queries(2):
        assert len(history_of(api, alice)[1]["data"]["history"]) == days


def test_amounts_leave_as_exact_numbers(api):
    alice = UserFactory()
    give(alice, "0.29", at=NOON)
    api.force_authenticate(alice)

    body = api.get("/api/social/impact-score/me").content.decode()

    assert '"total_donated":0.29' in body
    assert Decimal(alice.impact_score.score) > 0
