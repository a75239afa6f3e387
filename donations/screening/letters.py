"""From any script to lower-case ASCII words."""

import re
import unicodedata

from anyascii import anyascii

_LOOSE_SCRIPTS = {
    "ARABIC",
    "HEBREW",
    "SYRIAC",
    "CJK",
    "KHMER",
    "THAI",
    "LAO",
    "MYANMAR",
    "KATAKANA",
    "HIRAGANA",
}
"""Scripts whose romanisation letter by letter lacks vowels, or turns foreign names far from their Latin spelling."""

_APOSTROPHES = re.compile("['`\"\u2018\u2019\u201b\u02bb\u02bc\u02be\u02bf\u2032\u00b4\u02b9\u02ba]")
_SEPARATORS = re.compile("[\u00b7\u30fb\u2027\u2010-\u2015]")
_DOTTED = re.compile(r"\b(?:[a-z]\.){1,}[a-z]\b\.?|\b(?:[a-z]\.){2,}")
_DIGITS_AS_LETTERS = str.maketrans("0134579", "oieastg")
_MIXED = re.compile(r"(?=.*\d)[a-z0-9]+")
_ORDINAL = re.compile(r"(\d+)(st|nd|rd|th)")


def is_loose(text: str) -> bool:
    return any(
        unicodedata.name(letter, "").split(" ")[0] in _LOOSE_SCRIPTS for letter in text if letter > "\u058f"
    )


def plain(text: str) -> str:
    """Return the text in lower-case ASCII, its words parted by single spaces. Doing it again changes nothing."""
    text = anyascii(_SEPARATORS.sub(" ", unicodedata.normalize("NFKC", text))).lower()
    text = _APOSTROPHES.sub("", text).replace("&", " and ")
    text = _DOTTED.sub(lambda found: found[0].replace(".", "") + " ", text)
    return " ".join(re.findall("[a-z0-9]+", text))


def mended(word: str) -> str:
    """Read digits between letters as the letters they look like, and ordinals as numbers: `s3ch1n`, `1st`."""
    if ordinal := _ORDINAL.fullmatch(word):
        return ordinal[1]
    digits = sum(letter.isdigit() for letter in word)
    if digits and _MIXED.fullmatch(word) and len(word) >= 3 and digits * 2 < len(word):
        return word.translate(_DIGITS_AS_LETTERS)
    return word
