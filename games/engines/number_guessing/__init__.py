"""Guess the secret number: ten attempts from 1 to 100, with a hint after each."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from games.engines.contract import InvalidMove, Manifest, Result, State, Step

LOWEST, HIGHEST = 1, 100
ATTEMPTS = 10

manifest = Manifest(
    name="number_guessing_game",
    display_name="Number Guessing Game",
    version="1.0.0",
    category="puzzle",
    description=gettext_noop(
        "Find the secret number between 1 and 100 before your ten attempts are used up."
    ),
    instructions=gettext_noop(
        'Send {"guess": n}. Each hint tells whether the secret number is higher or lower than your guess.'
    ),
    author="GoodPlay",
    credit_rate=Decimal("0.5"),
    estimated_duration_minutes=5,
    difficulty_level="easy",
    most_moves=ATTEMPTS,
    shortest_move=timedelta(milliseconds=500),
)


def start(config: Mapping[str, Any], rng: Random) -> State:
    return {"secret": rng.randint(LOWEST, HIGHEST), "guesses": []}


def apply_move(state: State, move: Mapping[str, Any], rng: Random) -> Step:
    guess = move.get("guess")
    if type(guess) is not int or not LOWEST <= guess <= HIGHEST:
        raise InvalidMove(_("Send a whole number from 1 to 100 as your guess."))
    if is_finished(state):
        raise InvalidMove(_("This game is over. End the session to see your score."))
    after = {**state, "guesses": [*state["guesses"], guess]}
    hint = _hint(after, guess)
    return Step(after, {"hint": hint, **_standing(after)})


def public_view(state: State) -> State:
    return {
        "range": f"{LOWEST}-{HIGHEST}",
        "guesses_made": state["guesses"],
        "hints": [_hint(state, guess) for guess in state["guesses"]],
        **_standing(state),
    }


def is_finished(state: State) -> bool:
    return _is_won(state) or _unused(state) == 0


def result(state: State) -> Result:
    won, used = _is_won(state), len(state["guesses"])
    score = 1000 + 50 * _unused(state) if won else 10 * used
    statistics = {"attempts_used": used, "won": won, "guesses": state["guesses"], "final_score": score}
    if is_finished(state):
        statistics["target_number"] = state["secret"]
    return Result(score=score, won=won, achievements=_achievements(won, used), statistics=statistics)


def _achievements(won: bool, used: int) -> tuple[str, ...]:  # noqa: FBT001  (two facts of one result)
    if not won:
        return ("PERSISTENT_PLAYER",) if used == ATTEMPTS else ()
    if used == 1:
        return ("GAME_COMPLETED", "LUCKY_GUESS")
    if used <= 3:
        return ("GAME_COMPLETED", "QUICK_SOLVER")
    return ("GAME_COMPLETED", "GOOD_GUESSER") if used <= 5 else ("GAME_COMPLETED",)


def _standing(state: State) -> State:
    return {
        "attempts_remaining": _unused(state),
        "game_over": is_finished(state),
        "won": _is_won(state),
    }


def _hint(state: State, guess: int) -> str:
    if guess == state["secret"]:
        return "correct"
    return "higher" if guess < state["secret"] else "lower"


def _is_won(state: State) -> bool:
    return state["secret"] in state["guesses"]


def _unused(state: State) -> int:
    return ATTEMPTS - len(state["guesses"])
