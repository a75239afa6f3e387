from datetime import datetime, timedelta

import pytest

from accounts.models import User
from goodplay.lib.time import ROME
from social import operations, queries
from social.serializers import SocialLeaderboardSerializer, SocialLeaderboardsSerializer, ordinal
from tests.factories.accounts import UserFactory
from tests.factories.social import give, play
from tests.social.shapes import assert_shape

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

NOON = datetime(2026, 11, 18, 12, tzinfo=ROME)
DAY = timedelta(days=1)


def board(api, user, query=""):
    api.force_authenticate(user)
    response = api.get(f"/api/social/leaderboards/global_impact{query}")
    assert response.status_code == 200
    assert response.json()["message"] == "LEADERBOARD_RETRIEVED_SUCCESS"
    return response.json()["data"]


def names(data):
    return [(entry["rank"], entry["display_name"]) for entry in data["entries"]]


def test_the_board_of_all_times(api):
    alice = UserFactory(display_name="Alice", email="secret@alice.example", created_at=NOON - 90 * DAY)
    bob = UserFactory(display_name="Bob")
    play(alice, minutes=60, at=NOON - timedelta(hours=1))
    give(bob, "50.00", at=NOON)

    data = board(api, alice)

    assert_shape(data, SocialLeaderboardSerializer())
    assert data["id"] == "global_impact:all_time:1970-01-01"
    assert (data["leaderboard_type"], data["period"]) == ("global_impact", "all_time")
    assert (data["period_start"], data["period_end"]) == (None, None)
    assert data["metadata"] == {
        "total_participants": 2,
        "min_score": 12.3,
        "max_score": 231.83,
        "avg_score": 122.07,
        "score_range": 219.53,
        "update_frequency": "hourly",
    }
    assert data["last_updated"] == "2026-11-18T11:00:00+00:00"
    assert names(data) == [(1, "Bob"), (2, "Alice")]
    assert data["entries"][1] == {
        "user_id": str(alice.pk),
        "score": 12.3,
        "rank": 2,
        "display_name": "Alice",
        "user_profile": {
            "avatar_url": None,
            "level": None,
            "badge_count": None,
            "member_since": "2026-08-20T10:00:00+00:00",
        },
        "score_breakdown": {"gaming": 41.0, "social": 0.0, "donation": 0.0},
        "last_updated": "2026-11-18T10:00:00+00:00",
    }
    assert data["user_position"] == {
        "rank": 2,
        "score": 12.3,
        "percentile": 50.0,
        "rank_display": "2nd",
        "is_top_performer": True,
    }


def test_a_board_of_a_week_shows_growth(api):
    alice, bob = UserFactory(), UserFactory()
    give(alice, "5000.00", at=NOON - 10 * DAY)
    give(alice, "1.00", at=NOON)
    give(bob, "20.00", at=NOON)

    data = board(api, alice, "?period=weekly")

    assert_shape(data, SocialLeaderboardSerializer())
    assert (data["period_start"], data["period_end"]) == ("2026-11-16", "2026-11-22")
    assert names(data) == [(1, bob.display_name), (2, alice.display_name)]
    assert data["entries"][1]["score"] == 0.01
    assert data["entries"][1]["score_breakdown"] == {"start_score": 450.9, "current_score": 450.91}


@pytest.mark.parametrize(
    ("period", "moment"),
    [
        ("daily", datetime(2026, 11, 19, tzinfo=ROME)),
        ("weekly", datetime(2026, 11, 23, tzinfo=ROME)),
        ("monthly", datetime(2026, 12, 1, tzinfo=ROME)),
    ],
)
def test_a_new_period_begins_empty_at_midnight_in_rome(api, time_machine, period, moment):
    alice = UserFactory()
    give(alice, at=NOON)

    time_machine.move_to(moment - timedelta(seconds=1))
    assert names(board(api, alice, f"?period={period}")) == [(1, alice.display_name)]
    time_machine.move_to(moment)
    data = board(api, alice, f"?period={period}")

    assert_shape(data, SocialLeaderboardSerializer())
    assert data["entries"] == []
    assert "user_position" not in data
    assert data["last_updated"] is None
    assert data["metadata"] == {
        "total_participants": 0,
        "min_score": None,
        "max_score": None,
        "avg_score": None,
        "score_range": None,
        "update_frequency": "hourly",
    }
    assert names(board(api, alice)) == [(1, alice.display_name)]


def test_no_answer_names_an_e_mail_address(api):
    alice = UserFactory(email="secret@alice.example")
    give(alice, at=NOON)
    api.force_authenticate(UserFactory())

    for path in (f"impact-score/{alice.pk}", "leaderboards", "leaderboards/global_impact"):
        answer = api.get(f"/api/social/{path}").content.decode()
        assert "example" not in answer


@pytest.mark.parametrize(
    "settings",
    [
        {"preferences__leaderboard_participation": False},
        {"preferences__impact_score_visibility": "private"},
        {"is_active": False},
    ],
)
def test_who_stays_off_the_boards_is_on_none(api, settings):
    alice, carol = UserFactory(), UserFactory(**settings)
    give(carol, "500.00", at=NOON)
    give(alice, "5.00", at=NOON)

    for period in ("daily", "weekly", "monthly", "all_time"):
        data = board(api, alice, f"?period={period}")
        assert names(data) == [(1, alice.display_name)]
        assert data["metadata"]["total_participants"] == data["pagination"]["total_items"] == 1
        assert "user_position" not in board(api, carol, f"?period={period}")


@pytest.mark.parametrize("leaving", ["opting out", "closing the account"])
def test_who_leaves_is_gone_at_once_and_the_ranks_close_up_with_the_refresh(api, leaving):
    alice, bob = UserFactory(), UserFactory()
    give(bob, "500.00", at=NOON)
    give(alice, "5.00", at=NOON)
    if leaving == "opting out":
        bob.preferences.privacy["leaderboard_participation"] = False
        bob.preferences.save()
    else:
        User.objects.filter(pk=bob.pk).update(is_active=False, deleted_at=NOON)

    at_once = board(api, alice)
    operations.update_listings(now=NOON)
    after = board(api, alice)

    assert names(at_once) == [(2, alice.display_name)]
    assert at_once["user_position"]["rank"] == 2
    assert names(after) == [(1, alice.display_name)]
    assert after["user_position"]["rank"] == 1


def test_who_shares_no_statistics_has_no_breakdown(api):
    alice = UserFactory(preferences__stats_sharing=False)
    give(alice, at=NOON)

    [entry] = board(api, UserFactory())["entries"]

    assert entry["score"] > 0
    assert entry["score_breakdown"] == {}


def test_pages(api):
    players = UserFactory.create_batch(5)
    for number, player in enumerate(players):
        give(player, f"{100 - number}.00", at=NOON)

    first = board(api, players[0], "?page=1&per_page=2")
    last = board(api, players[0], "?page=3&limit=2")
    beyond = board(api, players[0], "?page=4&per_page=2")

    assert names(first) == [(1, players[0].display_name), (2, players[1].display_name)]
    assert names(last) == [(5, players[4].display_name)]
    assert beyond["entries"] == []
    assert first["pagination"] == {
        "page": 1,
        "current_page": 1,
        "per_page": 2,
        "page_size": 2,
        "total_items": 5,
        "total_count": 5,
        "total_pages": 3,
        "has_next": True,
        "has_prev": False,
    }
    assert board(api, players[0])["pagination"]["per_page"] == 50
    assert board(api, players[0], "?per_page=5000")["pagination"]["per_page"] == 100


@pytest.mark.parametrize(
    ("path", "constant"),
    [
        ("unknown", "INVALID_LEADERBOARD_TYPE"),
        ("gaming_masters", "INVALID_LEADERBOARD_TYPE"),
        ("GLOBAL_IMPACT", "INVALID_LEADERBOARD_TYPE"),
        ("global_impact?period=yearly", "INVALID_PERIOD"),
        ("global_impact?period=", "INVALID_PERIOD"),
        ("global_impact?page=0", "INVALID_PAGE_NUMBER"),
        ("global_impact?per_page=-1", "INVALID_LIMIT_VALUE"),
    ],
)
def test_unknown_boards_and_pages_are_refused(api, path, constant):
    api.force_authenticate(UserFactory())

    response = api.get(f"/api/social/leaderboards/{path}")

    assert (response.status_code, response.json()["message"]) == (422, constant)


@pytest.mark.parametrize("path", ["leaderboards", "leaderboards/global_impact"])
def test_boards_need_a_sign_in(api, path):
    response = api.get(f"/api/social/{path}")

    assert (response.status_code, response.json()["message"]) == (401, "AUTHENTICATION_REQUIRED")


def test_the_list_of_boards(api):
    give(UserFactory(), "9.00", at=NOON)
    give(UserFactory(), "99.00", at=NOON - DAY)
    api.force_authenticate(UserFactory())

    body = api.get("/api/social/leaderboards").json()

    assert body["message"] == "LEADERBOARDS_RETRIEVED_SUCCESS"
    assert_shape(body["data"], SocialLeaderboardsSerializer())
    assert body["data"]["total_types"] == 1
    [listed] = body["data"]["leaderboards"]
    assert (listed["type"], listed["display_name"]) == ("global_impact", "Global Impact Leaders")
    assert [(each["period"], each["display_name"]) for each in listed["periods"]] == [
        ("daily", "Daily"),
        ("weekly", "Weekly"),
        ("monthly", "Monthly"),
        ("all_time", "All Time"),
    ]
    assert [each["stats"]["total_participants"] for each in listed["periods"]] == [1, 2, 2, 2]


@pytest.mark.parametrize("count", [1, 3])
def test_a_board_costs_three_queries(api, count, django_assert_num_queries):
    players = UserFactory.create_batch(count)
    for player in players:
        give(player, at=NOON)

    for period in ("all_time", "weekly"):
        with django_assert_num_queries(3):
            assert len(board(api, players[0], f"?period={period}")["entries"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_boards_costs_four_queries(api, count, django_assert_num_queries):
    for player in UserFactory.create_batch(count):
        give(player, at=NOON)
    api.force_authenticate(UserFactory())

    with django_assert_num_queries(4):
        api.get("/api/social/leaderboards")


def test_a_large_board_is_read_in_two_queries(api, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(queries, "LARGE_BOARD", 2)
    alice, bob, carol = UserFactory.create_batch(3)
    give(alice, "5.00", at=NOON)
    give(bob, "50.00", at=NOON)
    operations.keep_large_boards(now=NOON)
    give(carol, "500.00", at=NOON)  # after the figures were kept

    with django_assert_num_queries(2):
        data = board(api, carol)

    assert data["metadata"]["total_participants"] == 2
    assert [rank for rank, _name in names(data)] == [1, 2, 3]
    assert (data["user_position"]["rank"], data["user_position"]["percentile"]) == (1, 100.0)
    assert board(api, alice)["user_position"]["rank"] == 2  # one newcomer above is not counted yet


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (10, "10th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (102, "102nd"),
        (111, "111th"),
        (1_000_013, "1000013th"),
    ],
)
def test_ordinal(number, word):
    assert ordinal(number) == word
