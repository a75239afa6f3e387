"""Closing and reopening months."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import MonthClose
from donations.operations.reconciliation import months
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.days import SENSIBLE
from goodplay.lib.requests import client_address

CLOSE = "donations.close_month"


class MonthForm(ReasonForm):
    month = forms.DateField(
        label=_("A day of the month"), validators=SENSIBLE, widget=forms.DateInput(attrs={"type": "date"})
    )

    field_order = ("month", "reason")


@admin.register(MonthClose)
class MonthCloseAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("month", "asked_by", "closed_by", "closed_at", "statement_balance", "reopened_at", "hash")
    list_filter = ("month",)
    list_select_related = ("asked_by", "closed_by")
    ordering = ("-month", "-closed_at", "-id")
    exclude = ("balances",)
    readonly_fields = ("signed", "holds")

    @button(
        _("Close a month"),
        permission=CLOSE,
        form=MonthForm,
        explains=_(
            "Nothing may be open, the books must balance, and every statement must be there. "
            "A second person has to approve it."
        ),
        tone="good",
        on_list=True,
        dangerous=True,
    )
    def close(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> Any:
        months.request_close(
            requested_by=cast(User, request.user),
            address=client_address(request),
            now=timezone.now(),
            **data,
        )
        return _("Asked for. It is done when a second person approves.")

    @button(
        _("Reopen"),
        permission=CLOSE,
        shown_if=lambda close: close.is_closed,
        form=ReasonForm,
        explains=_("The signature stays on record. A second person has to approve it."),
        tone="danger",
        dangerous=True,
    )
    def reopen(self, request: HttpRequest, close: MonthClose, data: dict[str, Any]) -> Any:
        months.request_reopen(
            close=close,
            requested_by=cast(User, request.user),
            reason=data["reason"],
            address=client_address(request),
            now=timezone.now(),
        )
        return _("Asked for. It is done when a second person approves.")

    @admin.display(description=_("signed balances"))
    def signed(self, close: MonthClose) -> SafeString:
        rows = format_html_join("", "<li>{}: {}</li>", close.balances.items())
        return format_html("<ul>{}</ul>", rows)

    @admin.display(description=_("signature still holds"), boolean=True)
    def holds(self, close: MonthClose) -> bool:
        return months.signature_holds(close)
