"""Entries and answers as plain data, and the files of a list read by its source."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from typing import Any

from . import eu, ofac, pep, un
from .decisions import Query
from .entries import Entry, SanctionsList
from .names import Part, ways_to_read
from .refusals import ListFault, ListRefused

SOURCES = (ofac.SOURCE, un.SOURCE, eu.SOURCE, pep.SOURCE)
DATED = (un.SOURCE, eu.SOURCE)
"""Lists that carry their day in the file; of the others it comes with the download."""
_OFAC_FILES = ("comments", "alt", "add", "sdn")
"""What tells the four files apart, in this order: the comments' name holds that of the entries."""

_SAYS_NOTHING = (Part.NUMBER, Part.INITIAL)

Files = Sequence[tuple[str, bytes]]


def read_list(
    source: str, files: Files, *, published_on: date | None, at_least: int | None = None
) -> SanctionsList:
    """Read the files of one edition. Raises ListRefused."""
    least: dict[str, Any] = {} if at_least is None else {"at_least": at_least}
    if source == ofac.SOURCE:
        return ofac.read_ofac(*_in_order(files), published_on=_day(published_on), **least)
    if len(files) != 1:
        raise ListRefused(ListFault.UNKNOWN_FORMAT, f"{len(files)} files instead of one")
    content = files[0][1]
    if source == pep.SOURCE:
        return pep.read_pep(content, published_on=_day(published_on), **least)
    return (un.read_un if source == un.SOURCE else eu.read_eu)(content, **least)


def _day(published_on: date | None) -> date:
    if published_on is None:
        raise ListRefused(ListFault.VALUE_INVALID, "published_on")
    return published_on


def _in_order(files: Files) -> list[bytes]:
    """Return entries, aliases, addresses, comments, told apart by their names."""
    found: dict[str, bytes] = {}
    for name, content in files:
        kind = next((each for each in _OFAC_FILES if each in name.lower()), None)
        if kind is None or kind in found:
            raise ListRefused(ListFault.UNKNOWN_FORMAT, f"which file is {name[:100]}?")
        found[kind] = content
    missing = [each for each in _OFAC_FILES if each not in found]
    if missing:
        raise ListRefused(ListFault.UNKNOWN_FORMAT, f"missing: {', '.join(missing)}")
    return [found[each] for each in ("sdn", "alt", "add", "comments")]


def entry_data(entry: Entry) -> dict[str, Any]:
    """Return an entry as it is kept with a hit."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(entry), default=str))
    return plain


def digest(data: Mapping[str, Any] | Sequence[Any]) -> str:
    return sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


def is_readable(query: Query) -> bool:
    """Tell whether there is a word in the name at all: nothing is found by signs, numbers and initials alone."""
    readings = ways_to_read(query.name, query.kind)
    return any(word.part not in _SAYS_NOTHING for name in readings for word in name.words)
