"""The guide for engine authors, run as it is written."""

import re
from pathlib import Path

import pytest

from games import operations
from games.engines import registry
from games.models import Game
from games.replay import contradictions
from tests.factories.accounts import UserFactory
from tests.factories.games import NOW

GUIDE = (Path(__file__).parents[2] / "docs" / "writing-an-engine.md").read_text()
ENGINE, TESTS = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def race(install):
    install("race_to_twenty", ENGINE)
    return registry.find("race_to_twenty")


def test_the_guides_engine_keeps_the_contract(race):
    assert registry.registry().left_out == {}
    assert race.manifest.display_name == "Race to Twenty"


def test_the_guides_tests_pass(race):
    found = {}
    exec(TESTS.replace("import race_to_twenty", "import engine_race_to_twenty"), found)  # noqa: S102

    tests = [function for name, function in found.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


@pytest.mark.django_db
def test_the_guides_engine_plays_a_session(race):
    assert operations.sync_games(now=NOW).added == ["race_to_twenty"]
    player, game = UserFactory(), Game.objects.get(engine_name="race_to_twenty")
    session = operations.start_session(player=player, game=game, config={"goal": 10}, now=NOW)
    call = {"player": player, "session_id": session.pk, "now": NOW}
    thrown = operations.play_move(**call, move={"throw": True}).outcome["thrown"]
    operations.play_move(**call, move={"throw": False})

    session = operations.end_session(**call, reason="completed")

    assert (session.score, session.statistics["throws"]) == (thrown * 10, [thrown])
    assert contradictions(session) == []


def test_the_guide_names_every_field_of_the_manifest(race):
    missing = [name for name in type(race.manifest).__slots__ if f"`{name}`" not in GUIDE]

    assert missing == []
