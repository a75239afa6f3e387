"""The queue of what waits for a second person, and the page where that person decides."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, Value, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.admin.links import linked
from goodplay.lib.approvals import operations
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.approvals.registry import KINDS
from goodplay.lib.requests import client_address
from goodplay.lib.templatetags.house import euros


class ApprovalForm(forms.Form):
    reason = forms.CharField(
        label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


def may_decide(request: HttpRequest, asked: ApprovalRequest) -> bool:
    kind = KINDS.get(asked.kind)
    own = asked.requested_by_id == request.user.pk
    return kind is not None and not own and request.user.has_perm(kind.permission)


def is_open(asked: ApprovalRequest) -> bool:
    return asked.is_pending and not asked.is_overdue(timezone.now())


def asked_it(request: HttpRequest, asked: ApprovalRequest) -> bool:
    return bool(asked.requested_by_id == request.user.pk)


@admin.register(ApprovalRequest)
class ApprovalRequestAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("summary", "amount", "requested_by", "reason", "age", "state", "decided_by", "decided_at")
    list_filter = ("state", "kind", "requested_at")
    list_select_related = ("requested_by", "decided_by")
    ordering = (
        Case(When(state=ApprovalRequest.State.PENDING, then=Value(0)), default=Value(1)).asc(),
        "-requested_at",
        "-id",
    )
    search_fields = ("summary", "=target_id", "requested_by__email", "decided_by__email")
    readonly_fields = ("what_will_be_done", "about", "left", "what_came_of_it")
    fieldsets = (
        (None, {"fields": ("summary", "what_will_be_done", "about")}),
        (_("Asked"), {"fields": ("requested_by", "requested_at", "reason", "left")}),
        (
            _("Decision"),
            {"fields": ("state", "decided_by", "decided_at", "decision_reason", "what_came_of_it")},
        ),
    )

    @button(
        _("Approve"),
        permission=may_decide,
        shown_if=is_open,
        form=ApprovalForm,
        explains=_(
            "It is done at once, as the facts on the page before say, and stays on record with your name."
        ),
        tone="good",
        dangerous=True,
    )
    def approve(self, request: HttpRequest, asked: ApprovalRequest, data: dict[str, Any]) -> Any:
        operations.approve(request=asked, decided_by=request.user, reason=data["reason"], **_here(request))
        return _("Approved and done.")

    @button(
        _("Reject"),
        permission=may_decide,
        shown_if=is_open,
        form=ReasonForm,
        explains=_("Nothing will be done. Your reason stays on record for the one who asked."),
        tone="danger",
    )
    def reject(self, request: HttpRequest, asked: ApprovalRequest, data: dict[str, Any]) -> Any:
        operations.reject(request=asked, decided_by=request.user, reason=data["reason"], **_here(request))
        return _("Rejected: nothing was done.")

    @button(
        _("Take back"),
        permission=asked_it,
        shown_if=lambda asked: asked.is_pending,
        explains=_("Nothing will be done. It can be asked for again."),
    )
    def cancel(self, request: HttpRequest, asked: ApprovalRequest, data: dict[str, Any]) -> Any:
        operations.cancel(request=asked, cancelled_by=request.user, **_here(request))
        return _("Taken back: nothing was done.")

    @admin.display(description=_("amount"))
    def amount(self, asked: ApprovalRequest) -> SafeString | str:
        return _written("amount", asked.facts["amount"]) if "amount" in asked.facts else "-"

    @admin.display(description=_("age"), ordering="requested_at")
    def age(self, asked: ApprovalRequest) -> str:
        return timesince(asked.requested_at, depth=1)

    @admin.display(description=_("what will be done"))
    def what_will_be_done(self, asked: ApprovalRequest) -> SafeString:
        return _table(asked.facts)

    @admin.display(description=_("result"))
    def what_came_of_it(self, asked: ApprovalRequest) -> SafeString | str:
        return _table(asked.result) if asked.result else "-"

    @admin.display(description=_("about"))
    def about(self, asked: ApprovalRequest) -> SafeString | str:
        return linked(asked.target_type, asked.target_id)

    @admin.display(description=_("time left"))
    def left(self, asked: ApprovalRequest) -> str:
        if not asked.is_pending:
            return "-"
        if asked.is_overdue(timezone.now()):
            return _now("None: it has to be asked for again.")
        return timeuntil(asked.expires_at, depth=1)


def _here(request: HttpRequest) -> dict[str, Any]:
    return {"address": client_address(request), "now": timezone.now()}


def _table(facts: dict[str, Any]) -> SafeString:
    rows = format_html_join(
        "",
        "<tr><th scope=row>{}</th><td>{}</td></tr>",
        ((name.replace("_", " "), _written(name, value)) for name, value in facts.items()),
    )
    return format_html('<table class="facts">{}</table>', rows)


def _written(name: str, value: Any) -> SafeString | str:
    """Write one fact; what is named an amount is euros, of several each has a line."""
    if isinstance(value, list):
        return format_html_join("", "<div>{}</div>", ((_written(name, each),) for each in value)) or "-"
    if name == "amount" or name.endswith("_amount"):
        try:
            return euros(Decimal(str(value)))
        except InvalidOperation:
            return str(value)
    return "-" if value in (None, "") else str(value)
