"""The formula of allocation, with the numbers of its specification."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donations.queries.allocation_score import (
    WEIGHTS,
    Facts,
    efficiency,
    funding_gap,
    performance,
    preferences,
    score,
    seasonal,
    urgency,
)

PLAIN = Facts(category="other", month=6)


def test_the_weights_make_one():
    assert sum(WEIGHTS.values()) == 1
    assert list(WEIGHTS.values()) == [
        Decimal(each) for each in ("0.25", "0.20", "0.20", "0.15", "0.10", "0.10")
    ]


def test_a_request_of_which_nothing_is_known():
    points = score(PLAIN)

    # 0.25·50 + 0.20·40 + 0.20·70 + 0.15·50 + 0.10·70 + 0.10·50
    assert points.total == Decimal("54.00")
    assert points.factors == {
        "funding_gap": 50,
        "urgency": 40,
        "performance": 70,
        "preferences": 50,
        "efficiency": 70,
        "seasonal": 50,
    }
    assert not points.passes


def test_the_breakdown_tells_what_each_factor_adds():
    shown = score(replace(PLAIN, urgency_level=5)).breakdown()

    assert shown["urgency"] == {"score": "100.00", "weight": "0.20", "points": "20.00"}
    assert sum(Decimal(each["points"]) for each in shown.values()) == Decimal("66.00")


@pytest.mark.parametrize(
    ("budget", "received", "points"),
    [
        (None, "0", 50),
        ("1000", "0", 95),
        ("1000", "200", 95),
        ("1000", "200.01", 85),
        ("1000", "400", 85),
        ("1000", "400.01", 70),
        ("1000", "600", 70),
        ("1000", "600.01", 55),
        ("1000", "800", 55),
        ("1000", "800.01", 40),
        ("1000", "5000", 40),
    ],
)
def test_funding_gap(budget, received, points):
    facts = replace(PLAIN, annual_budget=Decimal(budget) if budget else None, received=Decimal(received))

    assert funding_gap(facts) == points


@pytest.mark.parametrize(
    ("level", "days", "emergency", "points"),
    [
        (1, None, False, 20),
        (5, None, False, 100),
        (2, 7, False, 60),
        (2, 8, False, 50),
        (2, 30, False, 50),
        (2, 31, False, 45),
        (2, 90, False, 45),
        (2, 91, False, 40),
        (5, 1, False, 100),
        (1, None, True, 100),
    ],
)
def test_urgency(level, days, emergency, points):
    facts = replace(PLAIN, urgency_level=level, days_left=days, is_emergency=emergency)

    assert urgency(facts) == points


@pytest.mark.parametrize(
    ("compliance", "outcomes", "points"),
    [
        (70, [], "70"),
        (90, [], "90"),
        (70, [True], "79"),
        (70, [False], "49"),
        (80, [True, False], "71"),
        (70, [True] * 10 + [False] * 90, "79"),
    ],
)
def test_performance(compliance, outcomes, points):
    facts = replace(PLAIN, compliance=Decimal(compliance), outcomes=outcomes)

    assert performance(facts) == Decimal(points)


@pytest.mark.parametrize(
    ("causes", "points"),
    [
        ([], 50),
        ([[]], 50),
        ([["environment"]], 100),
        ([["education"]], 0),
        ([["environment", "education"]], 50),
        ([["trees"]], 100),
        ([["tree"]], 0),  # a whole word, not a part of one
        ([["animal_welfare"]], 100),  # two words of the text
        ([["environment"], ["education"]], 50),
        ([["environment"], []], 75),
    ],
)
def test_preferences(causes, points):
    facts = replace(PLAIN, category="environment", text="Trees, for animal welfare.", preferences=causes)

    assert preferences(facts) == points


@pytest.mark.parametrize(
    ("ratios", "points"),
    [([], "70"), (["1"], "100"), (["1", "0.5"], "75"), (["1"] * 5 + ["0"], "100")],
)
def test_efficiency(ratios, points):
    assert efficiency(replace(PLAIN, efficiencies=[Decimal(each) for each in ratios])) == Decimal(points)


@pytest.mark.parametrize(
    ("category", "month", "emergency", "points"),
    [
        ("other", 6, False, 50),
        ("other", 11, False, 70),
        ("other", 12, False, 70),
        ("other", 3, False, 60),
        ("other", 4, False, 60),
        ("education", 8, False, 65),
        ("education", 9, False, 65),
        ("education", 10, False, 50),
        ("healthcare", 10, False, 60),
        ("healthcare", 11, False, 80),
        ("environment", 4, False, 70),
        ("environment", 5, False, 60),
        ("environment", 5, True, 90),
    ],
)
def test_seasonal(category, month, emergency, points):
    assert seasonal(Facts(category=category, month=month, is_emergency_type=emergency)) == points


EUROS = st.decimals(0, 10**6, places=2)
RATIOS = st.lists(st.decimals(0, 1, places=2), max_size=12)
FACTS = st.builds(
    Facts,
    category=st.sampled_from(["education", "healthcare", "environment", "other"]),
    month=st.integers(1, 12),
    text=st.text(max_size=60),
    annual_budget=st.none() | EUROS,
    received=EUROS,
    urgency_level=st.integers(1, 5),
    days_left=st.none() | st.integers(-400, 400),
    is_emergency=st.booleans(),
    is_emergency_type=st.booleans(),
    compliance=st.decimals(0, 100, places=1),
    outcomes=st.lists(st.booleans(), max_size=12),
    efficiencies=RATIOS,
    preferences=st.lists(st.lists(st.sampled_from(["education", "trees", "other"]), max_size=3), max_size=4),
)


@given(facts=FACTS)
def test_every_factor_and_the_score_stay_between_0_and_100(facts):
    points = score(facts)

    assert 0 <= points.total <= 100
    assert all(0 <= each <= 100 for each in points.factors.values())
    assert points == score(facts)


@given(facts=FACTS, more=EUROS)
def test_more_money_never_raises_the_score(facts, more):
    assert score(replace(facts, received=facts.received + more)).total <= score(facts).total


@given(facts=FACTS, later=st.integers(0, 400))
def test_more_time_never_raises_the_score(facts, later):
    near = replace(facts, days_left=facts.days_left or 0)

    assert score(replace(near, days_left=near.days_left + later)).total <= score(near).total


@given(facts=FACTS)
def test_urgency_emergency_and_success_never_lower_the_score(facts):
    urgent = replace(facts, urgency_level=min(5, facts.urgency_level + 1))
    successful = replace(facts, outcomes=[True for _each in facts.outcomes])

    for better in (
        urgent,
        successful,
        replace(facts, is_emergency=True),
        replace(facts, is_emergency_type=True),
    ):
        assert score(better).total >= score(facts).total
