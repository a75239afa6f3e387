"""Forms of the portal about money."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import OnlusCategory
from donations.models import AllocationRequest
from donations.models.allocation import LARGEST_REQUEST
from donations.queries.received import Span
from goodplay.lib.days import SENSIBLE
from goodplay.lib.money import CENT
from goodplay.lib.time import day_start

CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}", re.ASCII)


class CodeForm(forms.Form):
    """The check code of a document, as people write it: in any case, with or without its dashes."""

    code = forms.CharField(
        label=_("Check code"),
        max_length=40,
        widget=forms.TextInput(
            {
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": "XXXX-XXXX-XXXX-XXXX",
            }
        ),
    )

    def clean_code(self) -> str:
        """Read what was typed or misread: letters the codes do not have stand for the digits they look like."""
        typed = "".join(sign for sign in self.cleaned_data["code"].upper() if sign.isalnum())
        code = typed.translate(str.maketrans("OIL", "011"))
        if not CODE.fullmatch(code):
            raise forms.ValidationError(_("A check code has 16 letters and digits."))
        return code


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


class TaxRuleForm(forms.Form):
    """What a new version of a tax rule says; the rest it takes over."""

    valid_from = forms.DateField(label=_("Valid from"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    valid_until = forms.DateField(
        label=_("Valid until"),
        required=False,
        help_text=_("The first day it no longer holds; empty: open."),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    deduction_rate = forms.DecimalField(
        label=_("Rate"),
        min_value=0,
        max_value=1,
        max_digits=5,
        decimal_places=4,
        help_text=_("0.30 is 30 %."),
    )
    annual_cap = forms.DecimalField(
        label=_("Most in a year"), required=False, min_value=Decimal("0.01"), max_digits=14, decimal_places=2
    )
    income_share = forms.DecimalField(
        label=_("Share of income"), required=False, min_value=0, max_value=1, max_digits=5, decimal_places=4
    )
    income_share_instead = forms.BooleanField(label=_("Share of income instead"), required=False)
    minimum_amount = forms.DecimalField(label=_("Least amount"), min_value=0, max_digits=14, decimal_places=2)
    traceable_only = forms.BooleanField(label=_("Traceable means only"), required=False)
    retention_years = forms.IntegerField(label=_("Years to keep the papers"), min_value=1, max_value=99)
    method = forms.SlugField(label=_("Method"), max_length=60)
    law = forms.CharField(label=_("Law"), max_length=200)
    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=500, widget=forms.Textarea({"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, until = cleaned.get("valid_from"), cleaned.get("valid_until")
        if first and until and until <= first:
            self.add_error("valid_until", _("The last day comes before the first."))
        return cleaned


class FundingRequestForm(forms.Form):
    """What an organisation asks money for."""

    title = forms.CharField(label=_("Project"), max_length=160)
    description = forms.CharField(
        label=_("What it is about"),
        min_length=50,
        max_length=2000,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("Between 50 and 2,000 characters."),
    )
    amount = forms.DecimalField(
        label=_("Amount in euros"), min_value=CENT, max_value=LARGEST_REQUEST, decimal_places=2
    )
    category = forms.ModelChoiceField(
        label=_("Field of work"), queryset=OnlusCategory.objects.filter(is_active=True).order_by("-priority")
    )
    urgency_level = forms.TypedChoiceField(
        label=_("Urgency"),
        coerce=int,
        initial=2,
        choices=[
            (1, _("1: can wait")),
            (2, _("2: this season")),
            (3, _("3: soon")),
            (4, _("4: within weeks")),
            (5, _("5: now")),
        ],
    )
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        coerce=int,
        initial=AllocationRequest.Priority.NORMAL,
        choices=AllocationRequest.Priority.choices,
        help_text=_("An emergency is looked at within minutes. One can be open at a time."),
    )
    deadline = forms.DateField(
        label=_("Needed by"),
        required=False,
        validators=SENSIBLE,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    annual_budget = forms.DecimalField(
        label=_("Your budget of a year in euros"),
        required=False,
        min_value=CENT,
        max_digits=14,
        decimal_places=2,
        help_text=_("Against what you received in the last twelve months it shows what you lack."),
    )
    expected_impact = forms.CharField(
        label=_("Expected impact"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3})
    )

    @property
    def facts(self) -> dict[str, Any]:
        """The answers as the operation takes them: a deadline is the end of its day in Rome."""
        facts = dict(self.cleaned_data)
        facts["category_id"] = facts.pop("category").pk
        if facts["deadline"]:
            facts["deadline"] = day_start(facts["deadline"] + timedelta(days=1))
        return facts


class BankAccountForm(forms.Form):
    """Where an ONLUS wants to be paid, and the password of who says so."""

    iban = forms.CharField(
        label="IBAN", max_length=42, widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"})
    )
    holder = forms.CharField(
        label=_("Account holder"),
        max_length=70,
        help_text=_("As the bank has it. It must be the organisation."),
    )
    bic = forms.CharField(label="BIC", max_length=11, required=False)
    town = forms.CharField(label=_("Town"), max_length=35)
    country = forms.RegexField(r"^[A-Za-z]{2}$", label=_("Country"), help_text=_("Two letters."))
    password = forms.CharField(
        label=_("Your password"),
        max_length=128,
        strip=False,
        help_text=_("Once more, because money is at stake."),
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


class SummaryForm(forms.Form):
    """How many whole months a financial summary is to cover."""

    months = forms.IntegerField(
        label=_("Months"),
        min_value=1,
        max_value=60,
        initial=12,
        help_text=_("The last whole months, 1 to 60."),
    )
