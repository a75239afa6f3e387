"""The card form of the payment page."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from donations.payments.sandbox.cards import Card, card_with_number
from donations.payments.sandbox.operations.payments import Means

_MONTH = re.compile(r"(0[1-9]|1[0-2])\s*/\s*(?:20)?([0-9]{2})", re.ASCII)


def _typed(**attributes: str) -> forms.TextInput:
    """Return a field that no browser fills from the cards it knows: real ones have no business here."""
    return forms.TextInput(
        attrs={"autocomplete": "off", "inputmode": "numeric", "spellcheck": "false", **attributes}
    )


class CardForm(forms.Form):
    number = forms.CharField(
        label=_("Test card number"), max_length=32, widget=_typed(placeholder="4242 4242 4242 4242")
    )
    expires = forms.CharField(
        label=_("Expires (month / year)"), max_length=9, widget=_typed(placeholder="12 / 39")
    )
    code = forms.RegexField(
        r"^[0-9]{3,4}$",
        label=_("Security code"),
        max_length=4,
        widget=_typed(placeholder="123"),
        error_messages={"invalid": _("Write any three digits.")},
    )

    def clean_number(self) -> Card:
        card = card_with_number(re.sub(r"[\s-]", "", self.cleaned_data["number"]))
        if card is None:
            raise forms.ValidationError(
                _("This is none of the test cards. Never write a real card's number here.")
            )
        return card

    def clean_expires(self) -> str:
        written = _MONTH.fullmatch(self.cleaned_data["expires"].strip())
        if written is None:
            raise forms.ValidationError(_("Write the month and the year, as in 12 / 39."))
        return f"20{written[2]}-{written[1]}"

    @property
    def means(self) -> Means:
        return Means(self.cleaned_data["number"], self.cleaned_data["expires"])


def filled_with(card: Card | None) -> dict[str, Any]:
    """Return what the form shows when a card of the list was chosen."""
    return {"number": card.grouped, "expires": "12 / 39", "code": "123"} if card else {}
