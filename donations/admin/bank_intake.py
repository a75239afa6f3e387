"""Files of the bank in quarantine, and statements as CSV."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.admin.bank_files import UploadForm, outcome_in_words
from donations.models import QuarantinedFile, StatementMapping
from donations.operations.reconciliation import intake
from goodplay.lib.access_log.operations import record_access
from goodplay.lib.admin.bases import AuditedAdmin, ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, ReasonForm, button
from goodplay.lib.money import LARGEST
from goodplay.lib.requests import client_address

MAY = "donations.change_payoutrun"
SHOWN = 4000
"""Signs of a quarantined file that are shown."""
PREVIEWED = 5


class CsvForm(UploadForm):
    opening = forms.DecimalField(
        label=_("Opening balance"), required=False, max_value=LARGEST, decimal_places=2
    )
    closing = forms.DecimalField(
        label=_("Closing balance"),
        required=False,
        max_value=LARGEST,
        decimal_places=2,
        help_text=_("With both, the rows must make the difference between them."),
    )


def is_waiting(file: QuarantinedFile) -> bool:
    return file.is_waiting


@admin.register(QuarantinedFile)
class QuarantinedFileAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("received_at", "name", "fault", "detail", "state", "received_by", "decided_by")
    list_filter = ("state", "fault", "received_at")
    list_select_related = ("received_by", "decided_by")
    search_fields = ("=sha256", "name")
    ordering = ("-received_at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuarantinedFile]:
        """Lists show no content, so nothing decrypts it."""
        return super().get_queryset(request).defer("content")

    @button(_("Show the beginning"), permission=MAY, form=ReasonForm)
    def show(self, request: HttpRequest, file: QuarantinedFile, data: dict[str, Any]) -> str:
        record_access(
            actor=request.user,
            target=file,
            purpose=data["reason"],
            what="quarantined file",
            now=timezone.now(),
            address=client_address(request),
        )
        return file.content[:SHOWN]

    @button(
        _("Upload the corrected file"),
        permission=MAY,
        shown_if=is_waiting,
        form=UploadForm,
        explains=_("The corrected file is booked in place of this one."),
        tone="good",
        dangerous=True,
    )
    def replace(self, request: HttpRequest, file: QuarantinedFile, data: dict[str, Any]) -> Any:
        intake.replace(
            file=file,
            content=data["file"].read(),
            name=data["file"].name or "",
            **_by(request),
        )
        return _("The corrected file is booked.")

    @button(
        _("Discard"),
        permission=MAY,
        shown_if=is_waiting,
        form=ReasonForm,
        explains=_("The file is never booked. It stays on record."),
        tone="danger",
    )
    def discard(self, request: HttpRequest, file: QuarantinedFile, data: dict[str, Any]) -> Any:
        intake.discard(file=file, reason=data["reason"], **_by(request))
        return _("Discarded.")


@admin.register(StatementMapping)
class StatementMappingAdmin(ObjectActions, AuditedAdmin, admin.ModelAdmin):
    list_display = ("name", "delimiter", "encoding", "date_format", "has_decimal_comma", "date_column")
    ordering = ("name",)

    @button(
        _("Preview a file"),
        permission=MAY,
        form=CsvForm,
        explains=_("Nothing is stored."),
    )
    def preview(self, request: HttpRequest, mapping: StatementMapping, data: dict[str, Any]) -> str:
        read = intake.preview(
            content=data["file"].read(), mapping=mapping, opening=data["opening"], closing=data["closing"]
        )
        rows = "; ".join(
            f"{each.booked_on} {each.amount} {each.details[0].counterparty.name} {each.details[0].remittance}".strip()
            for each in read.entries[:PREVIEWED]
        )
        words = {"count": len(read.entries), "rows": rows, "total": sum(each.amount for each in read.entries)}
        return _now("%(count)s rows, %(total)s EUR in all. The first: %(rows)s") % words

    @button(
        _("Import a file"),
        permission=MAY,
        form=CsvForm,
        explains=_("The rows are booked as a statement of the account payouts are paid from."),
        tone="good",
        dangerous=True,
    )
    def take(self, request: HttpRequest, mapping: StatementMapping, data: dict[str, Any]) -> str:
        file, is_new = intake.take_csv(
            content=data["file"].read(),
            name=data["file"].name or "",
            mapping=mapping,
            opening=data["opening"],
            closing=data["closing"],
            received_by=cast(User, request.user),
            address=client_address(request),
            now=timezone.now(),
        )
        words = outcome_in_words(file)
        return words if is_new else _now("This file was taken before. %(outcome)s") % {"outcome": words}


def _by(request: HttpRequest) -> dict[str, Any]:
    return {"actor": request.user, "address": client_address(request), "now": timezone.now()}
