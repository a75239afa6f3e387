"""The shapes of payments in the API."""

from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from donations.models import PaymentIntent, PaymentRefund, SavedPaymentMethod
from donations.models.payments import MOST_ATTEMPTS
from donations.operations.payment_intents import LARGEST, SMALLEST
from donations.queries.payments import refundable_amount
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer
from goodplay.lib.money import ZERO

Method = PaymentIntent.Method
METHODS = {
    "card": Method.CARD.value,
    "stripe": Method.CARD.value,  # what early clients call a card
    "paypal": Method.PAYPAL.value,
    "bank_transfer": Method.BANK_TRANSFER.value,
}
MOST_FACTS, LONGEST_FACT = 20, 500


class MethodField(serializers.ChoiceField):
    """A means of payment by any of its names."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=sorted(METHODS), **options)

    def to_internal_value(self, data: Any) -> str:
        return METHODS[super().to_internal_value(data)]


class FactsField(serializers.Field[Any, Any, Any, Any]):
    """A flat object of the client's own facts: kept and given back, never used."""

    default_error_messages = {"invalid": "Send an object of at most 20 short values."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        plain = isinstance(data, dict) and all(
            isinstance(value, str | int | float | bool) or value is None for value in data.values()
        )
        short = plain and all(len(str(part)) <= LONGEST_FACT for pair in data.items() for part in pair)
        if not short or len(data) > MOST_FACTS:
            self.fail("invalid")
        return {str(name): value for name, value in data.items()}

    def to_representation(self, value: Any) -> Any:
        return value


_FACTS = extend_schema_field({"type": "object", "additionalProperties": True})(FactsField)


class IntentInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "amount.required": "PAYMENT_AMOUNT_REQUIRED",
        "amount.null": "PAYMENT_AMOUNT_REQUIRED",
        "amount.not_positive": "PAYMENT_AMOUNT_TOO_SMALL",
        "amount.too_large": "PAYMENT_AMOUNT_TOO_LARGE",
        "amount": "PAYMENT_AMOUNT_INVALID",
        "currency": "PAYMENT_CURRENCY_NOT_SUPPORTED",
        "description": "PAYMENT_DESCRIPTION_INVALID",
        "metadata": "PAYMENT_METADATA_INVALID",
        "payment_method": "INVALID_PAYMENT_METHOD",
        "saved_method_id": "SAVED_PAYMENT_METHOD_NOT_FOUND",
        "save_method": "INVALID_REQUEST",
    }

    amount = EurosField(maximum=LARGEST, help_text=f"What is paid, {SMALLEST} to {LARGEST} EUR.")
    currency = serializers.ChoiceField(choices=["EUR"], required=False)
    description = serializers.CharField(max_length=200, required=False, allow_blank=True)
    metadata = _FACTS(required=False)
    payment_method = MethodField(required=False)
    saved_method_id = KeyField(required=False)
    save_method = serializers.BooleanField(required=False)


class PaymentConfirmInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {"payment_method_id": "INVALID_PAYMENT_METHOD"}

    payment_method_id = serializers.CharField(
        max_length=255,
        required=False,
        allow_blank=True,
        allow_null=True,
        help_text="A token of the provider.",
    )


class PaymentCancelInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "reason.max_length": "CANCELLATION_REASON_TOO_LONG",
        "reason": "INVALID_REQUEST",
    }

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class PaymentRefundInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "amount.not_positive": "AMOUNT_MUST_BE_POSITIVE",
        "amount": "INVALID_AMOUNT",
        "reason.max_length": "REFUND_REASON_TOO_LONG",
        "reason": "INVALID_REQUEST",
    }

    amount = EurosField(required=False, help_text="All that is left when absent.")
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class PaymentListInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {"status": "INVALID_STATUS_FILTER"}

    status = serializers.ChoiceField(choices=PaymentIntent.Status.choices, required=False, allow_blank=True)


class FeeInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "amount": "INVALID_AMOUNT",
        "currency": "PAYMENT_CURRENCY_NOT_SUPPORTED",
        "payment_method": "INVALID_PAYMENT_METHOD",
    }

    amount = EurosField(maximum=LARGEST)
    currency = serializers.ChoiceField(choices=["EUR"], default="EUR")
    payment_method = MethodField(default=Method.CARD.value)


class IntentSerializer(serializers.ModelSerializer[PaymentIntent]):
    """A payment as its payer sees it."""

    intent_id = serializers.UUIDField(source="id")
    user_id = serializers.UUIDField(source="player_id")
    donation_id = serializers.UUIDField(allow_null=True)
    provider = serializers.CharField(source="provider.provider_type")
    amount = EurosField(help_text="What is paid.")
    net_amount = EurosField(help_text="What reaches the wallet or the donation.")
    processing_fee = EurosField()
    platform_fee = EurosField()
    total_fees = EurosField()
    client_secret = serializers.CharField(help_text="For the provider's own script in the payer's browser.")
    refunded_amount = EurosField()
    refundable_amount = serializers.SerializerMethodField()
    is_under_review = serializers.SerializerMethodField()
    max_confirmation_attempts = serializers.SerializerMethodField()
    can_be_confirmed = serializers.SerializerMethodField()
    can_be_refunded = serializers.SerializerMethodField()

    class Meta:
        model = PaymentIntent
        fields = (
            "intent_id",
            "user_id",
            "purpose",
            "donation_id",
            "provider",
            "amount",
            "currency",
            "net_amount",
            "status",
            "payment_method",
            "method_brand",
            "method_last4",
            "processing_fee",
            "platform_fee",
            "total_fees",
            "client_secret",
            "next_action_url",
            "confirmation_attempts",
            "max_confirmation_attempts",
            "last_error",
            "error_code",
            "refunded_amount",
            "refund_reason",
            "description",
            "metadata",
            "created_at",
            "updated_at",
            "expires_at",
            "confirmed_at",
            "processed_at",
            "can_be_confirmed",
            "can_be_refunded",
            "refundable_amount",
            "is_under_review",
        )

    @extend_schema_field(EurosField(allow_zero=True))
    def get_refundable_amount(self, intent: PaymentIntent) -> Decimal:
        return refundable_amount(intent)

    def get_can_be_refunded(self, intent: PaymentIntent) -> bool:
        return refundable_amount(intent) > ZERO

    def get_is_under_review(self, intent: PaymentIntent) -> bool:
        return intent.review_hold_id is not None

    def get_max_confirmation_attempts(self, intent: PaymentIntent) -> int:
        return MOST_ATTEMPTS

    def get_can_be_confirmed(self, intent: PaymentIntent) -> bool:
        return intent.can_be_confirmed(self.context["now"])


class PaymentRowSerializer(serializers.ModelSerializer[PaymentIntent]):
    """A payment in a list."""

    intent_id = serializers.UUIDField(source="id")
    donation_id = serializers.UUIDField(allow_null=True)
    amount = EurosField()
    net_amount = EurosField()
    processing_fee = EurosField()
    refunded_amount = EurosField()

    class Meta:
        model = PaymentIntent
        fields = (
            "intent_id",
            "purpose",
            "donation_id",
            "amount",
            "currency",
            "net_amount",
            "status",
            "payment_method",
            "processing_fee",
            "refunded_amount",
            "created_at",
            "processed_at",
        )


class WalletUpdateSerializer(serializers.Serializer[Any]):
    transaction_id = serializers.UUIDField()
    new_balance = EurosField()
    amount_added = EurosField()

    class Meta:
        ref_name = "PaymentWalletUpdate"


class ConfirmationSerializer(serializers.Serializer[Any]):
    payment_intent = IntentSerializer()
    wallet = WalletUpdateSerializer(allow_null=True)
    credits_added = EurosField()
    processing_fee = EurosField()


class CancellationSerializer(serializers.Serializer[Any]):
    intent_id = serializers.UUIDField()
    status = serializers.CharField()
    cancelled_at = serializers.DateTimeField()


class RefundSerializer(serializers.ModelSerializer[PaymentRefund]):
    refund_id = serializers.UUIDField(source="id")
    intent_id = serializers.UUIDField()
    amount = EurosField(help_text="What goes back to the payer.")
    wallet_amount = EurosField(help_text="What of it comes from the wallet.")

    class Meta:
        model = PaymentRefund
        fields = ("refund_id", "intent_id", "amount", "wallet_amount", "status", "reason", "created_at")


class RateSerializer(serializers.Serializer[Any]):
    percentage = serializers.DecimalField(max_digits=5, decimal_places=2)
    fixed = EurosField()

    class Meta:
        ref_name = "PaymentFeeRate"


class OfferSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    type = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    supported_currencies = serializers.ListField(child=serializers.CharField())
    processing_time = serializers.CharField()
    is_available = serializers.BooleanField()
    fees = RateSerializer()


class MethodsSerializer(serializers.Serializer[Any]):
    payment_methods = OfferSerializer(many=True)
    default_currency = serializers.CharField()


class FeeBreakdownSerializer(serializers.Serializer[Any]):
    percentage_fee = EurosField()
    fixed_fee = EurosField()
    platform_fee = EurosField()
    total_fee = EurosField()


class CoveredSerializer(serializers.Serializer[Any]):
    amount = EurosField(help_text="What is paid so that the whole amount arrives.")
    total_fee = EurosField()


class FeesSerializer(serializers.Serializer[Any]):
    amount = EurosField()
    currency = serializers.CharField()
    payment_method = serializers.CharField()
    processing_fee = EurosField()
    net_amount = EurosField(help_text="What arrives when the fees are taken off.")
    fee_breakdown = FeeBreakdownSerializer()
    with_fees_covered = CoveredSerializer()


class SavedMethodSerializer(serializers.ModelSerializer[SavedPaymentMethod]):
    provider = serializers.CharField(source="provider.provider_type")

    class Meta:
        model = SavedPaymentMethod
        fields = ("id", "provider", "kind", "brand", "last4", "expires_on", "is_default", "created_at")
