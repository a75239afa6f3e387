"""The shapes of recurring donations in the API."""

from typing import Any, ClassVar

from rest_framework import serializers

from donations.models import RecurringDonation
from donations.operations.giving import LARGEST_DONATION
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer


class RecurringInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "amount.required": "DONATION_AMOUNT_REQUIRED",
        "amount.null": "DONATION_AMOUNT_REQUIRED",
        "amount.not_positive": "AMOUNT_MUST_BE_POSITIVE",
        "amount.too_large": "DONATION_AMOUNT_TOO_LARGE",
        "amount": "INVALID_AMOUNT",
        "onlus_id.required": "DONATION_ONLUS_ID_REQUIRED",
        "onlus_id.null": "DONATION_ONLUS_ID_REQUIRED",
        "onlus_id": "DONATION_ONLUS_ID_INVALID",
        "interval": "RECURRING_INTERVAL_INVALID",
        "source": "RECURRING_SOURCE_INVALID",
        "saved_method_id": "SAVED_PAYMENT_METHOD_NOT_FOUND",
        "starts_on": "RECURRING_START_INVALID",
        "message.max_length": "DONATION_MESSAGE_TOO_LONG",
        "message": "INVALID_REQUEST",
        "is_anonymous": "INVALID_REQUEST",
        "cover_fees": "INVALID_REQUEST",
    }

    amount = EurosField(maximum=LARGEST_DONATION)
    onlus_id = KeyField()
    interval = serializers.ChoiceField(RecurringDonation.Interval.choices)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of this name
        RecurringDonation.Source.choices, required=False, help_text="`wallet` when left out."
    )
    saved_method_id = KeyField(required=False)
    cover_fees = serializers.BooleanField(
        required=False, help_text="With a saved means of payment: pay the fees on top of the amount."
    )
    starts_on = serializers.DateField(
        required=False, help_text="The first date, in Rome; today when left out."
    )
    message = serializers.CharField(max_length=500, required=False, allow_blank=True)
    is_anonymous = serializers.BooleanField(required=False)


class RecurringSerializer(serializers.ModelSerializer[RecurringDonation]):
    recurring_id = serializers.UUIDField(source="id")
    amount = EurosField()
    onlus_id = serializers.UUIDField()
    onlus_name = serializers.CharField(source="onlus.name")
    saved_method_id = serializers.UUIDField(allow_null=True)
    next_on = serializers.SerializerMethodField()

    class Meta:
        model = RecurringDonation
        fields = (
            "recurring_id",
            "onlus_id",
            "onlus_name",
            "amount",
            "interval",
            "source",
            "saved_method_id",
            "cover_fees",
            "message",
            "is_anonymous",
            "status",
            "next_on",
            "created_at",
            "ended_at",
        )

    def get_next_on(self, recurring: RecurringDonation) -> str | None:
        """Tell the next date, of a donation that has one."""
        active = recurring.status == RecurringDonation.Status.ACTIVE
        return recurring.next_on.isoformat() if active else None


class RecurringListSerializer(serializers.Serializer[Any]):
    recurring_donations = RecurringSerializer(many=True)
    pagination = serializers.DictField()
