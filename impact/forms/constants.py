"""Refusals of a form with the constants of the API."""

from typing import Any, ClassVar

from django import forms


class FormWithConstants(forms.BaseForm):
    """Names what is wrong by constants: "field.code" of Django's error is looked up, and takes the place of its code."""

    constants: ClassVar[dict[str, str]] = {}

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        for name, found in self.errors.items():
            for each in found.as_data():
                each.code = self.constants.get(f"{name}.{each.code}", each.code)
