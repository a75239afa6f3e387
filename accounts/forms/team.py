"""Forms about the people of an organisation."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import OnlusMembership

Role = OnlusMembership.Role
ROLES = [
    (Role.VIEWER.value, _("Viewer: reads everything")),
    (Role.EDITOR.value, _("Editor: also writes stories, figures and requests")),
    (Role.OWNER.value, _("Owner: also decides on people, profile and bank account")),
]


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, initial=Role.EDITOR)


class SeatRoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)


class NewMemberForm(forms.Form):
    """Who is invited and new here: a name and a password; the address is the one that was invited."""

    first_name = forms.CharField(
        label=_("First name"), max_length=150, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=150, widget=forms.TextInput({"autocomplete": "family-name"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        help_text=_("At least 8 characters."),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    preferred_language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class CodeForm(forms.Form):
    """A code of the authenticator app, or one of the recovery codes."""

    code = forms.CharField(
        label=_("Code"),
        max_length=30,
        widget=forms.TextInput({"autocomplete": "one-time-code", "spellcheck": "false", "autofocus": True}),
    )


class ProofForm(forms.Form):
    """Who it is once more, before something about one's own sign-in changes: a code of the app and the password."""

    code = forms.CharField(
        label=_("Code"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
