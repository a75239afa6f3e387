"""A stored session must follow from its seed and its moves."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from games import operations
from games.models import GameSession
from games.replay import contradictions
from tests.factories.accounts import UserFactory
from tests.factories.games import NOW, GameFactory, finished_session, open_session, play, stay, wrong_moves

pytestmark = pytest.mark.django_db


def tamper(session, **columns):
    GameSession.objects.filter(pk=session.pk).update(**columns)
    session.refresh_from_db()


def test_played_sessions_are_sound():
    opened, played = open_session(), open_session()
    play(played, *wrong_moves(played, 2))
    stay(played, until=NOW + timedelta(minutes=10))
    finished, abandoned = finished_session(minutes=12), finished_session(reason="abandoned")

    for session in (opened, played, finished, abandoned):
        session.refresh_from_db()
        assert contradictions(session) == []


def test_game_of_chance_plays_again_alike(install_dice):
    install_dice("dice")
    operations.sync_games(now=NOW)
    session = operations.start_session(
        player=UserFactory(), game=GameFactory(engine_name="dice"), now=NOW, config={"any": 1}
    )
    for _ in range(3):
        operations.play_move(player=session.user, session_id=session.pk, move={"throw": 1}, now=NOW)

    session.refresh_from_db()
    assert contradictions(session) == []


@pytest.mark.parametrize(
    ("columns", "finding"),
    [
        ({"score": 999_999}, "the score is"),
        ({"achievements_unlocked": ["GOLD"]}, "the achievements are others"),
        ({"played_for": timedelta(hours=1)}, "the log adds up to"),
        ({"private_state": {"secret": 1, "guesses": [1]}}, "the last state is another"),
        ({"moves_count": 40}, "were counted"),
        ({"engine_version": "0.1"}, "engine is 1.0.0, was 0.1"),
        ({"seed": "another"}, "another outcome"),
    ],
)
def test_tampering_is_found(columns, finding):
    session = finished_session()
    if "seed" in columns:
        columns = {"seed": _seed_of_another_secret(session)}

    tamper(session, **columns)

    assert any(finding in each for each in contradictions(session))


def test_missing_engine_is_a_finding():
    session = finished_session()
    session.game.engine_name = "gone"

    assert contradictions(session) == ["engine gone is not here"]


def test_replay_command_says_that_everything_agrees(capsys):
    session = finished_session(minutes=3)

    call_command("replay_session", str(session.pk))

    assert capsys.readouterr().out == (
        f"Number Guessing Game, {session.moves_count} moves, score {session.score}, "
        "played for 0:03:00: everything agrees\n"
    )


def test_replay_command_fails_on_a_contradiction_and_on_an_unknown_id():
    session = finished_session()
    tamper(session, score=5)

    with pytest.raises(CommandError, match="the score is"):
        call_command("replay_session", str(session.pk))
    with pytest.raises(CommandError, match="no such session"):
        call_command("replay_session", str(session.user_id))


def _seed_of_another_secret(session):
    secrets = (open_session(now=NOW) for _ in range(50))
    return next(
        other.seed for other in secrets if other.private_state["secret"] != session.private_state["secret"]
    )
