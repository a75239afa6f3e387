"""Payments over REST: money on its way into a wallet or a donation."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import StatelessTokenAuthentication
from donations.models import PaymentIntent, PaymentRefund, SavedPaymentMethod
from donations.operations import (
    ledger,
    payment_confirming,
    payment_exchange,
    payment_intents,
    payment_providers,
    payment_refund_bookings,
    payment_refunds,
    saved_methods,
)
from donations.operations.risk import judging
from donations.queries.payments import payment_history, saved_methods_of
from donations.queries.wallet import wallet_summary
from donations.serializers import payments as serializers
from goodplay.lib.api.renderers import answer
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.idempotency.api import idempotent_across, request_key
from goodplay.lib.ids import parse_id
from goodplay.lib.money import ZERO

Errors = dict[str, tuple[type[DomainError], ...]]

_AWAY = (payment_providers.PaymentProviderUnavailable, payment_providers.PaymentProviderError)


def shown(intent: PaymentIntent) -> dict[str, Any]:
    """Show a payment to its payer."""
    return dict(serializers.IntentSerializer(intent, context={"now": timezone.now()}).data)


class PaymentViewSet(ApiViewSet):
    """The signed-in player's own payments, one at a time."""

    serializer_class = serializers.IntentSerializer
    lookup_url_kwarg = "intent_id"
    messages: ClassVar[dict[str, str]] = {
        "create": "PAYMENT_INTENT_CREATED",
        "confirm": "PAYMENT_PROCESSING_SUCCESS",
        "status": "PAYMENT_STATUS_RETRIEVED",
        "cancel": "PAYMENT_CANCELLED",
        "refund": "PAYMENT_REFUNDED",
    }
    also_says: ClassVar[dict[str, dict[int, str]]] = {
        "confirm": {202: "PAYMENT_PROCESSING"},
        "refund": {202: "PAYMENT_REFUND_PENDING"},
    }
    errors: ClassVar[Errors] = {
        "create": (
            payment_intents.PaymentAmountTooSmall,
            payment_intents.PaymentAmountTooLarge,
            payment_providers.PaymentProviderNotSupported,
            saved_methods.SavedMethodNotFound,
            judging.FraudDetected,
            *_AWAY,
        ),
        "confirm": (
            payment_refunds.PaymentIntentNotFound,
            payment_confirming.PaymentNotConfirmable,
            payment_confirming.PaymentAttemptsExceeded,
            payment_confirming.PaymentRequiresAction,
            payment_confirming.PaymentRequiresConfirmation,
            payment_confirming.PaymentFailed,
            *_AWAY,
        ),
        "status": (payment_refunds.PaymentIntentNotFound,),
        "cancel": (payment_refunds.PaymentIntentNotFound, payment_exchange.PaymentNotCancellable, *_AWAY),
        "refund": (
            payment_refunds.PaymentIntentNotFound,
            payment_refund_bookings.PaymentNotRefundable,
            payment_refund_bookings.PaymentRefundTooLarge,
            payment_refunds.RefundUnderWay,
            payment_refunds.PaymentPaidADonation,
            payment_refunds.PaymentIsDisputed,
            ledger.InsufficientCredits,
            ledger.WalletFrozen,
            *_AWAY,
        ),
    }
    throttle_scopes: ClassVar[dict[str, str]] = dict.fromkeys(
        ("create", "confirm", "cancel", "refund"), "money"
    )

    @extend_schema(request=serializers.IntentInput, responses={201: serializers.IntentSerializer})
    @idempotent_across
    def create(self, request: Request) -> Response:
        """Begin a payment into the wallet."""
        serializer = serializers.IntentInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted = dict(serializer.validated_data)
        wanted.pop("currency", None)
        intent = payment_intents.start_top_up(
            player=self.caller,
            now=timezone.now(),
            method=wanted.pop("payment_method", PaymentIntent.Method.CARD.value),
            request_key=request_key(request),
            **wanted,
        )
        return Response(shown(intent), status=201)

    @extend_schema(
        request=serializers.PaymentConfirmInput,
        responses={200: serializers.ConfirmationSerializer, 202: serializers.ConfirmationSerializer},
    )
    @idempotent_across
    def confirm(self, request: Request, intent_id: str) -> Response:
        """Pay, or go on after the payer's bank was asked. 202 PAYMENT_PROCESSING while the bank takes its time."""
        serializer = serializers.PaymentConfirmInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        intent = payment_confirming.confirm(
            player=self.caller,
            intent_id=parse_id(intent_id),
            method=serializer.validated_data.get("payment_method_id") or "",
            now=timezone.now(),
        )
        if not intent.is_paid:
            return answer(_confirmation(intent), message="PAYMENT_PROCESSING", status=202)
        return Response(_confirmation(intent))

    @extend_schema(responses=serializers.IntentSerializer)
    def status(self, request: Request, intent_id: str) -> Response:
        """Show a payment as it stands; while it is open the provider is asked, at most every few seconds."""
        intent = payment_exchange.fresh(
            player_id=self.caller_id, intent_id=parse_id(intent_id), source="status", now=timezone.now()
        )
        return Response(shown(intent))

    @extend_schema(request=serializers.PaymentCancelInput, responses=serializers.CancellationSerializer)
    @idempotent_across
    def cancel(self, request: Request, intent_id: str) -> Response:
        """Give up a payment that was not made yet."""
        serializer = serializers.PaymentCancelInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        intent = payment_exchange.cancel(
            player=self.caller, intent_id=parse_id(intent_id), now=timezone.now(), **serializer.validated_data
        )
        facts = {"intent_id": intent.pk, "status": intent.status, "cancelled_at": intent.processed_at}
        return Response(serializers.CancellationSerializer(facts).data)

    @extend_schema(
        request=serializers.PaymentRefundInput,
        responses={200: serializers.RefundSerializer, 202: serializers.RefundSerializer},
    )
    @idempotent_across
    def refund(self, request: Request, intent_id: str) -> Response:
        """Give a payment back to the payer, out of the wallet. 202 PAYMENT_REFUND_PENDING until the provider did."""
        serializer = serializers.PaymentRefundInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        refund = payment_refunds.refund_own(
            player=self.caller,
            intent_id=parse_id(intent_id),
            now=timezone.now(),
            request_key=request_key(request),
            **serializer.validated_data,
        )
        data = serializers.RefundSerializer(refund).data
        if refund.status == PaymentRefund.Status.PENDING:
            return answer(data, message="PAYMENT_REFUND_PENDING", status=202)
        if refund.status == PaymentRefund.Status.FAILED:
            raise payment_providers.PaymentProviderError
        return Response(data)


def _confirmation(intent: PaymentIntent) -> dict[str, Any]:
    wallet = None
    if intent.is_paid:
        wallet = {
            "transaction_id": intent.pk,
            "new_balance": wallet_summary(intent.player_id, timezone.now())["current_balance"],
            "amount_added": intent.net_amount,
        }
    facts = {
        "payment_intent": intent,
        "wallet": wallet,
        "credits_added": intent.net_amount if intent.is_paid else ZERO,
        "processing_fee": intent.processing_fee,
    }
    return dict(serializers.ConfirmationSerializer(facts, context={"now": timezone.now()}).data)


class PaymentListViewSet(mixins.ListModelMixin, ApiViewSet):
    """The signed-in player's payments, and what paying costs."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.PaymentRowSerializer
    results_key = "payments"
    messages: ClassVar[dict[str, str]] = {
        "list": "PAYMENT_HISTORY_RETRIEVED",
        "methods": "PAYMENT_METHODS_RETRIEVED",
        "fees": "FEE_CALCULATION_SUCCESS",
    }
    errors: ClassVar[Errors] = {"fees": (payment_providers.AmountEatenByFees,)}

    def get_queryset(self) -> QuerySet[PaymentIntent]:
        if getattr(self, "swagger_fake_view", False):
            return PaymentIntent.objects.none()
        asked = serializers.PaymentListInput(data=self.request.query_params.dict())
        asked.is_valid(raise_exception=True)
        wanted = {name: value for name, value in asked.validated_data.items() if value}
        return payment_history(self.caller_id).defer("client_secret").filter(**wanted)

    @extend_schema(parameters=[serializers.PaymentListInput])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the payments, newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=serializers.MethodsSerializer)
    def methods(self, request: Request) -> Response:
        """List the means of payment and their fees."""
        facts = {"payment_methods": payment_providers.offers(), "default_currency": "EUR"}
        return Response(serializers.MethodsSerializer(facts).data)

    @extend_schema(parameters=[serializers.FeeInput], responses=serializers.FeesSerializer)
    def fees(self, request: Request) -> Response:
        """Reckon the fees of a payment: taken off it, and with the payer covering them."""
        serializer = serializers.FeeInput(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        wanted = serializer.validated_data
        quote = payment_providers.quote(amount=wanted["amount"], method=wanted["payment_method"])
        facts = {
            **wanted,
            "processing_fee": quote.taken_off.processing_fee,
            "net_amount": quote.taken_off.net,
            "fee_breakdown": {
                "percentage_fee": quote.taken_off.percentage_fee,
                "fixed_fee": quote.taken_off.fixed_fee,
                "platform_fee": quote.taken_off.platform_fee,
                "total_fee": quote.taken_off.total,
            },
            "with_fees_covered": {"amount": quote.covered.amount, "total_fee": quote.covered.total},
        }
        return Response(serializers.FeesSerializer(facts).data)


class SavedMethodViewSet(mixins.ListModelMixin, ApiViewSet):
    """Means of payment the signed-in player agreed to keep."""

    serializer_class = serializers.SavedMethodSerializer
    results_key = "saved_methods"
    lookup_url_kwarg = "method_id"
    messages: ClassVar[dict[str, str]] = {
        "list": "SAVED_PAYMENT_METHODS_RETRIEVED",
        "destroy": "SAVED_PAYMENT_METHOD_REMOVED",
    }
    errors: ClassVar[Errors] = {
        "destroy": (saved_methods.SavedMethodNotFound, payment_providers.PaymentProviderUnavailable)
    }

    def get_queryset(self) -> QuerySet[SavedPaymentMethod]:
        if getattr(self, "swagger_fake_view", False):
            return SavedPaymentMethod.objects.none()
        return saved_methods_of(self.caller_id)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what is kept, the default first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(responses={200: serializers.SavedMethodSerializer})
    def destroy(self, request: Request, method_id: str) -> Response:
        """Forget a means of payment, here and at the provider."""
        saved = saved_methods.remove(player=self.caller, method_id=parse_id(method_id), now=timezone.now())
        return Response(serializers.SavedMethodSerializer(saved).data)
