"""Networks that are kept out, and networks staff must come from."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AddressBlock, AddressRule, User
from accounts.operations import addresses
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.requests import client_address

MANAGE = "accounts.manage_addresses"


class BlockForm(ReasonForm):
    network = forms.CharField(
        label=_("Address or network"),
        max_length=43,
        help_text=_("203.0.113.7, 203.0.113.0/24 or 2001:db8::/48"),
    )
    hours = forms.IntegerField(label=_("Hours"), min_value=1, max_value=24 * 365, initial=24)
    everything = forms.BooleanField(
        label=_("Answer nothing at all"),
        required=False,
        help_text=_("Otherwise only signing in is closed, and who is signed in stays so."),
    )
    field_order = ("network", "hours", "everything", "reason")


class AllowForm(ReasonForm):
    network = forms.CharField(
        label=_("Address or network"),
        max_length=43,
        help_text=_("203.0.113.7, 203.0.113.0/24 or 2001:db8::/48"),
    )
    user = forms.ModelChoiceField(
        label=_("Member of staff"),
        required=False,
        queryset=User.objects.filter(is_staff=True, is_active=True).order_by("email"),
        help_text=_("Empty: for all staff."),
    )
    field_order = ("network", "user", "reason")


@admin.register(AddressBlock)
class AddressBlockAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("network", "everything", "created_at", "expires_at", "created_by", "lifted_at", "reason")
    list_filter = ("everything",)
    list_select_related = ("created_by",)
    search_fields = ("network",)
    ordering = ("-created_at", "-id")

    @button(
        _("Block a network"), permission=MANAGE, form=BlockForm, on_list=True, tone="danger", dangerous=True
    )
    def block(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> Any:
        made = addresses.block(**data, **_acting(request))
        return _("%(network)s is blocked.") % {"network": made.network}

    @button(
        _("Lift"),
        permission=MANAGE,
        shown_if=lambda row: row.is_in_force(timezone.now()),
        form=ReasonForm,
        tone="good",
    )
    def lift(self, request: HttpRequest, row: AddressBlock, data: dict[str, Any]) -> Any:
        addresses.lift(row=row, reason=data["reason"], **_acting(request))
        return _("%(network)s may come in again.") % {"network": row.network}


@admin.register(AddressRule)
class AddressRuleAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("network", "user", "created_at", "created_by", "ended_at", "reason")
    list_select_related = ("user", "created_by")
    search_fields = ("network", "user__email")
    ordering = ("-created_at", "-id")

    @button(
        _("Allow a network"),
        permission=MANAGE,
        form=AllowForm,
        explains=_(
            "Without a rule staff work from anywhere. With one, they work from the networks that are named and from no other."
        ),
        on_list=True,
        dangerous=True,
    )
    def allow(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> Any:
        made = addresses.allow(**data, **_acting(request))
        return _("Staff may work from %(network)s.") % {"network": made.network}

    @button(
        _("End"),
        permission=MANAGE,
        shown_if=lambda rule: rule.ended_at is None,
        form=ReasonForm,
        tone="danger",
        dangerous=True,
    )
    def end(self, request: HttpRequest, rule: AddressRule, data: dict[str, Any]) -> Any:
        addresses.end(rule=rule, reason=data["reason"], **_acting(request))
        return _("Ended.")


def _acting(request: HttpRequest) -> dict[str, Any]:
    return {
        "actor": cast(User, request.user),
        "address": client_address(request),
        "now": timezone.now(),
    }
