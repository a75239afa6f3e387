"""Sums as the database returns them, made money again."""

from decimal import Decimal

from django.db.models import F, Q, Sum
from django.db.models.functions import Round

from goodplay.lib.money import ZERO, to_cents

KEPT = F("amount") - F("refunded_amount")
"""Of a donation, or a match: what was not given back."""


def sum_kept(condition: Q | None = None) -> Round:
    """Add up what was not given back, of the donations that meet the condition. Whole cents, on SQLite too."""
    return Round(Sum(KEPT, filter=condition), precision=2)


def euros_of(total: Decimal | None) -> Decimal:
    """Return a sum in whole cents: of no rows it is zero, and SQLite adds in floating point."""
    return to_cents(total) if total is not None else ZERO
