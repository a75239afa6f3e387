"""Playing a stored session again: does what is recorded follow from the rules, the seed and the moves?"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from games.engines import referee
from games.engines.contract import Engine, State
from games.engines.registry import find
from games.models import GameSession, SessionEvent

Kind = SessionEvent.Kind


def contradictions(session: GameSession) -> list[str]:
    """Return what does not agree, in words; nothing when the session is sound."""
    return [*_in_the_clock(session), *_in_the_game(session)]


def _in_the_game(session: GameSession) -> Iterator[str]:
    engine = find(session.game.engine_name)
    if engine is None:
        yield f"engine {session.game.engine_name} is not here"
        return
    if engine.manifest.version != session.engine_version:
        yield f"engine is {engine.manifest.version}, was {session.engine_version}"
    try:
        yield from _in_the_moves(session, engine)
    except Exception as error:
        # The rules refused what they once accepted, or broke: either way it is a finding.
        yield f"the game does not play again: {type(error).__name__}: {error}"


def _in_the_moves(session: GameSession, engine: Engine) -> Iterator[str]:
    state, number = referee.begin(engine, seed=session.seed, config=session.options), 0
    for number, move in enumerate(session.moves.order_by("number"), start=1):
        if move.number != number:
            yield f"move {number} is missing"
            return
        step = referee.play(engine, seed=session.seed, state=state, move=move.payload, number=number)
        state = step.state
        if (step.outcome, referee.view(engine, state)) != (move.outcome, move.state_after):
            yield f"move {number} has another outcome"
    if number != session.moves_count:
        yield f"{number} moves are stored, {session.moves_count} were counted"
    if state != session.private_state:
        yield "the last state is another"
    if session.status == GameSession.Status.COMPLETED:
        yield from _in_the_result(session, engine, state)


def _in_the_result(session: GameSession, engine: Engine, state: State) -> Iterator[str]:
    result = referee.result(engine, state)
    if result.score != session.score:
        yield f"the score is {result.score}, stored is {session.score}"
    if list(result.achievements) != session.achievements_unlocked:
        yield "the achievements are others"


def _in_the_clock(session: GameSession) -> Iterator[str]:
    """Add up the stretches between start or resume and pause or end."""
    played, running_since = timedelta(0), None
    for event in session.events.order_by("happened_at", "pk"):
        if event.kind in {Kind.START, Kind.RESUME}:
            running_since = event.happened_at
        elif running_since is not None:
            played, running_since = played + (event.happened_at - running_since), None
    if played != session.played_for:
        yield f"the log adds up to {played}, stored is {session.played_for}"
    if running_since != session.running_since:
        yield f"the log runs since {_moment(running_since)}, stored is {_moment(session.running_since)}"


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else "never"
