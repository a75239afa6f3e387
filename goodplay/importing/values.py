"""Reading values of old documents, whatever is in them."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from goodplay.lib.money import LARGEST, ZERO, to_cents

Document = Mapping[str, Any]
DEEPEST = 20
LONGEST_ID = 64


class Refused(Exception):
    """The document is not brought over: why, as a constant, and what it is about."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason, self.detail = reason, detail


class Left(Refused):
    """The document stays where it is, as it should."""


class Reader:
    """Reads one document. What is unreadable and can be done without is noted in `altered`; the rest is Refused."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.altered: list[str] = []
        self.natural_key = ""
        self.aliases: list[str] = []

    def part(self, name: str) -> "Reader":
        """Read an embedded document; its notes are this one's."""
        value = self.document.get(name)
        if value is not None and not isinstance(value, Mapping):
            self.note(name)
        inner = Reader(value if isinstance(value, Mapping) else {})
        inner.altered = self.altered
        return inner

    def note(self, name: str, what: str = "UNREADABLE") -> None:
        self.altered.append(f"{name}: {what}")

    def needed_text(self, name: str, longest: int) -> str:
        value = self.document.get(name)
        if not isinstance(value, str) or not clean(value):
            raise Refused("MISSING", name)
        if len(clean(value)) > longest:
            raise Refused("TOO_LONG", name)
        return clean(value)

    def text(self, name: str, longest: int, default: str = "") -> str:
        value = self.document.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            self.note(name)
            return default
        if len(clean(value)) > longest:
            self.note(name, "CUT_OFF")
        return clean(clean(value)[:longest]) or default

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        value = self.document.get(name)
        if value is None:
            return default
        if isinstance(value, str) and clean(value).lower() in allowed:
            return clean(value).lower()
        self.note(name)
        return default

    def needed_choice(self, name: str, allowed: Iterable[str]) -> str:
        value = self.document.get(name)
        if isinstance(value, str) and clean(value).lower() in allowed:
            return clean(value).lower()
        raise Refused("UNKNOWN_VALUE", name)

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.document.get(name)
        if isinstance(value, bool):
            return value
        if value is not None:
            self.note(name)
        return default

    def whole(self, name: str, *, least: int, most: int, default: int) -> int:
        value = self.document.get(name)
        if value is None:
            return default
        number = as_number(value)
        if number is None or number != number.to_integral_value() or not least <= number <= most:
            self.note(name)
            return default
        return int(number)

    def number(self, name: str, most: Decimal = LARGEST) -> Decimal | None:
        """Read a figure from zero on, rounded to hundredths; None when there is none."""
        value = self.document.get(name)
        if value is None:
            return None
        number = as_number(value)
        if number is None or not ZERO <= number <= most:
            self.note(name)
            return None
        return to_cents(number)

    def needed_number(self, name: str, most: Decimal = LARGEST) -> Decimal:
        number = as_number(self.document.get(name))
        if number is None:
            raise Refused("NO_NUMBER", name)
        if not ZERO <= number <= most:
            raise Refused("OUT_OF_RANGE", name)
        return to_cents(number)

    def moment(self, name: str, default: datetime | None = None) -> datetime | None:
        value = self.document.get(name)
        found = as_moment(value)
        if value is not None and found is None:
            self.note(name)
        return found or default

    def texts(self, name: str, longest: int = 200) -> list[str]:
        value = self.document.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(name)
            return []
        kept = [clean(each) for each in value if isinstance(each, str) and 0 < len(clean(each)) <= longest]
        if len(kept) != len(value):
            self.note(name)
        return kept

    def mapping(self, name: str) -> dict[str, Any]:
        value = self.document.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.note(name)
            return {}
        found: dict[str, Any] = plain(value)
        return found


def clean(text: str) -> str:
    """Cut off blanks around, and drop what no text column of PostgreSQL takes."""
    return text.replace("\x00", "").strip()


def as_number(value: object) -> Decimal | None:
    """Read an int, a float as it is written, a Decimal or MongoDB's Decimal128. Text and booleans are no numbers."""
    if isinstance(value, bool) or value is None or isinstance(value, str | bytes):
        return None
    if isinstance(value, float):
        value = repr(value)
    elif not isinstance(value, int | Decimal):
        if type(value).__name__ != "Decimal128":
            return None
        value = str(value)
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= LARGEST else None


def as_moment(value: object) -> datetime | None:
    """Read a date, or text in ISO 8601. What has no zone was UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime) or not 1990 <= value.year <= 2100:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def as_id(value: object) -> str | None:
    """Write a key as text: ObjectIds, UUIDs, numbers and texts; None for what is no key."""
    if value is None or isinstance(value, bool | float | bytes | Mapping | list | datetime):
        return None
    written = clean(str(value))
    return written if 0 < len(written) <= LONGEST_ID else None


def plain(value: Any, depth: int = 0) -> Any:
    """Return what JSON columns take: keys as text, moments in ISO 8601, other kinds as they are written."""
    if depth > DEEPEST:
        return None
    if isinstance(value, Mapping):
        return {clean(str(name)): plain(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, depth + 1) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    return clean(str(value))


def digest_of(document: Document) -> str:
    """Return a hash that changes when the document does."""
    return hashed(json.dumps(plain(document), sort_keys=True))


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def key_for(collection: str, old_id: str) -> UUID:
    """Return the key a document gets here: always the same, and in the order ObjectIds were made."""
    seconds = int(old_id[:8], 16) if _is_object_id(old_id) else 0
    chance = int(hashed(f"{collection}/{old_id}")[:20], 16)
    low, high = chance & ((1 << 62) - 1), (chance >> 62) & 0xFFF
    return UUID(int=(seconds * 1000 << 80) | (7 << 76) | (high << 64) | (2 << 62) | low)


def _is_object_id(text: str) -> bool:
    return len(text) == 24 and all(letter in "0123456789abcdef" for letter in text)
