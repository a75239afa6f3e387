"""Playing moves."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from games import operations
from games.models import SessionEvent, SessionMove
from tests.factories.accounts import UserFactory
from tests.factories.games import (
    NOW,
    GameFactory,
    open_session,
    play,
    winning_moves,
)
from tests.games.calls import call, end

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_move_is_stored_with_its_outcome():
    session = open_session()

    (move,) = play(session, 50, now=NOW + MINUTE)

    session.refresh_from_db()
    stored = SessionMove.objects.get()
    assert (stored.number, stored.payload, stored.played_at) == (1, {"guess": 50}, NOW + MINUTE)
    assert (stored.outcome, stored.state_after) == (move.outcome, session.current_state)
    assert session.private_state["guesses"] == session.current_state["guesses_made"] == [50]
    assert (session.moves_count, session.last_seen_at) == (1, NOW + MINUTE)


def test_refused_move_records_nothing_and_tells_why():
    session = open_session()

    with pytest.raises(operations.InvalidMove) as refusal:
        play(session, 101)

    session.refresh_from_db()
    assert str(refusal.value) == "Send a whole number from 1 to 100 as your guess."
    assert (session.moves_count, session.private_state["guesses"], session.moves.count()) == (0, [], 0)


def test_move_after_the_game_is_over_is_refused():
    session = open_session()
    play(session, *winning_moves(session))

    with pytest.raises(operations.InvalidMove):
        play(session, 1)


def test_a_game_has_at_most_as_many_moves_as_its_manifest_says(install_dice):
    install_dice("dice")
    operations.sync_games(now=NOW)
    session = operations.start_session(player=UserFactory(), game=GameFactory(engine_name="dice"), now=NOW)
    throw = {"player": session.user, "session_id": session.pk, "move": {"throw": 1}, "now": NOW}
    for _ in range(3):
        operations.play_move(**throw)

    with pytest.raises(operations.InvalidMove):
        operations.play_move(**throw)

    assert session.moves.count() == 3


def test_a_retried_move_gets_the_first_answer_whatever_happened_since():
    session = open_session()
    arguments = {"move": {"guess": 50}, "client_move_id": "a"}
    first = call(operations.play_move, session, **arguments)
    end(session)

    again = call(operations.play_move, session, **arguments)

    assert (again.pk, again.number, again.outcome, again.state_after) == (
        first.pk,
        1,
        first.outcome,
        first.state_after,
    )
    assert session.moves.count() == session.moves_count


def test_a_client_move_id_serves_one_move():
    session = open_session()
    call(operations.play_move, session, move={"guess": 50}, client_move_id="a")

    with pytest.raises(operations.ClientMoveIdReused):
        call(operations.play_move, session, move={"guess": 51}, client_move_id="a")

    assert session.moves.count() == 1


def test_two_sessions_may_use_the_same_client_move_id():
    for session in (open_session(), open_session()):
        call(operations.play_move, session, move={"guess": 50}, client_move_id="a")

    assert SessionMove.objects.filter(client_move_id="a").count() == 2


def test_moves_and_events_never_change():
    session = open_session()
    play(session, 50)

    for rows in (SessionMove.objects.all(), SessionEvent.objects.all()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(session=session)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows._raw_delete(using="default")
