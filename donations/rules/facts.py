"""What rules may ask for: the name of each fact, what it is, and which movements have it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

SESSION, DONATION, TOP_UP, PAYOUT, BATCH = "session", "donation", "top_up", "payout", "batch"
SUBJECTS = (SESSION, DONATION, TOP_UP, PAYOUT, BATCH)


class Kind(StrEnum):
    NUMBER = "number"
    FLAG = "flag"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Fact:
    kind: Kind
    subjects: frozenset[str]


def _numbers(*subjects: str) -> Fact:
    return Fact(Kind.NUMBER, frozenset(subjects))


FACTS: dict[str, Fact] = {
    # Of the movement itself.
    "amount": _numbers(*SUBJECTS),
    "hour": _numbers(*SUBJECTS),  # in Rome, 0 to 23
    "origin": Fact(Kind.WORD, frozenset({DONATION})),
    # Of a session.
    "multiplier": _numbers(SESSION),
    "minutes_played": _numbers(SESSION),
    "earned_that_day": _numbers(SESSION),  # this credit included
    "earned_that_hour": _numbers(SESSION),
    "streak_days": _numbers(SESSION),
    "months_played": _numbers(SESSION),
    # Of the player's last hundred movements of own money and gifts, this one included.
    "movements_in_window": _numbers(DONATION, TOP_UP),
    "total_in_window": _numbers(DONATION, TOP_UP),
    "movements_in_minute": _numbers(DONATION, TOP_UP),
    "near_threshold_of_20": _numbers(DONATION, TOP_UP),
    # Of who pays: identity level 0 to 3, and the own money that lets them put in.
    "identity_level": _numbers(TOP_UP),
    "identity_limit_left": _numbers(TOP_UP),
    "identity_limit_excess": _numbers(TOP_UP),
    "put_in_today": _numbers(TOP_UP),  # Rome's day and month, this movement included
    "put_in_this_month": _numbers(TOP_UP),
    "failed_payments_in_window": _numbers(TOP_UP),
    # Whether the proven nationality, or the country of the account that is paid, is one the settings name.
    "is_suspicious_country": Fact(Kind.FLAG, frozenset({DONATION, TOP_UP, PAYOUT})),
    # What the lists say: clear, nameless, waiting, open, confirmed, or off when there are none.
    "sanctions_state": Fact(Kind.WORD, frozenset({DONATION, TOP_UP, PAYOUT})),
    # Of an organisation that is paid.
    "payouts_before": _numbers(PAYOUT),
    "largest_payout_before": _numbers(PAYOUT),
    # Of a batch.
    "line_count": _numbers(BATCH),
    "identical_amounts": _numbers(BATCH),  # lines that share the most frequent amount
    "largest_share_percent": _numbers(BATCH),  # of the lines, one player's
}


@dataclass(frozen=True, slots=True)
class Movement:
    """What is judged. `given` are facts whoever asks knows already."""

    subject: str
    subject_id: UUID
    player_id: UUID | None
    amount: Decimal
    given: Mapping[str, Any] = field(default_factory=dict)


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Write facts as JSON keeps them: numbers with a fraction as text, so that they stay exact."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in facts.items()}
