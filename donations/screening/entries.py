"""What a list says about somebody, and the list itself, as values."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"
    VESSEL = "vessel"
    AIRCRAFT = "aircraft"
    UNKNOWN = "unknown"


class NameQuality(StrEnum):
    PRIMARY = "primary"
    STRONG = "strong"
    WEAK = "weak"
    """The publisher warns that it is vague: a nickname, an abbreviation. It may confirm, it hardly accuses."""
    ORIGINAL = "original"
    """In the script of its language."""


@dataclass(frozen=True, slots=True)
class ListedName:
    text: str
    quality: NameQuality = NameQuality.PRIMARY


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A day, or the years it may lie in."""

    first_year: int
    last_year: int
    day: date | None = None
    is_approximate: bool = False

    @classmethod
    def on(cls, day: date) -> "BirthDate":
        return cls(day.year, day.year, day)

    @classmethod
    def in_year(cls, year: int, *, is_approximate: bool = False) -> "BirthDate":
        return cls(year, year, None, is_approximate)


@dataclass(frozen=True, slots=True)
class Entry:
    source: str
    """The list: OFAC, UN, EU, or the name of a list of politically exposed persons."""
    reference: str
    """The entry's own number on that list; it keeps it from one edition to the next."""
    kind: Kind
    names: tuple[ListedName, ...]
    births: tuple[BirthDate, ...] = ()
    countries: tuple[str, ...] = ()
    """Nationalities as ISO codes of two letters, or the publisher's word where there is none."""
    birth_places: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    listed_on: date | None = None
    remarks: str = ""

    @property
    def name(self) -> str:
        return self.names[0].text


@dataclass(frozen=True, slots=True)
class SanctionsList:
    source: str
    published_on: date
    sha256: str
    """Of the file; of several, of their sums in the order they are read."""
    entries: tuple[Entry, ...]

    @property
    def vintage(self) -> str:
        return f"{self.source} {self.published_on.isoformat()} {self.sha256[:12]}"
