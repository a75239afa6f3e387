"""Papers and checks of applications, each with its buttons."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Case, IntegerField, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from accounts.admin.application_words import chip, link_to, paper_state
from accounts.forms import application_review as forms
from accounts.models import (
    OnlusApplication,
    OnlusDocument,
    User,
    VerificationCheck,
)
from accounts.operations import documents, verification
from accounts.operations.application_states import DECIDE_RISKY, REVIEW
from accounts.queries.applications import has_conflict
from goodplay.lib.access_log.models import DataAccess
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.admin.facts import told
from goodplay.lib.requests import client_address
from goodplay.lib.templatetags.house import moment

Data = dict[str, Any]
LOOKS_SHOWN = 20


def can_be_decided(row: OnlusDocument) -> bool:
    return row.is_waiting and row.application.status in OnlusApplication.PAPERS_REVIEWED


def can_be_answered(row: VerificationCheck) -> bool:
    is_open = row.status not in (row.Status.COMPLETED, row.Status.SKIPPED)
    return is_open and row.application.status in OnlusApplication.REVIEWED


class OfApplication(ObjectActions, ReadOnlyAdmin):
    """What belongs to an application that was handed in, kept from whoever belongs to the organisation."""

    filterable = ("application",)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).select_related("application")
        return rows.exclude(application__submitted_at=None).exclude(application__applicant=request.user.pk)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_view_permission(request, obj)
        if obj is None or obj.application_id is None or not may:
            return may
        return not has_conflict(cast(User, request.user), obj.application)

    @admin.display(description=_("application"), ordering="application__organization_name")
    def of(self, row: Any) -> SafeString:
        return link_to(row.application)

    def back(self, request: HttpRequest, row: Any, sentence: Any) -> HttpResponse:
        """Tell what was done on the page of the application, where the work goes on."""
        self.message_user(request, sentence, messages.SUCCESS)
        address = reverse("admin:accounts_onlusapplication_change", args=[row.application_id])
        return HttpResponseRedirect(address)


@admin.register(OnlusDocument)
class OnlusDocumentAdmin(OfApplication):
    list_display = ("kind", "of", "version", "state", "age", "expires_at", "reviewed_by")
    list_select_related = ("application", "reviewed_by")
    list_filter = ("status", "document_type", "is_latest", "uploaded_at")
    search_fields = ("application__organization_name", "title")
    # What waits comes first, oldest first.
    ordering = (
        Case(
            When(status__in=OnlusDocument.WAITING, then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        ),
        "uploaded_at",
        "id",
    )
    fields = (
        "of",
        "document_type",
        ("title", "version"),
        "description",
        "handed_in",
        ("uploaded_by", "uploaded_at"),
        "expires_at",
        "state",
        "rejection_reason",
        "reviewer_notes",
        ("reviewed_by", "reviewed_at"),
        "looks",
    )

    @admin.display(description=_("type"), ordering="document_type")
    def kind(self, row: OnlusDocument) -> str:
        return row.get_document_type_display()

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: OnlusDocument) -> SafeString:
        return paper_state(row)

    @admin.display(description=_("age"), ordering="uploaded_at")
    def age(self, row: OnlusDocument) -> str:
        return timesince(row.uploaded_at, depth=1)

    @admin.display(description=_("file"))
    def handed_in(self, row: OnlusDocument) -> str:
        file = row.file
        told_size = f"{file.name} · {row.file_format.upper()} · {filesizeformat(file.size)}"
        return told_size if file.erased_at is None else _("%(file)s, erased") % {"file": told_size}

    @admin.display(description=_("who looked at it"))
    def looks(self, row: OnlusDocument) -> SafeString | str:
        found = DataAccess.objects.filter(target_type=row.file._meta.label_lower, target_id=str(row.file_id))
        last = found.select_related("actor").order_by("-recorded_at", "-id")[:LOOKS_SHOWN]
        rows = ((moment(each.recorded_at), each.actor or "-", each.purpose) for each in last)
        return format_html_join("", "<p>{} · {} · {}</p>", rows) or "-"

    @button(
        _("Look at it"),
        permission=REVIEW,
        shown_if=lambda row: row.file.erased_at is None,
        form=forms.LookForm,
        explains=_("Say what for: who looked at it, and why, stays on record."),
    )
    def look(self, request: HttpRequest, row: OnlusDocument, data: Data) -> HttpResponse:
        content = documents.read(document=row, actor=_me(request), purpose=data["purpose"], **_here(request))
        return _shown(row, content, is_saved=data["way"] == "save")

    @button(
        _("Approve"),
        permission=REVIEW,
        shown_if=can_be_decided,
        form=forms.PaperApprovalForm,
        explains=_("The paper is in order."),
        tone="good",
    )
    def approve(self, request: HttpRequest, row: OnlusDocument, data: Data) -> Any:
        documents.approve(document=row, reviewer=_me(request), **data, **_here(request))
        return self.back(request, row, _("Approved: %(paper)s.") % {"paper": self.kind(row)})

    @button(
        _("Ask for a better one"),
        permission=REVIEW,
        shown_if=can_be_decided,
        form=forms.PaperRefusalForm,
        explains=_("The applicant has fifteen working days to hand it in again."),
    )
    def ask_again(self, request: HttpRequest, row: OnlusDocument, data: Data) -> Any:
        documents.refuse(document=row, reviewer=_me(request), resubmit=True, **data, **_here(request))
        return self.back(request, row, _("Asked for again: %(paper)s.") % {"paper": self.kind(row)})

    @button(
        _("Reject"),
        permission=REVIEW,
        shown_if=can_be_decided,
        form=forms.PaperRefusalForm,
        explains=_("The paper proves nothing. The applicant has fifteen working days for another one."),
        tone="danger",
    )
    def reject(self, request: HttpRequest, row: OnlusDocument, data: Data) -> Any:
        documents.refuse(document=row, reviewer=_me(request), resubmit=False, **data, **_here(request))
        return self.back(request, row, _("Rejected: %(paper)s.") % {"paper": self.kind(row)})


def _shown(row: OnlusDocument, content: bytes, *, is_saved: bool) -> HttpResponse:
    """Send a paper that only this reader keeps; in the browser it can load and run nothing."""
    way = "attachment" if is_saved else "inline"
    headers = {
        "Content-Disposition": content_disposition_header(is_saved, row.file.name) or way,
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=row.file.content_type, headers=headers)


@admin.register(VerificationCheck)
class VerificationCheckAdmin(OfApplication):
    list_display = (
        "check_type",
        "of",
        "status",
        "risk",
        "score",
        "automated",
        "performed_by",
        "completed_at",
    )
    list_select_related = ("application", "performed_by")
    list_filter = ("status", "risk_level", "check_type", "automated", "follow_up_required", "created_at")
    search_fields = ("application__organization_name",)
    ordering = (
        Case(
            When(status__in=VerificationCheck.OVER, then=Value(1)),
            default=Value(0),
            output_field=IntegerField(),
        ),
        "created_at",
        "id",
    )
    fields = (
        "of",
        "check_type",
        ("status", "automated"),
        ("risk", "severity"),
        ("score", "max_score"),
        "result_summary",
        "why",
        "found",
        "advice",
        "external_reference",
        ("follow_up_required", "follow_up_notes"),
        ("performed_by", "completed_at"),
        ("created_at", "expires_at"),
    )

    @admin.display(description=_("risk"), ordering="risk_level")
    def risk(self, row: VerificationCheck) -> SafeString:
        return chip(row.risk_level, row.get_risk_level_display())

    @admin.display(description=_("why"))
    def why(self, row: VerificationCheck) -> SafeString | str:
        return told(row.detailed_results)

    @admin.display(description=_("findings"))
    def found(self, row: VerificationCheck) -> SafeString | str:
        return told([each.get("description", "") for each in row.findings])

    @admin.display(description=_("recommendations"))
    def advice(self, row: VerificationCheck) -> SafeString | str:
        return told(row.recommendations)

    @button(
        _("Answer"),
        permission=REVIEW,
        shown_if=can_be_answered,
        form=forms.CheckForm,
        initial=lambda row: {"risk_level": row.risk_level},
        explains=lambda row: row.result_summary,
        tone="good",
    )
    def answer(self, request: HttpRequest, row: VerificationCheck, data: Data) -> Any:
        verification.answer_check(check=row, reviewer=_me(request), **data, **_here(request))
        return self.back(request, row, _("Answered: %(check)s.") % {"check": row})

    @button(
        _("Leave it out"),
        permission=DECIDE_RISKY,
        shown_if=can_be_answered,
        form=ReasonForm,
        explains=_("The check counts as answered, without a score. Only a senior person may."),
        tone="danger",
        dangerous=True,
    )
    def leave_out(self, request: HttpRequest, row: VerificationCheck, data: Data) -> Any:
        verification.skip_check(check=row, senior=_me(request), **data, **_here(request))
        return self.back(request, row, _("Left out: %(check)s.") % {"check": row})


def _me(request: HttpRequest) -> User:
    return cast(User, request.user)


def _here(request: HttpRequest) -> Data:
    return {"now": timezone.now(), "address": client_address(request)}
