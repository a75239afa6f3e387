from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from games.scoring import normalized_score

RAW = st.integers(1, 2**31 - 1)
CATEGORIES = st.sampled_from(["puzzle", "action", "strategy", "arcade", "simulation", "other", ""])
DIFFICULTIES = st.sampled_from(["easy", "medium", "hard", "expert", "unheard of"])
LENGTHS = st.timedeltas(timedelta(0), timedelta(days=2))


@pytest.mark.parametrize(
    ("category", "raw", "difficulty", "seconds", "engine_name", "expected"),
    [
        ("puzzle", 1000, "medium", 600, "", "75.00"),
        ("strategy", 5000, "hard", 1200, "", "216.39"),
        ("arcade", 20000, "medium", 600, "tetris", "258.06"),
        ("puzzle", 0, "medium", 600, "", "0.00"),
        ("puzzle", -5, "medium", 600, "", "0.00"),
        ("puzzle", 1, "medium", 600, "", "0.00"),
        ("anything", 1000, "medium", 600, "", "75.00"),
        ("puzzle", 1000, "unheard of", 600, "", "75.00"),
        ("simulation", 10000, "expert", 600, "", "288.00"),
        ("action", 10000, "easy", 600, "", "120.00"),
        ("arcade", 10000, "medium", 600, "snake", "12000.00"),
        ("arcade", 10, "medium", 600, "snake", "15.00"),
        ("arcade", 100, "medium", 600, "tetris", "0.60"),
    ],
)
def test_normalized_score_keeps_its_check_values(category, raw, difficulty, seconds, engine_name, expected):
    score = normalized_score(
        raw=raw,
        category=category,
        difficulty=difficulty,
        played_for=timedelta(seconds=seconds),
        engine_name=engine_name,
    )

    assert str(score) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "50.00"),
        (60, "50.00"),
        (60.001, "80.00"),
        (300, "80.00"),
        (900, "100.00"),
        (901, "90.00"),
        (1800, "90.00"),
        (3600, "80.00"),
        (3601, "70.00"),
        (86400, "70.00"),
    ],
)
def test_time_counts_by_its_bracket_with_the_bound_included(seconds, expected):
    played_for = timedelta(seconds=seconds)

    score = normalized_score(raw=10000, category="puzzle", difficulty="medium", played_for=played_for)

    assert str(score) == expected


@given(raw=RAW, more=st.integers(0, 10**6), category=CATEGORIES, difficulty=DIFFICULTIES, length=LENGTHS)
def test_more_points_never_score_less(raw, more, category, difficulty, length):
    columns = {"category": category, "difficulty": difficulty, "played_for": length}

    assert normalized_score(raw=raw, **columns) <= normalized_score(raw=raw + more, **columns)


@given(
    raw=RAW,
    category=CATEGORIES,
    difficulty=DIFFICULTIES,
    length=LENGTHS,
    engine=st.sampled_from(["", "snake"]),
)
def test_every_score_fits_its_column(raw, category, difficulty, length, engine):
    score = normalized_score(
        raw=raw, category=category, difficulty=difficulty, played_for=length, engine_name=engine
    )

    assert 0 <= score < Decimal(10) ** 12
    assert score == score.quantize(Decimal("0.01"))
