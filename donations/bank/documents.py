"""ISO 20022 documents: parsed without trust, walked by element names, checked against a schema, and built."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Self
from xml.etree.ElementTree import Element, ParseError, tostring

import xmlschema
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from goodplay.lib.time import ROME, rome_day

from .refusals import BankFileRefused, Fault

LARGEST = 10 * 1024 * 1024
"""Bytes. A bank's file of ten thousand entries has about a third of it."""

DEEPEST = 40
"""Levels of elements. The formats need about fifteen."""

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"
_DECIMAL = re.compile(r"\+?([0-9]{1,18}(\.[0-9]{0,17})?|\.[0-9]{1,17})", re.ASCII)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a document, asked by paths of names: `Acct/Id/IBAN`. What is missing refuses the file."""

    element: Element
    namespace: str

    def find(self, path: str) -> Self | None:
        found = self.element.find(self._in_namespace(path))
        return None if found is None else type(self)(found, self.namespace)

    def all(self, path: str) -> Iterator[Self]:
        for found in self.element.iterfind(self._in_namespace(path)):
            yield type(self)(found, self.namespace)

    def need(self, path: str) -> Self:
        found = self.find(path)
        if found is None:
            raise BankFileRefused(Fault.ELEMENT_MISSING, f"{self.name}/{path}")
        return found

    def text(self, *paths: str) -> str:
        """Return the text of the first of these that has one, else nothing."""
        for path in paths:
            if found := (self.element.findtext(self._in_namespace(path)) or "").strip():
                return found
        return ""

    def need_text(self, *paths: str) -> str:
        text = self.text(*paths)
        if not text:
            raise BankFileRefused(Fault.ELEMENT_MISSING, f"{self.name}/{paths[0]}")
        return text

    def texts(self, path: str) -> list[str]:
        """Return the texts of all of these that have one."""
        return list(filter(None, ((each.element.text or "").strip() for each in self.all(path))))

    def decimal(self, path: str) -> Decimal:
        text = self.need_text(path)
        if not _DECIMAL.fullmatch(text):
            raise BankFileRefused(Fault.VALUE_INVALID, f"{self.name}/{path}: {text[:35]}")
        return Decimal(text)

    def money(self, path: str = "Amt") -> tuple[Decimal, str]:
        """Return an amount and its currency. Euros have whole cents, in two places."""
        amount, currency = self.decimal(path), self.need(path).element.get("Ccy", "")
        if not currency:
            raise BankFileRefused(Fault.ELEMENT_MISSING, f"{self.name}/{path}/@Ccy")
        if currency != "EUR":
            return amount, currency
        cents = amount.quantize(Decimal("0.01"))
        if cents != amount:
            raise BankFileRefused(Fault.VALUE_INVALID, f"{self.name}/{path}: {amount} EUR")
        return cents, currency

    def day(self, path: str) -> date:
        """Read a date, or the Rome day of a moment. A moment without a zone is the bank's own."""
        text = self.need_text(f"{path}/Dt", f"{path}/DtTm", path)
        found = _DAY.fullmatch(text)
        try:
            return date.fromisoformat(found[1]) if found else rome_day(_moment(text))
        except (ValueError, OverflowError) as error:
            raise BankFileRefused(Fault.VALUE_INVALID, f"{self.name}/{path}: {text[:35]}") from error

    def moment(self, path: str) -> datetime:
        text = self.need_text(path)
        try:
            return _moment(text)
        except (ValueError, OverflowError) as error:
            raise BankFileRefused(Fault.VALUE_INVALID, f"{self.name}/{path}: {text[:35]}") from error

    @property
    def name(self) -> str:
        return self.element.tag.rpartition("}")[2]

    def _in_namespace(self, path: str) -> str:
        return "/".join(f"{{{self.namespace}}}{name}" for name in path.split("/"))


def parse(data: bytes, *, root: str, versions: Collection[str], schemas: Path | None = None) -> Node:
    """Read a document of one of these versions and return its `root` element.

    Raises BankFileRefused for anything large, malformed, of another kind, with a document type or with entities. Where
    `schemas` has the version's schema (`camt.053.001.08.xsd`), the document must keep it.
    """
    document = _parse(data)
    namespace, _, name = document.tag.rpartition("}")
    version = namespace.removeprefix("{" + _NAMESPACE)
    if name != "Document" or version not in versions:
        raise BankFileRefused(Fault.UNKNOWN_FORMAT, document.tag[:140])
    schema = None if schemas is None else schemas / f"{version}.xsd"
    if schema is not None and schema.is_file():
        _validate(document, schema)
    return Node(document, _NAMESPACE + version).need(root)


def _parse(data: bytes) -> Element:
    if len(data) > LARGEST:
        raise BankFileRefused(Fault.TOO_LARGE, f"{len(data)} bytes")
    try:
        document: Element = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BankFileRefused(Fault.DTD, type(error).__name__) from error
    except (ParseError, ValueError, LookupError) as error:  # the last two: encodings the parser does not know
        raise BankFileRefused(Fault.MALFORMED, str(error)) from error
    _check_depth(document)
    return document


def _check_depth(document: Element) -> None:
    level = [document]
    for _ in range(DEEPEST):
        level = [child for parent in level for child in parent]
        if not level:
            return
    raise BankFileRefused(Fault.MALFORMED, f"more than {DEEPEST} levels of elements")


def _validate(document: Element, schema: Path) -> None:
    error = next(_schema(schema).iter_errors(document), None)
    if error is not None:
        raise BankFileRefused(Fault.SCHEMA, f"{error.path}: {error.reason}"[:500])


@lru_cache
def _schema(path: Path) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(path)


def _moment(text: str) -> datetime:
    if not _MOMENT.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ROME)).astimezone(UTC)


# Building -------------------------------------------------------------------------------------------------------


def tag(name: str, *content: str | Element | None, **attributes: str) -> Element:
    """Make an element of texts and elements; what is None is left out."""
    element = Element(name, attributes)
    for part in content:
        if isinstance(part, str):
            element.text = part
        elif part is not None:
            element.append(part)
    return element


def render(version: str, root: Element) -> bytes:
    document = tag("Document", root, xmlns=_NAMESPACE + version)
    rendered: bytes = tostring(document, encoding="UTF-8", xml_declaration=True)
    return rendered


def render_moment(moment: datetime) -> str:
    return moment.astimezone(ROME).isoformat(timespec="seconds")
