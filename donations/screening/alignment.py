"""Which word of one name is which of the other, in any order."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations, permutations

from .names import Name, Part, Word
from .spelling import cost, most, skeleton, sound
from .words import FAMILIES, NICKNAMES


class How(StrEnum):
    SAME = "same"
    SPELLING = "spelling"
    """Another spelling of the same sound."""
    TYPO = "typo"
    SCRIPT = "script"
    """The same consonants, through another script."""
    INITIAL = "initial"
    NICKNAME = "nickname"
    JOINED = "joined"
    """Written in one word here, in several there."""
    INITIALS = "initials"
    """The first letters of several words."""
    MISSING = "missing"
    """Only one of the two names has it."""


INITIAL_COST = 0.5
NICKNAME_COST = 0.8
SCRIPT_COST = 0.5
JOINED_COST = 0.2
MOST_JOINED = 1.2
SHORTEST_JOINED = 5
MOST_IN_THREE = 8
"""Words among which three are looked for that make one."""
_HEADS = frozenset(FAMILIES.values())
"""Two names that everybody knows are two names, however alike."""
_SERVANT_OR_LESS = (Part.SERVANT, Part.PARTICLE, Part.TITLE)


@dataclass(frozen=True, slots=True)
class Match:
    """Words of the one name that are words of the other: one and one, or one and several."""

    ours: tuple[Word, ...]
    theirs: tuple[Word, ...]
    how: How
    cost: float


def align(ours: Name, theirs: Name) -> tuple[list[Match], list[Word], list[Word]]:
    """Match the words, cheapest first; return the matches and what is left on either side.

    Equal costs go by the words themselves, whichever side they are on, so the result is the same both ways.
    """
    matches, left, right = _same(ours.words, theirs.words)
    for find in (_joined, _alike):
        if not left or not right:
            break
        for match in sorted(find(left, right), key=_order):
            if _take(left, match.ours) and _take(right, match.theirs):
                _remove(left, match.ours)
                _remove(right, match.theirs)
                matches.append(match)
    return matches, left, right


def _order(match: Match) -> tuple[float, list[tuple[str, ...]]]:
    return match.cost, sorted([tuple(w.text for w in match.ours), tuple(w.text for w in match.theirs)])


def _take(words: list[Word], wanted: tuple[Word, ...]) -> bool:
    return all(words.count(word) >= wanted.count(word) for word in wanted)


def _remove(words: list[Word], taken: tuple[Word, ...]) -> None:
    for word in taken:
        words.remove(word)


def _same(ours: tuple[Word, ...], theirs: tuple[Word, ...]) -> tuple[list[Match], list[Word], list[Word]]:
    matches, left, right = [], [], list(theirs)
    for word in ours:
        found = next((other for other in right if other.text == word.text), None)
        if found is None:
            left.append(word)
        else:
            right.remove(found)
            matches.append(Match((word,), (found,), How.SAME, 0.0))
    return matches, left, right


def _joined(left: list[Word], right: list[Word]) -> Iterator[Match]:
    for one in left:
        for several, price, how in _pieces(one, right):
            yield Match((one,), several, how, price)
    for one in right:
        for several, price, how in _pieces(one, left):
            yield Match(several, (one,), how, price)


def _pieces(one: Word, words: list[Word]) -> Iterator[tuple[tuple[Word, ...], float, How]]:
    """Yield several words that this one may be, written together or as their initials."""
    length = len(one.text)
    if one.part in _SERVANT_OR_LESS:
        return
    for size in (2, 3) if len(words) <= MOST_IN_THREE else (2,):
        for several in combinations(words, size):
            if length == size and sorted(one.text) == sorted(word.text[0] for word in several):
                yield from _as_initials(one, several)
            elif length >= SHORTEST_JOINED and abs(sum(len(word.text) for word in several) - length) <= 2:
                yield from _as_joined(one, several)


def _as_initials(one: Word, several: tuple[Word, ...]) -> Iterator[tuple[tuple[Word, ...], float, How]]:
    for order in permutations(several):
        if one.text == "".join(word.text[0] for word in order):
            yield order, INITIAL_COST, How.INITIALS


def _as_joined(one: Word, several: tuple[Word, ...]) -> Iterator[tuple[tuple[Word, ...], float, How]]:
    for order in permutations(several):
        price = JOINED_COST + cost(one.text, "".join(word.text for word in order))
        if price <= MOST_JOINED:
            yield order, price, How.JOINED


def _alike(left: list[Word], right: list[Word]) -> Iterator[Match]:
    for one in left:
        for other in right:
            found = compare(one, other)
            if found is not None:
                yield Match((one,), (other,), *found)


def compare(one: Word, other: Word) -> tuple[How, float] | None:
    """Say how two words may be the same one, and what that costs; None when they are not."""
    return _compare(one.text, other.text, one.part, other.part, one.is_loose or other.is_loose)


@lru_cache(maxsize=100_000)
def _compare(one: str, other: str, part: Part, other_part: Part, is_loose: bool) -> tuple[How, float] | None:  # noqa: FBT001
    if Part.INITIAL in (part, other_part):
        return (How.INITIAL, INITIAL_COST) if one[0] == other[0] and part != other_part else None
    if (part in _SERVANT_OR_LESS) and (other_part in _SERVANT_OR_LESS) and part == other_part == Part.SERVANT:
        return How.SPELLING, 0.0
    if other in NICKNAMES.get(one, ()) or one in NICKNAMES.get(other, ()):
        return How.NICKNAME, NICKNAME_COST
    if one in _HEADS and other in _HEADS:
        return None
    longest = max(len(one), len(other))
    if abs(len(one) - len(other)) > longest // 2 + 1:
        return None
    price = cost(one, other)
    if is_loose and price > SCRIPT_COST and len(skeleton(one)) >= 2 and skeleton(one) == skeleton(other):
        return How.SCRIPT, SCRIPT_COST
    if price > most(longest):
        return None
    return (How.SPELLING if sound(one) == sound(other) else How.TYPO), price
