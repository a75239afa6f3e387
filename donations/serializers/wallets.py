"""The shapes of the wallet in the API."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from donations.models import Donation, SessionCredit, Transfer
from donations.operations.auto_donation import Result
from donations.operations.bonuses import LARGEST_CREDIT
from donations.queries.transactions import ORDERS, STATUS_NAMES, TYPE_NAMES, type_of
from donations.queries.wallet import AUTO_DONATION
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer
from goodplay.lib.time import milliseconds

SHORTEST_MS, LONGEST_MS = 10_000, 86_400_000


class AutoDonationSettingsSerializer(serializers.Serializer[Any]):
    enabled = serializers.BooleanField()
    threshold = EurosField(allow_zero=True)
    percentage = serializers.IntegerField()
    preferred_onlus_id = serializers.UUIDField(allow_null=True)
    round_up_enabled = serializers.BooleanField()
    allocation_consent = serializers.BooleanField(
        help_text="What would be given automatically goes to requests of organisations, where it is needed most."
    )


class WalletFiguresSerializer(serializers.Serializer[Any]):
    current_balance = EurosField()
    total_earned = EurosField()
    total_donated = EurosField()
    donation_ratio = serializers.DecimalField(max_digits=12, decimal_places=4)
    auto_donation_enabled = serializers.BooleanField()
    auto_donation_threshold = EurosField()
    account_age_days = serializers.IntegerField()
    version = serializers.IntegerField()


class WalletSerializer(serializers.Serializer[Any]):
    wallet_id = serializers.UUIDField(help_text="Everybody has one wallet: its key is theirs.")
    user_id = serializers.UUIDField()
    current_balance = EurosField(help_text="What can be given now, in EUR.")
    held_balance = EurosField(help_text="Held by movements under review.")
    waiting_credits = EurosField(
        help_text="Earned, and paid into the wallet as soon as sponsors' money covers it."
    )
    earned_balance = EurosField(help_text="Credits earned by playing.")
    paid_balance = EurosField(help_text="The player's own money.")
    is_frozen = serializers.BooleanField(help_text="A payment is disputed: nothing can be spent.")
    total_earned = EurosField(help_text="Earned by playing since the beginning, waiting credits included.")
    total_donated = EurosField(help_text="Given since the beginning, less what was given back.")
    version = serializers.IntegerField()
    auto_donation_settings = AutoDonationSettingsSerializer()
    statistics = WalletFiguresSerializer()
    created_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)


class TypeCountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    total_amount = EurosField(help_text="Before bonuses.")
    total_effective_amount = EurosField(help_text="What moved.")
    avg_amount = EurosField()
    completed_count = serializers.IntegerField()


class TransactionStatisticsSerializer(serializers.Serializer[Any]):
    total_transactions = serializers.IntegerField()
    completed_transactions = serializers.IntegerField()
    total_earned = EurosField()
    total_donated = EurosField()
    total_effective_earned = EurosField()
    total_effective_donated = EurosField()
    by_type = serializers.DictField(child=TypeCountSerializer())


class ConversionStatisticsSerializer(serializers.Serializer[Any]):
    credited_sessions = serializers.IntegerField()
    total_play_time_minutes = serializers.DecimalField(max_digits=14, decimal_places=2)
    avg_credits_per_session = EurosField()
    most_productive_day = serializers.DateField(allow_null=True, help_text="In Rome.")


class WalletStatisticsSerializer(serializers.Serializer[Any]):
    wallet = WalletFiguresSerializer()
    transactions = TransactionStatisticsSerializer()
    conversion_stats = ConversionStatisticsSerializer()


class TransactionListInput(InputSerializer):
    """What the list of transactions may be asked; `type` is short for `transaction_type`."""

    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "transaction_type": "INVALID_TYPE_FILTER",
        "type": "INVALID_TYPE_FILTER",
        "status": "INVALID_STATUS_FILTER",
        "sort_by": "INVALID_SORT_FIELD",
        "sort_order": "INVALID_SORT_ORDER",
    }

    transaction_type = serializers.ChoiceField(choices=TYPE_NAMES, required=False)
    type = serializers.ChoiceField(choices=TYPE_NAMES, required=False)
    status = serializers.ChoiceField(choices=STATUS_NAMES, required=False)
    sort_by = serializers.ChoiceField(choices=list(ORDERS), default="created_at")
    sort_order = serializers.ChoiceField(choices=["desc", "asc"], default="desc")


class TransactionSerializer(serializers.ModelSerializer[Transfer]):
    """A transfer as its player sees it. `context["donations"]` holds those the rows carry, by transaction."""

    user_id = serializers.UUIDField(source="player_id")
    type = serializers.SerializerMethodField()
    status = serializers.ChoiceField(choices=STATUS_NAMES, source="shown_status")
    amount = serializers.SerializerMethodField(help_text="Before bonuses.")
    effective_amount = serializers.SerializerMethodField()
    multiplier_applied = serializers.SerializerMethodField()
    source_type = serializers.SerializerMethodField()
    game_session_id = serializers.SerializerMethodField()
    onlus_id = serializers.SerializerMethodField()
    metadata = serializers.SerializerMethodField()
    receipt_available = serializers.SerializerMethodField()
    updated_at = serializers.SerializerMethodField()
    processed_at = serializers.SerializerMethodField(help_text="When it moved; null while it is held.")

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
            "onlus_id",
            "reason",
            "metadata",
            "receipt_available",
            "created_at",
            "updated_at",
            "processed_at",
        )

    def get_type(self, row: Transfer) -> str:
        return type_of(row)

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
        if row.kind == Transfer.Kind.TOP_UP:
            return "payment_gateway"
        why: Any = _credit(row) or getattr(row, "bonus", None)
        return str(why.source_type) if why else None

    def get_game_session_id(self, row: Transfer) -> str | None:
        credit = _credit(row)
        return str(credit.session_id) if credit else None

    def get_onlus_id(self, row: Transfer) -> str | None:
        onlus_id = row.credit_account.onlus_id or row.debit_account.onlus_id
        return str(onlus_id) if onlus_id else None

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_metadata(self, row: Transfer) -> dict[str, Any]:
        credit, donation = _credit(row), self._donation(row)
        return _of_play(credit) if credit else _of_gift(donation) if donation else {}

    def get_receipt_available(self, row: Transfer) -> bool:
        donation = self._donation(row)
        return donation is not None and donation.status in (
            Donation.Status.COMPLETED,
            Donation.Status.REFUNDED,
        )

    def get_updated_at(self, row: Transfer) -> datetime:
        resolution = getattr(row, "resolution", None)
        return resolution.created_at if resolution else row.created_at

    def get_processed_at(self, row: Transfer) -> datetime | None:
        resolution = getattr(row, "resolution", None)
        moved = resolution or row
        return moved.created_at if moved.phase_moves else None

    def _donation(self, row: Transfer) -> Donation | None:
        donation: Donation | None = self.context.get("donations", {}).get(row.transaction_id)
        return donation


def _credit(row: Transfer) -> SessionCredit | None:
    return getattr(row, "session_credit", None)


def _of_play(credit: SessionCredit) -> dict[str, Any]:
    return {
        "game_session_id": str(credit.session_id),
        "game_type": credit.session.game.engine_name,
        "play_duration_ms": milliseconds(credit.session.played_for),
        "multiplier_applied": credit.multiplier,
        "active_multipliers": credit.active_multipliers,
        "base_rate": credit.base_rate,
    }


def _of_gift(donation: Donation) -> dict[str, Any]:
    return {
        "onlus_name": donation.onlus_name,
        "message": donation.message,
        "is_anonymous": donation.is_anonymous,
        "donation_source": donation.origin,
        "auto_donation": donation.origin == Donation.Origin.AUTO,
    }


class ConvertSessionInput(InputSerializer):
    """The session to tell about, also wrapped in `session_data`.

    What a client adds about its play (duration, game, mode, context, multipliers) must look right, and counts for
    nothing: the server measured it.
    """

    constants: ClassVar[dict[str, str]] = {
        "session_id": "SESSION_SESSION_ID_REQUIRED",
        "play_duration_ms.null": "SESSION_PLAY_DURATION_MS_REQUIRED",
        "play_duration_ms.min_value": "SESSION_DURATION_TOO_SHORT",
        "play_duration_ms.max_value": "SESSION_DURATION_TOO_LONG",
        "play_duration_ms": "SESSION_INVALID_PLAY_DURATION",
        "game_id": "SESSION_GAME_ID_REQUIRED",
        "game_type": "SESSION_GAME_ID_REQUIRED",
    }

    session_id = KeyField()
    play_duration_ms = serializers.DecimalField(
        max_digits=None, decimal_places=None, min_value=SHORTEST_MS, max_value=LONGEST_MS, required=False
    )
    game_id = serializers.CharField(max_length=100, required=False)
    game_type = serializers.CharField(max_length=100, required=False, help_text="The same as `game_id`.")

    def to_internal_value(self, data: Any) -> Any:
        inner = data.get("session_data") if isinstance(data, dict) else None
        return super().to_internal_value(inner if isinstance(inner, dict) else data)


class CalculationSerializer(serializers.ModelSerializer[SessionCredit]):
    user_id = serializers.UUIDField(source="player_id")
    amount = EurosField(source="base_amount")
    effective_amount = EurosField(source="amount")
    multiplier_applied = serializers.DecimalField(source="multiplier", max_digits=6, decimal_places=4)
    game_session_id = serializers.UUIDField(source="session_id")
    game_type = serializers.CharField(source="session.game.engine_name")
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
            "game_type",
            "active_multipliers",
            "play_duration_minutes",
            "base_rate",
            "rate",
        )


class AutoDonationResultSerializer(serializers.Serializer[Result]):
    """What automatic giving did. The last three keys are there when something was given, `reason` when it was not."""

    eligible = serializers.BooleanField()
    donated = serializers.BooleanField()
    reason = serializers.CharField(required=False)
    amount = EurosField(required=False)
    transaction_id = serializers.UUIDField(required=False)
    onlus_id = serializers.UUIDField(required=False)

    def to_representation(self, result: Result) -> dict[str, Any]:
        answer: dict[str, Any] = {"eligible": result.eligible, "donated": result.donation is not None}
        if result.donation is not None:
            given = result.donation
            return answer | {
                "amount": given.amount,
                "transaction_id": given.pk,
                "onlus_id": given.onlus_id,
            }
        return answer | ({"reason": result.reason} if result.reason else {})


class WalletUpdateSerializer(serializers.Serializer[Any]):
    transaction_id = serializers.UUIDField(allow_null=True)
    new_balance = EurosField(help_text="After what was given automatically.")
    amount_added = EurosField()
    is_waiting = serializers.BooleanField(
        help_text="The credit waits until sponsors' money covers it, and is not in the balance."
    )
    auto_donation = AutoDonationResultSerializer()


class ConversionSerializer(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    credits_calculation = CalculationSerializer()
    wallet_update = WalletUpdateSerializer()
    stories_unlocked = serializers.ListField(
        child=serializers.DictField(), default=[], help_text="What the session opened, as stories are listed."
    )
    new_milestone_reached = serializers.BooleanField(
        default=False, help_text="A level or a number of gifts was reached by it."
    )


class SwitchField(serializers.BooleanField):
    """True or false, and no word or number for it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class AutoDonationInput(InputSerializer):
    """Any of the settings; keys nobody knows are dropped."""

    constants: ClassVar[dict[str, str]] = {
        "enabled": "AUTO_DONATION_ENABLED_INVALID",
        "threshold": "WALLET_AUTO_DONATION_THRESHOLD_INVALID",
        "percentage": "WALLET_AUTO_DONATION_PERCENTAGE_INVALID",
        "preferred_onlus_id": "AUTO_DONATION_SETTINGS_INVALID",
        "round_up_enabled": "AUTO_DONATION_SETTINGS_INVALID",
        "allocation_consent": "AUTO_DONATION_SETTINGS_INVALID",
    }

    enabled = SwitchField(required=False)
    threshold = EurosField(allow_zero=True, required=False)
    percentage = serializers.IntegerField(min_value=1, max_value=100, required=False)
    preferred_onlus_id = KeyField(required=False, allow_null=True)
    round_up_enabled = SwitchField(required=False)
    allocation_consent = SwitchField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Name the columns."""
        return {AUTO_DONATION[name]: value for name, value in attrs.items()}


class AddCreditsInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "user_id": "USER_ID_REQUIRED",
        "amount.required": "AMOUNT_REQUIRED",
        "amount.null": "AMOUNT_REQUIRED",
        "amount.not_positive": "AMOUNT_MUST_BE_POSITIVE",
        "amount.too_large": "CREDITS_ADD_FAILED",
        "amount": "INVALID_AMOUNT",
        "source": "CREDITS_ADD_ERROR",
        "reason": "REASON_REQUIRED",
    }

    user_id = KeyField(help_text="The player.")
    amount = EurosField(maximum=LARGEST_CREDIT)
    source = serializers.ChoiceField(choices=["manual"], default="manual")  # type: ignore[assignment]  # a field of this name
    reason = serializers.CharField(
        max_length=200, help_text="Kept on the audit trail and shown to the player."
    )
