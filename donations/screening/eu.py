"""The consolidated list of the European Union, as the public XML file of its financial sanctions database (1.1)."""

from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

from .countries import country_code
from .editions import refuse_repeated, refuse_too_few
from .entries import BirthDate, Entry, Kind, ListedName, NameQuality, SanctionsList
from .files import checksum, iso_day, xml_root
from .refusals import ListFault, ListRefused

SOURCE = "EU"
FEWEST = 1000
"""Entries. The list has had more since 2014."""

_NAMESPACE = "{http://eu.europa.ec/fpi/fsd/export}"
_KINDS = {"person": Kind.PERSON, "enterprise": Kind.ORGANISATION}
_UNKNOWN_COUNTRY = "00"


def read_eu(content: bytes, *, at_least: int = FEWEST) -> SanctionsList:
    root = xml_root(content)
    if root.tag != f"{_NAMESPACE}export":
        raise ListRefused(ListFault.UNKNOWN_FORMAT, root.tag)
    published_on = iso_day(root.get("generationDate", ""), what="generationDate")
    read = tuple(_entry(each) for each in root.iterfind(f"{_NAMESPACE}sanctionEntity"))
    refuse_too_few(read, at_least)
    refuse_repeated(read)
    return SanctionsList(SOURCE, published_on, checksum(content), read)


def _entry(entity: Element) -> Entry:
    reference = entity.get("euReferenceNumber") or entity.get("logicalId") or ""
    names = list(dict.fromkeys(_names(entity)))
    if not reference or not names:
        raise ListRefused(ListFault.VALUE_INVALID, f"entity {reference}: no reference or no name")
    subject = entity.find(f"{_NAMESPACE}subjectType")
    code = subject.get("code", "") if subject is not None else ""
    regulations = list(entity.iterfind(f"{_NAMESPACE}regulation"))
    return Entry(
        source=SOURCE,
        reference=reference,
        kind=_KINDS.get(code, Kind.UNKNOWN),
        names=tuple(names),
        births=tuple(dict.fromkeys(_births(entity))),
        countries=tuple(dict.fromkeys(_countries(entity))),
        birth_places=tuple(_places(entity, "birthdate", ("place", "city", "region", "countryDescription"))),
        addresses=tuple(_places(entity, "address", ("street", "city", "region", "countryDescription"))),
        programmes=tuple(dict.fromkeys(filter(None, (each.get("programme", "") for each in regulations)))),
        listed_on=_listed_on(entity, regulations),
        remarks=" ".join(
            filter(None, ((each.text or "").strip() for each in entity.iterfind(f"{_NAMESPACE}remark")))
        ),
    )


def _names(entity: Element) -> Iterator[ListedName]:
    """Yield the names, strong ones first: the first of them names the entry."""
    strong: list[str] = []
    weak: list[str] = []
    for alias in entity.iterfind(f"{_NAMESPACE}nameAlias"):
        parts = (alias.get(part, "") for part in ("firstName", "middleName", "lastName"))
        text = " ".join((alias.get("wholeName") or " ".join(filter(None, parts))).split())
        if text:
            (weak if alias.get("strong") == "false" else strong).append(text)
    for place, text in enumerate(strong):
        yield ListedName(text, NameQuality.STRONG if place else NameQuality.PRIMARY)
    for text in weak:
        yield ListedName(text, NameQuality.WEAK)


def _births(entity: Element) -> Iterator[BirthDate]:
    for each in entity.iterfind(f"{_NAMESPACE}birthdate"):
        is_approximate = each.get("circa") == "true"
        if (day := each.get("birthdate")) and not is_approximate:
            yield BirthDate.on(iso_day(day, what="birthdate"))
        elif first := each.get("yearRangeFrom"):
            yield BirthDate(_year(first), _year(each.get("yearRangeTo") or first), None, is_approximate)
        elif year := each.get("year"):
            yield BirthDate.in_year(_year(year), is_approximate=is_approximate)


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise ListRefused(ListFault.VALUE_INVALID, f"year {text[:10]}")
    return int(text)


def _countries(entity: Element) -> Iterator[str]:
    for each in entity.iterfind(f"{_NAMESPACE}citizenship"):
        code = each.get("countryIso2Code") or country_code(each.get("countryDescription", ""))
        if code and code != _UNKNOWN_COUNTRY:
            yield code


def _places(entity: Element, name: str, parts: tuple[str, ...]) -> Iterator[str]:
    for each in entity.iterfind(f"{_NAMESPACE}{name}"):
        if place := ", ".join(filter(None, (each.get(part, "").strip() for part in parts))):
            yield place


def _listed_on(entity: Element, regulations: list[Element]) -> date | None:
    days = [
        entity.get("designationDate") or "",
        *(each.get("entryIntoForceDate") or "" for each in regulations),
    ]
    found = next(filter(None, days), "")
    return iso_day(found, what="designationDate") if found else None
