"""The universal scorer: one scale for all games, so that leaderboards can compare a puzzle with a race."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

HUNDREDTH = Decimal("0.01")

_BASES = {
    "puzzle": Decimal("100"),
    "action": Decimal("150"),
    "strategy": Decimal("200"),
    "arcade": Decimal("120"),
    "simulation": Decimal("180"),
}
_OTHER_BASE = Decimal("100")

_DIFFICULTIES = {
    "easy": Decimal("0.8"),
    "medium": Decimal("1.0"),
    "hard": Decimal("1.3"),
    "expert": Decimal("1.6"),
}

# Up to and including so many minutes. Short runs prove little, and long ones should not win by length.
_TIMES = (
    (timedelta(minutes=1), Decimal("0.5")),
    (timedelta(minutes=5), Decimal("0.8")),
    (timedelta(minutes=15), Decimal("1.0")),
    (timedelta(minutes=30), Decimal("0.9")),
    (timedelta(minutes=60), Decimal("0.8")),
)
_LONGER = Decimal("0.7")

_EXACT = Context(prec=34)


def normalized_score(
    *, raw: int, category: str, difficulty: str, played_for: timedelta, engine_name: str = ""
) -> Decimal:
    """Put a game's own score on the common scale, rounded half up to hundredths."""
    if raw <= 0:
        return Decimal("0.00")
    score = (
        _BASES.get(category, _OTHER_BASE)
        * _DIFFICULTIES.get(difficulty, Decimal("1.0"))
        * _time_factor(played_for)
        * Decimal(raw).log10(_EXACT)
        / 4
        * _adjustment(engine_name, raw)
    )
    return score.quantize(HUNDREDTH, rounding=ROUND_HALF_UP)


def _time_factor(played_for: timedelta) -> Decimal:
    return next((factor for longest, factor in _TIMES if played_for <= longest), _LONGER)


def _adjustment(engine_name: str, raw: int) -> Decimal:
    """Two games count in units far from everybody else's."""
    if engine_name == "tetris":
        return min(Decimal(2), Decimal(raw) / 10_000)
    if engine_name == "snake":
        return max(Decimal("0.5"), Decimal(raw) / 100)
    return Decimal(1)
