"""Wallet, rates and donations over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import StatelessTokenAuthentication
from donations import serializers
from donations.models import Donation, SessionCredit, Transfer
from donations.operations import earning, giving, ledger, receipts
from donations.queries import rates
from donations.queries.donated import donation_history, donation_totals
from donations.queries.wallet import transactions, wallet_statistics, wallet_summary
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.idempotency.api import idempotent
from goodplay.lib.ids import parse_id


class SessionNotCredited(NotFound):
    code = "SESSION_NOT_FOUND"


class DonationNotFound(NotFound):
    code = "TRANSACTION_NOT_FOUND"


class WalletViewSet(ApiViewSet):
    """The signed-in player's own wallet."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.WalletSerializer
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "WALLET_RETRIEVED_SUCCESS",
        "statistics": "WALLET_STATISTICS_SUCCESS",
        "convert_session": "SESSION_CONVERSION_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {"convert_session": (SessionNotCredited,)}

    @extend_schema(responses=serializers.WalletSerializer)
    def retrieve(self, request: Request) -> Response:
        """Show balances, totals and settings of the wallet."""
        return Response(serializers.WalletSerializer(wallet_summary(self.caller_id)).data)

    @extend_schema(responses=serializers.WalletStatisticsSerializer)
    def statistics(self, request: Request) -> Response:
        """Count transactions, paid sessions and play time."""
        return Response(serializers.WalletStatisticsSerializer(wallet_statistics(self.caller_id)).data)

    @extend_schema(request=serializers.ConvertSessionInput, responses=serializers.ConversionSerializer)
    def convert_session(self, request: Request) -> Response:
        """Tell how a session was paid. Sessions are credited when they end; asking again changes nothing."""
        serializer = serializers.ConvertSessionInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        own = SessionCredit.objects.select_related("rate").filter(player_id=self.caller_id)
        credit = own.filter(session_id=serializer.validated_data["session_id"]).first()
        if credit is None:
            raise SessionNotCredited
        update = {
            "transaction_id": credit.transfer_id,
            "amount_added": credit.amount,
            "new_balance": wallet_summary(self.caller_id)["current_balance"],
        }
        answer = {"session_id": credit.session_id, "credits_calculation": credit, "wallet_update": update}
        return Response(serializers.ConversionSerializer(answer).data)


class TransactionViewSet(mixins.ListModelMixin, ApiViewSet):
    """What moved the player's money, newest first."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.TransactionSerializer
    results_key = "transactions"
    messages: ClassVar[dict[str, str]] = {"list": "TRANSACTION_HISTORY_RETRIEVED_SUCCESS"}

    def get_queryset(self) -> QuerySet[Transfer]:
        if getattr(self, "swagger_fake_view", False):
            return Transfer.objects.none()
        return transactions(self.caller_id)


class ConversionRateViewSet(ApiViewSet):
    """The rate card in force."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.RateSerializer
    messages: ClassVar[dict[str, str]] = {"retrieve": "CONVERSION_RATE_RETRIEVED_SUCCESS"}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (earning.ConversionRateNotAvailable,)
    }

    @extend_schema(responses=serializers.RateSerializer)
    def retrieve(self, request: Request) -> Response:
        """Show the rate card in force."""
        card = rates.current_rate(timezone.now())
        if card is None:
            raise earning.ConversionRateNotAvailable
        return Response(serializers.RateSerializer(card).data)


class DonationViewSet(mixins.ListModelMixin, ApiViewSet):
    """The signed-in donor's own donations and their receipts."""

    serializer_class = serializers.DonationSerializer
    results_key = "donations"
    lookup_url_kwarg = "donation_id"
    messages: ClassVar[dict[str, str]] = {
        "create": "DONATION_SUCCESS",
        "list": "DONATION_HISTORY_RETRIEVED_SUCCESS",
        "retrieve": "DONATION_RETRIEVED_SUCCESS",
        "receipt": "RECEIPT_RETRIEVED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (
            giving.DonorNotVerified,
            giving.OnlusNotFound,
            giving.OnlusNotEligible,
            giving.DonationTooLarge,
            ledger.InsufficientCredits,
            ledger.WalletUpdateFailed,
        ),
        "retrieve": (DonationNotFound,),
        "receipt": (DonationNotFound,),
        "download": (DonationNotFound,),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"create": "money", "download": "money"}

    def get_queryset(self) -> QuerySet[Donation]:
        if getattr(self, "swagger_fake_view", False):
            return Donation.objects.none()
        return donation_history(self.caller_id)

    @extend_schema(request=serializers.DonationInput, responses={201: serializers.DonationMadeSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Give credits to an ONLUS. Earned credits are spent before own money."""
        serializer = serializers.DonationInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        donation = giving.donate(donor=self.caller, now=timezone.now(), **serializer.validated_data)
        return Response(serializers.DonationMadeSerializer({"donation": donation}).data, status=201)

    @extend_schema(responses=serializers.DonationHistorySerializer)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the donations, newest first, with their total."""
        response = super().list(request, *args, **kwargs)
        totals = donation_totals(self.caller_id)
        response.data.update(totals)
        return response

    @extend_schema(responses=serializers.DonationSerializer)
    def retrieve(self, request: Request, donation_id: str) -> Response:
        """Show one donation."""
        return Response(serializers.DonationSerializer(self._own(donation_id)).data)

    @extend_schema(responses=serializers.DonationReceiptSerializer)
    def receipt(self, request: Request, donation_id: str) -> Response:
        """Show the facts of the receipt."""
        donation = self._own(donation_id)
        facts = {
            "donation": donation,
            "type": "donated",
            "receipt": receipts.issue(donation=donation, now=timezone.now()),
            "download_url": request.build_absolute_uri(
                reverse("donation-receipt-download", args=[donation.pk])
            ),
        }
        return Response(serializers.DonationReceiptSerializer(facts).data)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "language", str, enum=receipts.LANGUAGES, description="Language of the document."
            )
        ],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def download(self, request: Request, donation_id: str) -> HttpResponse:
        """Send the receipt as PDF, in the language asked for or the donor's own."""
        receipt = receipts.issue(donation=self._own(donation_id), now=timezone.now())
        language = request.query_params.get("language") or self.caller.preferred_language
        pdf = receipts.render_pdf(receipt=receipt, language=language)
        name = f'attachment; filename="{receipt.reference}.pdf"'
        return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": name})

    def _own(self, donation_id: str) -> Donation:
        donation = self.get_queryset().filter(pk=parse_id(donation_id)).first()
        if donation is None:
            raise DonationNotFound
        return donation
