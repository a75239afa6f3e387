"""Compliance in the back office: checks, settings, flags."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.admin.ways import OfACase
from donations.models import ComplianceCheck, ComplianceSettings, FraudFlag, ScreeningHit
from donations.operations.compliance import checks, flags, running
from donations.operations.compliance import settings as operations
from donations.risk_words import rules_in_words
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.admin.facts import told
from goodplay.lib.admin.links import linked
from goodplay.lib.requests import client_address

DECIDE, START = "donations.review_compliancecheck", "donations.add_compliancecheck"


class CheckForm(forms.Form):
    email = forms.EmailField(label=_("Player's e-mail"))
    check_type = forms.ChoiceField(label=_("Type"), choices=ComplianceCheck.Type.choices)
    reason = forms.CharField(label=_("Reason"), max_length=300, min_length=5)


class FlagForm(forms.Form):
    email = forms.EmailField(label=_("Player's e-mail"))
    reason = forms.CharField(label=_("Reason"), max_length=300, min_length=5)


class SettingForm(forms.Form):
    setting = forms.ChoiceField(label=_("Setting"), choices=[(path, path) for path in operations.KEYS])
    value = forms.JSONField(label=_("Value"), help_text=_("A number, true or false, or a list."))
    reason = forms.CharField(label=_("Reason"), max_length=500, min_length=5)


def is_pending(check: ComplianceCheck) -> bool:
    return check.is_pending


@admin.register(ComplianceCheck)
class ComplianceCheckAdmin(ObjectActions, OfACase):
    list_display = (
        "check_id",
        "check_type",
        "user",
        "risk_level",
        "risk_score",
        "status",
        "escalation_level",
        "created_at",
        "expires_at",
    )
    list_filter = ("status", "check_type", "risk_level", "created_at")
    list_select_related = ("user",)
    search_fields = ("=check_id", "user__email")
    search_help_text = _("A check, or the player's e-mail.")
    ordering = ("-created_at", "-id")
    readonly_fields = ("signs", "found", "hits", "cases")
    kept_for = {**OfACase.kept_for, "hits": "donations.view_screeninghit"}
    fieldsets = (
        (None, {"fields": ("status", "check_type", "user", "check_reason", "escalation_level", "cases")}),
        (
            _("What was found"),
            {
                "fields": (
                    "risk_level",
                    "risk_score",
                    "compliance_score",
                    "signs",
                    "hits",
                    "found",
                    "transaction_id",
                )
            },
        ),
        (
            _("Decision"),
            {
                "fields": (
                    "reviewed_by",
                    "review_notes",
                    "reviewed_at",
                    "exemption_reason",
                    "approved_by",
                    "approved_at",
                )
            },
        ),
        (
            _("How it was run"),
            {
                "fields": (
                    "started_by",
                    "created_at",
                    "completed_at",
                    "expires_at",
                    "check_criteria",
                    "data_sources",
                    "external_check_ids",
                )
            },
        ),
    )

    @button(_("Check a player"), permission=START, form=CheckForm, on_list=True)
    def start(self, request: HttpRequest, check: None, data: dict[str, Any]) -> Any:
        made = running.run_check(
            user_id=running.player_named(data["email"]).pk,
            check_type=data["check_type"],
            reason=data["reason"],
            started_by=cast(User, request.user),
            now=timezone.now(),
        )
        return _("%(check)s: %(status)s.") % {"check": made, "status": made.get_status_display()}

    @button(_("Let it pass"), permission=DECIDE, shown_if=is_pending, form=ReasonForm, tone="good")
    def approve(self, request: HttpRequest, check: ComplianceCheck, data: dict[str, Any]) -> Any:
        return self._decide(checks.approve, request, check, data)

    @button(_("Fail it"), permission=DECIDE, shown_if=is_pending, form=ReasonForm, tone="danger")
    def reject(self, request: HttpRequest, check: ComplianceCheck, data: dict[str, Any]) -> Any:
        return self._decide(checks.reject, request, check, data)

    @button(
        _("Escalate"),
        permission=DECIDE,
        shown_if=is_pending,
        form=ReasonForm,
        explains=_("It stays open, one level higher."),
    )
    def escalate(self, request: HttpRequest, check: ComplianceCheck, data: dict[str, Any]) -> Any:
        return self._decide(checks.escalate, request, check, data)

    @button(
        _("Exempt"),
        permission=DECIDE,
        shown_if=lambda check: is_pending(check) and not check.approval_required,
        form=ReasonForm,
        explains=_("A second person agrees. Until then the check waits."),
    )
    def exempt(self, request: HttpRequest, check: ComplianceCheck, data: dict[str, Any]) -> Any:
        checks.request_exemption(
            check=check,
            requested_by=cast(User, request.user),
            reason=data["reason"],
            now=timezone.now(),
            address=client_address(request),
        )
        return _("Asked for: a second person decides.")

    @admin.display(description=_("signs"))
    def signs(self, check: ComplianceCheck) -> str:
        return rules_in_words(check.risk_factors)

    @admin.display(description=_("screening hits"))
    def hits(self, check: ComplianceCheck) -> SafeString | str:
        rows = ScreeningHit.objects.filter(pk__in=check.check_results.get("hits", [])).select_related(
            "subject__user", "subject__onlus", "subject__bank_account"
        )
        links = ((linked("donations.screeninghit", each.pk, each),) for each in rows)
        return format_html_join("", "<div>{}</div>", links) or "-"

    @admin.display(description=_("results"))
    def found(self, check: ComplianceCheck) -> SafeString | str:
        return told({name: value for name, value in check.check_results.items() if name != "hits"})

    def _decide(
        self,
        act: Callable[..., ComplianceCheck],
        request: HttpRequest,
        check: ComplianceCheck,
        data: dict[str, Any],
    ) -> Any:
        row = act(
            check=check,
            decided_by=cast(User, request.user),
            notes=data["reason"],
            now=timezone.now(),
            address=client_address(request),
        )
        return _("%(check)s: %(status)s.") % {"check": row, "status": row.get_status_display()}


@admin.register(ComplianceSettings)
class ComplianceSettingsAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("version", "updated_by", "approved_by", "reason", "created_at")
    list_select_related = ("updated_by", "approved_by")
    ordering = ("-version",)

    @button(
        _("Change a setting"),
        permission="donations.change_compliancesettings",
        form=SettingForm,
        explains=_("What could weaken the watch is put before a second person."),
        on_list=True,
        dangerous=True,
    )
    def change(self, request: HttpRequest, row: None, data: dict[str, Any]) -> Any:
        section, key = data["setting"].split(".")
        changes = operations.read_changes({section: {key: data["value"]}})
        actor = cast(User, request.user)
        here: dict[str, Any] = {"now": timezone.now(), "address": client_address(request)}
        if operations.takes_two(changes):
            operations.request_change(changes=changes, requested_by=actor, reason=data["reason"], **here)
            return _("Asked for: a second person decides.")
        operations.change(changes=changes, actor=actor, reason=data["reason"], **here)
        return _("Changed.")


@admin.register(FraudFlag)
class FraudFlagAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("user", "reason", "flagged_by", "flagged_at")
    list_select_related = ("user", "flagged_by")
    search_fields = ("user__email",)
    ordering = ("-flagged_at", "-id")

    @button(_("Mark a player"), permission="donations.add_fraudflag", form=FlagForm, on_list=True)
    def mark(self, request: HttpRequest, flag: None, data: dict[str, Any]) -> Any:
        flags.flag(
            user=running.player_named(data["email"]),
            reason=data["reason"],
            flagged_by=cast(User, request.user),
            now=timezone.now(),
        )
        return _("Marked.")
