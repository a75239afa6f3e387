"""How far one spelling of a word is from another, when vowels and kindred letters weigh less than others."""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

LETTER_COST = 0.35
"""A letter that differs, although it may sound the same."""
SOUND_COST = 0.65
"""On top: it sounds different."""
MOST_LETTERS = 3
"""Letters beyond these add nothing when all sounds the same."""


def _rules(*rules: tuple[str, str]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern), sound) for pattern, sound in rules]


_CONSONANTS = _rules(
    ("shch|sch|sh", "s"), ("tsch|tch", "ch"), ("dzh|zh|dj", "j"), ("ph", "f"), ("ck|cq", "k"), ("gh", "g"), ("dh", "d"),
    ("th", "t"), ("tz|ts|cz", "s"), ("c(?=[eiy])", "s"), ("c(?!h)|q", "k"), ("ch", "c"), ("^x", "s"), ("x", "ks"),
    ("w", "v"), ("z", "s"), ("(?<=[aeiouy])j(?![aeiouy])", "i"), ("y", "i"),
)  # fmt: skip
_VOWELS = _rules(
    ("^kh", "h"), ("(?<=.)h", ""), (r"(.)\1+", r"\1"), ("[aeiou]+(?=.)", "a"), ("[ei]+$", "i"), ("[ou]+$", "o"),
    ("[aeiou]*a$", "a"), (r"(.)\1+", r"\1"),
)  # fmt: skip
_BARE = _rules(("kh", "h"), ("h$", ""), ("[aeiou]", ""), (r"(.)\1+", r"\1"))
_KINDRED = str.maketrans("lbdcg", "rptkk")


def _apply(rules: list[tuple[re.Pattern[str], str]], word: str) -> str:
    for pattern, sound in rules:
        word = pattern.sub(sound, word)
    return word


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """Return how a word sounds, roughly: kindred consonants are one, inner vowels are one, doubled letters are single."""
    return _apply(_VOWELS, _apply(_CONSONANTS, word))


@lru_cache(maxsize=50_000)
def skeleton(word: str) -> str:
    """Return the consonants alone, kindred ones as one: what survives a script without vowels, or without l or p."""
    return _apply(_BARE, _apply(_CONSONANTS, word)).translate(_KINDRED)


@lru_cache(maxsize=100_000)
def cost(one: str, other: str) -> float:
    """Return how much it takes to make one word the other, in letters. It is the same both ways."""
    if one == other:
        return 0.0
    letters, sounds = OSA.distance(one, other), OSA.distance(sound(one), sound(other))
    if not sounds:
        letters = min(letters, MOST_LETTERS)
    return LETTER_COST * letters + SOUND_COST * sounds


def most(length: int) -> float:
    """Return the cost up to which two words may be the same word, the longer of this length."""
    if length <= 2:
        return 0.4
    return min(0.9 + 0.2 * length, 3.0)
