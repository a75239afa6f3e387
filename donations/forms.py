"""Forms of the portal about money."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from donations.queries.received import Span

SENSIBLE = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))]


class SpanForm(forms.Form):
    """From a day to a day, both included; either may be left open."""

    first = forms.DateField(
        label=_("From"),
        required=False,
        validators=SENSIBLE,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    last = forms.DateField(
        label=_("To"),
        required=False,
        validators=SENSIBLE,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last day comes before the first."))
        return cleaned

    @property
    def span(self) -> Span:
        """The days asked for; all days when the form cannot be read."""
        return Span(**self.cleaned_data) if self.is_valid() else Span()
