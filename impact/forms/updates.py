"""What organisations tell."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from goodplay.lib.time import ROME
from impact.forms.metrics import day, figure
from impact.models import ImpactMetric, ImpactUpdate

BY_TYPE = ""


class UpdateForm(forms.Form):
    """An update as it is written. What it is about is chosen, never typed."""

    title = forms.CharField(label=_("Title"), max_length=200)
    content = forms.CharField(
        label=_("Text"),
        max_length=50_000,
        widget=forms.Textarea({"rows": 12}),
        help_text=_(
            "Markdown: **bold**, *italic*, - lists, [links](https://…). Pictures are added afterwards."
        ),
    )
    update_type = forms.ChoiceField(label=_("Type"), choices=ImpactUpdate.Type.choices)
    priority = forms.TypedChoiceField(
        label=_("Priority"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(BY_TYPE, _("As usual for the type")), *ImpactUpdate.Priority.choices],
    )
    author = forms.CharField(label=_("Author"), max_length=120, required=False)
    location = forms.CharField(
        label=_("Place"), max_length=200, required=False, help_text=_("A town or a region: nobody's address.")
    )
    beneficiary_count = forms.IntegerField(
        label=_("People helped"),
        required=False,
        min_value=0,
        max_value=2_000_000_000,
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    financial_impact = figure(_("Euros spent"), required=False)
    contact_info = forms.CharField(label=_("Contact"), max_length=200, required=False)
    tags = forms.CharField(
        label=_("Tags"), max_length=300, required=False, help_text=_("Words, separated by commas.")
    )
    related_metric_ids = forms.MultipleChoiceField(
        label=_("Metrics it is about"), required=False, widget=forms.CheckboxSelectMultiple
    )
    donations_from = day(
        _("About donations from"),
        help_text=_("Whoever gave you something on these days is told that this is what it did."),
    )
    donations_to = day(_("to"))

    def __init__(self, *args: Any, metrics: Iterable[ImpactMetric] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(str(metric.pk), metric.metric_name) for metric in metrics]
        self.fields["related_metric_ids"].choices = choices  # type: ignore[attr-defined]  # a choice field
        if not choices:
            del self.fields["related_metric_ids"]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        first, last = told.get("donations_from"), told.get("donations_to")
        if bool(first) != bool(last):
            self.add_error("donations_to", _("Name the first and the last day, or neither."))
        elif first and last and first > last:
            self.add_error("donations_to", _("The last day comes before the first."))
        return told

    @property
    def facts(self) -> dict[str, Any]:
        told = {name: value for name, value in self.cleaned_data.items() if not name.startswith("donations_")}
        told["tags"] = list(
            dict.fromkeys(tag for each in told["tags"].split(",") if (tag := " ".join(each.split()).lower()))
        )
        if told["priority"] is None:
            del told["priority"]
        return told

    @property
    def donation_days(self) -> dict[str, Any] | None:
        first = self.cleaned_data.get("donations_from")
        return {"first": first, "last": self.cleaned_data["donations_to"]} if first else None


class ScheduleForm(forms.Form):
    """When an update is to be published, by the clock of Rome."""

    publish_at = forms.DateTimeField(
        label=_("Publish at"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        help_text=_("Time of Rome."),
    )

    def clean_publish_at(self) -> datetime:
        typed: datetime = self.cleaned_data["publish_at"]
        return typed.replace(tzinfo=ROME)
