"""Requests of ONLUS in the back office: the queue with its scores, what a run would do, and what runs did."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from donations.explanations import FACTORS, explain, reason
from donations.models import (
    AllocationLine,
    AllocationRequest,
    AllocationResult,
    AllocationRun,
    FundingPool,
)
from donations.operations import allocation, allocation_requests
from donations.queries.allocation import with_result
from donations.queries.allocation_plan import Decision
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.money import CENT
from goodplay.lib.requests import client_address

DECIDE = "donations.change_allocationrequest"
Status = AllocationRequest.Status


class ApproveForm(forms.Form):
    amount = forms.DecimalField(
        label=_("Amount in EUR"),
        required=False,
        min_value=CENT,
        decimal_places=2,
        help_text=_("Empty: all that was asked for."),
    )
    notes = forms.CharField(
        label=_("Notes"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


@admin.register(AllocationRequest)
class AllocationRequestAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "title",
        "onlus",
        "amount",
        "priority",
        "urgency_level",
        "score",
        "status",
        "deadline",
        "created_at",
    )
    list_filter = ("status", "priority", "category", "is_forced", "created_at")
    list_select_related = ("onlus", "category")
    search_fields = ("=id", "title", "onlus__name")
    ordering = ("-created_at", "-id")
    exclude = ("factors",)
    readonly_fields = ("breakdown",)

    @button(
        _("Approve"),
        permission=DECIDE,
        shown_if=lambda request: request.status == Status.PENDING,
        form=ApproveForm,
        explains=_("The next run allocates to it. A score below 60 is refused here: force it instead."),
        tone="good",
    )
    def approve(self, request: HttpRequest, obj: AllocationRequest, data: dict[str, Any]) -> Any:
        allocation_requests.approve(
            request=obj,
            approved_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            address=client_address(request),
            now=timezone.now(),
            **data,
        )
        return _("Approved. The next run allocates to it.")

    @button(
        _("Force"),
        permission=DECIDE,
        shown_if=lambda request: request.is_waiting or request.status == Status.REJECTED,
        form=ReasonForm,
        explains=_("Lets the request pass whatever its score. A second person has to approve it."),
        tone="danger",
        dangerous=True,
    )
    def force(self, request: HttpRequest, obj: AllocationRequest, data: dict[str, Any]) -> Any:
        allocation_requests.request_force(
            request=obj,
            requested_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            reason=data["reason"],
            address=client_address(request),
            now=timezone.now(),
        )
        return _("Asked for. It is done when a second person approves.")

    @button(
        _("Reject"),
        permission=DECIDE,
        shown_if=lambda request: request.is_waiting,
        form=ReasonForm,
        explains=_("The organisation reads the reason."),
        tone="danger",
    )
    def reject(self, request: HttpRequest, obj: AllocationRequest, data: dict[str, Any]) -> Any:
        allocation_requests.reject(
            request=obj,
            rejected_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            reason=data["reason"],
            address=client_address(request),
            now=timezone.now(),
        )
        return _("Rejected.")

    @button(_("Dry run"), permission=DECIDE, shown_if=lambda request: request.is_waiting)
    def dry_run(self, request: HttpRequest, obj: AllocationRequest, data: dict[str, Any]) -> HttpResponseBase:
        rows = with_result(AllocationRequest.objects.filter(pk=obj.pk))
        return self._plan(request, allocation.dry_run(now=timezone.now(), requests=rows))

    @button(
        _("Allocate now"),
        permission=DECIDE,
        shown_if=lambda request: request.status == Status.APPROVED,
        explains=_("Donors and pools give now what the dry run shows."),
        tone="good",
        dangerous=True,
    )
    def execute(self, request: HttpRequest, obj: AllocationRequest, data: dict[str, Any]) -> Any:
        run = allocation.allocate_now(
            request=obj,
            started_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
            clock=timezone.now,
        )
        return _("%(amount)s EUR were given.") % {"amount": run.given_amount}

    @button(_("Dry run of everything that waits"), permission=DECIDE, on_list=True)
    def dry_run_all(self, request: HttpRequest, obj: None, data: dict[str, Any]) -> HttpResponseBase:
        return self._plan(request, allocation.dry_run(now=timezone.now()))

    def _plan(self, request: HttpRequest, decisions: list[Decision]) -> HttpResponseBase:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Dry run: nothing was written"),
            "opts": self.opts,
            "plans": [_shown(decision) for decision in decisions],
        }
        return TemplateResponse(request, "admin/allocation_plan.html", context)

    @admin.display(description=_("how the score comes about"))
    def breakdown(self, request: AllocationRequest) -> str:
        if not request.factors:
            return "-"
        rows = [
            (FACTORS[name], each["score"], each["weight"], each["points"])
            for name, each in request.factors.items()
        ]
        return format_html(
            '<table class="breakdown"><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead>'
            "<tbody>{}</tbody></table>",
            _("Factor"),
            _("0 to 100"),
            _("Weight"),
            _("Points"),
            format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
        )


def _shown(decision: Decision) -> dict[str, Any]:
    """Tell one decision with its lines; donors by their key, as in the lines a run stores."""
    pools = FundingPool.objects.in_bulk([line.pool_id for line in decision.lines if line.pool_id])
    return {
        "request": decision.request,
        "score": decision.score.total,
        "verdict": decision.verdict,
        "why": reason(decision.code) if decision.code else "",
        "target": decision.target,
        "planned": decision.planned,
        "lines": [
            {
                "who": pools[line.pool_id].name if line.pool_id else line.donor_id,
                "amount": line.amount,
                "why": explain(line.explanation),
            }
            for line in decision.lines
        ],
    }


class LinesInline(admin.TabularInline):
    model = AllocationLine
    extra = 0
    can_delete = False
    fields = readonly_fields = ("attempt", "donor", "pool", "amount", "given_amount", "status", "code", "why")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("donor", "pool").order_by("pk")

    @admin.display(description=_("why so much"))
    def why(self, line: AllocationLine) -> str:
        return explain(line.explanation)


@admin.register(AllocationResult)
class AllocationResultAdmin(ReadOnlyAdmin):
    inlines = (LinesInline,)
    list_display = (
        "created_at",
        "request",
        "method",
        "target_amount",
        "given_amount",
        "status",
        "retry_count",
    )
    list_filter = ("status", "method", "created_at")
    list_select_related = ("request",)
    search_fields = ("=id", "request__title", "request__onlus__name")
    ordering = ("-created_at", "-id")


@admin.register(AllocationRun)
class AllocationRunAdmin(ReadOnlyAdmin):
    list_display = (
        "started_at",
        "trigger",
        "scheduled_count",
        "rejected_count",
        "skipped_count",
        "given_amount",
        "finished_at",
    )
    list_filter = ("trigger", "started_at")
    ordering = ("-started_at", "-id")
    exclude = ("decisions",)
    readonly_fields = ("decided",)

    @admin.display(description=_("decisions"))
    def decided(self, run: AllocationRun) -> str:
        words = {"allocate": _("Allocated"), "reject": _("Rejected"), "wait": _("Waits")}
        rows = [
            (each["title"], Decimal(each["score"]), words[each["verdict"]], reason(each["code"]))
            for each in run.decisions
        ]
        return format_html_join("", "<p>{} · {} · {} {}</p>", rows) or "-"
