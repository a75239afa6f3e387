"""Cases in the back office: the queue, working on one, and closing it with a second person."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Case as Choice
from django.db.models import IntegerField, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.admin.case_parts import LinkInline, TimelineInline
from donations.exportables import STATISTICS
from donations.models import Case, CaseEvent, ComplianceCheck, Review
from donations.operations.compliance import cases, report_drafts
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.exports.operations import request_export
from goodplay.lib.private_files import operations as private_files
from goodplay.lib.requests import client_address

WORK, CLOSE = "donations.change_case", "donations.close_case"


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class EvidenceForm(forms.Form):
    file = forms.FileField(label=_("File"), help_text=_("A PDF, a JPEG or a PNG."))
    text = forms.CharField(label=_("What it shows"), max_length=500, required=False)


class ClosingForm(ReasonForm):
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Case.Outcome.choices)


class ProposedForm(ReasonForm):
    """An answer to the proposal that the page showed, and to no other."""

    proposal = forms.CharField(widget=forms.HiddenInput)


class AssignForm(forms.Form):
    to = forms.ModelChoiceField(
        label=_("Assign to"), queryset=User.objects.filter(is_staff=True, is_active=True).order_by("email")
    )


class DraftForm(forms.Form):
    format = forms.ChoiceField(label=_("Format"), choices=[(name, name) for name in report_drafts.FORMATS])


class YearForm(ReasonForm):
    year = forms.IntegerField(label=_("Year"), min_value=2020, max_value=2100)
    format = forms.ChoiceField(
        label=_("Format"), choices=[("csv", "csv"), ("excel", "excel"), ("pdf", "pdf")]
    )


class LinkForm(forms.Form):
    check = forms.CharField(label=_("Check"), max_length=27, required=False, help_text="CHK-…")
    review = forms.UUIDField(label=_("Review of the movement"), required=False)


def is_open(case: Case) -> bool:
    return case.is_open


def is_proposed(case: Case) -> bool:
    return case.status == Case.Status.CLOSING


def what_is_proposed(case: Case) -> str:
    words = {"who": case.proposed_by, "outcome": case.get_outcome_display()}
    return gettext("%(who)s proposes: %(outcome)s.") % words


def the_proposal(case: Case) -> dict[str, Any]:
    return {"proposal": case.proposal}


@admin.register(Case)
class CaseAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "case_id",
        "kind",
        "title",
        "risk_level",
        "status",
        "age",
        "time_left",
        "assignee",
        "escalation_level",
    )
    list_filter = ("status", "risk_level", "kind", "assignee", "opened_at")
    list_select_related = ("assignee",)
    search_fields = ("=case_id", "subject_user__email", "subject_onlus__name")
    search_help_text = _("A case, the player's e-mail, or the organisation.")
    inlines = (LinkInline, TimelineInline)
    readonly_fields = ("time_left",)
    fieldsets = (
        (None, {"fields": ("title", "kind", "risk_level", "subject_user", "subject_onlus")}),
        (
            _("Work"),
            {
                "fields": (
                    "status",
                    "assignee",
                    "due_at",
                    "time_left",
                    "escalation_level",
                    "opened_at",
                    "opened_by",
                )
            },
        ),
        (
            _("Closing"),
            {"fields": ("outcome", "proposed_by", "proposed_at", "closed_by", "closed_at")},
        ),
    )
    filterable = ("due_at", "closed_at")
    # What is closed comes last; then by deadline.
    ordering = (
        Choice(When(status=Case.Status.CLOSED, then=Value(1)), default=Value(0), output_field=IntegerField()),
        "due_at",
        "id",
    )

    @button(_("Take it"), permission=WORK, shown_if=is_open, tone="good")
    def take(self, request: HttpRequest, case: Case, data: dict[str, Any]) -> Any:
        cases.assign(case=case, to=_me(request), actor=_me(request), now=timezone.now())
        return _("The case is yours.")

    @button(_("Assign"), permission=WORK, shown_if=is_open, form=AssignForm)
    def assign(self, request: HttpRequest, case: Case, data: dict[str, Any]) -> Any:
        cases.assign(case=case, to=data["to"], actor=_me(request), now=timezone.now())
        return _("Assigned to %(who)s.") % {"who": data["to"]}

    @button(_("Add a note"), permission=WORK, shown_if=is_open, form=NoteForm)
    def note(self, request: HttpRequest, case: Case, data: dict[str, Any]) -> Any:
        cases.add_note(case=case, text=data["text"], actor=_me(request), now=timezone.now())
        return _("Noted.")

    @button(_("Add evidence"), permission=WORK, shown_if=is_open, form=EvidenceForm)
    def evidence(self, request: HttpRequest, case: Case, data: dict[str, Any]) -> Any:
        cases.add_evidence(
            case=case, upload=data["file"], text=data["text"], actor=_me(request), now=timezone.now()
        )
        return _("The file is kept, encrypted.")

    @button(_("Link a check or review"), permission=WORK, shown_if=is_open, form=LinkForm)
    def link(self, request: HttpRequest, case: Case, data: dict[str, Any]) -> Any:
        check = ComplianceCheck.objects.filter(check_id=data["check"]).first() if data["check"] else None
        review = Review.objects.filter(subject_id=data["review"]).first() if data["review"] else None
        found = [each for each in (check, review) if each is not None]
        if not found:
            raise cases.NothingToLink
        for target in found:
            cases.link(case=case, target=target, actor=_me(request), now=timezone.now())
        return _("Linked.")

    @button(
        _("Escalate"),
        permission=WORK,
        shown_if=is_open,
        form=ReasonForm,
        explains=_("It becomes as urgent as the next graver risk."),
    )
    def escalate(self, request: HttpRequest, case: Case, data: dict[str, Any]) -> Any:
        cases.escalate(case=case, reason=data["reason"], actor=_me(request), now=timezone.now())
        return _("Escalated.")

    @button(
        _("Propose to close"),
        permission=WORK,
        shown_if=is_open,
        form=ClosingForm,
        explains=_("A second person closes it."),
    )
    def propose(self, request: HttpRequest, case: Case, data: dict[str, Any]) -> Any:
        cases.propose_closing(
            case=case,
            outcome=data["outcome"],
            reason=data["reason"],
            actor=_me(request),
            now=timezone.now(),
        )
        return _("Proposed: a second person closes it.")

    @button(
        _("Draw up a report draft"),
        permission="donations.report_case",
        shown_if=is_open,
        form=DraftForm,
        explains=_("A file for whoever reports. It is kept here, encrypted, and sent nowhere."),
    )
    def draft(self, request: HttpRequest, case: Case, data: dict[str, Any]) -> Any:
        report_drafts.draw_up(case=case, format=data["format"], actor=_me(request), now=timezone.now())
        return _("Kept in the timeline: open it there.")

    @button(
        _("Statistics of a year"),
        permission="donations.report_case",
        form=YearForm,
        on_list=True,
    )
    def statistics(self, request: HttpRequest, case: None, data: dict[str, Any]) -> Any:
        job = request_export(
            kind=STATISTICS,
            format=data["format"],
            parameters={"year": data["year"]},
            requested_by=request.user,
            reason=data["reason"],
            now=timezone.now(),
            address=client_address(request),
        )
        return _("%(export)s is being made: it waits a day among the exports.") % {"export": job.export_id}

    @button(
        _("Close"),
        permission=CLOSE,
        shown_if=is_proposed,
        form=ProposedForm,
        initial=the_proposal,
        explains=what_is_proposed,
        tone="good",
        dangerous=True,
    )
    def close(self, request: HttpRequest, case: Case, data: dict[str, Any]) -> Any:
        cases.close(case=case, **data, actor=_me(request), now=timezone.now())
        return _("Closed.")

    @button(
        _("Do not close"),
        permission=CLOSE,
        shown_if=is_proposed,
        form=ProposedForm,
        initial=the_proposal,
        explains=what_is_proposed,
        tone="danger",
    )
    def refuse(self, request: HttpRequest, case: Case, data: dict[str, Any]) -> Any:
        cases.refuse_closing(case=case, **data, actor=_me(request), now=timezone.now())
        return _("The case goes on.")

    @admin.display(description=_("age"), ordering="opened_at")
    def age(self, case: Case) -> str:
        return timesince(case.opened_at, depth=1)

    @admin.display(description=_("time left"), ordering="due_at")
    def time_left(self, case: Case) -> Any:
        if not case.is_open:
            return "–"  # noqa: RUF001  (a dash for nothing)
        if case.due_at <= timezone.now():
            return _("%(time)s late") % {"time": timesince(case.due_at, depth=1)}
        return timeuntil(case.due_at, depth=1)


@admin.register(CaseEvent)
class CaseEventAdmin(ObjectActions, ReadOnlyAdmin):
    """One line of a timeline, and the file it brought."""

    list_display = ("created_at", "case", "kind", "text", "actor")
    list_filter = ("kind", "created_at")
    list_select_related = ("case", "actor")
    search_fields = ("=case__case_id",)
    ordering = ("-created_at", "-id")

    @button(
        _("Open the file"),
        permission=WORK,
        shown_if=lambda event: event.file_id is not None,
        explains=_("Who opened it is written down."),
    )
    def open_file(self, request: HttpRequest, event: CaseEvent, data: dict[str, Any]) -> Any:
        file = event.file
        assert file is not None  # noqa: S101  (the button shows only where there is one)
        content = private_files.open_file(
            file=file,
            actor=request.user,
            purpose=f"case {event.case.case_id}",
            now=timezone.now(),
            address=client_address(request),
        )
        return HttpResponse(
            content,
            content_type=file.content_type,
            headers={
                "Content-Disposition": f'attachment; filename="{file.name}"',
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
            },
        )


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)
