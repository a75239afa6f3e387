"""What stands on the page of an application: papers, checks, the thread, the timeline, conditions, the appeal."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.admin.application_words import chip, deeds, link_to, paper_state
from accounts.models import (
    ApplicationAppeal,
    ApplicationMessage,
    ApplicationStep,
    ApprovalCondition,
    OnlusApplication,
    OnlusDocument,
    VerificationCheck,
)
from accounts.operations.application_states import REVIEW
from goodplay.lib.templatetags.house import day


class _Shown(admin.TabularInline):
    """Rows that are only read here; `people` names the columns that are fetched with them."""

    extra = 0
    can_delete = False
    people: ClassVar[tuple[str, ...]] = ()
    # What only those may press who review.
    pressed: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.people)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*self.fields, *(self.pressed if request.user.has_perm(REVIEW) else ())]  # type: ignore[misc]  # each names its own

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("accounts.view_onlusapplication"))


class PaperInline(_Shown):
    model = OnlusDocument
    fk_name = "application"
    fields = ("kind", "version", "state", "rejection_reason", "came", "ends", "reviewed_by")
    pressed = ("can_do",)
    people = ("reviewed_by",)
    ordering = ("document_type", "-version")

    @admin.display(description=_("type"))
    def kind(self, row: OnlusDocument) -> SafeString:
        return link_to(row, row.get_document_type_display())

    @admin.display(description=_("handed in"))
    def came(self, row: OnlusDocument) -> str:
        return day(row.uploaded_at)

    @admin.display(description=_("holds until"))
    def ends(self, row: OnlusDocument) -> str:
        return day(row.expires_at) if row.expires_at else "-"

    @admin.display(description=_("status"))
    def state(self, row: OnlusDocument) -> SafeString:
        return paper_state(row)

    @admin.display(description=_("can be done"))
    def can_do(self, row: OnlusDocument) -> SafeString | str:
        offers: list[tuple[str, Any]] = [("look", _("Look"))]
        if row.is_waiting:
            offers += [("approve", _("Approve")), ("ask_again", _("Ask again")), ("reject", _("Reject"))]
        return deeds(row, offers)


class CheckInline(_Shown):
    model = VerificationCheck
    fields = ("kind", "status", "risk", "score", "result_summary", "performed_by", "answered")
    pressed = ("can_do",)
    people = ("performed_by",)
    ordering = ("created_at", "check_type")

    @admin.display(description=_("check"))
    def kind(self, row: VerificationCheck) -> SafeString:
        return link_to(row)

    @admin.display(description=_("answered"))
    def answered(self, row: VerificationCheck) -> str:
        return day(row.completed_at) if row.completed_at else "-"

    @admin.display(description=_("risk"))
    def risk(self, row: VerificationCheck) -> SafeString:
        return chip(row.risk_level, row.get_risk_level_display())

    @admin.display(description=_("can be done"))
    def can_do(self, row: VerificationCheck) -> SafeString | str:
        is_open = row.status not in (row.Status.COMPLETED, row.Status.SKIPPED)
        return deeds(row, [("answer", _("Answer"))] if is_open else [])


class MessageInline(_Shown):
    model = ApplicationMessage
    fields = ("written_at", "by", "kind", "said", "due_at", "answered_at")
    people = ("author",)
    ordering = ("written_at", "id")
    verbose_name_plural = _("messages with the applicant")

    @admin.display(description=_("from"))
    def by(self, row: ApplicationMessage) -> str:
        return str(row.author) if row.is_from_staff else _("Applicant: %(who)s") % {"who": row.author}

    @admin.display(description=_("text"))
    def said(self, row: ApplicationMessage) -> SafeString:
        return mark_safe(linebreaks(row.text, autoescape=True))  # noqa: S308  (escaped a word before)


class StepInline(_Shown):
    model = ApplicationStep
    fields = ("taken_at", "status", "phase", "note")
    ordering = ("taken_at", "id")
    verbose_name_plural = _("timeline, as the applicant reads it")


class ConditionInline(_Shown):
    model = ApprovalCondition
    fields = ("text", "due_on", "met_at", "met_by", "met_note")
    pressed = ("can_do",)
    people = ("met_by",)
    ordering = ("due_on", "id")

    @admin.display(description=_("can be done"))
    def can_do(self, row: ApprovalCondition) -> SafeString | str:
        return deeds(row, [("met", _("Note that it is met"))] if row.met_at is None else [])


class AppealInline(_Shown):
    model = ApplicationAppeal
    fields = ("filed_at", "text", "against", "rejected_by", "status", "decide_by", "decided_by", "reasons")
    people = ("rejected_by", "decided_by")

    @admin.display(description=_("reason of the decision"))
    def reasons(self, row: ApplicationAppeal) -> str:
        return row.decision_reason or "-"


def inlines_for(application: OnlusApplication | None) -> list[type[_Shown]]:
    """Leave out what this application cannot have."""
    if application is None:
        return []
    rows: list[type[_Shown]] = [PaperInline, CheckInline, MessageInline, StepInline]
    if application.status == OnlusApplication.Status.APPROVED:
        rows.insert(0, ConditionInline)
    if hasattr(application, "appeal"):
        rows.insert(0, AppealInline)
    return rows
