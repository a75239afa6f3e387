"""Serializer fields of the house."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from goodplay.lib.money import CENT, NotMoney, parse_euros

_MONEY = {"type": "number", "multipleOf": 0.01, "example": 12.5}


@extend_schema_field(_MONEY)
class EurosField(serializers.Field[Decimal, Any, Decimal, Any]):
    """Euros: a JSON number with two decimals out; a number or string with at most two decimals in."""

    default_error_messages = {
        "invalid": _("Send an amount in euros with at most two decimals."),
        "not_positive": _("The amount must be more than zero."),
        "too_large": _("The amount is too large."),
    }

    def __init__(self, *, maximum: Decimal | None = None, allow_zero: bool = False, **options: Any) -> None:
        self.maximum, self.allow_zero = maximum, allow_zero
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            amount = parse_euros(data)
        except NotMoney:
            self.fail("invalid")
        if amount < 0 or (amount == 0 and not self.allow_zero):
            self.fail("not_positive")
        if self.maximum is not None and amount > self.maximum:
            self.fail("too_large")
        return amount

    def to_representation(self, value: Decimal) -> Decimal:
        return value.quantize(CENT)


class KeyField(serializers.UUIDField):
    """A key sent as text; numbers and booleans, which UUIDField would take, are refused."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)
