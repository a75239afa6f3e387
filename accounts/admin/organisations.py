"""Organisations in the back office."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.caches import forget_directory
from accounts.models import Onlus, OnlusCategory, OnlusInvitation, OnlusMembership
from accounts.operations import examinations, logos, standing, team
from accounts.operations import onlus as registry
from accounts.queries.logos import logos_of
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.audit import trail
from goodplay.lib.errors import DomainError
from goodplay.lib.requests import client_address

Status = Onlus.Status
MAY_CHANGE = "accounts.change_onlus"


class FeatureForm(forms.Form):
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=365, initial=30)


class LevelForm(ReasonForm):
    level = forms.ChoiceField(label=_("Verification level"), choices=Onlus.VerificationLevel.choices)
    field_order = ("level", "reason")


class ComplianceForm(ReasonForm):
    status = forms.ChoiceField(label=_("Compliance"), choices=Onlus.ComplianceStatus.choices)
    notes = forms.CharField(
        label=_("Notes"),
        required=False,
        max_length=5000,
        help_text=_("For staff only."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    field_order = ("status", "notes", "reason")


class OwnerForm(ReasonForm):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    field_order = ("email", "reason")


class MembershipInline(admin.TabularInline):
    """Who has a seat. Owners decide on seats, in the portal."""

    model = OnlusMembership
    fields = ("user", "role", "created_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class NeedsReviewFilter(admin.SimpleListFilter):
    title, parameter_name = _("review"), "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("due", _("Is due"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.needing_review(timezone.now()) if self.value() == "due" else queryset


class ReportFilter(admin.SimpleListFilter):
    title, parameter_name = _("report"), "report"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("Is overdue"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(report_due_at__lte=timezone.now()) if self.value() else queryset


@admin.register(Onlus)
class OnlusAdmin(ObjectActions, AuditedAdmin):
    """An organisation. How it stands changes by buttons, so that everything that follows from it happens."""

    list_display = (
        "name",
        "category",
        "city",
        "status",
        "compliance_status",
        "compliance_score",
        "verification_level",
        "verified_at",
        "next_review_at",
    )
    list_filter = (
        "status",
        "compliance_status",
        "verification_level",
        NeedsReviewFilter,
        ReportFilter,
        "category",
        "runts_section",
    )
    list_select_related = ("category",)
    search_fields = ("name", "legal_name", "tax_id", "runts_number")
    ordering = ("name",)
    inlines = (MembershipInline,)
    readonly_fields = (
        "status",
        "verification_level",
        "verified_at",
        "bank_account_verified_at",
        "suspension_reason",
        "suspended_at",
        "featured_until",
        "compliance_status",
        "compliance_score",
        "transparency_score",
        "impact_score",
        "overall",
        "donor_rating",
        "rating_count",
        "report_due_at",
        "compliance_notes",
        "compliance_reviewer",
        "last_compliance_review_at",
        "next_review_at",
        "last_examined_at",
        "logo",
        "social_media",
        "tags",
        "certifications",
        "primary_activities",
        "funding_sources",
        "created_at",
    )
    fieldsets = (
        (None, {"fields": ("name", "legal_name", "category", "logo", "mission_statement", "description")}),
        (
            _("Contacts"),
            {
                "fields": (
                    "contact_email",
                    "contact_phone",
                    "website_url",
                    "social_media",
                    "street",
                    "postal_code",
                    "city",
                    "region",
                )
            },
        ),
        (
            _("Register and law"),
            {
                "fields": (
                    "tax_id",
                    "runts_number",
                    "runts_section",
                    "legal_entity_type",
                    "incorporation_date",
                    "is_tax_deductible",
                )
            },
        ),
        (
            _("Work"),
            {
                "fields": (
                    "operational_scope",
                    "target_beneficiaries",
                    "primary_activities",
                    "annual_budget",
                    "funding_sources",
                    "tags",
                    "certifications",
                )
            },
        ),
        (
            _("How it stands"),
            {
                "fields": (
                    "status",
                    "suspension_reason",
                    "suspended_at",
                    "verified_at",
                    "verification_level",
                    "bank_account_verified_at",
                    "featured_until",
                    "created_at",
                )
            },
        ),
        (
            _("Compliance"),
            {
                "fields": (
                    "compliance_status",
                    "compliance_score",
                    "transparency_score",
                    "impact_score",
                    "overall",
                    "donor_rating",
                    "rating_count",
                    "report_due_at",
                    "compliance_notes",
                    "compliance_reviewer",
                    "last_compliance_review_at",
                    "next_review_at",
                    "last_examined_at",
                )
            },
        ),
    )
    actions = ("verify",)

    @admin.display(description=_("logo"))
    def logo(self, onlus: Onlus) -> SafeString | str:
        shown = logos_of([onlus.pk]).get(onlus.pk)
        if shown is None:
            return "-"
        page = reverse("admin:pictures_picture_change", args=[shown.pk])
        picture = format_html(
            '<img src="{}" alt="{}" width="160" loading="lazy">', shown.thumbnail_url, shown.alt
        )
        return format_html('<a href="{}">{}</a>', page, picture)

    @admin.display(description=_("overall score"))
    def overall(self, onlus: Onlus) -> str:
        return "-" if onlus.overall_score is None else str(onlus.overall_score)

    def has_delete_permission(self, request: HttpRequest, obj: Onlus | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Onlus, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        if not change:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)
        if "name" in form.changed_data:
            logos.describe(onlus=obj)
        forget_directory()

    @button(
        _("Suspend"),
        permission=MAY_CHANGE,
        shown_if=lambda onlus: standing.can_move(onlus, Status.SUSPENDED),
        form=ReasonForm,
        explains=_(
            "Nobody can give to it and nothing is paid out until it is open again. Its people read the reason."
        ),
        tone="danger",
        dangerous=True,
    )
    def suspend(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        standing.suspend(onlus=onlus, **data, **_acting(request))
        return _("Suspended. Its people are told by mail.")

    @button(
        _("Open again"),
        permission=MAY_CHANGE,
        shown_if=lambda onlus: standing.can_move(onlus, Status.ACTIVE),
        form=ReasonForm,
        explains=_("Players can give to it again, and it is in the directory."),
        tone="good",
    )
    def reactivate(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        standing.reactivate(onlus=onlus, **data, **_acting(request))
        return _("Open again. Its people are told by mail.")

    @button(
        _("Put under review"),
        permission=MAY_CHANGE,
        shown_if=lambda onlus: standing.can_move(onlus, Status.UNDER_REVIEW),
        form=ReasonForm,
        explains=_("Nobody can give to it until you open it again."),
    )
    def review(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        standing.put_under_review(onlus=onlus, **data, **_acting(request))
        return _("Under review.")

    @button(
        _("Set inactive"),
        permission=MAY_CHANGE,
        shown_if=lambda onlus: standing.can_move(onlus, Status.INACTIVE),
        form=ReasonForm,
        explains=_("At its own wish: it leaves the directory and nobody can give to it."),
    )
    def set_inactive(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        standing.set_inactive(onlus=onlus, **data, **_acting(request))
        return _("Inactive.")

    @button(
        _("Deactivate for good"),
        permission=MAY_CHANGE,
        shown_if=lambda onlus: standing.can_move(onlus, Status.DEACTIVATED),
        form=ReasonForm,
        explains=_("Final: there is no way back."),
        tone="danger",
        dangerous=True,
    )
    def deactivate(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        standing.deactivate(onlus=onlus, **data, **_acting(request))
        return _("Deactivated.")

    @button(
        _("Show first"),
        permission=MAY_CHANGE,
        shown_if=lambda onlus: onlus.status == Status.ACTIVE,
        form=FeatureForm,
        explains=_("It is shown first in the directory, from now on for these days."),
    )
    def feature(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        standing.feature(onlus=onlus, **data, **_acting(request))
        return _("It is shown first.")

    @button(
        _("Stop showing first"),
        permission=MAY_CHANGE,
        shown_if=lambda onlus: onlus.is_featured(timezone.now()),
    )
    def stop_featuring(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        standing.stop_featuring(onlus=onlus, **_acting(request))
        return _("It is shown like the others.")

    @button(
        _("Verification level"),
        permission=MAY_CHANGE,
        form=LevelForm,
        initial=lambda onlus: {"level": onlus.verification_level},
    )
    def set_level(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        standing.set_level(onlus=onlus, **data, **_acting(request))
        return _("The verification level is changed.")

    @button(
        _("Note a compliance review"),
        permission=MAY_CHANGE,
        form=ComplianceForm,
        initial=lambda onlus: {"status": onlus.compliance_status, "notes": onlus.compliance_notes},
        explains=_(
            "The next review is due in a year. An assessment may lower what you decide, but not lift it."
        ),
    )
    def judge(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        standing.judge_compliance(onlus=onlus, **data, **_acting(request))
        return _("The review is noted.")

    @button(
        _("Note an examination"),
        permission=MAY_CHANGE,
        shown_if=lambda onlus: onlus.verified_at is not None,
        form=ReasonForm,
        explains=_("You looked at all its papers and people: the next time is due in two years."),
    )
    def examine(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        examinations.note(onlus=onlus, **data, **_acting(request))
        return _("The examination is noted.")

    @button(
        _("Invite an owner"),
        permission=MAY_CHANGE,
        form=OwnerForm,
        explains=_("For an organisation nobody can reach any more: the address gets a link that works once."),
        dangerous=True,
    )
    def invite_owner(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        team.invite_owner(onlus=onlus, **data, **_acting(request))
        return _("The invitation is on its way.")

    @button(
        _("Take down the logo"),
        permission="pictures.delete_picture",
        shown_if=lambda onlus: bool(logos_of([onlus.pk])),
        form=ReasonForm,
        explains=_(
            "It is deleted for good. Initials stand in for it until the organisation puts up another."
        ),
        tone="danger",
    )
    def take_down_logo(self, request: HttpRequest, onlus: Onlus, data: dict[str, Any]) -> Any:
        logos.take_down(onlus=onlus, **data, **_acting(request))
        return _("The logo is deleted.")

    @admin.action(description=_("Verify selected organisations"), permissions=["change"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Onlus]) -> None:
        for onlus in queryset:
            try:
                registry.verify_onlus(onlus=onlus, now=timezone.now())
            except DomainError as error:
                self.message_user(request, f"{onlus}: {error}", messages.ERROR)
            else:
                self._note(request, onlus)

    def _note(self, request: HttpRequest, onlus: Onlus) -> None:
        address = client_address(request)
        trail.record(
            actor=request.user, action="onlus_verify", target=onlus, address=address, now=timezone.now()
        )
        self.message_user(request, _("%(onlus)s is verified.") % {"onlus": onlus}, messages.SUCCESS)


@admin.register(OnlusInvitation)
class OnlusInvitationAdmin(ReadOnlyAdmin):
    list_display = (
        "onlus",
        "email",
        "role",
        "invited_by",
        "created_at",
        "expires_at",
        "accepted_at",
        "withdrawn_at",
    )
    list_select_related = ("onlus", "invited_by")
    search_fields = ("email", "onlus__name")
    ordering = ("-created_at", "-id")
    exclude = ("token_hash",)


@admin.register(OnlusCategory)
class OnlusCategoryAdmin(AuditedAdmin):
    list_display = ("name", "name_it", "category", "is_active", "priority")
    ordering = ("-priority", "name")

    def save_model(self, request: HttpRequest, obj: OnlusCategory, form: Any, change: bool) -> None:  # noqa: FBT001  (Django's signature)
        super().save_model(request, obj, form, change)
        forget_directory()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        forget_directory()


def _acting(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "now": timezone.now(), "address": client_address(request)}
