"""What came of each document: counted, and written to a file where something did not come over as it was."""

import csv
from collections import Counter
from collections.abc import Iterable
from typing import Any, TextIO

OUTCOMES = ("brought", "there", "altered", "left", "refused", "changed")
"""Brought now; brought earlier; brought without something; rightly not brought; not brought; changed since it was."""
COLUMNS = ("collection", "old_id", "outcome", "reason", "detail")


class Report:
    """Counts outcomes; a line of `file` for each document that lacks something. No personal data goes in."""

    def __init__(self, file: TextIO) -> None:
        self.counted: Counter[tuple[str, str]] = Counter()
        self.reasons: Counter[tuple[str, str, str]] = Counter()
        self.contradictions: list[str] = []
        self._lines: Any = csv.writer(file)
        self._lines.writerow(COLUMNS)

    def count(self, collection: str, outcome: str) -> None:
        self.counted[collection, outcome] += 1

    def tell(self, collection: str, old_id: str, outcome: str, reason: str, detail: str = "") -> None:
        self.count(collection, outcome)
        self.reasons[collection, outcome, reason] += 1
        self._lines.writerow((collection, _inert(old_id), outcome, reason, _inert(detail)))

    def note_there(self, collection: str, old_id: str, without: str) -> None:
        """Count what was brought earlier; what it lacks is told again, for the file of that run may be lost."""
        if without:
            self.tell(collection, old_id, "there", "WITHOUT", without)
        else:
            self.count(collection, "there")

    @property
    def outcomes(self) -> dict[str, dict[str, int]]:
        """Return how many documents of each collection had each outcome."""
        told: dict[str, dict[str, int]] = {}
        for (collection, outcome), count in self.counted.items():
            told.setdefault(collection, {})[outcome] = count
        return told

    @property
    def changed_something(self) -> bool:
        return any(outcome == "brought" for _collection, outcome in self.counted)

    def table(self) -> Iterable[str]:
        """Yield the lines people read."""
        yield f"{'collection':<20}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES)
        for collection in dict.fromkeys(name for name, _outcome in self.counted):
            figures = "".join(f"{self.counted[collection, outcome]:>10}" for outcome in OUTCOMES)
            yield f"{collection:<20}{figures}"
        for (collection, outcome, reason), count in sorted(self.reasons.items()):
            yield f"{count} of {collection} {outcome}: {reason}"


def _inert(text: str) -> str:
    """Keep spreadsheets from taking text for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
