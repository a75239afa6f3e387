"""Is this the one on the list? A decision says how much, why, by which rules, and can be taken again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from .entries import BirthDate, Entry, Kind, ListedName, NameQuality
from .facts import Fact, judge
from .names import ways_to_read
from .rarity import Rarity
from .scoring import Comparison, compare_names
from .version import CODE_VERSION

STRONG = 0.9
"""From here on it is taken for the listed one until somebody looked."""
POSSIBLE = 0.71
"""From here on somebody looks."""
WEAK_ALIAS = 0.85
"""What a weak alias is worth."""


class Band(StrEnum):
    STRONG = "strong"
    POSSIBLE = "possible"
    NONE = "none"

    @classmethod
    def of(cls, score: float) -> "Band":
        if score >= STRONG:
            return cls.STRONG
        return cls.POSSIBLE if score >= POSSIBLE else cls.NONE


@dataclass(frozen=True, slots=True)
class Query:
    """Who is asked about."""

    name: str
    kind: Kind = Kind.UNKNOWN
    birth: BirthDate | None = None
    countries: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        birth = self.birth
        written = None if birth is None else {**asdict(birth), "day": birth.day and birth.day.isoformat()}
        return {
            "name": self.name,
            "kind": str(self.kind),
            "birth": written,
            "countries": list(self.countries),
        }


@dataclass(frozen=True, slots=True)
class Decision:
    query: Query
    source: str
    reference: str
    vintage: str
    score: float
    name: ListedName
    """The listed name that is closest."""
    comparison: Comparison
    facts: tuple[Fact, ...]
    shares: Mapping[str, float]
    """How rare the words were on the list of that day; with them the decision can be taken again."""
    code_version: str = CODE_VERSION

    @property
    def band(self) -> Band:
        return Band.of(self.score)

    def as_data(self) -> dict[str, Any]:
        """Return all of it as plain data for a JSON column."""
        return {
            "code_version": self.code_version,
            "vintage": self.vintage,
            "source": self.source,
            "reference": self.reference,
            "query": self.query.as_data(),
            "score": self.score,
            "band": str(self.band),
            "name": {"text": self.name.text, "quality": str(self.name.quality)},
            "name_score": self.comparison.score,
            "words": [{**asdict(line), "how": str(line.how)} for line in self.comparison.lines],
            "factors": dict(self.comparison.factors),
            "facts": [str(fact) for fact in self.facts],
            "shares": dict(self.shares),
        }


def decide(query: Query, entry: Entry, rarity: Rarity, *, vintage: str = "") -> Decision:
    """Compare with every name of the entry; the best of them counts."""
    asked = ways_to_read(query.name, query.kind)
    listed = [(name, ways_to_read(name.text, entry.kind)) for name in entry.names]
    best, closest = Comparison(0.0), entry.names[0]
    worth = 0.0
    for name, readings in listed:
        for ours in asked:
            for theirs in readings:
                comparison = compare_names(ours, theirs, rarity)
                if (found := weigh(comparison.score, name.quality)) > worth:
                    worth, best, closest = found, comparison, name
    judged = judge(
        worth,
        kinds=(query.kind, entry.kind),
        birth=query.birth,
        births=entry.births,
        countries=(query.countries, entry.countries),
    )
    words = (reading for readings in (asked, *(each for _, each in listed)) for reading in readings)
    return Decision(
        query=query,
        source=entry.source,
        reference=entry.reference,
        vintage=vintage,
        score=judged.score,
        name=closest,
        comparison=best,
        facts=judged.facts,
        shares=rarity.only_of(*words),
    )


def weigh(score: float, quality: NameQuality) -> float:
    return round(score * WEAK_ALIAS, 4) if quality == NameQuality.WEAK else score


def replay(data: Mapping[str, Any], entry: Entry) -> Decision:
    """Take a stored decision again, with the entry as it was. The same code version gives the same answer."""
    return decide(query_of(data["query"]), entry, Rarity(data["shares"]), vintage=data["vintage"])


def query_of(data: Mapping[str, Any]) -> Query:
    return Query(data["name"], Kind(data["kind"]), _birth(data["birth"]), tuple(data["countries"]))


def _birth(data: Mapping[str, Any] | None) -> BirthDate | None:
    if data is None:
        return None
    day = date.fromisoformat(data["day"]) if data["day"] else None
    return BirthDate(data["first_year"], data["last_year"], day, data["is_approximate"])
