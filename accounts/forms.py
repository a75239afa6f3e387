"""Forms about people: the way into the portal and into the back office."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.utils.translation import gettext_lazy as _

from accounts.operations import staff
from accounts.operations.sign_in import SignInRefused, TooManyFailures
from accounts.throttling import SignInThrottle


class SignInForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class StaffSignInForm(AdminAuthenticationForm):
    """The back office's door: the lock of every sign-in, the limit per address, and one answer to all who stay out."""

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email is not None and password:
            try:
                self.user_cache = self._recognise(email, password)
            except SignInRefused as error:
                raise self.get_invalid_login_error() from error
            except TooManyFailures as error:
                raise forms.ValidationError(str(error), code=error.code) from error
        return self.cleaned_data

    def _recognise(self, email: str, password: str) -> Any:
        if not SignInThrottle().allow_request(self.request, None):  # type: ignore[arg-type]  # reads nothing but META
            raise TooManyFailures
        return staff.enter(email=email, password=password)
