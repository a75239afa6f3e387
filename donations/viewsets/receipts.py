"""Receipts of donations over REST."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from donations.models import Donation, Receipt, Transfer
from donations.operations import printing, receipt_mail, receipts, statements
from donations.queries.receipts import documents_of, live_receipts
from donations.serializers import receipts as serializers
from donations.viewsets.documents import LANGUAGE, PDF, OwnFormats, either, language_of, pdf_answer
from donations.viewsets.giving import DonationNotFound, own_donation
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import Conflict, DomainError
from goodplay.lib.idempotency.api import idempotent
from goodplay.lib.ids import parse_id
from goodplay.lib.time import rome_day


class TransactionNotDonation(Conflict):
    code = "TRANSACTION_NOT_DONATION"
    message = _("This movement is no donation, so it has no receipt.")


FINDING = (DonationNotFound, TransactionNotDonation, receipts.ReceiptNotAvailable)


class DonationReceiptViewSet(ApiViewSet):
    """The documents of one of the signed-in donor's own donations."""

    serializer_class = serializers.DonationReceiptSerializer
    content_negotiation_class = OwnFormats
    lookup_url_kwarg = "donation_id"
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "RECEIPT_RETRIEVED_SUCCESS",
        "generate": "RECEIPT_GENERATED_SUCCESS",
        "resend": "RECEIPT_RESENT_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": FINDING,
        "download": (*FINDING, receipts.ReceiptNotFound),
        "generate": (*FINDING, receipts.ReceiptNotDeductible, statements.NoDonationsInTaxYear),
        "resend": (*FINDING, receipt_mail.TooManyRequests),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {
        "download": "money",
        "generate": "money",
        "resend": "mail",
    }

    @extend_schema(
        parameters=[serializers.DocumentInput, LANGUAGE],
        responses=either(serializers.DonationReceiptSerializer),
    )
    def retrieve(self, request: Request, donation_id: str) -> Response | HttpResponse:
        """Show the document that counts now, and every one before it."""
        query = serializers.DocumentInput(data=request.query_params)
        query.is_valid(raise_exception=True)
        if query.validated_data.get("format") == "pdf":
            return self.download(request, donation_id)
        donation = self._donation(donation_id)
        facts = {
            "donation": donation,
            "type": "donated",
            "receipt": receipts.current(donation=donation, now=timezone.now()),
            "documents": documents_of(donation.pk),
            "download_url": _address(request, "donation-receipt-download", donation.pk),
        }
        return Response(serializers.DonationReceiptSerializer(facts).data)

    @extend_schema(parameters=[serializers.DocumentInput, LANGUAGE], responses=PDF)
    def download(self, request: Request, donation_id: str) -> HttpResponse:
        """Send the document as PDF, in the language asked for or the donor's own."""
        query = serializers.DocumentInput(data=request.query_params)
        query.is_valid(raise_exception=True)
        donation = self._donation(donation_id)
        receipt = receipts.current(donation=donation, now=timezone.now())
        wanted = query.validated_data.get("document", receipt.pk)
        if wanted != receipt.pk:
            receipt = _older(donation, wanted)
        pdf = printing.print_receipt(receipt=receipt, language=language_of(request))
        return pdf_answer(pdf, receipt.reference)

    @extend_schema(request=serializers.GenerateInput, responses=serializers.GeneratedSerializer)
    def generate(self, request: Request, donation_id: str) -> Response:
        """Make a document if it is not there yet: the receipt, one with tax data, or the statement of the year."""
        asked = serializers.GenerateInput(data=request.data)
        asked.is_valid(raise_exception=True)
        donation, kind = self._donation(donation_id), asked.validated_data["receipt_type"]
        made = self._yearly(donation) if kind == "annual_summary" else self._single(donation, kind)
        return Response(serializers.GeneratedSerializer({**made, "receipt_type": kind}).data)

    @extend_schema(request=None, responses={202: serializers.ResentSerializer})
    @idempotent
    def resend(self, request: Request, donation_id: str) -> Response:
        """Send the document by mail once more, at most three times a day."""
        receipt = receipts.current(donation=self._donation(donation_id), now=timezone.now())
        receipt_mail.request(receipt=receipt, now=timezone.now())
        facts = {"receipt_id": receipt.pk, "number": receipt.reference, "status": "queued"}
        return Response(serializers.ResentSerializer(facts).data, status=202)

    def _donation(self, donation_id: str) -> Donation:
        """Find the caller's own donation. Another movement of the caller's is told apart from nothing at all."""
        try:
            return own_donation(self.caller_id, donation_id)
        except DonationNotFound:
            own = Transfer.objects.filter(transaction_id=parse_id(donation_id), player_id=self.caller_id)
            if own.exists():
                raise TransactionNotDonation from None
            raise

    def _single(self, donation: Donation, kind: str) -> dict[str, Any]:
        make = receipts.deductible if kind == "tax_deductible" else receipts.current
        receipt = make(donation=donation, now=timezone.now())
        return {
            "receipt_id": str(receipt.pk),
            "number": receipt.reference,
            "is_tax_deductible": receipt.is_deductible,
            "tax_year": receipt.tax_year,
            "download_url": _address(self.request, "donation-receipt-download", donation.pk),
        }

    def _yearly(self, donation: Donation) -> dict[str, Any]:
        if donation.completed_at is None:
            raise receipts.ReceiptNotAvailable
        year = rome_day(donation.completed_at).year
        statement = statements.of_year(donor=self.caller, year=year, now=timezone.now())
        return {
            "receipt_id": statement.reference,
            "number": statement.reference,
            "is_tax_deductible": statement.facts["deductible_total"] != "0.00",
            "tax_year": year,
            "download_url": _address(self.request, "annual-summary-download", year),
        }


class ReceiptViewSet(mixins.ListModelMixin, ApiViewSet):
    """The signed-in donor's valid receipts."""

    serializer_class = serializers.ReceiptRowSerializer
    results_key = "receipts"
    messages: ClassVar[dict[str, str]] = {"list": "RECEIPTS_RETRIEVED"}
    also_says: ClassVar[dict[str, dict[int, str]]] = {"list": {200: "NO_RECEIPTS_FOUND"}}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {"list": (statements.InvalidTaxYear,)}

    def get_queryset(self) -> QuerySet[Receipt]:
        if getattr(self, "swagger_fake_view", False):
            return Receipt.objects.none()
        rows = live_receipts(self.caller_id)
        return rows.filter(tax_year=self._year) if self._year else rows

    def get_serializer_context(self) -> dict[str, Any]:
        return {
            **super().get_serializer_context(),
            "download_url": lambda key: _address(self.request, "donation-receipt-download", key),
        }

    @extend_schema(parameters=[serializers.ReceiptListInput], responses=serializers.ReceiptListSerializer)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List valid receipts, the latest gift first; `tax_year` keeps those of one year."""
        query = serializers.ReceiptListInput(data=request.query_params)
        query.is_valid(raise_exception=True)
        self._year = query.validated_data.get("tax_year")
        response = super().list(request, *args, **kwargs)
        found = response.data["pagination"]["total_items"]
        response.data.update({"tax_year_filter": self._year, "total_receipts": found})
        if not found:
            response.message = "NO_RECEIPTS_FOUND"  # type: ignore[attr-defined]  # read by the renderer
        return response


def _older(donation: Donation, wanted: UUID) -> Receipt:
    found = next((each for each in documents_of(donation.pk) if each.pk == wanted), None)
    if found is None:
        raise receipts.ReceiptNotFound
    return found


def _address(request: Request, name: str, key: Any) -> str:
    return request.build_absolute_uri(reverse(name, args=[key]))
