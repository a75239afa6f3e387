"""A name as words, each with the part it plays."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from .entries import Kind
from .letters import is_loose, mended, plain
from .words import FAMILIES, GENERIC, LEGAL_FORMS, NUMBERS, PARTICLES, ROMAN, SERVANTS, SHORT_FORMS, TITLES


class Part(StrEnum):
    WORD = "word"
    PATRONYMIC = "patronymic"
    GENERIC = "generic"
    NUMBER = "number"
    INITIAL = "initial"
    SERVANT = "servant"
    PARTICLE = "particle"
    TITLE = "title"


PART_WEIGHTS = {
    Part.WORD: 1.0,
    Part.PATRONYMIC: 0.5,
    Part.GENERIC: 0.5,
    Part.NUMBER: 0.4,
    Part.INITIAL: 0.5,
    Part.SERVANT: 0.3,
    Part.PARTICLE: 0.1,
    Part.TITLE: 0.15,
}

_PATRONYMIC = re.compile(
    ".{2,}(ovich|evich|ovych|yevich|ovitch|evitch|ovna|evna|ivna|yivna|ogly|oglu|kyzy|qizi)"
)
_FORMS = {tuple(way.split()): kind for kind, ways in LEGAL_FORMS.items() for way in ways.split("|")}
_NEVER_OF_A_PERSON = {"llc", "ltd", "limited", "inc", "gmbh", "corp", "ooo", "srl"}
"""Company forms that are nobody's surname: written into a person's name, they hide it."""
_LONGEST_FORM = max(map(len, _FORMS))
LONGEST = 400
"""Letters of a name that are looked at. The longest listed one has 193."""
SHORTEST_MENDED = 5
LONG_WORD = 12
_FORM_WORDS = sorted({word for form in _FORMS for word in form if len(word) >= SHORTEST_MENDED})
_SHIP_PREFIXES = {"mv", "mt", "ss"}
_WRITTEN_APART = re.compile(r"\s*/\s*")
_ABBREVIATION = re.compile(r"\s*\([A-Z0-9]{2,8}\)")


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    """In ASCII, mended, of its family."""
    part: Part
    is_loose: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    words: tuple[Word, ...]
    legal_forms: frozenset[str]
    """Kinds of company named in it."""
    is_organisation: bool = False

    length: int = 0
    """Letters, without titles."""


def ways_to_read(text: str, kind: Kind) -> tuple[Name, ...]:
    """Return the name, and the names in it where it holds several: `Al-Qa'ida/Islamic Army`."""
    texts = [text, *_readings(text)]
    names = (read_name(each, kind) for each in dict.fromkeys(texts))
    return tuple(dict.fromkeys(name for name in names if name.words))


def _readings(text: str) -> Iterator[str]:
    pieces = _WRITTEN_APART.split(text)
    if len(pieces) > 1 and all(len(piece.strip()) >= 4 for piece in pieces):
        yield from pieces
    if (shorter := _ABBREVIATION.sub("", text)) != text and shorter.strip():
        yield shorter


@lru_cache(maxsize=50_000)
def read_name(text: str, kind: Kind) -> Name:
    loose = is_loose(text)
    written = plain(text[:LONGEST]).split()
    texts, forms = _without_legal_forms([_form_mended(word) for word in written])
    is_organisation = kind not in (Kind.PERSON, Kind.UNKNOWN) or (
        kind == Kind.UNKNOWN and (len(texts) < len(written) or not GENERIC.isdisjoint(written))
    )
    if not is_organisation:
        texts = [word for word in written if word not in _NEVER_OF_A_PERSON] or written
    if is_organisation:
        texts = [str(ROMAN[each]) if each in ROMAN else SHORT_FORMS.get(each, each) for each in texts]
    texts = list(_numbers_joined(list(map(mended, texts))))
    words = tuple(
        Word(FAMILIES.get(each, each), _part(each, len(texts), is_organisation=is_organisation), loose)
        for each in texts
    )
    if all(word.part in (Part.PARTICLE, Part.TITLE, Part.SERVANT) for word in words):
        words = tuple(Word(word.text, Part.WORD, loose) for word in words)
    length = sum(len(word.text) for word in words if word.part != Part.TITLE)
    return Name(words, frozenset(forms) if is_organisation else frozenset(), is_organisation, length)


@lru_cache(maxsize=50_000)
def _form_mended(word: str) -> str:
    """Return the long word of a company form that this one misspells: `Aktiengeselschaft`."""
    if len(word) < SHORTEST_MENDED or word in _FORM_WORDS:
        return word
    allowed = 1 if len(word) < LONG_WORD else 2
    return next(
        (form for form in _FORM_WORDS if OSA.distance(word, form, score_cutoff=allowed) <= allowed), word
    )


def _without_legal_forms(words: list[str]) -> tuple[list[str], list[str]]:
    """Take the legal forms out, unless nothing else is there."""
    kept: list[str] = []
    forms: list[str] = []
    place = 0
    while place < len(words):
        for size in range(min(_LONGEST_FORM, len(words) - place), 0, -1):
            found = _FORMS.get(tuple(words[place : place + size]))
            if found is not None:
                forms.append(found)
                place += size
                break
        else:
            kept.append(words[place])
            place += 1
    return (kept, [form for form in forms if form]) if kept else (words, [])


def _numbers_joined(words: list[str]) -> Iterator[str]:
    """Write number words as digits, and tens with ones as one number: `forty four` is 44."""
    tens = 0
    for word in words:
        number = int(word) if word.isdigit() and len(word) < 9 else NUMBERS.get(word)
        if tens and number is not None and 0 < number < 10:
            yield str(tens + number)
            tens = 0
            continue
        if tens:
            yield str(tens)
        tens = number if number is not None and word in NUMBERS and 20 <= number < 100 else 0
        if not tens:
            yield word if number is None else str(number)
    if tens:
        yield str(tens)


def _part(text: str, count: int, *, is_organisation: bool) -> Part:
    if text.isdigit() or (is_organisation and re.fullmatch("[ivx]{1,5}", text)):
        return Part.NUMBER
    if text in PARTICLES and count > 1 and len(text) > 1:
        return Part.PARTICLE
    if len(text) == 1:
        return Part.PARTICLE if text in "yei" and count > 3 and not is_organisation else Part.INITIAL
    if is_organisation:
        if text in _SHIP_PREFIXES and count > 1:
            return Part.TITLE
        return Part.GENERIC if text in GENERIC else Part.WORD
    if text in SERVANTS:
        return Part.SERVANT
    if text in TITLES and count > 1:
        return Part.TITLE
    return Part.PATRONYMIC if count > 2 and _PATRONYMIC.fullmatch(text) else Part.WORD
