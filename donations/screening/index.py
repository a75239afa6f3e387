"""All lists in memory: which entries may a name mean, out of tens of thousands, in milliseconds."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from .alignment import INITIAL_COST, JOINED_COST, SHORTEST_JOINED, compare
from .decisions import POSSIBLE, Decision, Query, decide, weigh
from .entries import Entry, NameQuality, SanctionsList
from .names import Name, Part, Word, ways_to_read
from .rarity import Rarity
from .scoring import compare_names, conflict_factor, missing_factor, room_for, spelling_factor
from .spelling import skeleton, sound

NEAR = 0.6
"""The score of the names alone from which the other facts may still lift an entry over the line."""
UNSEEN_COST = 1.65
"""What two words cost at least that the keys did not bring together: two sounds, by one letter."""
ONE_WORD = 1.05
"""One whole word the keys may have missed; with more that differs no score counts."""
OF_RARITY = 0.3
"""The weight two names may differ in although no word is missing: one spelling of a word is rarer than the other."""
MOST_INITIALS = 3
_SILENT = (Part.PARTICLE, Part.TITLE)


@dataclass(frozen=True, slots=True)
class _Row:
    entry: int
    name: Name
    quality: NameQuality
    weight: float
    words: tuple[Word, ...]
    """Those that say something."""
    has_initials: bool
    """They are found by the other words only."""


class Screener:
    """Built once from the lists, asked many times. It holds no state of what it was asked."""

    def __init__(self, lists: Iterable[SanctionsList], *, rarity: Rarity | None = None) -> None:
        """Read the lists. With the rarity of larger ones, a part of them answers for its entries as the whole does."""
        editions = self._editions = list(lists)
        self.vintages = tuple(edition.vintage for edition in editions)
        self.entries: list[Entry] = [entry for edition in editions for entry in edition.entries]
        self._vintages = [edition.vintage for edition in editions for _ in edition.entries]
        read = [
            (number, listed.quality, name)
            for number, entry in enumerate(self.entries)
            for listed in entry.names
            for name in ways_to_read(listed.text, entry.kind)
        ]
        self.rarity = Rarity.of(name for _, _, name in read) if rarity is None else rarity
        self._rows = [self._row(*each) for each in read]
        self._words, self._compounds = _Keys(), _Keys()
        self._initials: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, row in enumerate(self._rows):
            for word in row.words:
                self._words.add(word, number, self.rarity.weight(word))
            for word, weight in self._compound(row.name):
                self._compounds.add(word, number, weight)
            if 2 <= len(row.words) <= MOST_INITIALS:
                self._initials[_initials(row.words)].append((number, row.weight))

    @property
    def name_count(self) -> int:
        return len(self._rows)

    def only(self, entries: Collection[tuple[str, str]]) -> "Screener":
        """Return a screener of these entries, by source and reference, that answers for each as this one does."""
        part = [
            replace(
                edition,
                entries=tuple(each for each in edition.entries if (each.source, each.reference) in entries),
            )
            for edition in self._editions
        ]
        return Screener(part, rarity=self.rarity)

    def screen(self, query: Query, *, at_least: float = POSSIBLE) -> list[Decision]:
        """Return the entries it may be, the likeliest first."""
        limit = min(NEAR, at_least) if query.birth or query.countries else at_least
        near: dict[int, float] = {}
        for ours in ways_to_read(query.name, query.kind):
            for row in self._candidates(ours, limit):
                score = weigh(compare_names(ours, row.name, self.rarity).score, row.quality)
                near[row.entry] = max(score, near.get(row.entry, 0.0))
        decided = (
            decide(query, self.entries[number], self.rarity, vintage=self._vintages[number])
            for number, score in near.items()
            if score >= limit
        )
        hits = [decision for decision in decided if decision.score >= at_least]
        return sorted(hits, key=lambda hit: (-hit.score, hit.source, hit.reference))

    def _row(self, entry: int, quality: NameQuality, name: Name) -> _Row:
        words = _saying(name)
        return _Row(entry, name, quality, sum(map(self.rarity.weight, words)), words, _has_initials(words))

    def _compound(self, name: Name) -> Iterator[tuple[Word, float]]:
        """Yield what somebody may have written together: two words in a row, or three; also without patronymics."""
        without = tuple(word for word in name.words if word.part != Part.PATRONYMIC)
        for words, size in product(dict.fromkeys((name.words, without)), (2, 3)):
            for several in zip(*(words[start:] for start in range(size)), strict=False):
                word = _one_word(several)
                if len(word.text) >= SHORTEST_JOINED:
                    yield word, sum(map(self.rarity.weight, several))

    def _candidates(self, ours: Name, at_least: float) -> Iterator[_Row]:
        """Yield the rows whose score may reach this, going by what the keys found of them."""
        asked = _saying(ours)
        total = sum(map(self.rarity.weight, asked))
        has_initials = _has_initials(asked)
        alike: dict[tuple[Word, Word], bool] = {}
        for number, (shared, cost) in self._evidence(ours).items():
            row = self._rows[number]
            unseen = max(0.0, min(total, row.weight) - shared)
            if unseen > ONE_WORD:
                continue
            whole = max(total, row.weight)
            is_organisation = ours.is_organisation or row.name.is_organisation
            missing = max(0.0, min(abs(total - row.weight), whole - shared) - OF_RARITY)
            reachable = missing_factor(missing / whole, is_organisation=is_organisation)
            room = room_for(ours, row.name)
            unseen_cost = INITIAL_COST if has_initials or row.has_initials else UNSEEN_COST
            if reachable * spelling_factor(cost, room) * conflict_factor(unseen) >= at_least or (
                reachable * spelling_factor(cost + unseen_cost, room) >= at_least
                and _another_alike(asked, row.words, alike)
            ):
                yield row

    def _evidence(self, ours: Name) -> dict[int, tuple[float, float]]:
        """Return, by row, the most of ours that is found in it, and the least that costs."""
        evidence: defaultdict[int, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        for word in _saying(ours):
            own = self.rarity.weight(word)
            found = self._words.find(word)
            for number, (weight, cost) in self._compounds.find(word).items():
                found.setdefault(number, (weight, cost + JOINED_COST))
            for number, weight in self._initials.get(word.text, ()):
                found.setdefault(number, (weight, INITIAL_COST))
            for number, (weight, cost) in found.items():
                shared, spent = evidence[number]
                evidence[number] = shared + max(own, weight), spent + cost
        joined = [(weight, self._words.find(word)) for word, weight in self._compound(ours)]
        if len(_saying(ours)) <= MOST_INITIALS:
            joined.append((0.0, self._words.same(_initials(_saying(ours)))))
        for own, rows in joined:
            for number in rows:
                shared, spent = evidence[number]
                evidence[number] = shared + max(own, ONE_WORD), spent
        return evidence


def _saying(name: Name) -> tuple[Word, ...]:
    return tuple(word for word in name.words if word.part not in _SILENT) or name.words


def _has_initials(words: Iterable[Word]) -> bool:
    return any(word.part == Part.INITIAL for word in words)


def _initials(words: Iterable[Word]) -> str:
    return "".join(word.text[0] for word in words)


def _one_word(words: Iterable[Word]) -> Word:
    several = list(words)
    return Word("".join(word.text for word in several), Part.WORD, several[0].is_loose)


def _another_alike(
    asked: tuple[Word, ...], listed: tuple[Word, ...], known: dict[tuple[Word, Word], bool]
) -> bool:
    """Tell whether two words more are alike than those that are the same."""
    same = {word.text for word in asked} & {word.text for word in listed}
    for one in asked:
        for other in listed:
            if one.text in same or other.text in same:
                continue
            pair = (one, other)
            if pair not in known:
                known[pair] = compare(one, other) is not None
            if known[pair]:
                return True
    return False


class _Keys:
    """Finds listed words by sound, by sounds one letter away, and by consonants for other scripts."""

    def __init__(self) -> None:
        self._postings: defaultdict[Word, list[tuple[int, float]]] = defaultdict(list)
        self._by_sound: defaultdict[str, list[Word]] = defaultdict(list)
        self._by_skeleton: defaultdict[str, list[Word]] = defaultdict(list)

    def add(self, word: Word, number: int, weight: float) -> None:
        if word not in self._postings:
            for key in _near(sound(word.text)):
                self._by_sound[key].append(word)
            self._by_skeleton[skeleton(word.text)].append(word)
        self._postings[word].append((number, weight))

    def same(self, text: str) -> dict[int, tuple[float, float]]:
        return {number: (weight, 0.0) for number, weight in self._postings.get(Word(text, Part.WORD), ())}

    def find(self, word: Word) -> dict[int, tuple[float, float]]:
        """Return the rows with such a word: its weight there, and what it costs to take one for the other."""
        near = {listed for key in _near(sound(word.text)) for listed in self._by_sound.get(key, ())}
        near.update(self._by_skeleton.get(skeleton(word.text), ()))
        found: dict[int, tuple[float, float]] = {}
        for listed in near:
            if listed.text == word.text:
                cost = 0.0
            elif (match := compare(word, listed)) is not None:
                cost = match[1]
            else:
                continue
            for number, weight in self._postings[listed]:
                if number not in found or cost < found[number][1]:
                    found[number] = (weight, cost)
        return found


def _near(key: str) -> set[str]:
    """Return the key and what it is without one of its letters: two keys one letter apart share one of these."""
    return {key, *(key[:place] + key[place + 1 :] for place in range(len(key)) if len(key) > 2)}
