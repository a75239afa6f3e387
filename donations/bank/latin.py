"""The characters banks take. SEPA guarantees these only: a-z A-Z 0-9 / - ? : ( ) . , ' + and the space.

What is outside is replaced so that people recognise it, after the European Payments Council's conversion table
(EPC217-08). In this order:

1. a character of the set stays;
2. a character of `REPLACEMENTS` is replaced (€ becomes EUR where the EPC has E: a remittance is read by people);
3. white space of any kind and length becomes one space; texts begin and end without;
4. an accented letter or a compatibility form loses what makes it special: à a, ñ n, ﬁ fi, ² 2;
5. anything else (Greek, Cyrillic, emoji, control characters) is refused: what is not written cannot be misread.
"""

import unicodedata

ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")

_FORMS = {
    "-": "_~–—‐‑−",  # noqa: RUF001  (dashes, quotation marks and letters that look alike are meant)
    ".": "!#$%*=^<>·•°",
    ",": ";",
    "'": '"`´‘’ʼ“”„«»',  # noqa: RUF001
    "(": "[{",
    ")": "]}",
    "/": "\\|",
    "+": "&",
    "(at)": "@",
    "EUR": "€",
    "AE": "Æ",
    "ae": "æ",
    "D": "ĐÐ",
    "d": "đð",
    "H": "Ħ",
    "h": "ħ",
    "i": "ı",  # noqa: RUF001
    "L": "Ł",
    "l": "ł",
    "N": "Ŋ",
    "n": "ŋ",
    "O": "Ø",
    "o": "ø",
    "OE": "Œ",
    "oe": "œ",
    "SS": "ẞ",
    "ss": "ß",
    "T": "Ŧ",
    "t": "ŧ",
    "TH": "Þ",
    "th": "þ",
}
REPLACEMENTS = {character: form for form, characters in _FORMS.items() for character in characters}


class CannotBeWritten(ValueError):
    """A character has no form in the set."""

    def __init__(self, character: str) -> None:
        super().__init__(f"U+{ord(character):04X}")


def to_sepa(text: str) -> str:
    """Write a text with the characters of the set only, uncut. Raises CannotBeWritten."""
    return " ".join("".join(_written(character) for character in text).split())


def _written(character: str) -> str:
    if character in ALLOWED:
        return character
    if character in REPLACEMENTS:
        return REPLACEMENTS[character]
    if character.isspace():
        return " "
    plain = "".join(
        part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)
    )
    if not ALLOWED.issuperset(plain):
        raise CannotBeWritten(character)
    return plain
