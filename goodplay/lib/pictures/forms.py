"""The fields of a form that takes a picture."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PictureForm(forms.Form):
    """A picture and what it shows. `kept()` are the arguments `operations.store` takes from it."""

    picture = forms.FileField(
        label=_("Picture"),
        help_text=_("JPEG, PNG or WebP. Where and with what it was taken is removed."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    alt_it = forms.CharField(
        label=_("What it shows, in Italian"),
        max_length=300,
        required=False,
        help_text=_("Read aloud to people who cannot see it. One of the two languages is needed."),
    )
    alt_en = forms.CharField(label=_("What it shows, in English"), max_length=300, required=False)

    def kept(self) -> dict[str, Any]:
        return {
            "upload": self.cleaned_data["picture"],
            "alt_it": self.cleaned_data["alt_it"],
            "alt_en": self.cleaned_data["alt_en"],
        }
