"""The shapes of money in the API."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from donations.models import Donation, Receipt, SessionCredit, Transfer
from donations.operations.giving import LARGEST_DONATION
from donations.queries.wallet import TYPES
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer
from goodplay.lib.time import rome_day


class AutoDonationSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField()
    threshold = EurosField(allow_zero=True)
    percentage = serializers.IntegerField()
    preferred_onlus_id = serializers.UUIDField(allow_null=True)
    round_up_enabled = serializers.BooleanField()


class WalletSerializer(serializers.Serializer[Any]):
    user_id = serializers.UUIDField()
    current_balance = EurosField(help_text="What can be given now, in EUR.")
    held_balance = EurosField(help_text="Held by movements under review.")
    earned_balance = EurosField(help_text="Credits earned by playing.")
    paid_balance = EurosField(help_text="The player's own money.")
    total_earned = EurosField()
    total_donated = EurosField()
    version = serializers.IntegerField()
    auto_donation_settings = AutoDonationSerializer()


class TypeCountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    total_amount = EurosField()


class TransactionStatisticsSerializer(serializers.Serializer[Any]):
    total_transactions = serializers.IntegerField()
    by_type = serializers.DictField(child=TypeCountSerializer())


class ConversionStatisticsSerializer(serializers.Serializer[Any]):
    credited_sessions = serializers.IntegerField()
    total_play_time_minutes = serializers.DecimalField(max_digits=14, decimal_places=2)
    avg_credits_per_session = EurosField()


class WalletStatisticsSerializer(serializers.Serializer[Any]):
    transactions = TransactionStatisticsSerializer()
    conversion_stats = ConversionStatisticsSerializer()


class TransactionSerializer(serializers.ModelSerializer[Transfer]):
    """A transfer as its player sees it."""

    user_id = serializers.UUIDField(source="player_id")
    type = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    amount = serializers.SerializerMethodField()
    effective_amount = serializers.SerializerMethodField()
    multiplier_applied = serializers.SerializerMethodField()
    source_type = serializers.SerializerMethodField()
    game_session_id = serializers.SerializerMethodField()

    class Meta:
        model = Transfer
        fields = (
            "id",
            "transaction_id",
            "user_id",
            "type",
            "status",
            "amount",
            "effective_amount",
            "multiplier_applied",
            "source_type",
            "game_session_id",
            "reason",
            "created_at",
        )

    def get_type(self, row: Transfer) -> str:
        return "refund" if row.reverses_id else TYPES.get(row.kind, "adjustment")

    def get_status(self, row: Transfer) -> str:
        if row.phase != Transfer.Phase.PENDING:
            return "completed"
        resolution = getattr(row, "resolution", None)
        if resolution is None:
            return "pending"
        return "completed" if resolution.phase == Transfer.Phase.POST else "cancelled"

    @extend_schema_field(EurosField())
    def get_amount(self, row: Transfer) -> Decimal:
        credit = _credit(row)
        return credit.base_amount if credit else row.amount

    @extend_schema_field(EurosField())
    def get_effective_amount(self, row: Transfer) -> Decimal:
        resolution = getattr(row, "resolution", None)
        return resolution.amount if resolution else row.amount

    @extend_schema_field(serializers.DecimalField(max_digits=6, decimal_places=4))
    def get_multiplier_applied(self, row: Transfer) -> Decimal:
        credit = _credit(row)
        return credit.multiplier if credit else Decimal(1)

    def get_source_type(self, row: Transfer) -> str | None:
        credit = _credit(row)
        return credit.source_type if credit else None

    def get_game_session_id(self, row: Transfer) -> str | None:
        credit = _credit(row)
        return str(credit.session_id) if credit else None


def _credit(row: Transfer) -> SessionCredit | None:
    return getattr(row, "session_credit", None)


class ConvertSessionInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "session_id.required": "SESSION_SESSION_ID_REQUIRED",
        "session_id": "SESSION_SESSION_ID_REQUIRED",
    }

    session_id = KeyField()


class CalculationSerializer(serializers.ModelSerializer[SessionCredit]):
    user_id = serializers.UUIDField(source="player_id")
    amount = EurosField(source="base_amount")
    effective_amount = EurosField(source="amount")
    multiplier_applied = serializers.DecimalField(source="multiplier", max_digits=6, decimal_places=4)
    game_session_id = serializers.UUIDField(source="session_id")
    play_duration_minutes = serializers.DecimalField(source="minutes", max_digits=10, decimal_places=4)
    rate = serializers.CharField(help_text="The rate card and its version.")

    class Meta:
        model = SessionCredit
        fields = (
            "user_id",
            "amount",
            "effective_amount",
            "multiplier_applied",
            "source_type",
            "game_session_id",
            "active_multipliers",
            "play_duration_minutes",
            "base_rate",
            "rate",
        )


class WalletUpdateSerializer(serializers.Serializer[Any]):
    transaction_id = serializers.UUIDField(allow_null=True)
    new_balance = EurosField()
    amount_added = EurosField()


class ConversionSerializer(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    credits_calculation = CalculationSerializer()
    wallet_update = WalletUpdateSerializer()


class RateSerializer(serializers.Serializer[Any]):
    rate_id = serializers.CharField()
    version = serializers.IntegerField()
    base_rate_eur_per_minute = serializers.DecimalField(source="base_rate", max_digits=8, decimal_places=6)
    is_active = serializers.BooleanField()
    multipliers = serializers.DictField(child=serializers.DecimalField(max_digits=6, decimal_places=4))
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)
    description = serializers.CharField()


class DonationInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "amount.required": "DONATION_AMOUNT_REQUIRED",
        "amount.null": "DONATION_AMOUNT_REQUIRED",
        "amount.not_positive": "AMOUNT_MUST_BE_POSITIVE",
        "amount.too_large": "DONATION_AMOUNT_TOO_LARGE",
        "amount": "INVALID_AMOUNT",
        "onlus_id.required": "DONATION_ONLUS_ID_REQUIRED",
        "onlus_id.null": "DONATION_ONLUS_ID_REQUIRED",
        "onlus_id": "DONATION_ONLUS_ID_INVALID",
        "message.max_length": "DONATION_MESSAGE_TOO_LONG",
        "message": "INVALID_REQUEST",
        "is_anonymous": "INVALID_REQUEST",
    }

    amount = EurosField(maximum=LARGEST_DONATION)
    onlus_id = KeyField()
    message = serializers.CharField(max_length=500, required=False, allow_blank=True)
    is_anonymous = serializers.BooleanField(required=False)


class ReceiptSerializer(serializers.ModelSerializer[Receipt]):
    receipt_id = serializers.UUIDField(source="id")
    number = serializers.CharField(source="reference")
    receipt_type = serializers.CharField(source="kind")
    tax_year = serializers.SerializerMethodField(help_text="The year of the gift, which counts for taxes.")

    class Meta:
        model = Receipt
        fields = ("receipt_id", "number", "receipt_type", "tax_year", "issued_at")

    def get_tax_year(self, receipt: Receipt) -> int:
        return rome_day(datetime.fromisoformat(receipt.facts["completed_at"])).year


class DonationSerializer(serializers.ModelSerializer[Donation]):
    """A donation as its donor sees it."""

    donation_id = serializers.UUIDField(source="id")
    transaction_id = serializers.UUIDField(source="id")
    type = serializers.SerializerMethodField()
    amount = EurosField()
    earned_amount = EurosField(help_text="Paid with credits earned by playing.")
    paid_amount = EurosField(help_text="Paid with own money.")
    onlus_id = serializers.UUIDField()
    receipt_available = serializers.SerializerMethodField()

    class Meta:
        model = Donation
        fields = (
            "id",
            "donation_id",
            "transaction_id",
            "type",
            "amount",
            "earned_amount",
            "paid_amount",
            "onlus_id",
            "onlus_name",
            "status",
            "origin",
            "message",
            "is_anonymous",
            "receipt_available",
            "created_at",
            "completed_at",
        )

    def get_type(self, donation: Donation) -> str:
        return "donated"

    def get_receipt_available(self, donation: Donation) -> bool:
        return donation.status in (Donation.Status.COMPLETED, Donation.Status.REFUNDED)


class DonationMadeSerializer(serializers.Serializer[Any]):
    donation_id = serializers.UUIDField(source="donation.id")
    transaction_id = serializers.UUIDField(source="donation.id")
    donation_amount = EurosField(source="donation.amount")
    remaining_balance = EurosField(source="donation.remaining_balance")
    onlus_id = serializers.UUIDField(source="donation.onlus_id")
    donation = DonationSerializer()


class DonationHistorySerializer(serializers.Serializer[Any]):
    donations = DonationSerializer(many=True)
    pagination = serializers.DictField()
    total_donated = EurosField()
    donation_count = serializers.IntegerField()


class DonationReceiptSerializer(serializers.Serializer[Any]):
    transaction_id = serializers.UUIDField(source="donation.id")
    type = serializers.CharField()
    amount = EurosField(source="donation.amount")
    date = serializers.DateTimeField(source="donation.completed_at")
    status = serializers.CharField(source="donation.status")
    onlus_id = serializers.UUIDField(source="donation.onlus_id")
    onlus_name = serializers.CharField(source="donation.onlus_name")
    receipt = ReceiptSerializer()
    download_url = serializers.CharField()
