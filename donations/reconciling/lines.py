"""The words of the matcher: lines of two sides, matches between them, and breaks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from goodplay.lib.money import CENT, ZERO

_NOT_A_LETTER = re.compile(r"[^0-9A-Z]+")


class Rule(StrEnum):
    """By what lines were found to belong together."""

    REFERENCE = "reference"
    RELATED = "related"
    TEXT = "text"
    GROUP = "group"
    AMOUNT_AND_DATE = "amount_and_date"
    SUM = "sum"
    LIKENESS = "likeness"


class BreakClass(StrEnum):
    """What is wrong. The two sides of a missing or extra line are ours (the books) and theirs (the statement)."""

    MISSING = "missing"
    EXTRA = "extra"
    AMOUNT = "amount"
    CURRENCY = "currency"
    DUPLICATE = "duplicate"
    DATE_SHIFT = "date_shift"
    FEE = "fee"
    SPLIT = "split"
    MERGED = "merged"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Line:
    """One movement as one side tells it."""

    key: str
    """Unique on its side, and the same whenever it is read."""
    amount: Decimal
    """What really moved, signed: positive came in."""
    at: datetime
    currency: str = "EUR"
    lane: str = ""
    """Lines of different lanes (in and out; payment, refund, dispute) are never the same movement."""
    references: tuple[str, ...] = ()
    """Names of this movement alone."""
    related: tuple[str, ...] = ()
    """Names it shares with others: the payment a refund belongs to."""
    group: str = ""
    """The order or settlement it is a part of: one line of the other side may stand for all parts."""
    text: str = ""
    party: str = ""
    fee: Decimal | None = None
    """What was kept of it before it moved; None where the side does not say."""
    is_charge: bool = False
    """The bank's or the provider's own price."""
    state: str = ""
    """Why it is not booked, or not final: such a line may be met by another, but is not missed."""
    is_due: bool = True
    """Whether it must have its partner by now. Lines around the period are brought to be met, not to be missed."""

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.references, *self.related)

    @property
    def gross(self) -> Decimal:
        return self.amount + (self.fee or ZERO)

    @property
    def identity(self) -> tuple[object, ...]:
        """What two lines share that tell the same thing twice."""
        named = self.references or (*self.related, self.party, self.text, f"{self.at:%Y-%m-%d}")
        return (self.lane, self.currency, self.amount, *named)


@dataclass(frozen=True, slots=True)
class Match:
    rule: Rule
    ours: tuple[Line, ...]
    theirs: tuple[Line, ...]
    confidence: Decimal
    facts: Mapping[str, str] = field(default_factory=dict)
    """Why the lines belong together, for whoever asks."""


@dataclass(frozen=True, slots=True)
class Break:
    kind: BreakClass
    ours: tuple[Line, ...] = ()
    theirs: tuple[Line, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def difference(self) -> Decimal:
        """What the statement has more than the books. Between currencies there is none to tell."""
        if self.kind == BreakClass.CURRENCY:
            return ZERO
        return total(self.theirs) - total(self.ours)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two lines may be apart and still be the same movement."""

    near: timedelta
    """So close that the time speaks for the match."""
    apart: timedelta
    """Without a reference, no more than this."""
    late: timedelta
    """With a reference, more than this is a date shift."""
    shift: timedelta
    """How far a line without a reference is looked for when its date is wrong."""
    amount: Decimal = CENT


PROVIDER = Tolerance(
    near=timedelta(minutes=5),
    apart=timedelta(minutes=15),
    late=timedelta(hours=24),
    shift=timedelta(days=5),
)
"""Providers tell the second."""
BANK = Tolerance(near=timedelta(0), apart=timedelta(days=5), late=timedelta(days=7), shift=timedelta(days=31))
"""Banks tell days. Two business days are up to a week at Easter; each has four days around it that book nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    matches: tuple[Match, ...]
    breaks: tuple[Break, ...]
    looked_at: int
    """Pairs of lines that were compared: grows with the lines, not with their square."""


def total(lines: tuple[Line, ...]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)


def plain(text: str) -> str:
    """Return a reference as it is compared: banks change case and drop signs."""
    return _NOT_A_LETTER.sub("", text.upper())
