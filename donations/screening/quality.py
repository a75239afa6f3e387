"""How good the screener is, on pairs of names that people have labelled, and on names that nobody should be asked about."""

import csv
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

from .decisions import POSSIBLE, Query
from .entries import Kind, NameQuality
from .index import Screener
from .names import ways_to_read
from .rarity import Rarity
from .refusals import ListFault, ListRefused
from .scoring import compare_names

_KINDS = {
    "person": Kind.PERSON,
    "company": Kind.ORGANISATION,
    "organization": Kind.ORGANISATION,
    "vessel": Kind.VESSEL,
}
_NEEDED = {"name1", "name2", "is_match"}
STRONG_LABEL = "STRONG"


@dataclass(frozen=True, slots=True)
class Pair:
    one: str
    other: str
    kind: Kind
    is_match: bool
    label: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    pair: Pair
    score: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of right and wrong answers, and what follows from them. A share of nothing is 1."""

    caught: int = 0
    missed: int = 0
    false_alarms: int = 0
    let_pass: int = 0

    @property
    def count(self) -> int:
        return self.caught + self.missed + self.false_alarms + self.let_pass

    @property
    def precision(self) -> float:
        return _share(self.caught, self.caught + self.false_alarms)

    @property
    def recall(self) -> float:
        return _share(self.caught, self.caught + self.missed)

    @property
    def f1(self) -> float:
        return _share(2 * self.caught, 2 * self.caught + self.missed + self.false_alarms)

    def as_data(self) -> dict[str, float]:
        rates = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        counts = {"caught": self.caught, "missed": self.missed, "false_alarms": self.false_alarms}
        return {"pairs": self.count, **{key: round(rate, 4) for key, rate in rates.items()}, **counts}


@dataclass(frozen=True, slots=True)
class Listed:
    """Whether those on the lists find themselves, and how fast: the hardest names there are."""

    names: int
    lost: list[str]
    mean_ms: float
    p95_ms: float
    p99_ms: float

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Alerts:
    """What screening clean names costs: how many stop somebody, and the milliseconds for one name."""

    names: int
    alerts: int
    mean_ms: float
    median_ms: float
    p95_ms: float

    @property
    def rate(self) -> float:
        return self.alerts / self.names if self.names else 0.0

    def as_data(self) -> dict[str, float]:
        times = {"mean_ms": self.mean_ms, "median_ms": self.median_ms, "p95_ms": self.p95_ms}
        return {"names": self.names, "alerts": self.alerts, "rate": round(self.rate, 4)} | times


def read_pairs(path: Path) -> list[Pair]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        if not _NEEDED.issubset(rows.fieldnames or ()):
            raise ListRefused(
                ListFault.UNKNOWN_FORMAT, f"{path.name}: needs the columns {', '.join(sorted(_NEEDED))}"
            )
        pairs = [_pair(row) for row in rows]
    if not pairs:
        raise ListRefused(ListFault.EMPTY, path.name)
    return pairs


def _pair(row: dict[str, str]) -> Pair:
    if row["is_match"] not in ("true", "false"):
        raise ListRefused(ListFault.VALUE_INVALID, f"is_match: {row['is_match']!r}")
    kind = _KINDS.get((row.get("schema") or "").lower(), Kind.UNKNOWN)
    return Pair(row["name1"], row["name2"], kind, row["is_match"] == "true", row.get("quality") or "")


def judge_pairs(pairs: Iterable[Pair], rarity: Rarity) -> list[Judged]:
    return [Judged(pair, _score(pair, rarity)) for pair in pairs]


def _score(pair: Pair, rarity: Rarity) -> float:
    scores = (
        compare_names(one, other, rarity).score
        for one in ways_to_read(pair.one, pair.kind)
        for other in ways_to_read(pair.other, pair.kind)
    )
    return max(scores, default=0.0)


def figures(judged: Iterable[Judged], threshold: float = POSSIBLE) -> Figures:
    counts: dict[tuple[bool, bool], int] = defaultdict(int)
    for each in judged:
        counts[each.pair.is_match, each.score >= threshold] += 1
    return Figures(counts[True, True], counts[True, False], counts[False, True], counts[False, False])


def figures_by_label(judged: Iterable[Judged], threshold: float = POSSIBLE) -> dict[str, Figures]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        groups[each.pair.label].append(each)
    return {label: figures(group, threshold) for label, group in sorted(groups.items())}


def figures_of_folds(judged: Sequence[Judged], folds: int) -> list[tuple[float, Figures]]:
    """Choose the threshold on all folds but one and measure on that one, for each of them."""
    results = []
    for fold in range(folds):
        rest = [each for place, each in enumerate(judged) if place % folds != fold]
        thresholds = [hundredths / 100 for hundredths in range(50, 96)]
        best = max(
            thresholds, key=lambda threshold: (figures(rest, threshold).f1, -abs(threshold - POSSIBLE))
        )
        results.append((best, figures(judged[fold::folds], best)))
    return results


def measure_alerts(screener: Screener, names: Sequence[str]) -> Alerts:
    """Screen the names, after a first few that warm the caches up."""
    for name in names[:20]:
        screener.screen(Query(name, Kind.PERSON))
    alerts, times = 0, []
    for name in names:
        started = time.perf_counter()
        alerts += bool(screener.screen(Query(name, Kind.PERSON)))
        times.append((time.perf_counter() - started) * 1000)
    return Alerts(
        len(names),
        alerts,
        round(mean(times), 2),
        round(median(times), 2),
        round(quantiles(times, n=20)[-1], 2),
    )


def measure_listed(screener: Screener, *, every: int = 1) -> Listed:
    """Ask about every listed name and strong alias itself (or each n-th): it must find its own entry with score 1."""
    lost: list[str] = []
    times: list[float] = []
    own = [
        (entry, name.text)
        for entry in screener.entries
        for name in entry.names
        if name.quality != NameQuality.WEAK
    ]
    for entry, name in own[::every]:
        started = time.perf_counter()
        found = screener.screen(Query(name, entry.kind))
        times.append((time.perf_counter() - started) * 1000)
        key = (entry.source, entry.reference, 1.0)
        if not any((hit.source, hit.reference, hit.score) == key for hit in found):
            lost.append(f"{entry.source} {entry.reference}: {name}")
    cuts = quantiles(times, n=100)
    return Listed(len(times), lost, round(mean(times), 2), round(cuts[94], 2), round(cuts[98], 2))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
