"""Receipts and statements in the back office: to look at, and as the PDF their donor has."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from donations.models import GivingStatement, Receipt, ReceiptMail
from donations.operations import printing
from goodplay.lib.admin.bases import ReadOnlyAdmin
from goodplay.lib.admin.buttons import ObjectActions, button
from goodplay.lib.audit import trail
from goodplay.lib.requests import client_address


@admin.register(Receipt)
class ReceiptAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("reference", "kind", "amount", "paid_amount", "is_deductible", "donation", "issued_at")
    list_filter = ("kind", "is_deductible", "year")
    list_select_related = ("donation",)
    search_fields = ("=number", "=code", "=donation__id", "donation__donor__email")
    ordering = ("-year", "-number")
    exclude = ("donor_profile",)

    @button(_("Open as PDF"), permission="donations.view_receipt")
    def open_pdf(self, request: HttpRequest, receipt: Receipt, data: dict[str, Any]) -> HttpResponse:
        _note_reading(request, receipt)
        return _inline(printing.print_receipt(receipt=receipt, language=_language()), receipt.reference)


@admin.register(GivingStatement)
class GivingStatementAdmin(ObjectActions, ReadOnlyAdmin):
    list_display = ("reference", "kind", "donor", "first", "last", "total", "created_at")
    list_filter = ("kind",)
    list_select_related = ("donor",)
    search_fields = ("=code", "donor__email")
    ordering = ("-created_at", "-id")
    exclude = ("donor_profile",)

    @button(_("Open as PDF"), permission="donations.view_givingstatement")
    def open_pdf(
        self, request: HttpRequest, statement: GivingStatement, data: dict[str, Any]
    ) -> HttpResponse:
        _note_reading(request, statement)
        return _inline(
            printing.print_statement(statement=statement, language=_language()), statement.reference
        )


@admin.register(ReceiptMail)
class ReceiptMailAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "receipt", "cause", "status", "closed_at")
    list_filter = ("status", "cause")
    list_select_related = ("receipt",)
    search_fields = ("=receipt__number", "receipt__donation__donor__email")
    ordering = ("-created_at", "-id")


def _note_reading(request: HttpRequest, document: Receipt | GivingStatement) -> None:
    """A document names its donor, so who of the staff read it is on the trail."""
    trail.record(
        actor=request.user,
        action="read document",
        target=document,
        after={"number": document.reference},
        address=client_address(request),
        now=timezone.now(),
    )


def _inline(pdf: bytes, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'inline; filename="{name}.pdf"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _language() -> str:
    return get_language() or "en"
