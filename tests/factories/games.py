"""Games and sessions for tests. `open_session`, `play` and `finished_session` go through the operations."""

from datetime import UTC, datetime, timedelta

import factory

from games import operations
from games.models import Game, GameSession
from tests.factories.accounts import UserFactory

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
NUMBER_GUESSING = "number_guessing_game"


class GameFactory(factory.django.DjangoModelFactory):
    """The number guessing game as the catalogue has it; with another `engine_name`, a game without rules."""

    class Meta:
        model = Game
        django_get_or_create = ("engine_name",)

    engine_name = NUMBER_GUESSING
    name = factory.LazyAttribute(
        lambda game: "Number Guessing Game" if game.engine_name == NUMBER_GUESSING else game.engine_name
    )
    category = "puzzle"
    version = "1.0.0"
    difficulty_level = Game.Difficulty.EASY
    credit_rate = "0.5"
    created_at = NOW


class GameSessionFactory(factory.django.DjangoModelFactory):
    """A bare row, running since its start: nothing was announced, nothing was played."""

    class Meta:
        model = GameSession

    user = factory.SubFactory(UserFactory)
    game = factory.SubFactory(GameFactory)
    seed = "0" * 64
    engine_version = "1.0.0"
    private_state = factory.LazyFunction(lambda: {"secret": 42, "guesses": []})
    current_state = factory.LazyFunction(dict)
    started_at = NOW
    running_since = factory.LazyAttribute(lambda s: s.started_at if s.status == "active" else None)
    paused_at = factory.LazyAttribute(lambda s: s.started_at if s.status == "paused" else None)
    ended_at = factory.LazyAttribute(
        lambda s: s.started_at + s.played_for if s.status in {"completed", "abandoned"} else None
    )
    last_seen_at = factory.SelfAttribute("started_at")
    updated_at = factory.SelfAttribute("started_at")
    status = GameSession.Status.ACTIVE
    played_for = timedelta(0)


def open_session(player=None, *, now=NOW, **columns):
    """Start a session of the number guessing game."""
    return operations.start_session(player=player or UserFactory(), game=GameFactory(), now=now, **columns)


def play(session, *guesses, now=NOW):
    return [
        operations.play_move(player=session.user, session_id=session.pk, move={"guess": guess}, now=now)
        for guess in guesses
    ]


def winning_moves(session):
    """Return the guesses a sensible player makes until the number is found."""
    lowest, highest, guesses = 1, 100, []
    secret = session.private_state["secret"]
    while secret not in guesses:
        guesses.append((lowest + highest) // 2)
        lowest, highest = (guesses[-1] + 1, highest) if guesses[-1] < secret else (lowest, guesses[-1] - 1)
    return guesses


def wrong_moves(session, count):
    """Return so many guesses that miss: the secret is random, a test must not be."""
    return [guess for guess in range(1, 12) if guess != session.private_state["secret"]][:count]


def stay(session, *, until):
    """Be there until then: a call every four minutes keeps the clock running."""
    caller = {"player": session.user, "session_id": session.pk}
    session.refresh_from_db()
    now = session.last_seen_at + timedelta(minutes=4)
    while now < until:
        operations.pause_session(**caller, now=now)
        operations.resume_session(**caller, now=now)
        now += timedelta(minutes=4)


def finished_session(player=None, *, minutes=3, now=NOW, reason="completed"):
    """Win the game, and end the session at `now` with so many minutes on its clock."""
    started_at = now - timedelta(minutes=minutes)
    session = open_session(player, now=started_at)
    play(session, *winning_moves(session), now=started_at)
    stay(session, until=now)
    return operations.end_session(player=session.user, session_id=session.pk, reason=reason, now=now)
