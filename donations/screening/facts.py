"""What is known besides the name: day of birth, nationality, person or organisation."""

from dataclasses import dataclass
from enum import StrEnum

from .entries import BirthDate, Kind

CLOSER = {"same_day": 0.5, "same_year": 0.2, "same_country": 0.1}
"""The share of what is missing to 1 that is given when a fact agrees."""
FURTHER = {"other_birth": 0.78, "other_country": 0.96, "other_kind": 0.85}
"""What is left of the score when a fact disagrees."""
APPROXIMATELY = 2
"""Years an approximate date may be off."""
SLIP = 1
"""Years a date may be off by a slip of the pen: less than a conflict, and no agreement."""


class Fact(StrEnum):
    SAME_DAY = "same_day"
    SAME_YEAR = "same_year"
    OTHER_BIRTH = "other_birth"
    SAME_COUNTRY = "same_country"
    OTHER_COUNTRY = "other_country"
    OTHER_KIND = "other_kind"


@dataclass(frozen=True, slots=True)
class Judged:
    score: float
    facts: tuple[Fact, ...]


def judge(
    score: float,
    *,
    kinds: tuple[Kind, Kind],
    birth: BirthDate | None,
    births: tuple[BirthDate, ...],
    countries: tuple[tuple[str, ...], tuple[str, ...]],
) -> Judged:
    """Move the score of the names by what else is known. What is unknown on either side moves nothing."""
    found = [
        fact
        for fact in (compare_births(birth, births), compare_countries(*countries), compare_kinds(*kinds))
        if fact
    ]
    for fact in found:
        score = score + (1 - score) * CLOSER[fact] * score if fact in CLOSER else score * FURTHER[fact]
    return Judged(round(score, 4), tuple(found))


def compare_births(ours: BirthDate | None, theirs: tuple[BirthDate, ...]) -> Fact | None:
    """Compare with the listed date that fits best."""
    if ours is None or not theirs:
        return None
    if any(ours.day and ours.day == each.day for each in theirs):
        return Fact.SAME_DAY
    gap = min(_gap(ours, each) for each in theirs)
    if gap == 0:
        return Fact.SAME_YEAR
    return Fact.OTHER_BIRTH if gap > SLIP else None


def _gap(ours: BirthDate, theirs: BirthDate) -> int:
    slack = APPROXIMATELY if ours.is_approximate or theirs.is_approximate else 0
    apart = max(ours.first_year - theirs.last_year, theirs.first_year - ours.last_year, 0)
    return max(apart - slack, 0)


def compare_countries(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Fact | None:
    if not ours or not theirs:
        return None
    return Fact.OTHER_COUNTRY if set(ours).isdisjoint(theirs) else Fact.SAME_COUNTRY


def compare_kinds(ours: Kind, theirs: Kind) -> Fact | None:
    if ours == theirs or Kind.UNKNOWN in (ours, theirs):
        return None
    return Fact.OTHER_KIND
