"""The shapes of the wallet as the first clients know it, under /api/users."""

from typing import Any, ClassVar

from rest_framework import serializers

from donations.operations.giving import LARGEST_DONATION
from donations.serializers.giving import DonationInput
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer


class UserDonationInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = DonationInput.constants

    amount = EurosField(maximum=LARGEST_DONATION)
    onlus_id = KeyField()


class WalletCreditsSerializer(serializers.Serializer[Any]):
    current_balance = EurosField()
    total_earned = EurosField()
    total_donated = EurosField()


class UserWalletSerializer(serializers.Serializer[Any]):
    wallet_credits = WalletCreditsSerializer()


class WalletOwnerSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    user_id = serializers.UUIDField(source="id")
    wallet_credits = WalletCreditsSerializer()


class ChangedUserSerializer(serializers.Serializer[Any]):
    """The person after money moved, and the transaction that moved it."""

    user = WalletOwnerSerializer()
    transaction_id = serializers.UUIDField()
