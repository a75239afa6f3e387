"""The remarks of an OFAC entry: facts between semicolons, such as `DOB circa 1950; citizen Iran; a.k.a. 'THE FOX'.`"""

import re
from dataclasses import dataclass
from datetime import date

from .countries import country_code
from .entries import BirthDate

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEAK_ALIAS = re.compile(r"(?:a|f|n)\.k\.a\. '(?P<name>.+?)'")
_FACT = re.compile(r"(?:alt\. )?(?P<key>DOB|POB|nationality|citizen) (?P<value>.+)")
_DAY = re.compile(r"(?:(?:(?P<day>\d{1,2}) )?(?P<month>[A-Z][a-z]{2}) )?(?P<year>\d{4})")


@dataclass(frozen=True, slots=True)
class Remarks:
    weak_aliases: tuple[str, ...]
    births: tuple[BirthDate, ...]
    birth_places: tuple[str, ...]
    countries: tuple[str, ...]


def read_remarks(text: str) -> Remarks:
    aliases, facts = [], []
    for part in text.rstrip(" .").split("; "):
        if alias := _WEAK_ALIAS.fullmatch(part.strip(" ;.")):
            aliases.append(alias["name"])
        elif fact := _FACT.fullmatch(part.strip(" ;.")):
            facts.append((fact["key"].lower(), fact["value"].strip()))
    births = [birth for key, value in facts if key == "dob" and (birth := read_birth(value))]
    countries = [country_code(value) for key, value in facts if key in ("nationality", "citizen")]
    return Remarks(
        weak_aliases=tuple(dict.fromkeys(aliases)),
        births=tuple(dict.fromkeys(births)),
        birth_places=tuple(value for key, value in facts if key == "pob"),
        countries=tuple(dict.fromkeys(countries)),
    )


def read_birth(text: str) -> BirthDate | None:
    """Read `14 Jun 1975`, `Jun 1975`, `1975`, `circa 1975` or a span with `to`. Anything else says nothing."""
    is_approximate = text.startswith("circa ")
    parts = text.removeprefix("circa ").split(" to ")
    first, last = _DAY.fullmatch(parts[0].strip()), _DAY.fullmatch(parts[-1].strip())
    if len(parts) > 2 or first is None or last is None:
        return None
    day = _day(first) if len(parts) == 1 and not is_approximate else None
    return BirthDate(int(first["year"]), int(last["year"]), day, is_approximate)


def _day(found: re.Match[str]) -> date | None:
    if not found["day"] or found["month"] not in _MONTHS:
        return None
    try:
        return date(int(found["year"]), _MONTHS.index(found["month"]) + 1, int(found["day"]))
    except ValueError:
        return None
