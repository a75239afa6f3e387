"""Funding requests over REST, for members of the organisation. Staff work in the back office."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Onlus
from donations.models import AllocationRequest, AllocationResult
from donations.operations import allocation_requests
from donations.queries.allocation import recommendations, requests_seen_by, results_seen_by
from donations.serializers import allocation as serializers
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.idempotency.api import idempotent
from goodplay.lib.ids import parse_id


class ResultNotFound(NotFound):
    code = "ALLOCATION_RESULT_NOT_FOUND"
    message = allocation_requests.RequestNotFound.message


class AllocationRequestViewSet(ApiViewSet):
    """What the caller's organisations ask for."""

    serializer_class = serializers.AllocationRequestSerializer
    results_key = "requests"
    messages: ClassVar[dict[str, str]] = {
        "create": "ALLOCATION_REQUEST_CREATED_SUCCESS",
        "retrieve": "ALLOCATION_REQUEST_RETRIEVED_SUCCESS",
        "list": "ONLUS_REQUESTS_RETRIEVED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (
            allocation_requests.OnlusNotFound,
            allocation_requests.OnlyOwnersAndEditorsAsk,
            allocation_requests.OnlusNotActive,
            allocation_requests.OnlusComplianceSuspended,
            allocation_requests.OnlusComplianceTooLow,
            allocation_requests.OnlusBankNotVerified,
            allocation_requests.EmergencyAlreadyOpen,
            allocation_requests.DeadlineInThePast,
        ),
        "retrieve": (allocation_requests.RequestNotFound,),
        "list": (allocation_requests.OnlusNotFound,),
    }

    def get_queryset(self) -> QuerySet[AllocationRequest]:
        if getattr(self, "swagger_fake_view", False):
            return AllocationRequest.objects.none()
        return requests_seen_by(self.caller)

    @extend_schema(
        request=serializers.AllocationRequestInput, responses={201: serializers.AllocationRequestSerializer}
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Ask for money for an organisation one is owner or editor of."""
        serializer = serializers.AllocationRequestInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = allocation_requests.ask(member=self.caller, now=timezone.now(), **serializer.validated_data)
        return Response(serializers.AllocationRequestSerializer(made).data, status=201)

    @extend_schema(responses=serializers.AllocationRequestSerializer)
    def retrieve(self, request: Request, request_id: str) -> Response:
        """Show one request with its score and how it comes about."""
        found = self.get_queryset().filter(pk=parse_id(request_id)).first()
        if found is None:
            raise allocation_requests.RequestNotFound
        return Response(serializers.AllocationRequestSerializer(found).data)

    @extend_schema(
        parameters=[serializers.RequestListInput],
        responses=serializers.AllocationRequestSerializer(many=True),
    )
    def list(self, request: Request, onlus_id: str) -> Response:
        """List what an organisation asked for, the latest first."""
        serializer = serializers.RequestListInput(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        own = self.get_queryset().filter(onlus=own_onlus(self.caller, onlus_id))
        rows = self.paginate_queryset(own.filter(**serializer.validated_data))
        return self.get_paginated_response(
            serializers.AllocationRequestSerializer(rows or [], many=True).data
        )


class AllocationResultViewSet(ApiViewSet):
    """What was given for requests of the caller's organisations."""

    serializer_class = serializers.AllocationResultSerializer
    results_key = "results"
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "ALLOCATION_RESULT_RETRIEVED_SUCCESS",
        "list": "ONLUS_RESULTS_RETRIEVED_SUCCESS",
        "recommendations": "ALLOCATION_RECOMMENDATIONS_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (ResultNotFound,),
        "list": (allocation_requests.OnlusNotFound,),
        "recommendations": (allocation_requests.OnlusNotFound,),
    }

    def get_queryset(self) -> QuerySet[AllocationResult]:
        if getattr(self, "swagger_fake_view", False):
            return AllocationResult.objects.none()
        return results_seen_by(self.caller)

    @extend_schema(responses=serializers.AllocationResultSerializer)
    def retrieve(self, request: Request, result_id: str) -> Response:
        """Show what was given for one request."""
        found = self.get_queryset().filter(pk=parse_id(result_id)).first()
        if found is None:
            raise ResultNotFound
        return Response(serializers.AllocationResultSerializer(found).data)

    @extend_schema(responses=serializers.AllocationResultSerializer(many=True))
    def list(self, request: Request, onlus_id: str) -> Response:
        """List what was given to an organisation, the latest first."""
        rows = self.paginate_queryset(
            self.get_queryset().filter(request__onlus=own_onlus(self.caller, onlus_id))
        )
        return self.get_paginated_response(serializers.AllocationResultSerializer(rows or [], many=True).data)

    @extend_schema(
        parameters=[serializers.RecommendationInput], responses=serializers.RecommendationsSerializer
    )
    def recommendations(self, request: Request, onlus_id: str) -> Response:
        """Say whether the organisation can be funded now, and what would help its next request."""
        serializer = serializers.RecommendationInput(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        figures = recommendations(own_onlus(self.caller, onlus_id), **serializer.validated_data)
        return Response(serializers.RecommendationsSerializer(figures).data)


def own_onlus(caller: Any, onlus_id: str) -> Onlus:
    """Return an organisation the caller has a seat in; somebody else's does not exist."""
    key = parse_id(onlus_id)
    found = Onlus.objects.filter(pk=key, memberships__user=caller).first() if key else None
    if found is None:
        raise allocation_requests.OnlusNotFound
    return found
