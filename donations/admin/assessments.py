"""Assessments of organisations, and what is wrong with them, in the back office."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus
from donations.assessment_words import CATEGORIES, issue_in_words
from donations.models import ComplianceAssessment, ComplianceIssue, ComplianceRecommendation
from donations.operations import assessments
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.requests import client_address

MAY_ASSESS = "donations.change_complianceassessment"
MAY_JUDGE = "donations.change_complianceissue"


class AssessForm(forms.Form):
    onlus = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Onlus.objects.filter(verified_at__isnull=False).order_by("name")
    )
    months = forms.IntegerField(label=_("Months"), min_value=1, max_value=60, initial=12)


class NotesForm(forms.Form):
    notes = forms.CharField(
        label=_("Notes"), min_length=5, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class IssueForm(forms.Form):
    onlus = forms.ModelChoiceField(label=_("Organisation"), queryset=Onlus.objects.order_by("name"))
    issue_type = forms.SlugField(label=_("Type"), max_length=40, initial="found_by_staff")
    description = forms.CharField(
        label=_("Description"),
        max_length=500,
        help_text=_("The organisation reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    severity = forms.ChoiceField(
        label=_("Severity"), choices=ComplianceIssue.Severity.choices, initial="medium"
    )
    category = forms.ChoiceField(
        label=_("Category"), choices=[(code, name) for code, name in CATEGORIES.items() if code != "overall"]
    )


@admin.register(ComplianceAssessment)
class ComplianceAssessmentAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "onlus",
        "overall_score",
        "level",
        "risk_level",
        "is_current",
        "assessed_at",
        "next_due_at",
        "verified_at",
    )
    list_filter = ("is_current", "level", "risk_level")
    list_select_related = ("onlus",)
    search_fields = ("onlus__name",)
    ordering = ("-assessed_at", "-id")

    @button(
        _("Assess an organisation now"),
        permission=MAY_ASSESS,
        form=AssessForm,
        explains=_(
            "From the figures of these months. Its status follows the score; the weekly job goes on as before."
        ),
        on_list=True,
    )
    def assess(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> Any:
        made = assessments.assess(assessor=request.user, **data, **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return HttpResponseRedirect(reverse("admin:donations_complianceassessment_change", args=[made.pk]))

    @button(
        _("Verify"),
        permission=MAY_ASSESS,
        shown_if=lambda assessment: assessment.verified_at is None,
        form=NotesForm,
        explains=_("You read it and confirm what it says."),
        tone="good",
    )
    def verify(self, request: HttpRequest, assessment: ComplianceAssessment, data: dict[str, Any]) -> Any:
        assessments.verify(assessment=assessment, actor=request.user, **data, **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return _("Verified.")


@admin.register(ComplianceIssue)
class ComplianceIssueAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("onlus", "what", "severity", "identified_at", "opened_by", "resolved_at")
    list_filter = ("severity", ("resolved_at", admin.EmptyFieldListFilter))
    list_select_related = ("onlus", "opened_by")
    search_fields = ("onlus__name", "description")
    ordering = ("-identified_at", "-id")

    @admin.display(description=_("issue"))
    def what(self, issue: ComplianceIssue) -> Any:
        return issue_in_words(issue.issue_type, issue.description)

    @button(
        _("Open an issue"),
        permission=MAY_JUDGE,
        form=IssueForm,
        explains=_("It counts towards the risk of the organisation, which reads it on its page."),
        on_list=True,
    )
    def open(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> Any:
        assessments.open_issue(actor=request.user, **data, **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return _("The issue is open.")

    @button(
        _("Resolve"),
        permission=MAY_JUDGE,
        shown_if=lambda issue: issue.resolved_at is None,
        form=NotesForm,
        tone="good",
    )
    def resolve(self, request: HttpRequest, issue: ComplianceIssue, data: dict[str, Any]) -> Any:
        assessments.resolve_issue(issue=issue, actor=request.user, **data, **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return _("Resolved.")


@admin.register(ComplianceRecommendation)
class ComplianceRecommendationAdmin(ReadOnlyAdmin):
    list_display = ("onlus", "category", "expected_gain", "suggested_at", "done_at")
    list_filter = ("category", ("done_at", admin.EmptyFieldListFilter))
    list_select_related = ("onlus",)
    search_fields = ("onlus__name",)
    ordering = ("-suggested_at", "-id")


def _here(request: HttpRequest) -> dict[str, Any]:
    return {"address": client_address(request), "now": timezone.now()}
