"""The consolidated list of the UN Security Council, as its XML file."""

import re
from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

from .countries import country_code
from .editions import refuse_repeated, refuse_too_few
from .entries import BirthDate, Entry, Kind, ListedName, NameQuality, SanctionsList
from .files import checksum, iso_day, xml_root
from .refusals import ListFault, ListRefused

SOURCE = "UN"
FEWEST = 500
"""Entries. The list has had more since 2004."""

_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_QUALITIES = {"low": NameQuality.WEAK}
_APART = re.compile(r";|(?:^|\s)[a-z]\)\s")
"""One field may hold several names: `… Sabet; M. Sabet`, `a) Ali b) Alí`."""


def read_un(content: bytes, *, at_least: int = FEWEST) -> SanctionsList:
    root = xml_root(content)
    individuals, entities = root.find("INDIVIDUALS"), root.find("ENTITIES")
    if root.tag != "CONSOLIDATED_LIST" or individuals is None or entities is None:
        raise ListRefused(ListFault.UNKNOWN_FORMAT, root.tag)
    published_on = iso_day(root.get("dateGenerated", ""), what="dateGenerated")
    read = [_entry(each, Kind.PERSON) for each in individuals.iterfind("INDIVIDUAL")]
    read += [_entry(each, Kind.ORGANISATION) for each in entities.iterfind("ENTITY")]
    refuse_too_few(read, at_least)
    refuse_repeated(read)
    return SanctionsList(SOURCE, published_on, checksum(content), tuple(read))


def _entry(element: Element, kind: Kind) -> Entry:
    prefix = "INDIVIDUAL" if kind == Kind.PERSON else "ENTITY"
    names = list(dict.fromkeys(_names(element, prefix)))
    reference = _text(element, "REFERENCE_NUMBER")
    if not reference or not names or names[0].quality != NameQuality.PRIMARY:
        raise ListRefused(
            ListFault.VALUE_INVALID, f"entry {_text(element, 'DATAID')}: no reference or no name"
        )
    listed_on = _text(element, "LISTED_ON")
    return Entry(
        source=SOURCE,
        reference=reference,
        kind=kind,
        names=tuple(names),
        births=tuple(dict.fromkeys(_births(element))),
        countries=tuple(dict.fromkeys(country_code(value) for value in _texts(element, "NATIONALITY/VALUE"))),
        birth_places=tuple(_places(element, f"{prefix}_PLACE_OF_BIRTH")),
        addresses=tuple(_places(element, f"{prefix}_ADDRESS")),
        programmes=tuple(_texts(element, "UN_LIST_TYPE")),
        listed_on=iso_day(listed_on, what=f"{reference} LISTED_ON") if listed_on else None,
        remarks=_text(element, "COMMENTS1"),
    )


def _names(element: Element, prefix: str) -> Iterator[ListedName]:
    primary = " ".join(filter(None, (_text(element, part) for part in _NAMES)))
    if primary:
        yield ListedName(primary)
    for text in _split(_text(element, "NAME_ORIGINAL_SCRIPT")):
        yield ListedName(text, NameQuality.ORIGINAL)
    for alias in element.iterfind(f"{prefix}_ALIAS"):
        quality = _QUALITIES.get(_text(alias, "QUALITY").lower(), NameQuality.STRONG)
        for text in _split(_text(alias, "ALIAS_NAME")):
            yield ListedName(text, quality)


def _split(text: str) -> Iterator[str]:
    yield from filter(None, (part.strip(" ,;") for part in _APART.split(text)))


def _births(element: Element) -> Iterator[BirthDate]:
    for each in element.iterfind("INDIVIDUAL_DATE_OF_BIRTH"):
        is_approximate = _text(each, "TYPE_OF_DATE") == "APPROXIMATELY"
        if day := _text(each, "DATE"):
            yield _on(iso_day(day, what="DATE"), is_approximate=is_approximate)
        elif first := _text(each, "FROM_YEAR"):
            yield BirthDate(_year(first), _year(_text(each, "TO_YEAR") or first))
        elif year := _text(each, "YEAR"):
            yield BirthDate.in_year(_year(year), is_approximate=is_approximate)


def _on(day: date, *, is_approximate: bool) -> BirthDate:
    return BirthDate.in_year(day.year, is_approximate=True) if is_approximate else BirthDate.on(day)


def _year(text: str) -> int:
    if not re.fullmatch(r"[12]\d{3}", text):
        raise ListRefused(ListFault.VALUE_INVALID, f"year {text[:10]}")
    return int(text)


def _places(element: Element, name: str) -> Iterator[str]:
    for each in element.iterfind(name):
        if place := ", ".join(
            filter(None, (_text(each, part) for part in ("STREET", "CITY", "STATE_PROVINCE", "COUNTRY")))
        ):
            yield place


def _text(element: Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())


def _texts(element: Element, path: str) -> list[str]:
    return list(filter(None, (" ".join((each.text or "").split()) for each in element.iterfind(path))))
