"""What organisations report about themselves."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from goodplay.lib.days import SENSIBLE
from goodplay.lib.time import day_start, rome_day
from impact.models import ImpactMetric
from impact.operations.metric_reports import Reading

NOON = timedelta(hours=12)
LONG = forms.Textarea({"rows": 3})


def figure(label: Any, *, required: bool = True) -> forms.DecimalField:
    """Return a field for a value: from zero up, with at most two decimals."""
    return forms.DecimalField(
        label=label,
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        required=required,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        localize=True,
    )


def day(label: Any, *, required: bool = False, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        validators=SENSIBLE,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
    )


class EvidenceFields(forms.Form):
    """A file that backs a value, and what is said about it in public."""

    file = forms.FileField(
        label=_("Evidence"),
        help_text=_("A PDF, a JPEG or a PNG. Only our staff open it; everybody sees that it is there."),
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )
    shows = forms.CharField(
        label=_("What it shows"), max_length=300, help_text=_("Everybody reads this: no names.")
    )
    taken_on = day(_("Day it was taken"), required=True)
    place = forms.CharField(
        label=_("Place"), max_length=120, required=False, help_text=_("The town is enough.")
    )
    latitude = forms.DecimalField(
        label=_("Latitude"),
        required=False,
        max_digits=12,
        decimal_places=8,
        min_value=Decimal(-90),
        max_value=Decimal(90),
        help_text=_("In degrees, rounded to about a kilometre before it is kept."),
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    longitude = forms.DecimalField(
        label=_("Longitude"),
        required=False,
        max_digits=12,
        decimal_places=8,
        min_value=Decimal(-180),
        max_value=Decimal(180),
        widget=forms.TextInput({"inputmode": "decimal"}),
    )

    @property
    def evidence(self) -> dict[str, Any] | None:
        told = self.cleaned_data
        if not told.get("file"):
            return None
        names = ("shows", "taken_on", "place", "latitude", "longitude")
        return {"upload": told["file"], **{name: told[name] for name in names}}


class ReadingForm(EvidenceFields):
    """A newer value of a metric, with evidence if there is some."""

    current_value = figure(_("Value"))
    collected_on = day(_("Counted on"), help_text=_("Today, when you leave it empty."))

    field_order: Any = ("current_value", "collected_on", "file")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("file", "shows", "taken_on"):
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("file"):
            for name in ("shows", "taken_on"):
                if not told.get(name) and name not in self.errors:
                    self.add_error(name, _("Evidence needs this."))
        return told

    def collected(self, now: datetime) -> datetime:
        return moment_of(self.cleaned_data.get("collected_on"), now)

    def reading_of(self, metric: ImpactMetric, now: datetime) -> Reading:
        return Reading(
            metric_name=metric.metric_name,
            metric_type=metric.metric_type,
            metric_unit=metric.metric_unit,
            current_value=self.cleaned_data["current_value"],
            period_type=metric.period_type,
            period_start=metric.period_start,
            period_end=metric.period_end,
            collection_date=self.collected(now),
        )


class MetricForm(ReadingForm):
    """Something new that is counted."""

    metric_name = forms.CharField(label=_("What you count"), max_length=120)
    metric_type = forms.ChoiceField(label=_("Type"), choices=ImpactMetric.Type.choices)
    metric_unit = forms.ChoiceField(label=_("Unit"), choices=ImpactMetric.Unit.choices)
    target_value = figure(_("Target"), required=False)
    description = forms.CharField(label=_("Description"), max_length=5000, required=False, widget=LONG)
    methodology = forms.CharField(
        label=_("How you count it"),
        max_length=5000,
        required=False,
        widget=LONG,
        help_text=_("Say also how sure you are."),
    )

    field_order: Any = (
        "metric_name",
        "metric_type",
        "metric_unit",
        "current_value",
        "collected_on",
        "target_value",
        "description",
        "methodology",
        "file",
    )

    def reading(self, now: datetime) -> Reading:
        names = ("metric_type", "metric_unit", "current_value", "target_value", "description", "methodology")
        told = {name: self.cleaned_data[name] for name in names}
        name = " ".join(self.cleaned_data["metric_name"].split())
        return Reading(metric_name=name, collection_date=self.collected(now), **told)


class WordsForm(forms.Form):
    """The words around a metric and its target."""

    target_value = figure(_("Target"), required=False)
    description = forms.CharField(label=_("Description"), max_length=5000, required=False, widget=LONG)
    methodology = forms.CharField(label=_("How you count it"), max_length=5000, required=False, widget=LONG)


class CorrectionForm(forms.Form):
    """The right value in place of a wrong one."""

    new_value = figure(_("The right value"))
    reason = forms.CharField(
        label=_("Why the value was wrong"), max_length=500, widget=LONG, help_text=_("Everybody reads this.")
    )
    seen_value = forms.DecimalField(widget=forms.HiddenInput)


def moment_of(chosen: date | None, now: datetime) -> datetime:
    """Return now for today, and noon in Rome for another day."""
    if chosen is None or chosen == rome_day(now):
        return now
    return day_start(chosen) + NOON
