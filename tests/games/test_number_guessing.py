from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.engines import number_guessing as game
from games.engines.contract import InvalidMove

NUMBERS = st.integers(1, 100)
GUESSES = st.lists(NUMBERS, max_size=10)


def after(secret, guesses):
    """Play on until the guesses or the game end."""
    state = {"secret": secret, "guesses": []}
    for guess in guesses:
        if game.is_finished(state):
            break
        state = game.apply_move(state, {"guess": guess}, Random(1)).state
    return state


def lost(secret=100):
    return after(secret, range(1, 11))


@given(st.integers())
def test_start_hides_a_number_from_1_to_100_that_only_the_seed_decides(seed):
    state = game.start({}, Random(seed))

    assert state == game.start({"secret": 1}, Random(seed))
    assert 1 <= state["secret"] <= 100
    assert state["guesses"] == []


@given(secret=NUMBERS, guess=NUMBERS)
def test_hint_points_from_the_guess_to_the_secret(secret, guess):
    step = game.apply_move({"secret": secret, "guesses": []}, {"guess": guess}, Random(1))

    expected = "correct" if guess == secret else "higher" if secret > guess else "lower"
    assert step.outcome["hint"] == expected
    assert game.public_view(step.state)["hints"] == [expected]


@given(secret=NUMBERS)
def test_following_the_hints_wins_within_seven_attempts(secret):
    state, lowest, highest = {"secret": secret, "guesses": []}, 1, 100
    while not game.is_finished(state):
        guess = (lowest + highest) // 2
        step = game.apply_move(state, {"guess": guess}, Random(1))
        state = step.state
        if step.outcome["hint"] == "higher":
            lowest = guess + 1
        else:
            highest = guess - 1

    assert game.result(state).won
    assert len(state["guesses"]) <= 7


@given(secret=NUMBERS, guesses=GUESSES)
def test_attempts_are_counted_and_never_pass_ten(secret, guesses):
    state = after(secret, guesses)

    view = game.public_view(state)
    assert view["attempts_remaining"] == 10 - len(state["guesses"]) >= 0
    assert view["game_over"] == game.is_finished(state)
    assert view["won"] == (secret in state["guesses"])


@given(secret=NUMBERS, other=NUMBERS, guesses=GUESSES)
def test_what_the_player_sees_does_not_depend_on_a_secret_the_hints_leave_open(secret, other, guesses):
    """Two secrets that answer every guess alike must look alike: the view adds nothing to the hints."""
    one, two = after(secret, guesses), after(other, guesses)
    if game.public_view(one)["hints"] != game.public_view(two)["hints"]:
        return

    assert game.public_view(one) == game.public_view(two)
    if not game.is_finished(one):
        assert game.result(one) == game.result(two)


def test_refused_move_changes_nothing():
    state = {"secret": 50, "guesses": [10]}

    with pytest.raises(InvalidMove):
        game.apply_move(state, {"guess": 0}, Random(1))

    assert state == {"secret": 50, "guesses": [10]}


@pytest.mark.parametrize(
    "move",
    [
        {},
        {"guess": None},
        {"guess": True},
        {"guess": "50"},
        {"guess": 50.0},
        {"guess": [50]},
        {"guess": {"n": 50}},
        {"guess": 0},
        {"guess": 101},
        {"guess": -1},
        {"guess": 10**30},
        {"number": 50},
    ],
)
def test_only_whole_numbers_from_1_to_100_are_guesses(move):
    with pytest.raises(InvalidMove):
        game.apply_move({"secret": 50, "guesses": []}, move, Random(1))


@pytest.mark.parametrize("state", [after(50, [50]), lost()])
def test_a_game_that_is_over_takes_no_move(state):
    with pytest.raises(InvalidMove):
        game.apply_move(state, {"guess": 50}, Random(1))


@pytest.mark.parametrize(
    ("guesses", "score", "achievements"),
    [
        ([50], 1450, ("GAME_COMPLETED", "LUCKY_GUESS")),
        ([1, 50], 1400, ("GAME_COMPLETED", "QUICK_SOLVER")),
        ([1, 2, 50], 1350, ("GAME_COMPLETED", "QUICK_SOLVER")),
        ([1, 2, 3, 50], 1300, ("GAME_COMPLETED", "GOOD_GUESSER")),
        ([1, 2, 3, 4, 50], 1250, ("GAME_COMPLETED", "GOOD_GUESSER")),
        ([1, 2, 3, 4, 5, 50], 1200, ("GAME_COMPLETED",)),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 50], 1000, ("GAME_COMPLETED",)),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 100, ("PERSISTENT_PLAYER",)),
        ([1, 2, 3], 30, ()),
        ([], 0, ()),
    ],
)
def test_score_and_achievements(guesses, score, achievements):
    result = game.result(after(50, guesses))

    assert (result.score, result.achievements) == (score, achievements)
    assert result.won == ("GAME_COMPLETED" in achievements)


def test_statistics_name_the_secret_only_when_the_game_is_over():
    assert game.result(after(50, [40, 60])).statistics == {
        "attempts_used": 2,
        "won": False,
        "guesses": [40, 60],
        "final_score": 20,
    }
    assert game.result(after(50, [40, 50])).statistics["target_number"] == 50
    assert game.result(lost(secret=99)).statistics["target_number"] == 99
