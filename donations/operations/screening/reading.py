"""Stored editions, read again; and the one screener of this process."""

import gc
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from donations.models import ScreeningEdition
from donations.queries import compliance_settings
from donations.queries.screening import current_editions, files_of
from donations.screening.entries import Entry, SanctionsList
from donations.screening.index import Screener
from donations.screening.stored import read_list


def list_of(edition: ScreeningEdition) -> SanctionsList:
    """Read an edition from its stored files. It was believed once, so however small it is now, it is read."""
    return read_list(edition.source, files_of(edition), published_on=edition.published_on, at_least=1)


@dataclass(frozen=True)
class Loaded:
    """The editions in force, in memory."""

    editions: tuple[UUID, ...]
    screener: Screener

    @property
    def vintages(self) -> list[str]:
        return list(self.screener.vintages)

    @property
    def sources(self) -> set[str]:
        return {source for source, _reference in self.entries}

    @cached_property
    def entries(self) -> dict[tuple[str, str], Entry]:
        return {(entry.source, entry.reference): entry for entry in self.screener.entries}


_lock = threading.Lock()
_loaded: Loaded | None = None


def current_lists() -> Loaded | None:
    """Return the lists in force, or None when there are none. They are read when they changed: seconds, so for jobs only."""
    global _loaded
    with _lock:
        editions = list(current_editions(compliance_settings.latest()))
        keys = tuple(edition.pk for edition in editions)
        if not keys:
            _loaded = None
        elif _loaded is None or _loaded.editions != keys:
            _loaded = None  # the old lists go before the new ones come: together they take twice the memory
            _loaded = load(editions)
            gc.freeze()
        return _loaded


def load(editions: Sequence[ScreeningEdition]) -> Loaded:
    return Loaded(tuple(each.pk for each in editions), Screener([list_of(each) for each in editions]))
