"""The back office of games."""

import pytest

from tests.factories.accounts import StaffFactory
from tests.factories.games import GameFactory, finished_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    client.force_login(StaffFactory())
    return client


def test_catalogue_lists_games_and_says_whose_engine_is_missing(staff):
    GameFactory(engine_name="gone", name="Gone")

    page = staff.get("/admin/games/game/").content.decode()

    assert "Number Guessing Game" in page
    assert page.count("icon-no") == 1


@pytest.mark.parametrize("path", ["game/add/", "gamesession/add/"])
def test_nothing_is_added_by_hand(staff, path):
    assert staff.get(f"/admin/games/{path}").status_code == 403


def test_games_are_not_deleted(staff):
    assert staff.post(f"/admin/games/game/{GameFactory().pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_session_list_costs_the_same_for_one_and_three(staff, count, django_assert_num_queries):
    for _ in range(count):
        finished_session()
    staff.get("/admin/games/gamesession/")

    with django_assert_num_queries(6):
        page = staff.get("/admin/games/gamesession/")

    assert page.context["cl"].result_count == count


def test_session_page_shows_moves_and_events_and_hides_the_secrets(staff):
    session = finished_session()

    page = staff.get(f"/admin/games/gamesession/{session.pk}/change/").content.decode()

    for guess in session.statistics["guesses"]:
        assert f"{{&quot;guess&quot;: {guess}}}" in page
    assert all(f"<p>{kind}</p>" in page for kind in ("Start", "End"))
    assert session.seed not in page
    assert "&quot;secret&quot;" not in page


def test_sessions_are_not_changed_by_hand(staff):
    session = finished_session()

    response = staff.post(f"/admin/games/gamesession/{session.pk}/change/", {"score": "9"})

    session.refresh_from_db()
    assert (response.status_code, session.score != 9) == (403, True)
