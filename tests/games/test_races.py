"""The promises of a session, with real threads and real commits."""

from collections import Counter
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from games import operations
from games.models import Game, GameSession, SessionEvent, SessionMove
from goodplay.lib.events.models import Event
from tests.factories.accounts import UserFactory
from tests.factories.donations import fund_pool
from tests.factories.games import NOW, GameFactory, open_session, play, winning_moves, wrong_moves
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]


def outcomes(results):
    return Counter(type(result) for result in results)


def test_one_open_session_per_player_and_game():
    count = crowd(on_postgresql=50, elsewhere=12)
    player, game = UserFactory(), GameFactory()

    results = at_once(count, lambda number: operations.start_session(player=player, game=game, now=NOW))

    assert outcomes(results) == {GameSession: 1, operations.ActiveSessionExists: count - 1}
    (session,) = GameSession.objects.all()
    assert {each.session.pk for each in results if not isinstance(each, GameSession)} == {session.pk}
    assert SessionEvent.objects.count() == 1


def test_a_session_ends_once_and_is_paid_once():
    count = crowd(on_postgresql=50, elsewhere=12)
    fund_pool()
    session = open_session()
    play(session, *winning_moves(session))
    player, end = session.user, NOW + timedelta(minutes=4)

    results = at_once(
        count,
        lambda number: operations.end_session(
            player=player, session_id=session.pk, reason="completed", now=end
        ),
    )

    assert outcomes(results) == {GameSession: 1, operations.SessionAlreadyEnded: count - 1}
    assert Event.objects.filter(name="game_session_complete").count() == 1
    assert Event.objects.filter(name="credits_earned").count() == 1
    session.refresh_from_db()
    assert session.played_for == timedelta(minutes=4)
    assert session.events.filter(kind="end").count() == 1


def test_one_idempotency_key_ends_a_session_once_over_the_api():
    count = crowd(on_postgresql=30, elsewhere=8)
    session = open_session()
    player = session.user

    def end(number):
        client = APIClient()
        client.force_authenticate(player)
        return client.put(f"/api/games/sessions/{session.pk}/end", {}, HTTP_IDEMPOTENCY_KEY="once")

    answers = at_once(count, end)

    assert {(answer.status_code, answer.json()["message"]) for answer in answers} <= {
        (200, "GAME_SESSION_ENDED_SUCCESS"),
        (409, "IDEMPOTENCY_KEY_IN_USE"),
    }
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert Event.objects.filter(name="game_session_complete").count() == 1


def test_moves_at_once_are_numbered_one_by_one():
    count = crowd(on_postgresql=20, elsewhere=10)
    session = open_session()
    player, guess = session.user, wrong_moves(session, 1)[0]

    results = at_once(
        count,
        lambda number: operations.play_move(
            player=player, session_id=session.pk, move={"guess": guess}, now=NOW
        ),
    )

    assert outcomes(results) == Counter(
        {SessionMove: 10, **({operations.InvalidMove: count - 10} if count > 10 else {})}
    )
    session.refresh_from_db()
    assert sorted(session.moves.values_list("number", flat=True)) == list(range(1, 11))
    assert (session.moves_count, len(session.private_state["guesses"])) == (10, 10)


def test_a_retried_move_at_once_is_one_move():
    count = crowd(on_postgresql=20, elsewhere=8)
    session = open_session()
    player = session.user

    results = at_once(
        count,
        lambda number: operations.play_move(
            player=player, session_id=session.pk, move={"guess": 50}, client_move_id="m", now=NOW
        ),
    )

    assert len({result.pk for result in results}) == 1
    assert session.moves.count() == 1


def test_sweep_and_player_at_once_leave_one_truth():
    count = crowd(on_postgresql=20, elsewhere=6)
    session = open_session()
    player, later = session.user, NOW + timedelta(hours=1)

    def act(number):
        if number % 2:
            return operations.expire_stale_sessions(now=later)
        return operations.resume_session(player=player, session_id=session.pk, now=later)

    results = at_once(count, act)

    assert outcomes(results)[GameSession] == 1
    session.refresh_from_db()
    assert (session.status, session.played_for) == ("active", timedelta(0))
    assert Counter(session.events.values_list("kind", flat=True)) == {"start": 1, "pause": 1, "resume": 1}


def test_catalogue_is_filled_once_by_twins():
    Game.objects.all().delete()

    results = at_once(crowd(on_postgresql=8, elsewhere=4), lambda number: operations.sync_games(now=NOW))

    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(len(result.added) for result in results) == Game.objects.count() == 1
