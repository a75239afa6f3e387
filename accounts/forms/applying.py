"""What applicants write about their organisation, a page of the wizard each, and how they come in."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, OnlusApplication, OnlusCategory
from accounts.operations.people_lists import MOST_PEOPLE
from goodplay.lib.iban import mask
from goodplay.lib.money import LARGEST

MOST_LINES, LONGEST_LINE = 20, 200
EMPTY_ROWS = 3
ADDRESS = ("street", "postal_code", "city", "region")


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})


class LinesField(forms.CharField):
    """A list, one on each line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=_area(3), help_text=_("One on each line."), **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().clean(value) or "").splitlines() if line.strip()]
        if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
            raise forms.ValidationError(_("Up to 20 lines of at most 200 letters."))
        return lines


class OrganisationForm(forms.Form):
    needed_at_the_end = frozenset({"description", "operational_scope", "legal_entity_type", "tax_id"})

    organization_name = forms.CharField(label=_("Name of the organisation"), max_length=200)
    category = forms.ModelChoiceField(
        label=_("Field of work"),
        queryset=OnlusCategory.objects.filter(is_active=True).order_by("-priority", "name"),
        help_text=_("It decides which documents are asked for."),
    )
    mission_statement = forms.CharField(
        label=_("Mission"), max_length=2000, help_text=_("In two or three sentences."), widget=_area(3)
    )
    contact_email = forms.EmailField(
        label=_("Contact e-mail"), max_length=254, widget=forms.EmailInput({"autocomplete": "email"})
    )
    contact_phone = forms.RegexField(
        r"^\+?[0-9][0-9 ()./-]{4,28}$",
        label=_("Contact phone"),
        max_length=30,
        widget=forms.TextInput({"autocomplete": "tel"}),
        error_messages={"invalid": _("A telephone number has digits, spaces and a + in front.")},
    )
    description = forms.CharField(label=_("What you do"), required=False, max_length=2000, widget=_area(5))
    operational_scope = forms.CharField(label=_("Where you work"), required=False, max_length=200)
    target_beneficiaries = forms.CharField(label=_("Whom you help"), required=False, max_length=200)
    primary_activities = LinesField(label=_("Main activities"))
    website_url = forms.URLField(label=_("Website"), required=False, max_length=200, assume_scheme="https")
    legal_entity_type = forms.ChoiceField(
        label=_("Legal form"), required=False, choices=[("", "-"), *OnlusApplication.LegalForm.choices]
    )
    tax_id = forms.CharField(
        label=_("Codice fiscale"),
        required=False,
        max_length=20,
        help_text=_("Of the organisation: eleven digits."),
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    runts_number = forms.CharField(
        label=_("RUNTS number"),
        required=False,
        max_length=20,
        validators=[RegexValidator(r"^[0-9]{1,20}$", _("Digits only."))],
    )
    runts_section = forms.ChoiceField(
        label=_("RUNTS section"), required=False, choices=[("", "-"), *Onlus.RuntsSection.choices]
    )
    incorporation_date = forms.DateField(
        label=_("Founded on"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    street = forms.CharField(label=_("Street and number"), required=False, max_length=120)
    postal_code = forms.CharField(label=_("Postal code"), required=False, max_length=10)
    city = forms.CharField(label=_("Town"), required=False, max_length=80)
    region = forms.CharField(label=_("Region"), required=False, max_length=80)

    @property
    def facts(self) -> dict[str, Any]:
        """What is written, as the operation takes it."""
        data = dict(self.cleaned_data)
        parts = {name: " ".join(data.pop(name).split()) for name in ADDRESS}
        return {**data, "address": {name: part for name, part in parts.items() if part}}


def organisation_of(application: OnlusApplication) -> dict[str, Any]:
    """Return what the page about the organisation begins with."""
    columns = {
        name: getattr(application, name) for name in OrganisationForm.base_fields if name not in ADDRESS
    }
    return {**columns, **{name: application.address.get(name, "") for name in ADDRESS}}


class PersonForm(forms.Form):
    name = forms.CharField(label=_("Name"), required=False, max_length=120)
    role = forms.CharField(label=_("Role"), required=False, max_length=80)
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if any(data.values()):
            for name in ("name", "role"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Name and role are both needed."))
        return data


PeopleForms = forms.formset_factory(PersonForm, extra=EMPTY_ROWS, max_num=MOST_PEOPLE, validate_max=True)


def people_in(rows: Any) -> list[dict[str, str]]:
    """Return who is written down; empty rows, and rows that were emptied, are nobody."""
    told = [form.cleaned_data for form in rows.forms if form.cleaned_data]
    people = [{name: text.strip() for name, text in row.items() if text} for row in told]
    return [person for person in people if person]


class MoneyForm(forms.Form):
    annual_budget = forms.DecimalField(
        label=_("Budget of a year, in euros"),
        required=False,
        min_value=0,
        max_value=LARGEST,
        max_digits=14,
        decimal_places=2,
    )
    funding_sources = LinesField(label=_("Where your money comes from"))
    iban = forms.CharField(label="IBAN", required=False, max_length=42)
    account_holder = forms.CharField(label=_("Account holder"), required=False, max_length=120)
    bank_name = forms.CharField(label=_("Bank"), required=False, max_length=120)

    def __init__(self, data: Any, *, application: OnlusApplication) -> None:
        self.known = application.bank_account_info or {}
        told = {name: self.known.get(name, "") for name in ("account_holder", "bank_name")}
        money = {name: getattr(application, name) for name in ("annual_budget", "funding_sources")}
        super().__init__(data, initial={**money, **told})
        if number := self.known.get("iban"):
            words = _("We have %(iban)s. Leave it empty to keep it.") % {"iban": mask(number)}
            self.fields["iban"].help_text = words

    @property
    def facts(self) -> dict[str, Any]:
        """What is written, as the operation takes it; an empty IBAN keeps the one that is there."""
        data = dict(self.cleaned_data)
        account = {name: " ".join(data.pop(name).split()) for name in ("iban", "account_holder", "bank_name")}
        account["iban"] = account["iban"] or self.known.get("iban", "")
        return {**data, "bank_account_info": {name: part for name, part in account.items() if part}}


class WordsForm(forms.Form):
    """A message, or an appeal."""

    text = forms.CharField(label=_("Your message"), max_length=4000, widget=_area(5))


class WithdrawalForm(forms.Form):
    reason = forms.CharField(label=_("Why"), required=False, max_length=500, widget=_area(2))


class ApplicantForm(forms.Form):
    """An account for somebody new who wants to apply."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "username"})
    )
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
