"""A list of politically exposed persons as a CSV file with a header, in the order of its columns or any other.

`name` is needed; `aliases` (apart by `|`), `birth_date` (a day or a year), `nationality`, `position` and `source` may be
empty, `reference` may be left out.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from hashlib import sha256

from .countries import country_code
from .editions import refuse_repeated, refuse_too_few
from .entries import BirthDate, Entry, Kind, ListedName, NameQuality, SanctionsList
from .files import checksum, decoded, iso_day
from .refusals import ListFault, ListRefused

SOURCE = "PEP"
COLUMNS = ("name", "aliases", "birth_date", "nationality", "position", "source")
REFERENCE = "reference"
_LONGEST_REFERENCE = 80


def read_pep(content: bytes, *, published_on: date, at_least: int = 1) -> SanctionsList:
    """Read the file. It carries no date of its own: staff say of which day it is."""
    read = tuple(_entry(row, line) for line, row in _rows(content))
    refuse_too_few(read, at_least)
    refuse_repeated(read)
    return SanctionsList(SOURCE, published_on, checksum(content), read)


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv.DictReader(io.StringIO(decoded(content, what="pep"), newline=""), strict=True)
    try:
        header = [(name or "").strip().lower() for name in rows.fieldnames or ()]
        if set(header) - {REFERENCE} != set(COLUMNS) or len(header) != len(set(header)):
            raise ListRefused(ListFault.UNKNOWN_FORMAT, f"pep: needs the columns {', '.join(COLUMNS)}")
        rows.fieldnames = header
        for row in rows:
            if None in row or None in row.values():
                raise ListRefused(ListFault.TRUNCATED, f"pep, line {rows.line_num}")
            yield rows.line_num, {name: " ".join(value.split()) for name, value in row.items()}
    except csv.Error as error:
        raise ListRefused(ListFault.TRUNCATED, f"pep, line {rows.line_num}: {error}") from error


def _entry(row: dict[str, str], line: int) -> Entry:
    if not row["name"]:
        raise ListRefused(ListFault.VALUE_INVALID, f"pep, line {line}: no name")
    aliases = filter(None, (alias.strip() for alias in row["aliases"].split("|")))
    names = [ListedName(row["name"]), *(ListedName(alias, NameQuality.STRONG) for alias in aliases)]
    return Entry(
        source=SOURCE,
        reference=_reference(row, line),
        kind=Kind.PERSON,
        names=tuple(dict.fromkeys(names)),
        births=(_birth(row["birth_date"], line),) if row["birth_date"] else (),
        countries=(country_code(row["nationality"]),) if row["nationality"] else (),
        programmes=tuple(filter(None, (row["position"],))),
        remarks=row["source"],
    )


def _reference(row: dict[str, str], line: int) -> str:
    """Return the row's own number, or one made of who it is: it stays when the rest changes."""
    if reference := row.get(REFERENCE):
        if len(reference) > _LONGEST_REFERENCE:
            raise ListRefused(ListFault.VALUE_INVALID, f"pep, line {line}: reference too long")
        return reference
    who = "|".join(row[name].casefold() for name in ("name", "birth_date", "nationality"))
    return sha256(who.encode()).hexdigest()[:16]


def _birth(text: str, line: int) -> BirthDate:
    if re.fullmatch(r"[12]\d{3}", text):
        return BirthDate.in_year(int(text))
    return BirthDate.on(iso_day(text, what=f"pep, line {line}"))
