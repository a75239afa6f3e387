"""Routes of receipts, statements and taxes."""

from django.urls import re_path

from donations.viewsets import (
    DonationReceiptViewSet,
    ReceiptViewSet,
    StatementViewSet,
    TaxProfileViewSet,
    TaxViewSet,
)

_one = r"^donations/(?P<donation_id>[^/]+)/receipt"
_year = r"(?P<year>[^/]+)"
_download = DonationReceiptViewSet.as_view({"get": "download"})

urlpatterns = [
    re_path(r"^donations/receipts/?$", ReceiptViewSet.as_view({"get": "list"}), name="receipts"),
    re_path(
        rf"^donations/annual-summary/{_year}/?$",
        StatementViewSet.as_view({"get": "annual"}),
        name="annual-summary",
    ),
    re_path(
        rf"^donations/annual-summary/{_year}/download/?$",
        StatementViewSet.as_view({"get": "annual_download"}),
        name="annual-summary-download",
    ),
    re_path(r"^donations/statements/?$", StatementViewSet.as_view({"get": "period"}), name="statement"),
    re_path(
        r"^donations/tax/profile/?$",
        TaxProfileViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="tax-profile",
    ),
    re_path(r"^donations/tax/validate/?$", TaxViewSet.as_view({"post": "validate"}), name="tax-validate"),
    re_path(
        r"^donations/tax/benefit/calculate/?$", TaxViewSet.as_view({"post": "calculate"}), name="tax-benefit"
    ),
    re_path(
        r"^donations/tax/requirements/?$",
        TaxViewSet.as_view({"get": "requirements"}),
        name="tax-requirements",
    ),
    re_path(
        rf"^donations/tax/summary/{_year}/?$",
        StatementViewSet.as_view({"get": "tax_summary"}),
        name="tax-summary",
    ),
    re_path(
        rf"^donations/tax-summary/{_year}/?$",
        StatementViewSet.as_view({"get": "documented_tax_summary"}),
        name="tax-summary-documented",
    ),
    re_path(r"^donations/export/tax/?$", StatementViewSet.as_view({"get": "export"}), name="tax-export"),
    re_path(_one + r"/?$", DonationReceiptViewSet.as_view({"get": "retrieve"}), name="donation-receipt"),
    re_path(_one + r"/download/?$", _download, name="donation-receipt-download"),
    re_path(_one + r"/pdf/?$", _download, name="donation-receipt-pdf"),
    re_path(
        _one + r"/generate/?$",
        DonationReceiptViewSet.as_view({"post": "generate"}),
        name="donation-receipt-generate",
    ),
    re_path(
        _one + r"/resend/?$",
        DonationReceiptViewSet.as_view({"post": "resend"}),
        name="donation-receipt-resend",
    ),
]
