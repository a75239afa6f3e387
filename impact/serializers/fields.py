"""Fields of these shapes."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from goodplay.lib.api.serializers import InputSerializer


@extend_schema_field({"type": "number"})
class NumberField(serializers.Field[Decimal, Any, Any, Any]):
    """A figure that is no money: whole where it is whole, exact where it is not."""

    def to_representation(self, value: Decimal | int) -> Decimal | int:
        return int(value) if value == int(value) else value


class CappedIntegerField(serializers.IntegerField):
    """A whole number from 1; more than `most` is read as `most`."""

    def __init__(self, *, most: int, **options: Any) -> None:
        self.most = most
        super().__init__(min_value=1, required=False, help_text=f"At most {most}.", **options)

    def to_internal_value(self, data: Any) -> int:
        return min(super().to_internal_value(data), self.most)


class QueryParameters(InputSerializer):
    """Parameters of a GET: none of them is needed."""

    needs_data = False
