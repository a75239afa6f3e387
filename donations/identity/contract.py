"""What a provider of identity checks must do. It gives an opinion; people of GoodPlay decide."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class Opinion(StrEnum):
    PENDING = "pending"
    """Not known yet: ask again."""
    MATCH = "match"
    NO_MATCH = "no_match"
    NONE = "none"
    """The provider has none: a person looks, and nothing else."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asked about, as the documents name them."""

    reference: str
    """Our own number of the verification."""
    given_names: str
    family_names: str
    born_on: date
    nationality: str


@dataclass(frozen=True, slots=True)
class Started:
    reference: str = ""
    """The provider's number, to ask by."""


@dataclass(frozen=True, slots=True)
class Result:
    opinion: Opinion
    detail: str = ""


class IdentityProvider(Protocol):
    def start(self, person: Person) -> Started:
        """Begin a check. Called once for each verification that is handed in, outside the database's transaction."""

    def result(self, reference: str) -> Result:
        """Tell how a check stands."""


class ProviderFailed(Exception):
    """The provider did not answer, or not sensibly. It is asked again; nothing is decided by it."""
