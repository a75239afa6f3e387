"""Euros. The one place that rounds, parses and splits money; no float ever."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
LARGEST = Decimal("999999999999.99")  # what DecimalField(14, 2) can hold

_WRITTEN = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)

Key = TypeVar("Key", int, str)


class NotMoney(ValueError):
    """What was sent is no amount of euros with at most two decimals."""


def to_cents(amount: Decimal) -> Decimal:
    """Round to whole cents, half up: the rounding the product's examples are frozen with."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def in_cents(amount: Decimal) -> int:
    """Count the cents, as payment providers do. Raises NotMoney when there is a fraction of one."""
    cents = amount.scaleb(2)
    if cents != cents.to_integral_value():
        raise NotMoney
    return int(cents)


def from_cents(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def parse_euros(value: Any) -> Decimal:
    """Read an amount as people and programs write it: 5, 12.5, "12.50".

    Raises NotMoney for booleans, NaN, infinities, exponents, more than two decimals, digits of other scripts and
    anything that is no number. JSON numbers keep the text they were written with (goodplay.lib.api.parsers), so
    12.345 and 1e2 are seen as they were sent.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise NotMoney
    text = getattr(value, "literal", None) or str(value)
    if not _WRITTEN.fullmatch(text):
        raise NotMoney
    return Decimal(text).quantize(CENT)


def split(total: Decimal, weights: Mapping[Key, int]) -> dict[Key, Decimal]:
    """Share whole cents by weight; odd cents go to the largest remainders, then to the lowest key."""
    cents, whole = int(total / CENT), sum(weights.values())
    shares = {key: divmod(cents * weight, whole) for key, weight in weights.items()}
    odd = cents - sum(share for share, _ in shares.values())
    lucky = set(sorted(shares, key=lambda key: (-shares[key][1], key))[:odd])
    return {key: (share + (key in lucky)) * CENT for key, (share, _) in shares.items()}
