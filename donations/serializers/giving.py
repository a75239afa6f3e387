"""The shapes of donations in the API."""

from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from donations.models import Donation
from donations.operations.giving import LARGEST_DONATION
from donations.operations.refunds import can_cancel
from donations.serializers.payments import IntentSerializer
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer

PAYING = {"from_wallet", "cover_fees", "saved_method_id", "save_method"}


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
        "pool_id": "GIVING_POOL_NOT_FOUND",
        "campaign_id": "CAMPAIGN_NOT_RUNNING",
        "message.max_length": "DONATION_MESSAGE_TOO_LONG",
        "message": "INVALID_REQUEST",
        "in_honour_of": "DONATION_HONOUR_TOO_LONG",
        "is_anonymous": "INVALID_REQUEST",
        "payment_method": "INVALID_PAYMENT_METHOD",
        "from_wallet": "INVALID_AMOUNT",
        "saved_method_id": "SAVED_PAYMENT_METHOD_NOT_FOUND",
        "save_method": "INVALID_REQUEST",
        "cover_fees": "INVALID_REQUEST",
    }

    amount = EurosField(maximum=LARGEST_DONATION)
    onlus_id = KeyField(required=False)
    pool_id = KeyField(
        required=False, help_text="Instead of `onlus_id`: give to every member of a giving pool."
    )
    campaign_id = KeyField(required=False, help_text="A running campaign of the same ONLUS.")
    message = serializers.CharField(max_length=500, required=False, allow_blank=True)
    in_honour_of = serializers.CharField(max_length=120, required=False, allow_blank=True)
    is_anonymous = serializers.BooleanField(required=False)
    payment_method = serializers.ChoiceField(
        ["wallet", "card", "paypal"],
        required=False,
        help_text="`wallet` (when left out) gives at once. Otherwise the donation waits for a payment; see `payment`.",
    )
    from_wallet = EurosField(
        allow_zero=True,
        required=False,
        help_text="With a payment: the part the wallet gives, held until it is paid.",
    )
    cover_fees = serializers.BooleanField(
        required=False, help_text="With a payment: pay the fees on top, so that all of the amount is given."
    )
    saved_method_id = KeyField(required=False, help_text="With a payment: a saved means of payment.")
    save_method = serializers.BooleanField(
        required=False, help_text="With a payment: keep the means of payment."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Want one receiver; a campaign belongs to an ONLUS, so a pool has none."""
        if "onlus_id" not in attrs and "pool_id" not in attrs:
            raise serializers.ValidationError(
                {"onlus_id": _("Name the organisation to give to.")}, code="DONATION_ONLUS_ID_REQUIRED"
            )
        paid = attrs.get("payment_method", "wallet") != "wallet"
        if PAYING & attrs.keys() and not paid:
            raise serializers.ValidationError(
                {"payment_method": _("Say how you pay, or leave the payment's details out.")},
                code="INVALID_PAYMENT_METHOD",
            )
        if "pool_id" in attrs and paid:
            raise serializers.ValidationError(
                {"payment_method": _("A pool is given to from the wallet: top it up first.")},
                code="INVALID_PAYMENT_METHOD",
            )
        if "pool_id" in attrs and {"onlus_id", "campaign_id"} & attrs.keys():
            raise serializers.ValidationError(
                {"pool_id": _("A pool takes the place of an organisation and has no campaign.")},
                code="GIVING_POOL_NOT_FOUND",
            )
        return attrs


class ValidateInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "amount.required": "DONATION_AMOUNT_REQUIRED",
        "amount.null": "DONATION_AMOUNT_REQUIRED",
        "amount.not_positive": "AMOUNT_MUST_BE_POSITIVE",
        "amount.too_large": "DONATION_AMOUNT_TOO_LARGE",
        "amount": "INVALID_AMOUNT",
    }

    amount = EurosField(maximum=LARGEST_DONATION)


class ValidationSerializer(serializers.Serializer[Any]):
    is_valid = serializers.BooleanField()  # type: ignore[assignment]  # a field of this name
    amount = EurosField()
    current_balance = EurosField()
    remaining_balance = EurosField(help_text="What would be left; zero when the amount is not covered.")
    validation_errors = serializers.ListField(child=serializers.CharField())


class CancelInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "reason.max_length": "CANCELLATION_REASON_TOO_LONG",
        "reason": "INVALID_REQUEST",
    }

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class SummarySerializer(serializers.Serializer[Any]):
    total_donated = EurosField()
    donation_count = serializers.IntegerField()
    donation_ratio = serializers.DecimalField(
        max_digits=12,
        decimal_places=4,
        help_text="Given for each euro earned by playing; 0 when nothing was earned.",
    )
    avg_donation_amount = EurosField()
    largest_donation = EurosField()
    recent_donations_count = serializers.IntegerField(help_text="In the last 30 days.")
    organisations_count = serializers.IntegerField()
    matched_amount = EurosField(help_text="What sponsors added to these donations.")
    refunded_amount = EurosField()
    preferred_causes = serializers.ListField(
        child=serializers.CharField(), help_text="The categories given most to, at most three."
    )
    impact_score = serializers.DecimalField(max_digits=12, decimal_places=2)


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
    refunded_amount = EurosField(help_text="What was given back.")
    round_up_amount = EurosField(help_text="The part that rounded the amount up.")
    matched_amount = EurosField(help_text="What a sponsor added.")
    campaign_id = serializers.UUIDField(allow_null=True)
    recurring_id = serializers.UUIDField(allow_null=True)
    can_cancel = serializers.SerializerMethodField()

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
            "in_honour_of",
            "campaign_id",
            "recurring_id",
            "group_id",
            "refunded_amount",
            "round_up_amount",
            "matched_amount",
            "can_cancel",
            "receipt_available",
            "failure_code",
            "created_at",
            "completed_at",
        )

    def get_type(self, donation: Donation) -> str:
        return "donated"

    def get_receipt_available(self, donation: Donation) -> bool:
        return donation.status in (Donation.Status.COMPLETED, Donation.Status.REFUNDED)

    def get_can_cancel(self, donation: Donation) -> bool:
        """Say whether the donor may still take it back. Once it is being paid out, the answer to trying is a 409."""
        return can_cancel(donation, timezone.now())


class DonationMadeSerializer(serializers.Serializer[Any]):
    donation_id = serializers.UUIDField(source="donation.id")
    transaction_id = serializers.UUIDField(source="donation.id")
    donation_amount = EurosField(help_text="What was given, to all of a pool together.")
    remaining_balance = EurosField(source="donation.remaining_balance")
    onlus_id = serializers.UUIDField(source="donation.onlus_id")
    donation = DonationSerializer()
    donations = DonationSerializer(many=True, help_text="All of them, when a pool was given to.")
    payment = IntentSerializer(
        allow_null=True,
        help_text="What is to be paid before the donation is carried out; null from the wallet.",
    )


class DonationHistorySerializer(serializers.Serializer[Any]):
    donations = DonationSerializer(many=True)
    pagination = serializers.DictField()
    total_donated = EurosField()
    donation_count = serializers.IntegerField()
