"""How much a word says: a rare one more than one that half the list bears."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .names import PART_WEIGHTS, Name, Part, Word

LEAST = 0.55
"""The share of its weight that the commonest word keeps."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """Shares of weight by word. A word that is not in it is rare."""

    shares: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[Name]) -> "Rarity":
        """Weigh words by how many of these names bear them."""
        counts: Counter[str] = Counter()
        total = 0
        for name in names:
            counts.update({word.text for word in name.words})
            total += 1
        if total < 2:
            return cls()
        return cls({word: round(_share(count, total), 4) for word, count in counts.items() if count > 1})

    def weight(self, word: Word) -> float:
        share = self.shares.get(word.text, 1.0) if word.part in (Part.WORD, Part.PATRONYMIC) else 1.0
        return PART_WEIGHTS[word.part] * share

    def only_of(self, *names: Name) -> dict[str, float]:
        """Return the shares a comparison of these names depends on, to be kept with its result."""
        words = sorted({word.text for name in names for word in name.words})
        return {word: self.shares[word] for word in words if word in self.shares}


def _share(count: int, total: int) -> float:
    return LEAST + (1 - LEAST) * math.log(total / count) / math.log(total)
