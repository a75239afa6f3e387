"""The list of the US Treasury (OFAC SDN) as its four CSV files: entries, aliases, addresses, overflowing remarks."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from .editions import refuse_repeated, refuse_too_few
from .entries import Entry, Kind, ListedName, NameQuality, SanctionsList
from .files import checksum, csv_rows
from .ofac_remarks import read_remarks
from .refusals import ListFault, ListRefused

SOURCE = "OFAC"
FEWEST = 5000
"""Entries. The list has had more since 2012."""

_KINDS = {"individual": Kind.PERSON, "vessel": Kind.VESSEL, "aircraft": Kind.AIRCRAFT, "": Kind.ORGANISATION}
_ALIASES = {"aka", "fka", "nka"}


def read_ofac(
    entries: bytes,
    aliases: bytes,
    addresses: bytes,
    comments: bytes,
    *,
    published_on: date,
    at_least: int = FEWEST,
) -> SanctionsList:
    """Read the four files. They carry no date of their own: it comes with the download."""
    rows = list(csv_rows(entries, columns=12, what="sdn"))
    known = {row[0] for row in rows}
    names = _aliases(aliases, known)
    places = _addresses(addresses, known)
    overflow = _comments(comments)
    read = tuple(_entry(row, names[row[0]], places[row[0]], overflow.get(row[0], "")) for row in rows)
    refuse_too_few(read, at_least)
    refuse_repeated(read)
    return SanctionsList(SOURCE, published_on, checksum(entries, aliases, addresses, comments), read)


def _entry(row: list[str], aliases: list[str], addresses: list[str], overflow: str) -> Entry:
    if not row[0].isdigit() or not row[1]:
        raise ListRefused(ListFault.VALUE_INVALID, f"sdn: {row[0]!r} {row[1]!r}")
    remarks = row[11] + overflow
    facts = read_remarks(remarks)
    names = [ListedName(row[1])]
    names += [ListedName(alias, NameQuality.STRONG) for alias in aliases]
    names += [ListedName(alias, NameQuality.WEAK) for alias in facts.weak_aliases]
    return Entry(
        source=SOURCE,
        reference=row[0],
        kind=_KINDS.get(row[2].lower(), Kind.UNKNOWN),
        names=tuple(_first_of_each(names)),
        births=facts.births,
        countries=facts.countries,
        birth_places=facts.birth_places,
        addresses=tuple(addresses),
        programmes=tuple(part.strip(" []") for part in row[3].split("] [")) if row[3] else (),
        remarks=remarks,
    )


def _first_of_each(names: Iterable[ListedName]) -> list[ListedName]:
    return list({name.text: name for name in reversed(list(names))}.values())[::-1]


def _aliases(content: bytes, known: set[str]) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for number, _, kind, name, _ in csv_rows(content, columns=5, what="alt"):
        _refuse_unknown(number, known, "alt")
        if kind not in _ALIASES or not name:
            raise ListRefused(ListFault.VALUE_INVALID, f"alt: {number} {kind!r} {name!r}")
        found[number].append(name)
    return found


def _addresses(content: bytes, known: set[str]) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for number, _, street, town, country, _ in csv_rows(content, columns=6, what="add"):
        _refuse_unknown(number, known, "add")
        if address := ", ".join(filter(None, (street, town, country))):
            found[number].append(address)
    return found


def _comments(content: bytes) -> dict[str, str]:
    """Return what did not fit into the remarks. A remark of an entry unknown here is of a later edition: left out."""
    found: defaultdict[str, str] = defaultdict(str)
    for number, text in csv_rows(content, columns=2, what="comments"):
        found[number] += text
    return found


def _refuse_unknown(number: str, known: set[str], what: str) -> None:
    """An alias whose entry is missing tells that the file of entries ended early, at the end of a line."""
    if number not in known:
        raise ListRefused(ListFault.DANGLING, f"{what}: {number}")
