"""What staff decide about metrics and updates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus
from goodplay.lib.admin.buttons import ReasonForm
from goodplay.lib.time import ROME
from impact.forms.metrics import MetricForm, figure


class SeenValue(forms.Form):
    """The value the one who decides was looking at: another one is not decided about."""

    seen_value = forms.DecimalField(widget=forms.HiddenInput)


class VerifyForm(SeenValue):
    reason = forms.CharField(
        label=_("How you checked it"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )


class DisputeForm(ReasonForm, SeenValue):
    """Why a value is doubted: its organisation reads it."""


class ResolveForm(ReasonForm, SeenValue):
    """How a doubt is settled."""

    corrected_value = figure(_("The right value, when the value was wrong"), required=False)


class FeatureForm(forms.Form):
    """Until when something stands in front."""

    until = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=_("Time of Rome. Empty: until somebody takes it back."),
    )

    def clean_until(self) -> Any:
        typed = self.cleaned_data["until"]
        return typed and typed.replace(tzinfo=ROME)


class PurposeForm(forms.Form):
    """What somebody needs to see a file for: it stays on record."""

    purpose = forms.CharField(
        label=_("What you need to see it for"),
        max_length=500,
        min_length=5,
        widget=forms.Textarea({"rows": 2}),
    )


class NewMetricForm(MetricForm):
    """A value staff take in for an organisation."""

    onlus = forms.ModelChoiceField(label=_("ONLUS"), queryset=Onlus.objects.order_by("name", "pk"))

    field_order: Any = ("onlus", *MetricForm.field_order)
