"""Reading input with the product's constants."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError


class InputSerializer(serializers.Serializer[Any]):
    """Input whose refusals carry constants.

    `constants` maps "field.code" or "field" to a constant: {"amount.required": "DONATION_AMOUNT_REQUIRED", "amount":
    "INVALID_AMOUNT"}. With `needs_data`, an empty body is refused as DATA_REQUIRED.
    """

    constants: ClassVar[dict[str, str]] = {}
    needs_data: ClassVar[bool] = True

    def to_internal_value(self, data: Any) -> Any:
        if self.needs_data and not data:
            raise ValidationError({"non_field_errors": [_("Send some data.")]}, code="DATA_REQUIRED")
        try:
            return super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError(self._with_constants(error.detail)) from error

    def _with_constants(self, detail: Any) -> dict[str, Any]:
        return {field: self._rename(field, errors) for field, errors in detail.items()}

    def _rename(self, field: str, errors: Any) -> Any:
        if isinstance(errors, dict):
            return {inner: self._rename(field, found) for inner, found in errors.items()}
        return [
            ErrorDetail(str(error), self._constant(field, getattr(error, "code", ""))) for error in errors
        ]

    def _constant(self, field: str, code: str) -> str:
        return self.constants.get(f"{field}.{code}") or self.constants.get(field) or code
