"""Forms about an organisation: its public profile, the data the law knows it by, and one's own settings."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError as NotValid
from stdnum.it import codicefiscale

from accounts.models import Onlus

MOST_TAGS, LONGEST_TAG = 10, 30


class ProfileForm(forms.Form):
    mission_statement = forms.CharField(
        label=_("Mission"), max_length=2000, widget=forms.Textarea({"rows": 3})
    )
    description = forms.CharField(
        label=_("Description"), required=False, max_length=5000, widget=forms.Textarea({"rows": 8})
    )
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=400, help_text=_("Up to ten, with commas between them.")
    )
    operational_scope = forms.CharField(label=_("Where you work"), required=False, max_length=200)
    target_beneficiaries = forms.CharField(label=_("Whom you help"), required=False, max_length=200)
    contact_email = forms.EmailField(label=_("Contact e-mail"), max_length=254)
    contact_phone = forms.RegexField(
        r"^\+?[0-9 ()./-]{5,30}$", label=_("Contact phone"), required=False, max_length=30
    )
    website_url = forms.URLField(label=_("Website"), required=False, max_length=200, assume_scheme="https")
    street = forms.CharField(label=_("Street and number"), required=False, max_length=120)
    postal_code = forms.CharField(label=_("Postal code"), required=False, max_length=10)
    city = forms.CharField(label=_("Town"), required=False, max_length=80)
    region = forms.CharField(label=_("Region"), required=False, max_length=80)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for network in Onlus.NETWORKS:
            self.fields[network] = forms.URLField(
                label=network.capitalize(), required=False, max_length=200, assume_scheme="https"
            )

    def clean_tags(self) -> list[str]:
        tags = list(
            dict.fromkeys(tag.strip().lower() for tag in self.cleaned_data["tags"].split(",") if tag.strip())
        )
        if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
            raise forms.ValidationError(_("Up to ten tags of at most 30 letters."))
        return tags

    @property
    def changes(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        links = {network: data.pop(network) for network in Onlus.NETWORKS}
        return {**data, "social_media": {network: link for network, link in links.items() if link}}


def profile_of(onlus: Onlus) -> dict[str, Any]:
    """Return what the form begins with."""
    values = {name: getattr(onlus, name) for name in ProfileForm.base_fields}
    return {**values, **onlus.social_media, "tags": ", ".join(onlus.tags)}


class LegalDataForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=200)
    legal_name = forms.CharField(label=_("Legal name"), required=False, max_length=250)
    tax_id = forms.CharField(label=_("Codice fiscale"), required=False, max_length=16)
    legal_entity_type = forms.CharField(label=_("Legal form"), required=False, max_length=80)
    incorporation_date = forms.DateField(
        label=_("Incorporated on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    runts_number = forms.CharField(label=_("RUNTS number"), required=False, max_length=20)
    runts_section = forms.ChoiceField(
        label=_("RUNTS section"), required=False, choices=[("", "-"), *Onlus.RuntsSection.choices]
    )
    reason = forms.CharField(
        label=_("Why"),
        min_length=5,
        max_length=500,
        help_text=_("What changed, and on which paper it stands."),
        widget=forms.Textarea({"rows": 2}),
    )

    def clean_tax_id(self) -> str:
        written = self.cleaned_data["tax_id"]
        if not written:
            return ""
        try:
            return str(codicefiscale.validate(written))
        except NotValid as error:
            raise forms.ValidationError(_("This is no codice fiscale. Check it digit by digit.")) from error


class SeatSettingsForm(forms.Form):
    preferred_language = forms.ChoiceField(label=_("Language of mails"), choices=settings.LANGUAGES)
    wants_payout_mails = forms.BooleanField(label=_("Mail me when a payout is made"), required=False)
    wants_compliance_mails = forms.BooleanField(label=_("Mail me when the compliance drops"), required=False)
    wants_team_mails = forms.BooleanField(label=_("Mail me when the team changes"), required=False)
