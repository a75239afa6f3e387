"""Proofs of identity: the queue, the documents (each look is on record), the limits of the levels."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import IdentityDocument, IdentityLevel, IdentityVerification
from donations.operations.identity import levels, reviewing
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.requests import client_address

DECIDE = "donations.decide_identityverification"
LIMITS = "donations.change_identitylevel"


def waits(row: IdentityVerification) -> bool:
    return row.status == IdentityVerification.Status.SUBMITTED


def waits_for_one(row: IdentityVerification) -> bool:
    return waits(row) and row.level != IdentityLevel.Level.FUNDS


def waits_for_two(row: IdentityVerification) -> bool:
    return waits(row) and row.level == IdentityLevel.Level.FUNDS


class LimitsForm(ReasonForm):
    single_limit = forms.DecimalField(label=_("At once, EUR"), min_value=0, max_digits=14, decimal_places=2)
    daily_limit = forms.DecimalField(label=_("A day, EUR"), min_value=0, max_digits=14, decimal_places=2)
    monthly_limit = forms.DecimalField(label=_("A month, EUR"), min_value=0, max_digits=14, decimal_places=2)
    field_order = ("single_limit", "daily_limit", "monthly_limit", "reason")


@admin.register(IdentityLevel)
class IdentityLevelAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("level", "single_limit", "daily_limit", "monthly_limit", "updated_at")
    ordering = ("level",)

    @button(
        _("Change the limits"),
        permission=LIMITS,
        form=LimitsForm,
        initial=lambda row: {
            "single_limit": row.single_limit,
            "daily_limit": row.daily_limit,
            "monthly_limit": row.monthly_limit,
        },
        explains=_("How much own money players of this level may put in. A second person approves it."),
        dangerous=True,
    )
    def change_limits(self, request: HttpRequest, row: IdentityLevel, data: dict[str, Any]) -> Any:
        levels.request_change(
            level=row,
            requested_by=cast(User, request.user),
            address=client_address(request),
            now=timezone.now(),
            **data,
        )
        return _("Asked for: a second person approves it.")


@admin.register(IdentityVerification)
class IdentityVerificationAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("user", "level", "status", "age", "decided_by", "expires_at")
    list_filter = ("status", "level", "submitted_at")
    list_select_related = ("user", "decided_by")
    search_fields = ("=user__email", "family_names")
    ordering = (
        Case(When(status=IdentityVerification.Status.SUBMITTED, then=Value(0)), default=Value(1)).asc(),
        "submitted_at",
        "-id",
    )
    readonly_fields = ("handed_in",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only who decides about identities sees them at all: the right to look at money is not enough."""
        return bool(request.user.has_perm(DECIDE))

    @button(
        _("Approve"),
        permission=DECIDE,
        shown_if=waits_for_one,
        form=ReasonForm,
        tone="good",
        dangerous=True,
    )
    def approve(self, request: HttpRequest, row: IdentityVerification, data: dict[str, Any]) -> Any:
        reviewing.approve(verification=row, decided_by=cast(User, request.user), **self._said(request, data))
        return _("Approved: the player is told.")

    @button(
        _("Propose to approve"),
        permission=DECIDE,
        shown_if=waits_for_two,
        form=ReasonForm,
        explains=_("Where money came from is approved by two: a colleague decides."),
        tone="good",
        dangerous=True,
    )
    def propose(self, request: HttpRequest, row: IdentityVerification, data: dict[str, Any]) -> Any:
        reviewing.propose(verification=row, proposed_by=cast(User, request.user), **self._said(request, data))
        return _("Asked for: a second person approves it.")

    @button(
        _("Reject"),
        permission=DECIDE,
        shown_if=waits,
        form=ReasonForm,
        explains=_("The player reads the reason, and may begin anew."),
        tone="danger",
    )
    def reject(self, request: HttpRequest, row: IdentityVerification, data: dict[str, Any]) -> Any:
        reviewing.reject(verification=row, decided_by=cast(User, request.user), **self._said(request, data))
        return _("Rejected: the player is told why.")

    def _said(self, request: HttpRequest, data: dict[str, Any]) -> dict[str, Any]:
        return {"reason": data["reason"], "address": client_address(request), "now": timezone.now()}

    @admin.display(description=_("age"), ordering="submitted_at")
    def age(self, row: IdentityVerification) -> str:
        return timesince(row.submitted_at, depth=1) if row.submitted_at else "-"

    @admin.display(description=_("documents"))
    def handed_in(self, row: IdentityVerification) -> SafeString | str:
        rows = row.documents.select_related("file").order_by("uploaded_at")
        told = ((each.pk, each, each.file.content_type, each.expires_on or "") for each in rows)
        link = '<p><a href="../../../identitydocument/{}/change/">{}</a> {} {}</p>'
        return format_html_join("", link, told) or "-"


@admin.register(IdentityDocument)
class IdentityDocumentAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("kind", "number_end", "expires_on", "uploaded_at")
    list_filter = ("kind", "uploaded_at")
    ordering = ("-uploaded_at", "-id")
    fields = ("verification", "kind", "number_end", "expires_on", "uploaded_at")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm(DECIDE))

    @button(
        _("Look at the document"),
        permission=DECIDE,
        form=ReasonForm,
        explains=_("Say what for: who looked at it, and why, stays on record."),
    )
    def look(self, request: HttpRequest, document: IdentityDocument, data: dict[str, Any]) -> HttpResponse:
        content = reviewing.read_document(
            document=document,
            actor=cast(User, request.user),
            purpose=data["reason"],
            address=client_address(request),
            now=timezone.now(),
        )
        headers = {
            "Content-Disposition": content_disposition_header(True, document.file.name) or "attachment",  # noqa: FBT003
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return HttpResponse(content, content_type=document.file.content_type, headers=headers)
