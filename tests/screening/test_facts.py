from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donations.screening.decisions import POSSIBLE
from donations.screening.entries import BirthDate, Kind
from donations.screening.facts import Fact, compare_births, compare_countries, compare_kinds, judge

DAY = BirthDate.on(date(1975, 6, 14))


def judged(score, birth=None, births=(), countries=((), ()), kinds=(Kind.PERSON, Kind.PERSON)):
    return judge(score, kinds=kinds, birth=birth, births=births, countries=countries).score


@pytest.mark.parametrize(
    ("listed", "fact"),
    [
        ((), None),
        ((DAY,), Fact.SAME_DAY),
        ((BirthDate.on(date(1975, 1, 1)),), Fact.SAME_YEAR),
        ((BirthDate.in_year(1975),), Fact.SAME_YEAR),
        ((BirthDate(1970, 1980),), Fact.SAME_YEAR),
        ((BirthDate.in_year(1977, is_approximate=True),), Fact.SAME_YEAR),
        ((BirthDate.on(date(1976, 6, 14)),), None),
        ((BirthDate.in_year(1950),), Fact.OTHER_BIRTH),
        ((BirthDate.in_year(1950), DAY), Fact.SAME_DAY),
        ((BirthDate.in_year(1970, is_approximate=True),), Fact.OTHER_BIRTH),
    ],
)
def test_births_compare_with_the_date_that_fits_best(listed, fact):
    assert compare_births(DAY, listed) == fact
    assert compare_births(None, listed) is None


def test_countries_and_kinds_say_nothing_when_unknown():
    assert compare_countries(("IT",), ()) is None
    assert compare_countries(("IT",), ("RU", "IT")) == Fact.SAME_COUNTRY
    assert compare_countries(("IT",), ("RU",)) == Fact.OTHER_COUNTRY
    assert compare_kinds(Kind.UNKNOWN, Kind.PERSON) is None
    assert compare_kinds(Kind.PERSON, Kind.VESSEL) == Fact.OTHER_KIND


def test_a_birth_that_differs_clears_what_is_only_alike_and_not_the_very_name():
    listed = (BirthDate.in_year(1950),)

    assert judged(1.0, DAY, listed) >= POSSIBLE
    assert judged(0.88, DAY, listed) < POSSIBLE


def test_what_agrees_lifts_and_what_differs_lowers():
    assert judged(0.8, DAY, (DAY,)) > judged(0.8, DAY, (BirthDate.in_year(1975),)) > 0.8
    assert judged(0.8, countries=(("IT",), ("RU",))) < 0.8 < judged(0.8, countries=(("IT",), ("IT",)))
    assert judged(0.8, kinds=(Kind.PERSON, Kind.ORGANISATION)) < 0.8
    assert judged(0.0, DAY, (DAY,)) == 0


@given(st.floats(0, 1), st.integers(1900, 2020), st.sampled_from(["IT", "RU"]), st.sampled_from(list(Kind)))
def test_a_judged_score_stays_between_nothing_and_one(score, year, country, kind):
    moved = judged(score, DAY, (BirthDate.in_year(year),), (("IT",), (country,)), (Kind.PERSON, kind))

    assert 0 <= moved <= 1
