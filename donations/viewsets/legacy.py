"""The routes of the first clients under /api/users: the same wallet, the same operations."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from donations.operations import bonuses, giving, ledger
from donations.operations.risk import judging
from donations.queries.wallet import wallet_summary
from donations.serializers import legacy as serializers
from donations.serializers.wallets import AddCreditsInput
from donations.viewsets.wallets import CreditViewSet
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.idempotency.api import idempotent


class UserWalletViewSet(ApiViewSet):
    """The wallet under /api/users. New clients use /api/wallet and /api/donations."""

    serializer_class = serializers.UserDonationInput
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "WALLET_RETRIEVED_SUCCESS",
        "donate": "DONATION_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "donate": (
            giving.DonorNotVerified,
            giving.OnlusNotFound,
            giving.OnlusNotEligible,
            giving.DonationTooLarge,
            ledger.InsufficientCredits,
            judging.FraudDetected,
            ledger.WalletFrozen,
            ledger.WalletUpdateFailed,
        )
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"donate": "money"}

    @extend_schema(responses=serializers.UserWalletSerializer)
    def retrieve(self, request: Request) -> Response:
        """Show the balance and the totals."""
        wallet = {"wallet_credits": wallet_summary(self.caller_id, timezone.now())}
        return Response(serializers.UserWalletSerializer(wallet).data)

    @extend_schema(request=serializers.UserDonationInput, responses={201: serializers.ChangedUserSerializer})
    @idempotent
    def donate(self, request: Request) -> Response:
        """Give credits to an ONLUS."""
        asked = self.body()
        donation = giving.donate(donor=self.caller, now=timezone.now(), **asked)
        return _changed(self.caller_id, donation.pk)


class UserCreditViewSet(CreditViewSet):
    """Credits added by hand, under /api/users."""

    @extend_schema(request=AddCreditsInput, responses={201: serializers.ChangedUserSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Credit a player out of the reward pool, with a reason. Staff only; on the audit trail."""
        asked = self.body()
        added = bonuses.add_credits(
            staff=self.caller,
            player_id=asked["user_id"],
            amount=asked["amount"],
            reason=asked["reason"],
            now=timezone.now(),
        )
        return _changed(asked["user_id"], added.bonus.transfer.transaction_id)


def _changed(user_id: UUID, transaction_id: UUID) -> Response:
    user: dict[str, Any] = {"id": user_id, "wallet_credits": wallet_summary(user_id, timezone.now())}
    answer = serializers.ChangedUserSerializer({"user": user, "transaction_id": transaction_id})
    return Response(answer.data, status=201)
