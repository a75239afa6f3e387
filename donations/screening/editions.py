"""One edition of a list follows another."""

from collections.abc import Sequence
from dataclasses import dataclass

from .entries import Entry, SanctionsList
from .refusals import ListFault, ListRefused

MOST_LOST = 0.2
"""The share of entries a list may lose from one edition to the next. Publishers take off a few at a time."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What to screen again: everybody against what is new, and former hits of what is gone."""

    added: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    removed: tuple[Entry, ...]


def refuse_too_few(entries: Sequence[Entry], at_least: int) -> None:
    if not entries:
        raise ListRefused(ListFault.EMPTY)
    if len(entries) < at_least:
        raise ListRefused(ListFault.TOO_SMALL, f"{len(entries)} < {at_least}")


def refuse_repeated(entries: Sequence[Entry]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.reference in seen:
            raise ListRefused(ListFault.REPEATED, entry.reference)
        seen.add(entry.reference)


def succeed(old: SanctionsList, new: SanctionsList) -> Changes:
    """Return what changed from one edition to the next; refuse one that is older or has lost too much."""
    if new.published_on < old.published_on:
        raise ListRefused(ListFault.OLDER, f"{new.published_on} < {old.published_on}")
    if len(new.entries) < len(old.entries) * (1 - MOST_LOST):
        raise ListRefused(ListFault.SHRUNK, f"{len(new.entries)} < {len(old.entries)}")
    before = {entry.reference: entry for entry in old.entries}
    after = {entry.reference: entry for entry in new.entries}
    return Changes(
        added=tuple(entry for key, entry in after.items() if key not in before),
        changed=tuple(entry for key, entry in after.items() if key in before and before[key] != entry),
        removed=tuple(entry for key, entry in before.items() if key not in after),
    )
