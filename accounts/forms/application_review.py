"""What reviewers of applications are asked for by the buttons of the back office."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import ApplicationMessage, OnlusApplication, RiskLevel
from accounts.queries.applications import reviewers
from goodplay.lib.admin.buttons import ReasonForm

MOST_CONDITIONS = 3
_LONG = 4000


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ReviewerForm(forms.Form):
    reviewer = forms.ModelChoiceField(label=_("Reviewer"), queryset=reviewers())


class QuestionForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What for"),
        choices=[
            (ApplicationMessage.Kind.INFORMATION.value, _("Information: ten working days")),
            (ApplicationMessage.Kind.CLARIFICATION.value, _("Something to be made clear: five working days")),
        ],
    )
    text = forms.CharField(label=_("Question"), max_length=_LONG, widget=_text(6))


class MessageForm(forms.Form):
    text = forms.CharField(label=_("Message"), max_length=_LONG, widget=_text(6))


class NotesForm(forms.Form):
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=10_000,
        help_text=_("Never shown to the applicant."),
        widget=_text(10),
    )


class PriorityForm(ReasonForm):
    priority = forms.ChoiceField(label=_("Priority"), choices=OnlusApplication.Priority.choices)
    field_order = ("priority", "reason")


class OverrideForm(forms.Form):
    override_reason = forms.CharField(
        label=_("Why the checks are overruled"),
        required=False,
        max_length=2000,
        help_text=_("Only where they are not passed, and by a senior person. Leave it empty otherwise."),
        widget=_text(3),
    )


class ApprovalForm(ReasonForm):
    """The reason, and up to three conditions with their days."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for number in range(1, MOST_CONDITIONS + 1):
            words = {"number": number}
            self.fields[f"condition_{number}"] = forms.CharField(
                label=_("Condition %(number)s") % words, required=False, max_length=300
            )
            self.fields[f"due_on_{number}"] = forms.DateField(
                label=_("Condition %(number)s: until") % words,
                required=False,
                widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for number in range(1, MOST_CONDITIONS + 1):
            text, due_on = data.get(f"condition_{number}"), data.get(f"due_on_{number}")
            if text and not due_on and f"due_on_{number}" not in self.errors:
                self.add_error(f"due_on_{number}", _("Say until when."))
            if due_on and not text:
                self.add_error(f"condition_{number}", _("Say what is still owed."))
        return data


def conditions_of(data: dict[str, Any]) -> list[tuple[str, date]]:
    """Return the conditions that were filled in."""
    pairs = [
        (data[f"condition_{number}"], data[f"due_on_{number}"]) for number in range(1, MOST_CONDITIONS + 1)
    ]
    return [(text, due_on) for text, due_on in pairs if text]


class RejectionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=2000,
        help_text=_("The applicant reads it."),
        widget=_text(5),
    )


class AppealForm(ReasonForm):
    decision = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            ("grant", _("Grant: it is looked at anew")),
            ("refuse", _("Refuse: the rejection stands")),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ("decision", "reason")


class PurposeForm(forms.Form):
    purpose = forms.CharField(
        label=_("What for"), min_length=5, max_length=500, help_text=_("It stays on record, with your name.")
    )


class LookForm(PurposeForm):
    way = forms.ChoiceField(
        label=_("How"),
        choices=[("open", _("Open it in the browser")), ("save", _("Save it as a file"))],
        initial="open",
        widget=forms.RadioSelect,
    )


class PaperApprovalForm(forms.Form):
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=2000,
        help_text=_("Never shown to the applicant."),
        widget=_text(3),
    )


class PaperRefusalForm(PaperApprovalForm):
    reason = forms.CharField(
        label=_("What is wrong"),
        min_length=5,
        max_length=1000,
        help_text=_("The applicant reads it, and hands in a better one."),
        widget=_text(3),
    )
    field_order = ("reason", "notes")


class CheckForm(forms.Form):
    """What a person found out about one question."""

    passed = forms.TypedChoiceField(
        label=_("Result"),
        choices=[("yes", _("Passed")), ("no", _("Failed"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
    )
    risk_level = forms.ChoiceField(label=_("Risk"), choices=RiskLevel.choices)
    score = forms.DecimalField(
        label=_("Score, 0 to 100"),
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text=_("High is good. The score of the application is the mean of its checks."),
    )
    result_summary = forms.CharField(
        label=_("What you found"), min_length=5, max_length=2000, widget=_text(3)
    )
    findings = forms.CharField(
        label=_("Findings"),
        required=False,
        max_length=_LONG,
        help_text=_("One on each line."),
        widget=_text(3),
    )
    recommendations = forms.CharField(
        label=_("Recommendations"),
        required=False,
        max_length=_LONG,
        help_text=_("One on each line."),
        widget=_text(3),
    )
    external_reference = forms.CharField(
        label=_("Evidence elsewhere"),
        required=False,
        max_length=200,
        help_text=_("Such as the number of the extract of a register."),
    )
    follow_up_notes = forms.CharField(
        label=_("What is to be followed up"), required=False, max_length=2000, widget=_text(2)
    )


class MetForm(forms.Form):
    how = forms.CharField(label=_("How it was met"), min_length=5, max_length=500, widget=_text(3))
