"""Forms for another password."""

from django import forms
from django.utils.translation import gettext_lazy as _


class _NewPassword(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label=_("New password"),
            max_length=128,
            strip=False,
            help_text=_("At least 8 characters."),
            widget=forms.PasswordInput({"autocomplete": "new-password"}),
        )


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "username", "autofocus": True}),
    )


class ResetForm(forms.Form):
    new_password = _NewPassword()


class ChangeForm(forms.Form):
    current_password = forms.CharField(
        label=_("Present password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    new_password = _NewPassword()
