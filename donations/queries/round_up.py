"""Rounding a donation up to a whole euro."""

from decimal import ROUND_CEILING, Decimal

from goodplay.lib.money import ZERO

EURO = Decimal(1)


def round_up(amount: Decimal, *, available: Decimal, largest: Decimal) -> Decimal:
    """Return what makes the amount a whole number of euros; zero when it is one, or the balance or the limit says no."""
    whole = amount.quantize(EURO, rounding=ROUND_CEILING)
    return (whole - amount).quantize(Decimal("0.01")) if whole <= min(available, largest) else ZERO
