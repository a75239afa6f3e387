"""Thresholds and progress: pure rules, no database."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impact.conditions import progress
from impact.donor_statistics import DonorStatistics
from impact.levels import LEVELS, features_of, level_of, next_level, percent_of
from impact.models import ImpactStory
from impact.queries.community import growth, ratio
from tests.factories.impact import NOW

EUROS = st.decimals(min_value=0, max_value=10**7, places=2)


@given(total=EUROS)
def test_the_level_is_the_number_of_thresholds_reached(total):
    level = level_of(total)

    assert all(each.amount <= total for each in LEVELS[:level])
    assert all(each.amount > total for each in LEVELS[level:])
    assert next_level(total) == (LEVELS[level] if level < 10 else None)


@given(total=EUROS, more=EUROS)
def test_giving_more_never_takes_a_feature_away(total, more):
    assert set(features_of(total)) <= set(features_of(total + more))


def test_features_open_from_the_second_level_on():
    assert features_of(Decimal("24.99")) == []
    assert features_of(Decimal(50)) == ["basic_metrics", "trend_data"]
    assert len(features_of(Decimal(10_000))) == 9


@given(value=EUROS, threshold=EUROS)
def test_only_who_is_there_reads_a_hundred_percent(value, threshold):
    percent = percent_of(value, threshold)

    assert Decimal(0) <= percent <= Decimal(100)
    assert (percent == 100) == (value >= threshold)


@pytest.mark.parametrize(
    ("kind", "statistics", "current"),
    [
        ("total_donated", {"total_donated": Decimal("12.50")}, "12.50"),
        ("donation_count", {"donation_count": 3}, "3"),
        ("onlus_diversity", {"onlus_diversity": 2}, "2"),
        ("impact_score", {"impact_score": Decimal("71.25")}, "71.25"),
        ("special_event", {"donation_count": 99}, "0"),
    ],
)
def test_each_condition_measures_its_own_figure(kind, statistics, current):
    story = ImpactStory(unlock_condition_type=kind, unlock_condition_value=Decimal(1))

    assert progress(story, DonorStatistics(**statistics), NOW).current_value == Decimal(current)


def test_a_threshold_of_zero_is_met_by_everybody():
    story = ImpactStory(unlock_condition_type="total_donated", unlock_condition_value=Decimal(0))

    way = progress(story, DonorStatistics(), NOW)

    assert (way.is_met, way.progress_percent, way.remaining_amount) == (True, Decimal(100), Decimal(0))


@pytest.mark.parametrize(
    ("current", "previous", "expected"),
    [
        ("0", "0", "0.00"),
        ("5", "0", "100.00"),
        ("15", "10", "50.00"),
        ("0", "8", "-100.00"),
        ("1", "3", "-66.67"),
    ],
)
def test_growth(current, previous, expected):
    assert growth(Decimal(current), Decimal(previous)) == Decimal(expected)


def test_a_share_of_nothing_is_zero():
    assert (ratio(Decimal(10), 0), ratio(Decimal(10), 3)) == (Decimal("0.00"), Decimal("3.33"))
