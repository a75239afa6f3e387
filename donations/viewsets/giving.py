"""Donations over REST."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from donations.models import Donation, PaymentIntent
from donations.operations import (
    giving,
    ledger,
    payment_intents,
    payment_providers,
    pending_gifts,
    refunds,
    saved_methods,
)
from donations.operations.refunds import DonationNotFound
from donations.operations.risk import judging
from donations.queries.donated import donation_history, donation_totals
from donations.queries.donation_summary import coverage, donation_summary
from donations.serializers import giving as serializers
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.idempotency.api import idempotent, idempotent_across, request_key
from goodplay.lib.ids import parse_id
from goodplay.lib.money import ZERO


def own_donation(donor_id: UUID, donation_id: str) -> Donation:
    donation = donation_history(donor_id).filter(pk=parse_id(donation_id)).first()
    if donation is None:
        raise DonationNotFound
    return donation


def _is_paid(data: Any) -> bool:
    """Say whether somebody else than the wallet is asked for money, whatever else the body says."""
    return isinstance(data, dict) and data.get("payment_method", "wallet") != "wallet"


def _wanted(request: Request) -> dict[str, Any]:
    serializer = serializers.DonationInput(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _to_pay(request: Request) -> dict[str, Any]:
    wanted = _wanted(request)
    return {"method": wanted.pop("payment_method"), **wanted}


def _give(donor: User, wanted: dict[str, Any]) -> list[Donation]:
    """Give from the wallet to an ONLUS or to a pool."""
    wanted.pop("payment_method", None)
    if "pool_id" in wanted:
        return giving.give_to_pool(donor=donor, now=timezone.now(), **wanted)
    return [giving.donate(donor=donor, now=timezone.now(), **wanted)]


def _shown(donations: list[Donation], intent: PaymentIntent | None = None) -> dict[str, Any]:
    """Show what was made, and the payment it waits for."""
    last = donations[-1]
    if last.remaining_balance is None:
        last.remaining_balance = coverage(last.donor_id, ZERO)["current_balance"]
    amount = sum((each.amount for each in donations), ZERO)
    made = {"donation": last, "donations": donations, "donation_amount": amount, "payment": intent}
    context = {"now": timezone.now()}
    return dict(serializers.DonationMadeSerializer(made, context=context).data)


class DonationViewSet(mixins.ListModelMixin, ApiViewSet):
    """The signed-in donor's own donations."""

    serializer_class = serializers.DonationSerializer
    results_key = "donations"
    lookup_url_kwarg = "donation_id"
    messages: ClassVar[dict[str, str]] = {
        "create": "DONATION_SUCCESS",
        "list": "DONATION_HISTORY_RETRIEVED_SUCCESS",
        "retrieve": "DONATION_RETRIEVED_SUCCESS",
        "summary": "DONATION_SUMMARY_RETRIEVED_SUCCESS",
        "validate": "DONATION_VALIDATION_SUCCESS",
        "cancel": "DONATION_CANCELLED",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (
            giving.DonorNotVerified,
            giving.OnlusNotFound,
            giving.OnlusNotEligible,
            giving.PoolNotFound,
            giving.CampaignNotRunning,
            giving.DonationTooLarge,
            ledger.InsufficientCredits,
            judging.FraudDetected,
            ledger.WalletFrozen,
            ledger.WalletUpdateFailed,
            pending_gifts.WalletShareTooLarge,
            payment_intents.PaymentAmountTooSmall,
            payment_intents.PaymentAmountTooLarge,
            payment_providers.PaymentProviderNotSupported,
            payment_providers.PaymentProviderUnavailable,
            payment_providers.PaymentProviderError,
            saved_methods.SavedMethodNotFound,
        ),
        "retrieve": (DonationNotFound,),
        "cancel": (DonationNotFound, refunds.DonationNotCancellable),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"create": "money", "cancel": "money"}

    def get_queryset(self) -> QuerySet[Donation]:
        if getattr(self, "swagger_fake_view", False):
            return Donation.objects.none()
        return donation_history(self.caller_id)

    @extend_schema(request=serializers.DonationInput, responses={201: serializers.DonationMadeSerializer})
    def create(self, request: Request) -> Response:
        """Give to an ONLUS: from the wallet at once, earned credits first; or by card or PayPal, also in part."""
        if _is_paid(request.data):
            return self._pay(request)
        return self._give(request)

    create.accepts_idempotency_key = True  # type: ignore[attr-defined]  # both ways do

    @idempotent
    def _give(self, request: Request) -> Response:
        return Response(_shown(_give(self.caller, _wanted(request))), status=201)

    @idempotent_across
    def _pay(self, request: Request) -> Response:
        intent = payment_intents.start_gift_payment(
            donor=self.caller, now=timezone.now(), request_key=request_key(request), **_to_pay(request)
        )
        assert intent.donation is not None  # noqa: S101  (the payment of a gift has one)
        return Response(_shown([intent.donation], intent), status=201)

    @extend_schema(request=serializers.ValidateInput, responses=serializers.ValidationSerializer)
    def validate(self, request: Request) -> Response:
        """Say whether an amount could be given from the wallet now; nothing moves."""
        serializer = serializers.ValidateInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        answer = coverage(self.caller_id, serializer.validated_data["amount"])
        return Response(serializers.ValidationSerializer(answer).data)

    @extend_schema(responses=serializers.SummarySerializer)
    def summary(self, request: Request) -> Response:
        """Sum up what the donor gave."""
        return Response(serializers.SummarySerializer(donation_summary(self.caller_id, timezone.now())).data)

    @extend_schema(request=serializers.CancelInput, responses=serializers.DonationSerializer)
    @idempotent
    def cancel(self, request: Request, donation_id: str) -> Response:
        """Take a donation back while it waits, or within the window after it and before the ONLUS is paid."""
        serializer = serializers.CancelInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        donation = refunds.cancel_donation(
            donor_id=self.caller_id,
            donation_id=parse_id(donation_id),
            reason=serializer.validated_data.get("reason", ""),
            now=timezone.now(),
        )
        return Response(serializers.DonationSerializer(donation).data)

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
        return Response(serializers.DonationSerializer(own_donation(self.caller_id, donation_id)).data)
