"""The shapes of funding requests in the API, for members of the organisation."""

from decimal import Decimal
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import OnlusCategory
from donations.models import AllocationRequest, AllocationResult
from donations.models.allocation import LARGEST_REQUEST
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer
from goodplay.lib.money import ZERO

SHORTEST, LONGEST = 50, 2000


class AllocationRequestInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "onlus_id.required": "MISSING_REQUIRED_FIELD",
        "onlus_id.null": "MISSING_REQUIRED_FIELD",
        "onlus_id": "ONLUS_NOT_FOUND",
        "requested_amount.required": "MISSING_REQUIRED_FIELD",
        "requested_amount.null": "MISSING_REQUIRED_FIELD",
        "requested_amount.not_positive": "INVALID_AMOUNT_RANGE",
        "requested_amount.too_large": "INVALID_AMOUNT_RANGE",
        "requested_amount": "INVALID_AMOUNT_FORMAT",
        "project_title": "MISSING_REQUIRED_FIELD",
        "project_description": "MISSING_REQUIRED_FIELD",
        "annual_budget": "INVALID_AMOUNT_FORMAT",
        "deadline": "ALLOCATION_DEADLINE_INVALID",
        "category": "ALLOCATION_REQUEST_INVALID",
        "urgency_level": "ALLOCATION_REQUEST_INVALID",
        "priority": "ALLOCATION_REQUEST_INVALID",
        "request_type": "ALLOCATION_REQUEST_INVALID",
        "expected_impact": "ALLOCATION_REQUEST_INVALID",
    }

    onlus_id = KeyField()
    requested_amount = EurosField(maximum=LARGEST_REQUEST, source="amount")
    project_title = serializers.CharField(max_length=160, source="title")
    project_description = serializers.CharField(min_length=SHORTEST, max_length=LONGEST, source="description")
    category = serializers.SlugRelatedField(
        slug_field="category",
        queryset=OnlusCategory.objects.filter(is_active=True),
        required=False,
        help_text="The organisation's own when left out.",
    )
    expected_impact = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    urgency_level = serializers.IntegerField(min_value=1, max_value=5, required=False)
    priority = serializers.IntegerField(
        min_value=1, max_value=5, required=False, help_text="1 low … 5 emergency."
    )
    request_type = serializers.ChoiceField(AllocationRequest.Type.choices, required=False)
    deadline = serializers.DateTimeField(required=False)
    annual_budget = EurosField(required=False, help_text="The organisation's budget of a year, in EUR.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        category = attrs.pop("category", None)
        return attrs | ({"category_id": category.pk} if category else {})


class FactorSerializer(serializers.Serializer[Any]):
    score = serializers.DecimalField(max_digits=5, decimal_places=2)
    weight = serializers.DecimalField(max_digits=3, decimal_places=2)
    points = serializers.DecimalField(max_digits=5, decimal_places=2, help_text="Score times weight.")


class AllocationRequestSerializer(serializers.ModelSerializer[AllocationRequest]):
    request_id = serializers.UUIDField(source="id")
    requested_amount = EurosField(source="amount")
    approved_amount = EurosField(allow_null=True)
    project_title = serializers.CharField(source="title")
    project_description = serializers.CharField(source="description")
    category = serializers.CharField(source="category_id")
    allocation_score = serializers.DecimalField(
        source="score", max_digits=5, decimal_places=2, allow_null=True, help_text="Of the latest look."
    )
    score_components = serializers.DictField(child=FactorSerializer(), source="factors")
    scoring_factors = serializers.DictField(
        child=FactorSerializer(), source="factors", help_text="The same under its older name."
    )
    processed_at = serializers.DateTimeField(source="decided_at", help_text="The same under its older name.")
    is_expired = serializers.SerializerMethodField(help_text="Its deadline passed while it waited.")
    days_until_deadline = serializers.SerializerMethodField(help_text="Whole days; null without a deadline.")
    result_id = serializers.SerializerMethodField()

    class Meta:
        model = AllocationRequest
        fields = (
            "id",
            "request_id",
            "onlus_id",
            "requested_amount",
            "approved_amount",
            "project_title",
            "project_description",
            "category",
            "expected_impact",
            "urgency_level",
            "priority",
            "request_type",
            "deadline",
            "days_until_deadline",
            "is_expired",
            "status",
            "allocation_score",
            "score_components",
            "scoring_factors",
            "formula_version",
            "rejection_reason",
            "result_id",
            "created_at",
            "decided_at",
            "processed_at",
        )

    def get_is_expired(self, request: AllocationRequest) -> bool:
        waits = request.status in AllocationRequest.WAITING
        return waits and request.deadline is not None and request.deadline <= timezone.now()

    def get_days_until_deadline(self, request: AllocationRequest) -> int | None:
        return None if request.deadline is None else (request.deadline - timezone.now()).days

    def get_result_id(self, request: AllocationRequest) -> str | None:
        result = getattr(request, "result", None)
        return str(result.pk) if result else None


class AllocationResultSerializer(serializers.ModelSerializer[AllocationResult]):
    """What was given for a request. Who gave stays with the staff."""

    result_id = serializers.UUIDField(source="id")
    request_id = serializers.UUIDField()
    onlus_id = serializers.UUIDField(source="request.onlus_id")
    target_amount = EurosField()
    allocated_amount = EurosField(source="given_amount")
    allocation_method = serializers.CharField(source="method")
    fees_deducted = serializers.SerializerMethodField(help_text="Nothing is kept of an allocation.")
    net_amount = EurosField(source="given_amount")
    efficiency_ratio = serializers.SerializerMethodField(help_text="Which part of the target was given.")
    processing_time_seconds = serializers.SerializerMethodField(help_text="Null until it is carried out.")
    completed_at = serializers.DateTimeField(source="finished_at", help_text="The same under its older name.")
    is_successful = serializers.SerializerMethodField()

    class Meta:
        model = AllocationResult
        fields = (
            "id",
            "result_id",
            "request_id",
            "onlus_id",
            "target_amount",
            "allocated_amount",
            "fees_deducted",
            "net_amount",
            "efficiency_ratio",
            "allocation_method",
            "status",
            "is_successful",
            "retry_count",
            "created_at",
            "finished_at",
            "completed_at",
            "processing_time_seconds",
        )

    @extend_schema_field(EurosField())
    def get_fees_deducted(self, result: AllocationResult) -> Any:
        return EurosField().to_representation(ZERO)

    @extend_schema_field(serializers.DecimalField(max_digits=5, decimal_places=4, coerce_to_string=False))
    def get_efficiency_ratio(self, result: AllocationResult) -> Decimal:
        return (result.given_amount / result.target_amount).quantize(Decimal("0.0001"))

    def get_processing_time_seconds(self, result: AllocationResult) -> int | None:
        took = result.finished_at - result.created_at if result.finished_at else None
        return int(took.total_seconds()) if took is not None else None

    def get_is_successful(self, result: AllocationResult) -> bool:
        return result.status in (AllocationResult.Status.COMPLETED, AllocationResult.Status.PARTIAL)


class RequestListInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {"status": "INVALID_STATUS_FILTER"}

    status = serializers.ChoiceField(AllocationRequest.Status.choices, required=False)


class RecommendationInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "min_amount": "INVALID_AMOUNT_FORMAT",
        "max_amount": "INVALID_AMOUNT_FORMAT",
    }

    min_amount = EurosField(required=False, allow_zero=True)
    max_amount = EurosField(required=False, maximum=LARGEST_REQUEST)


class RecommendationSerializer(serializers.Serializer[Any]):
    about = serializers.ChoiceField(["compliance", "success"])
    type = serializers.CharField()
    priority = serializers.CharField()
    figure = serializers.DecimalField(max_digits=14, decimal_places=2)


class RecommendationsSerializer(serializers.Serializer[Any]):
    onlus_id = serializers.UUIDField()
    current_eligibility = serializers.BooleanField()
    eligibility_code = serializers.CharField(help_text="Why not; empty when it is eligible.")
    compliance_score = serializers.DecimalField(max_digits=5, decimal_places=2)
    recommended_amount = EurosField(allow_null=True, help_text="The middle of the amounts asked about.")
    recommendations = RecommendationSerializer(many=True)
