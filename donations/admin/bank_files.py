"""Files that went to the bank and came from it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from donations.bank.documents import LARGEST
from donations.models import BankFile, PayoutFile
from donations.operations import payout_orders
from donations.operations.reconciliation import intake
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.requests import client_address

_OUTCOMES = {
    "accepted": _("accepted"),
    "rejected": _("rejected"),
    "settled": _("paid"),
    "returned": _("came back"),
    "pending": _("not decided"),
    "known": _("known before"),
    "unmatched": _("to be looked at"),
}


def _small_enough(file: UploadedFile) -> None:
    if (file.size or 0) > LARGEST:
        raise ValidationError(_now("The file is too large for a file from a bank."))


class UploadForm(forms.Form):
    file = forms.FileField(label=_("File"), validators=[_small_enough])


def import_uploaded(request: HttpRequest, file: UploadedFile) -> str:
    """Take a bank's file and tell what came of it. One that contradicts itself goes into quarantine."""
    taken, is_new = intake.take_file(
        content=file.read(),
        name=file.name or "",
        received_by=request.user,  # type: ignore[arg-type]  # staff who are signed in
        address=client_address(request),
        now=timezone.now(),
    )
    words = outcome_in_words(taken)
    return words if is_new else _now("This file was taken before. %(outcome)s") % {"outcome": words}


def outcome_in_words(file: BankFile) -> str:
    told = [f"{label}: {file.outcome[name]}" for name, label in _OUTCOMES.items() if name in file.outcome]
    found = ", ".join(told) or _now("nothing about payouts")
    return f"{file.get_kind_display()}: {found}."


def file_response(request: HttpRequest, file: PayoutFile) -> HttpResponse:
    content = payout_orders.hand_out(
        file=file,
        actor=request.user,  # type: ignore[arg-type]  # staff who are signed in
        address=client_address(request),
        now=timezone.now(),
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{file.message_id}.xml"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type="application/xml", headers=headers)


@admin.register(PayoutFile)
class PayoutFileAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("created_at", "message_id", "payout_count", "total_amount", "sha256")
    search_fields = ("=message_id", "=sha256")
    ordering = ("-created_at", "-id")

    @button(_("Download the file"), permission="donations.change_payoutrun")
    def download(self, request: HttpRequest, file: PayoutFile, data: dict[str, Any]) -> HttpResponse:
        return file_response(request, file)


@admin.register(BankFile)
class BankFileAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("received_at", "kind", "reference", "in_words", "received_by")
    list_filter = ("kind", "received_at")
    list_select_related = ("received_by",)
    search_fields = ("=reference", "=sha256")
    ordering = ("-received_at", "-id")
    fields = ("kind", "reference", "sha256", "in_words", "odd", "received_by", "received_at")
    readonly_fields = ("in_words", "odd")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankFile]:
        """Nothing here shows the content, so nothing decrypts it."""
        return super().get_queryset(request).defer("content")

    @button(
        _("Upload a bank file"),
        permission="donations.change_payoutrun",
        form=UploadForm,
        explains=_("A status report (pain.002) or an account statement (camt.053)."),
        tone="good",
        on_list=True,
        dangerous=True,
    )
    def upload(self, request: HttpRequest, nothing: None, data: dict[str, Any]) -> str:
        return import_uploaded(request, data["file"])

    @admin.display(description=_("what came of it"))
    def in_words(self, file: BankFile) -> str:
        return outcome_in_words(file)

    @admin.display(description=_("to be looked at"))
    def odd(self, file: BankFile) -> SafeString | str:
        rows = [" · ".join(each.values()) for each in file.outcome.get("odd", [])]
        return (
            format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((row,) for row in rows)))
            if rows
            else "-"
        )
