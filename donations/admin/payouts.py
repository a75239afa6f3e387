"""Payouts in the back office: prepared, released by two people, ordered, and answered by the bank."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from donations.admin.bank_files import UploadForm, file_response, import_uploaded, outcome_in_words
from donations.bank.reasons import reason_in_words
from donations.bank.switch import is_open
from donations.models import Payout, PayoutLine, PayoutRun
from donations.operations import payout_orders, payouts
from donations.operations.sandbox_bank import Answer, ask_sandbox_bank
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.requests import client_address
from goodplay.lib.templatetags.house import euros, moment

MAY_PREPARE = "donations.change_payoutrun"
SHOWN = 200


class AnswerForm(forms.Form):
    answer = forms.TypedChoiceField(label=_("What the bank does"), choices=Answer.choices, coerce=Answer)


def is_draft(run: PayoutRun) -> bool:
    return run.status == PayoutRun.Status.DRAFT


def is_approved(run: PayoutRun) -> bool:
    return run.status == PayoutRun.Status.APPROVED


def is_exported(run: PayoutRun) -> bool:
    return run.status == PayoutRun.Status.EXPORTED


@admin.register(PayoutRun)
class PayoutRunAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "created_at",
        "period_end",
        "status",
        "payout_count",
        "total_amount",
        "prepared_by",
        "exported_at",
        "execute_on",
    )
    list_filter = ("status", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("=id", "=message_id")
    ordering = ("-created_at", "-id")
    exclude = ("created_by",)
    readonly_fields = ("prepared_by", "its_payouts")

    @button(
        _("Prepare payouts"),
        permission=MAY_PREPARE,
        explains=_(
            "Drafts a payout for every organisation that can be paid and has reached the minimum. "
            "Nothing is paid before a second person releases it."
        ),
        tone="good",
        on_list=True,
    )
    def prepare(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> Any:
        run = payouts.prepare_payouts(now=timezone.now(), created_by=request.user)  # type: ignore[arg-type]  # staff who are signed in
        if run is None:
            raise payouts.NothingDue
        return HttpResponseRedirect(reverse("admin:donations_payoutrun_change", args=[run.pk]))

    @button(
        _("Ask for the release"),
        permission=MAY_PREPARE,
        shown_if=is_draft,
        form=ReasonForm,
        explains=_("A second person looks at it and releases it under Approvals."),
        tone="good",
        dangerous=True,
    )
    def request_release(self, request: HttpRequest, run: PayoutRun, data: dict[str, Any]) -> Any:
        payouts.request_release(run=run, requested_by=request.user, reason=data["reason"], **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return _("Asked for. It is released when a second person approves.")

    @button(
        _("Order at the bank"),
        permission=MAY_PREPARE,
        shown_if=is_approved,
        explains=_("Writes the file for the bank, once. From then on the money is on its way."),
        tone="good",
        dangerous=True,
    )
    def export(self, request: HttpRequest, run: PayoutRun, data: dict[str, Any]) -> Any:
        payout_orders.export_run(run=run, actor=request.user, **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return _("The file is written. Download it and hand it to the bank.")

    @button(_("Download the file"), permission=MAY_PREPARE, shown_if=is_exported)
    def download(self, request: HttpRequest, run: PayoutRun, data: dict[str, Any]) -> HttpResponse:
        return file_response(request, run.file)

    @button(
        _("Upload what the bank answered"),
        permission=MAY_PREPARE,
        shown_if=is_exported,
        form=UploadForm,
        explains=_("A status report (pain.002) or an account statement (camt.053)."),
        dangerous=True,
    )
    def upload(self, request: HttpRequest, run: PayoutRun, data: dict[str, Any]) -> Any:
        return import_uploaded(request, data["file"])

    @button(
        _("Ask the sandbox bank"),
        permission=MAY_PREPARE,
        shown_if=lambda run: is_open() and is_exported(run),
        form=AnswerForm,
        explains=_("No money moves. The sandbox bank answers with files like those of a real one."),
    )
    def ask_sandbox(self, request: HttpRequest, run: PayoutRun, data: dict[str, Any]) -> Any:
        files = ask_sandbox_bank(run=run, actor=request.user, answer=data["answer"], **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return " ".join(outcome_in_words(file) for file in files)

    @button(
        _("Cancel the run"),
        permission=MAY_PREPARE,
        shown_if=lambda run: is_draft(run) or is_approved(run),
        form=ReasonForm,
        explains=_("Nothing is paid. The donations wait for the next payout."),
        tone="danger",
        dangerous=True,
    )
    def cancel(self, request: HttpRequest, run: PayoutRun, data: dict[str, Any]) -> Any:
        payouts.cancel_run(run=run, actor=request.user, reason=data["reason"], **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return _("Cancelled: nothing is paid.")

    @admin.display(description=_("prepared by"), ordering="created_by")
    def prepared_by(self, run: PayoutRun) -> str:
        return str(run.created_by or _("the monthly job"))

    @admin.display(description=_("payouts"))
    def its_payouts(self, run: PayoutRun) -> SafeString:
        own = run.payouts.select_related("onlus", "account").order_by("onlus__name", "pk")[:SHOWN]
        return _table(
            (
                format_html(
                    '<a href="{}">{}</a>',
                    reverse("admin:donations_payout_change", args=[payout.pk]),
                    payout.onlus.name,
                ),
                payout.account.masked_iban,
                euros(payout.amount),
                payout.get_status_display(),
            )
            for payout in own
        )


@admin.register(Payout)
class PayoutAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = (
        "created_at",
        "onlus",
        "amount",
        "status",
        "account",
        "reason",
        "exported_at",
        "settled_at",
    )
    list_filter = ("status", "created_at", "settled_at")
    list_select_related = ("onlus", "account")
    search_fields = ("=id", "=end_to_end_id", "onlus__name")
    ordering = ("-created_at", "-id")
    readonly_fields = ("reason", "its_lines", "its_history")
    filterable = ("run", "onlus")

    @button(
        _("Take out of the run"),
        permission=MAY_PREPARE,
        shown_if=lambda payout: payout.may_be_cancelled,
        form=ReasonForm,
        explains=_("This organisation is not paid with this run. Its donations wait for the next payout."),
        tone="danger",
        dangerous=True,
    )
    def cancel(self, request: HttpRequest, payout: Payout, data: dict[str, Any]) -> Any:
        payouts.cancel_payout(payout=payout, actor=request.user, reason=data["reason"], **_here(request))  # type: ignore[arg-type]  # staff who are signed in
        return _("Taken out: its donations wait for the next payout.")

    @admin.display(description=_("why it came to nothing"))
    def reason(self, payout: Payout) -> str:
        return reason_in_words(payout.reason_code) if payout.reason_code else "-"

    @admin.display(description=_("lines"))
    def its_lines(self, payout: Payout) -> SafeString:
        rows = reverse("admin:donations_payoutline_changelist")
        words = _("%(count)s lines") % {"count": payout.lines.count()}
        return format_html('<a href="{}?payout__id__exact={}">{}</a>', rows, payout.pk, words)

    @admin.display(description=_("history"))
    def its_history(self, payout: Payout) -> SafeString:
        changes = (
            payout.changes.select_related("actor", "bank_file").defer("bank_file__content").order_by("pk")
        )
        return _table(
            (
                moment(change.changed_at),
                change.get_to_status_display(),
                str(change.actor or change.bank_file or ""),
                " ".join(filter(None, (change.reason_code, change.detail))),
            )
            for change in changes
        )


@admin.register(PayoutLine)
class PayoutLineAdmin(ReadOnlyAdmin):
    list_display = ("payout", "donation", "grant", "refund", "amount", "matched_amount", "is_live")
    list_filter = ("is_live",)
    list_select_related = ("payout", "donation", "grant", "refund")
    search_fields = ("=payout__id", "=donation__id")
    ordering = ("-id",)
    filterable = ("payout",)


def _here(request: HttpRequest) -> dict[str, Any]:
    return {"address": client_address(request), "now": timezone.now()}


def _table(rows: Iterable[tuple[Any, ...]]) -> SafeString:
    cells = (format_html_join("", "<td>{}</td>", ((cell,) for cell in row)) for row in rows)
    return format_html(
        '<table class="facts">{}</table>', format_html_join("", "<tr>{}</tr>", ((row,) for row in cells))
    )
