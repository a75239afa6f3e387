"""Roots for everybody, and for a donor the proof that a gift is in the books."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from impact.models import DayRoot
from impact.queries import proofs
from impact.serializers.proofs import DonationProofSerializer, RootSerializer
from impact.viewsets.donors import DonationNotFound, TransactionNotDonation, allowed_donation


class RootViewSet(ListModelMixin, ApiViewSet):
    """The published roots of the days' transfers, the latest first. Public."""

    authentication_classes = []
    permission_classes = [AllowAny]
    serializer_class = RootSerializer
    results_key = "roots"
    messages: ClassVar[dict[str, str]] = {"list": "INCLUSION_ROOTS_SUCCESS"}

    def get_queryset(self) -> QuerySet[DayRoot]:
        return proofs.published_roots()


class ProofViewSet(ApiViewSet):
    """The proof that a donation is in the published books: for its donor, and for staff who may see donations."""

    serializer_class = DonationProofSerializer
    messages: ClassVar[dict[str, str]] = {"retrieve": "DONATION_PROOF_SUCCESS"}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (DonationNotFound, TransactionNotDonation, proofs.ProofNotReady),
    }

    @extend_schema(responses=DonationProofSerializer)
    def retrieve(self, request: Request, donation_id: str) -> Response:
        donation = allowed_donation(request, donation_id)
        shown: dict[str, Any] = {"donation_id": donation.pk, "proofs": proofs.proofs_of(donation)}
        return Response(DonationProofSerializer(shown).data)
