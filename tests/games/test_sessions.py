"""Starting and ending a session, and what it may do in between."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from games import operations
from games.models import GameSession, SessionEvent
from games.signals import game_session_complete
from goodplay.lib.events.models import Event
from tests.factories.accounts import UserFactory
from tests.factories.games import (
    NOW,
    GameFactory,
    GameSessionFactory,
    finished_session,
    open_session,
    play,
    winning_moves,
    wrong_moves,
)
from tests.games.calls import CALLS, end, pause, trail

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


REFUSALS = {
    "active": {"resume": operations.SessionNotPaused},
    "paused": {"move": operations.SessionNotActive, "pause": operations.SessionNotActive},
    "completed": {
        "move": operations.SessionNotActive,
        "pause": operations.SessionNotActive,
        "resume": operations.SessionNotPaused,
        "complete": operations.SessionAlreadyEnded,
        "abandon": operations.SessionAlreadyEnded,
    },
}
REFUSALS["abandoned"] = REFUSALS["completed"]
BECOMES = {"pause": "paused", "resume": "active", "complete": "completed", "abandon": "abandoned"}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("status", REFUSALS)
def test_lifecycle(status, name):
    session = open_session()
    {"active": lambda session: None, "paused": pause, "completed": end, "abandoned": CALLS["abandon"]}[
        status
    ](session)
    before = GameSession.objects.filter(pk=session.pk).values().get(), trail(session), session.moves.count()

    refusal = REFUSALS[status].get(name)
    if refusal:
        with pytest.raises(refusal):
            CALLS[name](session)
        after = (
            GameSession.objects.filter(pk=session.pk).values().get(),
            trail(session),
            session.moves.count(),
        )
        assert after == before
    else:
        CALLS[name](session)
        session.refresh_from_db()
        assert session.status == BECOMES.get(name, "active")


# Start ------------------------------------------------------------------------------------------------------------


def test_start_opens_a_running_session_with_a_secret_of_its_own():
    player = UserFactory()

    session = open_session(player, config={"colour": "red"}, device={"device_type": "web"})

    session.refresh_from_db()
    assert (session.status, session.user, session.running_since) == ("active", player, NOW)
    assert session.session_config == {"colour": "red", "device_info": {"device_type": "web"}}
    assert 1 <= session.private_state["secret"] <= 100
    assert "secret" not in session.current_state
    assert trail(session) == [("start", "player", NOW)]
    assert session.events.get().device == {"device_type": "web"}


def test_seeds_differ():
    assert len({open_session().seed for _ in range(5)}) == 5


def test_start_refuses_a_second_open_session_and_names_the_first():
    first = open_session()

    with pytest.raises(operations.ActiveSessionExists) as refusal:
        open_session(first.user)

    assert refusal.value.session == first
    assert (GameSession.objects.count(), SessionEvent.objects.count()) == (1, 1)


def test_a_paused_session_is_open_too_and_an_ended_one_is_not():
    first = open_session()
    pause(first)
    with pytest.raises(operations.ActiveSessionExists):
        open_session(first.user)

    end(first)
    assert open_session(first.user).pk != first.pk


def test_two_players_play_the_same_game():
    assert open_session().game == open_session().game


def test_start_refuses_a_game_that_is_switched_off():
    game = GameFactory()
    game.is_active = False

    with pytest.raises(operations.GameNotActive):
        operations.start_session(player=UserFactory(), game=game, now=NOW)

    assert not GameSession.objects.exists()


def test_start_refuses_a_game_without_engine():
    with pytest.raises(operations.GamePluginNotFound):
        operations.start_session(player=UserFactory(), game=GameFactory(engine_name="gone"), now=NOW)


def test_start_passes_on_the_engines_refusal(install_dice):
    install_dice("dice")
    operations.sync_games(now=NOW)

    with pytest.raises(operations.SessionStartRefused) as refusal:
        operations.start_session(
            player=UserFactory(), game=GameFactory(engine_name="dice"), config={"refuse": True}, now=NOW
        )

    assert str(refusal.value) == "Not like this."
    assert not GameSession.objects.exists()


# End --------------------------------------------------------------------------------------------------------------


def test_completed_session_is_scored_by_the_engine():
    session = open_session()
    guesses = winning_moves(session)
    play(session, *guesses)

    end(session, now=NOW + 3 * MINUTE)

    assert session.score == 1000 + 50 * (10 - len(guesses))
    assert session.achievements_unlocked[0] == "GAME_COMPLETED"
    assert session.statistics["target_number"] == guesses[-1]
    assert session.normalized_score > 0
    assert (session.status, session.is_verified) == ("completed", True)


def test_completed_before_the_game_is_over_scores_as_left():
    session = open_session()
    wrong = wrong_moves(session, 3)
    play(session, *wrong)

    end(session, now=NOW + MINUTE)

    assert (session.score, session.achievements_unlocked) == (30, [])
    assert session.statistics == {"attempts_used": 3, "won": False, "guesses": wrong, "final_score": 30}


def test_abandoned_session_has_no_score_no_credits_and_keeps_its_secret():
    session = open_session()
    play(session, *wrong_moves(session, 1))

    end(session, "abandoned", now=NOW + 5 * MINUTE)

    assert (session.status, session.score, session.normalized_score) == ("abandoned", None, None)
    assert (session.is_verified, session.achievements_unlocked) == (False, [])
    assert not session.credits_earned
    assert "target_number" not in session.statistics
    assert Event.objects.get(name="game_session_complete").payload["status"] == "abandoned"


@pytest.mark.parametrize(
    ("guesses", "played", "verified"),
    [
        (0, MINUTE, False),
        (4, timedelta(seconds=2), True),
        (4, timedelta(milliseconds=1999), False),
    ],
)
def test_verified_needs_moves_at_a_human_pace(guesses, played, verified):
    session = open_session()
    play(session, *wrong_moves(session, guesses))

    end(session, now=NOW + played)

    assert session.is_verified == verified


def test_end_tells_what_happened_once_with_its_facts():
    session = finished_session(minutes=3)

    event = Event.objects.get(name="game_session_complete")
    assert event.aggregate == str(session.user_id)
    assert event.payload == {
        "session_id": str(session.pk),
        "user_id": str(session.user_id),
        "game_id": str(session.game_id),
        "category": "puzzle",
        "status": "completed",
        "score": session.score,
        "normalized_score": str(session.normalized_score),
        "play_duration_ms": 180_000,
        "session_type": "normal",
        "achievements_unlocked": session.achievements_unlocked,
        "is_verified": True,
        "ended_at": "2026-03-04T12:00:00+00:00",
    }


def test_a_receiver_may_set_the_credits_before_the_session_is_saved():
    def pay(sender, session, **kwargs):
        session.credits_earned = Decimal("0.07")

    game_session_complete.connect(pay)
    try:
        session = finished_session()
    finally:
        game_session_complete.disconnect(pay)

    session.refresh_from_db()
    assert session.credits_earned == Decimal("0.07")


def test_a_receiver_that_fails_leaves_the_session_open():
    def fail(sender, **kwargs):
        raise RuntimeError

    session = open_session()
    game_session_complete.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            end(session)
    finally:
        game_session_complete.disconnect(fail)

    session.refresh_from_db()
    assert session.status == "active"
    assert trail(session) == [("start", "player", NOW)]
    assert not Event.objects.filter(name="game_session_complete").exists()


def test_end_takes_four_statements_of_its_own():
    player = UserFactory()
    session = open_session(player)

    with CaptureQueriesContext(connection) as queries:
        operations.end_session(player=player, session_id=session.pk, reason="completed", now=NOW)

    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert [sql.split()[0] for sql in statements] == ["SELECT", "INSERT", "INSERT", "UPDATE"]


def test_session_without_its_engine_can_be_abandoned_but_not_scored():
    session = open_session()
    type(session.game).objects.filter(pk=session.game_id).update(engine_name="gone")

    with pytest.raises(operations.GamePluginNotFound):
        end(session)
    end(session, "abandoned")

    assert (session.status, session.statistics) == ("abandoned", {})


def test_session_of_an_engine_that_breaks_can_still_be_abandoned(install):
    install("fragile", BREAKING)
    operations.sync_games(now=NOW)
    game = GameFactory(engine_name="fragile")
    session = operations.start_session(player=UserFactory(), game=game, now=NOW)

    with pytest.raises(ZeroDivisionError):
        end(session)
    end(session, "abandoned")

    assert session.status == "abandoned"


BREAKING = """
from games.engines.contract import Manifest, Step

manifest = Manifest(name="fragile", display_name="Fragile", version="1", category="party")

def start(config, rng):
    return {}

def apply_move(state, move, rng):
    return Step(state)

def public_view(state):
    return {}

def is_finished(state):
    return False

def result(state):
    return 1 / 0
"""


# What the database itself forbids ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "active", "running_since": None},
        {"status": "active", "ended_at": NOW},
        {"status": "paused", "running_since": None, "paused_at": None},
        {"status": "completed", "running_since": None, "ended_at": None},
        {"status": "abandoned", "running_since": None, "ended_at": NOW, "score": 5},
        {"status": "completed", "running_since": None, "ended_at": NOW, "credits_earned": "0.01"},
        {"credits_earned": "0.01", "is_verified": True},
        {"played_for": timedelta(seconds=-1)},
    ],
)
def test_impossible_states_are_refused(columns):
    session = GameSessionFactory()

    with pytest.raises(DatabaseError), transaction.atomic():
        GameSession.objects.filter(pk=session.pk).update(**columns)
