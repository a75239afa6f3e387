"""The wallet over REST."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import StatelessTokenAuthentication
from donations.models import AutoDonation, SessionCredit, Transfer
from donations.operations import auto_donation, bonuses, earning, giving, ledger
from donations.queries.transactions import donations_of, transactions
from donations.queries.wallet import auto_donation_settings, wallet_statistics, wallet_summary
from donations.serializers import wallets as serializers
from donations.signals import session_conversion_shown
from goodplay.lib.api.keyset import KeysetPagination
from goodplay.lib.api.permissions import staff_with
from goodplay.lib.api.renderers import answer
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.idempotency.api import idempotent


class WalletViewSet(ApiViewSet):
    """The signed-in player's own wallet."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.WalletSerializer
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "WALLET_RETRIEVED_SUCCESS",
        "statistics": "WALLET_STATISTICS_SUCCESS",
        "convert_session": "SESSION_CONVERSION_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "convert_session": (
            earning.SessionNotFound,
            earning.SessionNotCompleted,
            earning.SessionTooShort,
            earning.SessionEarnedNothing,
            earning.SessionUnderReview,
        )
    }

    @extend_schema(responses=serializers.WalletSerializer)
    def retrieve(self, request: Request) -> Response:
        """Show balances, totals and settings of the wallet."""
        summary = wallet_summary(self.caller_id, timezone.now())
        return Response(serializers.WalletSerializer(summary).data)

    @extend_schema(responses=serializers.WalletStatisticsSerializer)
    def statistics(self, request: Request) -> Response:
        """Count transactions, paid sessions and play time."""
        figures = wallet_statistics(self.caller_id, timezone.now())
        return Response(serializers.WalletStatisticsSerializer(figures).data)

    @extend_schema(request=serializers.ConvertSessionInput, responses=serializers.ConversionSerializer)
    def convert_session(self, request: Request) -> Response:
        """Tell how a session was paid. Sessions are credited when they end; asking again changes nothing."""
        serializer = serializers.ConvertSessionInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        session_id = serializer.validated_data["session_id"]
        credit = earning.credit_of(player_id=self.caller_id, session_id=session_id)
        conversion = {
            "session_id": session_id,
            "credits_calculation": credit,
            "wallet_update": self._update_by(credit),
        }
        for _receiver, more in session_conversion_shown.send(
            sender=SessionCredit, credit=credit, now=timezone.now()
        ):
            conversion |= cast(dict[str, Any], more)
        return Response(serializers.ConversionSerializer(conversion).data)

    def _update_by(self, credit: SessionCredit) -> dict[str, Any]:
        transfer = credit.transfer
        looks = AutoDonation.objects.select_related("donation")
        look = looks.filter(transfer__transaction_id=transfer.transaction_id).first() if transfer else None
        return {
            "transaction_id": transfer.transaction_id if transfer else None,
            "amount_added": credit.amount,
            "new_balance": wallet_summary(self.caller_id, timezone.now())["current_balance"],
            "is_waiting": transfer is not None and transfer.is_open_hold,
            "auto_donation": auto_donation.result_of(look) if look else auto_donation.Result(eligible=False),
        }


class TransactionViewSet(ApiViewSet):
    """What moved the player's money."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.TransactionSerializer
    pagination_class = KeysetPagination
    results_key = "transactions"
    messages: ClassVar[dict[str, str]] = {"list": "TRANSACTION_HISTORY_RETRIEVED_SUCCESS"}

    def get_queryset(self) -> QuerySet[Transfer]:
        if getattr(self, "swagger_fake_view", False):
            return Transfer.objects.none()
        serializer = serializers.TransactionListInput(data=self.request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        return transactions(
            self.caller_id,
            type_name=asked.get("transaction_type") or asked.get("type") or "",
            status=asked.get("status", ""),
            sort_by=asked["sort_by"],
            newest=asked["sort_order"] == "desc",
        )

    @extend_schema(
        parameters=[serializers.TransactionListInput], responses=serializers.TransactionSerializer(many=True)
    )
    def list(self, request: Request) -> Response:
        """List the transactions, the newest first."""
        rows = self.paginate_queryset(self.get_queryset()) or []
        context = {"donations": donations_of(rows)}
        return self.get_paginated_response(
            serializers.TransactionSerializer(rows, many=True, context=context).data
        )


class AutoDonationViewSet(ApiViewSet):
    """What the player wants given automatically."""

    serializer_class = serializers.AutoDonationInput
    messages: ClassVar[dict[str, str]] = {
        "update": "AUTO_DONATION_SETTINGS_UPDATED_SUCCESS",
        "process": "AUTO_DONATION_SUCCESS",
    }
    also_says: ClassVar[dict[str, dict[int, str]]] = {"process": {200: "AUTO_DONATION_NOT_ELIGIBLE"}}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "update": (auto_donation.BeneficiaryMissing, giving.OnlusNotFound, giving.OnlusNotEligible),
        "process": (ledger.WalletUpdateFailed,),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"process": "money"}

    @extend_schema(
        request=serializers.AutoDonationInput, responses=serializers.AutoDonationSettingsSerializer
    )
    def update(self, request: Request) -> Response:
        """Change any of the settings; the answer shows all of them."""
        wallet = auto_donation.change_settings(player=self.caller, changes=self.body(), now=timezone.now())
        settings = serializers.AutoDonationSettingsSerializer(auto_donation_settings(wallet))
        return Response(settings.data)

    @extend_schema(request=None, responses=serializers.AutoDonationResultSerializer)
    @idempotent
    def process(self, request: Request) -> Response:
        """Give now what the settings say. Answers AUTO_DONATION_NOT_ELIGIBLE when nothing was given."""
        result = auto_donation.give(player_id=self.caller_id, now=timezone.now())
        data = serializers.AutoDonationResultSerializer(result).data
        given = result.donation is not None
        return answer(data, message="AUTO_DONATION_SUCCESS" if given else "AUTO_DONATION_NOT_ELIGIBLE")


class CreditViewSet(ApiViewSet):
    """Credits added by hand."""

    permission_classes = [staff_with("donations.add_bonus", dangerous=True)]
    serializer_class = serializers.AddCreditsInput
    messages: ClassVar[dict[str, str]] = {"create": "CREDITS_ADDED_SUCCESS"}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (
            bonuses.PlayerNotFound,
            bonuses.CreditToOneself,
            bonuses.CreditTooLarge,
            ledger.WalletUpdateFailed,
        )
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"create": "money"}

    @extend_schema(request=serializers.AddCreditsInput, responses={201: serializers.WalletUpdateSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Credit a player out of the reward pool, with a reason. Staff only; on the audit trail."""
        now, asked = timezone.now(), self.body()
        added = bonuses.add_credits(
            staff=self.caller,
            player_id=asked["user_id"],
            amount=asked["amount"],
            reason=asked["reason"],
            now=now,
        )
        update = {
            "transaction_id": added.bonus.transfer.transaction_id,
            "amount_added": added.bonus.transfer.amount,
            "new_balance": wallet_summary(asked["user_id"], now)["current_balance"],
            "is_waiting": added.bonus.transfer.is_open_hold,
            "auto_donation": added.given,
        }
        return Response(serializers.WalletUpdateSerializer(update).data, status=201)
