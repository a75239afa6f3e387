"""What can be played, over the API: open to everybody."""

import pytest

from games import operations
from games.models import Game
from tests.factories.games import NOW, NUMBER_GUESSING, GameFactory
from tests.factories.ids import UNKNOWN_ID
from tests.games.answers import ok, refused

pytestmark = pytest.mark.django_db

GAME_KEYS = {
    "id",
    "game_id",
    "name",
    "description",
    "instructions",
    "category",
    "version",
    "is_active",
    "credit_rate",
    "author",
    "plugin_id",
    "min_players",
    "max_players",
    "estimated_duration_minutes",
    "difficulty_level",
    "requires_internet",
    "created_at",
    "updated_at",
}


@pytest.fixture
def three_games(install_dice):
    """Number guessing, dice and chess, all with rules."""
    install_dice("dice")
    install_dice("chess", category="strategy")
    operations.sync_games(now=NOW)


def test_list_shows_the_shipped_game(api):
    data = ok(api.get("/api/games"), "GAMES_RETRIEVED_SUCCESS")

    (game,) = data["games"]
    assert game.keys() == GAME_KEYS
    assert game["id"] == game["game_id"] == str(Game.objects.get().pk)
    assert (game["plugin_id"], game["credit_rate"]) == (NUMBER_GUESSING, 0.5)
    assert data["pagination"]["total_items"] == 1


def test_list_costs_two_queries_for_one_game(api, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert len(api.get("/api/games/").json()["data"]["games"]) == 1


def test_list_costs_two_queries_for_three_games(api, three_games, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert len(api.get("/api/games/").json()["data"]["games"]) == 3


def test_list_filters_sorts_and_pages(api, three_games):
    def names(query):
        return [
            game["plugin_id"]
            for game in ok(api.get(f"/api/games?{query}"), "GAMES_RETRIEVED_SUCCESS")["games"]
        ]

    assert names("sort_by=name") == ["chess", "dice", NUMBER_GUESSING]
    assert names("category=strategy") == ["chess"]
    assert names("category=nothing") == []
    assert names("sort_by=name&limit=1&page=2") == ["dice"]
    assert set(names("sort_by=created_at")[1:]) | {names("")[0]} == {"chess", "dice", NUMBER_GUESSING}


def test_list_leaves_out_what_cannot_be_played(api):
    GameFactory(engine_name="gone", name="Gone")
    Game.objects.filter(engine_name=NUMBER_GUESSING).update(is_active=False)

    assert api.get("/api/games").json()["data"]["games"] == []
    everything = api.get("/api/games?active_only=false").json()["data"]["games"]
    assert {game["plugin_id"] for game in everything} == {"gone", NUMBER_GUESSING}


@pytest.mark.parametrize(
    ("query", "constant"),
    [
        ("sort_by=rating;drop", "INVALID_SORT_FIELD"),
        ("sort_by=", "INVALID_SORT_FIELD"),
        ("active_only=perhaps", "INVALID_QUERY_PARAMETERS"),
        ("category=" + "x" * 41, "INVALID_QUERY_PARAMETERS"),
        ("page=0", "INVALID_PAGE_NUMBER"),
        ("page=-1", "INVALID_PAGE_NUMBER"),
        ("page=%C2%B2", "INVALID_PAGE_NUMBER"),
        ("limit=0", "INVALID_LIMIT_VALUE"),
        ("limit=abc", "INVALID_LIMIT_VALUE"),
    ],
)
def test_list_refuses_a_bad_query(api, query, constant):
    refused(api.get(f"/api/games?{query}"), 422, constant)


@pytest.mark.parametrize("path", ["/api/games?category=%00", "/api/games/search?q=ab%00"])
def test_no_query_carries_a_null_character(api, path):
    refused(api.get(path), 400, "INVALID_REQUEST")


def test_detail_tells_rules_and_engine_and_nothing_of_the_inside(api):
    game = GameFactory()

    data = ok(api.get(f"/api/games/{game.pk}"), "GAME_INFO_RETRIEVED_SUCCESS")

    assert data.keys() == {"game", "plugin_info", "rules"}
    assert data["game"].keys() == GAME_KEYS
    assert data["plugin_info"] == {
        "plugin_id": NUMBER_GUESSING,
        "name": "Number Guessing Game",
        "version": "1.0.0",
        "description": game.description,
        "category": "puzzle",
        "author": "GoodPlay",
        "most_moves": 10,
    }
    assert (data["rules"]["min_players"], data["rules"]["difficulty_level"]) == (1, "easy")


def test_detail_of_a_game_without_engine_has_no_plugin(api):
    game = GameFactory(engine_name="gone", name="Gone")

    assert ok(api.get(f"/api/games/{game.pk}/"), "GAME_INFO_RETRIEVED_SUCCESS")["plugin_info"] is None


@pytest.mark.parametrize("game_id", [UNKNOWN_ID, "abc", "1", "%00", "x" * 500])
def test_unknown_game_is_not_found(api, game_id):
    refused(api.get(f"/api/games/{game_id}"), 404, "GAME_NOT_FOUND")


def test_search_finds_words_in_name_description_and_category(api, three_games):
    def found(text):
        return [
            game["plugin_id"]
            for game in ok(api.get("/api/games/search", {"q": text}), "GAMES_SEARCH_SUCCESS")["games"]
        ]

    assert found("GUESSING") == [NUMBER_GUESSING]
    assert found("secret number") == [NUMBER_GUESSING]
    assert found("strateg") == ["chess"]
    assert found("Game of") == ["chess", "dice"]
    assert found("%%") == found("(ab") == []


def test_search_answer_repeats_the_query(api):
    data = ok(api.get("/api/games/search/?q=guessing"), "GAMES_SEARCH_SUCCESS")

    assert (data["query"], data["count"]) == ("guessing", 1)


@pytest.mark.parametrize(
    ("query", "constant"),
    [
        ("", "SEARCH_QUERY_REQUIRED"),
        ("q=", "SEARCH_QUERY_REQUIRED"),
        ("q=%20%20", "SEARCH_QUERY_REQUIRED"),
        ("q=a", "SEARCH_QUERY_TOO_SHORT"),
        ("q=" + "a" * 101, "INVALID_QUERY_PARAMETERS"),
        ("q=ab&active_only=7", "INVALID_QUERY_PARAMETERS"),
    ],
)
def test_search_refuses_a_bad_query(api, query, constant):
    refused(api.get(f"/api/games/search?{query}"), 422, constant)


def test_categories_count_the_playable_games(api, three_games):
    GameFactory(engine_name="gone", name="Gone", category="arcade")

    data = ok(api.get("/api/games/categories"), "GAME_CATEGORIES_RETRIEVED_SUCCESS")

    assert data == {
        "categories": [{"_id": name, "name": name, "count": 1} for name in ("party", "puzzle", "strategy")],
        "total_categories": 3,
    }


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_catalogue_is_read_only(api, method):
    refused(getattr(api, method)("/api/games", {}), 405, "METHOD_NOT_ALLOWED")
