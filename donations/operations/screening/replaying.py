"""Taking a stored decision again, from what is stored."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from donations.models import ScreeningDecision, ScreeningEdition
from donations.operations.screening.reading import Loaded, load
from donations.operations.screening.runs import part_of
from donations.screening.decisions import Query, query_of, replay
from donations.screening.stored import is_readable
from donations.screening.version import CODE_VERSION
from goodplay.lib.errors import Conflict


class RulesChanged(Conflict):
    code = "SCREENING_RULES_CHANGED"
    message = _("This decision was taken by other rules: take it again with the version of that day.")


class EditionMissing(Conflict):
    code = "SCREENING_EDITION_MISSING"
    message = _("An edition this decision was taken by is not stored here.")


@dataclass(frozen=True)
class Replayed:
    """What came of it: the stored answer and the one of now, and where they differ."""

    decision: ScreeningDecision
    entries: int
    differences: list[str] = field(default_factory=list)

    @property
    def is_same(self) -> bool:
        return not self.differences


def replay_decision(*, decision: ScreeningDecision) -> Replayed:
    """Screen the same query against the same editions, and compare everything; also each hit by itself.

    Reads the editions from their stored files, so it takes seconds. Raises RulesChanged, EditionMissing.
    """
    if decision.code_version != CODE_VERSION:
        raise RulesChanged
    lists = _lists_of(decision)
    screener = lists.screener
    if decision.run is not None:
        screener = part_of(decision.run, screener)
    query = query_of(decision.query)
    again = [hit.as_data() for hit in screener.screen(query)]
    differences = [
        *_differing(decision.hits, again),
        *_differing_alone(decision.hits, lists),
        *_band_differing(decision, query),
    ]
    return Replayed(decision, len(screener.entries), differences)


def _lists_of(decision: ScreeningDecision) -> Loaded:
    """Load the editions in the order they were in."""
    found = {}
    for edition in ScreeningEdition.objects.filter(vintage__in=decision.vintages):
        if edition.status != ScreeningEdition.Status.REFUSED:
            found[edition.vintage] = edition
    if set(found) != set(decision.vintages):
        raise EditionMissing
    return load([found[vintage] for vintage in decision.vintages])


def _key(hit: dict[str, Any]) -> str:
    return f"{hit['source']} {hit['reference']}"


def _differing(stored: list[dict[str, Any]], again: list[dict[str, Any]]) -> list[str]:
    before, after = ({_key(hit): hit for hit in hits} for hits in (stored, again))
    return [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]


def _differing_alone(stored: list[dict[str, Any]], lists: Loaded) -> list[str]:
    """Take each hit again from its own data and the entry as it was."""
    return [
        f"{_key(hit)} (alone)"
        for hit in stored
        if replay(hit, lists.entries[hit["source"], hit["reference"]]).as_data() != hit
    ]


def _band_differing(decision: ScreeningDecision, query: Query) -> list[str]:
    was_readable = decision.band != ScreeningDecision.Band.UNREADABLE
    return [] if is_readable(query) == was_readable else ["readable"]
