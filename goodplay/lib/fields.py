"""Columns every app uses: keys and euros."""

from typing import Any
from uuid import UUID

from django.core.validators import MinValueValidator
from django.db import models

from goodplay.lib.ids import new_id
from goodplay.lib.money import ZERO


def _new_key() -> UUID:
    return new_id()


def key() -> "models.UUIDField[UUID, UUID]":
    """Return the primary key column of own models."""
    return models.UUIDField(primary_key=True, default=_new_key, editable=False)


def euros(**options: Any) -> "models.DecimalField[Any, Any]":
    """Return a column for euros: two decimals, up to a trillion."""
    return models.DecimalField(max_digits=14, decimal_places=2, **options)


def euros_from_zero(**options: Any) -> "models.DecimalField[Any, Any]":
    return euros(default=ZERO, validators=[MinValueValidator(ZERO)], **options)
