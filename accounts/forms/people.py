"""Forms about people: the way into the portal and into the back office."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.models import Permission
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.operations import staff
from accounts.operations.addresses import AddressBlocked
from accounts.operations.sign_in import SignInRefused, TooManyFailures
from accounts.roles import LEVELS
from accounts.throttling import SignInThrottle
from accounts.validation import is_short_for_staff
from goodplay.lib.admin.buttons import ReasonForm
from goodplay.lib.requests import client_address


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
            except (TooManyFailures, AddressBlocked, staff.AccountLocked) as error:
                raise forms.ValidationError(str(error), code=error.code) from error
            # Read when the browser opens.
            setattr(self.request, "password_is_short", is_short_for_staff(password))  # noqa: B010  (no field of a request)
        return self.cleaned_data

    def _recognise(self, email: str, password: str) -> Any:
        if not SignInThrottle().allow_request(self.request, None):  # type: ignore[arg-type]  # reads nothing but META
            raise TooManyFailures
        address = client_address(self.request) if self.request is not None else ""
        return staff.enter(email=email, password=password, now=timezone.now(), address=address)


class StaffPasswordForm(forms.Form):
    """One's own password once more, where there is no authenticator app."""

    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class RoleForm(ReasonForm):
    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[("", _("No role: they leave the staff")), *((name, name) for name in LEVELS)],
    )
    field_order = ("role", "reason")


class LoanForm(ReasonForm):
    permission = forms.ModelChoiceField(
        label=_("Right"),
        queryset=Permission.objects.select_related("content_type").order_by(
            "content_type__app_label", "content_type__model", "codename"
        ),
    )
    hours = forms.IntegerField(label=_("Hours"), min_value=1, max_value=72, initial=8)
    field_order = ("permission", "hours", "reason")
