"""Sums as the database returns them, made money again."""

from decimal import Decimal

from goodplay.lib.money import ZERO, to_cents


def euros_of(total: Decimal | None) -> Decimal:
    """Return a sum in whole cents: of no rows it is zero, and SQLite adds in floating point."""
    return to_cents(total) if total is not None else ZERO
