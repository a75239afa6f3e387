"""Facts for the rules: one file per source. A source is asked only when a rule in force wants one of its facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from donations.queries.risk_facts import (
    batches,
    countries,
    history,
    identity,
    moment,
    payments,
    payouts,
    sanctions,
)
from donations.rules.facts import Movement

Gather = Callable[[UUID | None, Movement, datetime], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Source:
    names: frozenset[str]
    facts: Gather


SOURCES: tuple[Source, ...] = (
    Source(moment.NAMES, moment.facts),
    Source(history.NAMES, history.facts),
    Source(payouts.NAMES, payouts.facts),
    Source(sanctions.NAMES, sanctions.facts),
    Source(identity.NAMES, identity.facts),
    Source(countries.NAMES, countries.facts),
    Source(payments.NAMES, payments.facts),
    Source(batches.NAMES, batches.facts),
)


def gather(*, movement: Movement, needed: frozenset[str], now: datetime) -> Mapping[str, Any]:
    """Return what the rules need: what was given, and what the sources of the rest say."""
    found = {name: movement.given[name] for name in needed & movement.given.keys()}
    for source in SOURCES:
        if source.names & needed - found.keys():
            said = source.facts(movement.player_id, movement, now)
            found |= {name: value for name, value in said.items() if name in needed}
    return found
