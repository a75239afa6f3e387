"""Published files, read without trust."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from .refusals import ListFault, ListRefused

LARGEST = 200 * 1024 * 1024
"""Bytes. The largest list published has about a third of it."""

_END_OF_FILE = "\x1a"
"""Old systems close their text files with it."""


def checksum(*contents: bytes) -> str:
    sums = [sha256(content).hexdigest() for content in contents]
    return sums[0] if len(sums) == 1 else sha256("".join(sums).encode()).hexdigest()


def _refuse_size(content: bytes) -> None:
    if not content.strip(b"\x00\x1a \t\r\n"):
        raise ListRefused(ListFault.EMPTY)
    if len(content) > LARGEST:
        raise ListRefused(ListFault.TOO_LARGE, f"{len(content)} bytes")


def xml_root(content: bytes) -> Element:
    _refuse_size(content)
    try:
        return fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ListRefused(ListFault.ENTITIES) from error
    except (ParseError, ValueError, LookupError) as error:
        raise ListRefused(ListFault.MALFORMED, str(error)) from error


def decoded(content: bytes, *, what: str) -> str:
    _refuse_size(content)
    try:
        text = content.decode("utf-8-sig").rstrip(_END_OF_FILE)
    except UnicodeDecodeError as error:
        raise ListRefused(ListFault.MALFORMED, f"{what}: {error}") from error
    if "\x00" in text:
        raise ListRefused(ListFault.MALFORMED, f"{what}: a zero byte")
    return text


def csv_rows(content: bytes, *, columns: int, what: str) -> Iterator[list[str]]:
    """Yield the rows of a file without a header, each with exactly these columns; `-0-` is nothing."""
    rows = csv.reader(io.StringIO(decoded(content, what=what), newline=""), strict=True)
    try:
        for row in rows:
            if not row:
                continue
            if len(row) != columns:
                raise ListRefused(
                    ListFault.TRUNCATED, f"{what}, line {rows.line_num}: {len(row)} of {columns}"
                )
            yield ["" if value.strip() == "-0-" else value.strip() for value in row]
    except csv.Error as error:
        raise ListRefused(ListFault.TRUNCATED, f"{what}, line {rows.line_num}: {error}") from error


def iso_day(text: str, *, what: str) -> date:
    """Read a day, also in front of an hour or a time zone."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError as error:
        raise ListRefused(ListFault.VALUE_INVALID, f"{what}: {text[:35]}") from error
