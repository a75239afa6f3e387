"""What staff send about metrics and updates, with the constants clients know."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer
from impact.models import CommentReport, ImpactMetric, ImpactUpdate
from impact.models.documents import list_of_lower_case_texts, list_of_web_addresses
from impact.operations.metric_reports import Reading
from impact.serializers.fields import CappedIntegerField, QueryParameters

LARGEST = Decimal("9999999999999999.99")


class FigureField(serializers.DecimalField):
    """A number from zero up with at most two decimals; no truth value passes for one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=18, decimal_places=2, min_value=Decimal(0), **options)

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """Text and nothing else: no number or truth value passes for one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TagsField(serializers.ListField):
    child = TextField(max_length=60)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=30, **options)

    def to_internal_value(self, data: Any) -> list[str]:
        tags = super().to_internal_value(data)
        try:
            list_of_lower_case_texts(tags)
        except Invalid as error:
            raise serializers.ValidationError(error.messages, code="invalid") from error
        return tags


class MetricInput(InputSerializer):
    """A value as it was counted."""

    constants: ClassVar[dict[str, str]] = {
        "onlus_id.required": "ONLUS_ID_REQUIRED",
        "onlus_id.null": "ONLUS_ID_REQUIRED",
        "onlus_id": "ONLUS_NOT_FOUND",
        "metric_name": "METRIC_METRIC_NAME_REQUIRED",
        "metric_type.required": "METRIC_METRIC_TYPE_REQUIRED",
        "metric_type": "METRIC_TYPE_INVALID",
        "metric_unit.required": "METRIC_METRIC_UNIT_REQUIRED",
        "metric_unit": "METRIC_UNIT_INVALID",
        "current_value.required": "METRIC_CURRENT_VALUE_REQUIRED",
        "current_value.null": "METRIC_CURRENT_VALUE_REQUIRED",
        "current_value.min_value": "METRIC_CURRENT_VALUE_NEGATIVE",
        "current_value": "METRIC_CURRENT_VALUE_INVALID",
        "target_value.min_value": "METRIC_TARGET_VALUE_NEGATIVE",
        "target_value": "METRIC_TARGET_VALUE_INVALID",
        "period_type": "METRIC_PERIOD_TYPE_INVALID",
        "period_start": "METRIC_DATA_INVALID_FORMAT",
        "period_end": "METRIC_DATA_INVALID_FORMAT",
        "collection_date": "METRIC_DATA_INVALID_FORMAT",
        "related_donations_amount": "METRIC_DATA_INVALID_FORMAT",
        "description": "METRIC_DATA_INVALID_FORMAT",
        "methodology": "METRIC_DATA_INVALID_FORMAT",
        "tags": "METRIC_DATA_INVALID_FORMAT",
    }

    onlus_id = KeyField()
    metric_name = TextField(max_length=120)
    metric_type = serializers.ChoiceField(ImpactMetric.Type.choices)
    metric_unit = serializers.ChoiceField(ImpactMetric.Unit.choices, help_text="`unit` means the same.")
    current_value = FigureField()
    target_value = FigureField(required=False, allow_null=True)
    period_type = serializers.ChoiceField(ImpactMetric.Period.choices, required=False)
    period_start = serializers.DateTimeField(required=False, allow_null=True)
    period_end = serializers.DateTimeField(required=False, allow_null=True)
    collection_date = serializers.DateTimeField(required=False, allow_null=True)
    description = TextField(required=False, allow_blank=True, max_length=5000)
    methodology = TextField(required=False, allow_blank=True, max_length=5000)
    tags = TagsField(required=False)
    related_donations_amount = EurosField(
        required=False,
        allow_zero=True,
        maximum=Decimal("999999999999.99"),
        help_text="Of a new metric: what was donated towards it before.",
    )

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and "metric_unit" not in data and "unit" in data:
            data = {**data, "metric_unit": data["unit"]}
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        onlus_id = attrs.pop("onlus_id")
        return {"onlus_id": onlus_id, "reading": Reading(**attrs)}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": [each.name.lower() for each in ImpactUpdate.Priority]},
            {"type": "integer", "minimum": 1, "maximum": 5},
        ]
    }
)
class PriorityField(serializers.Field[int, Any, Any, Any]):
    """A priority by its word, or by its number from 1 to 5."""

    default_error_messages = {"invalid": _("Send low, normal, high, urgent or critical.")}
    words: ClassVar[dict[Any, int]] = {each.name.lower(): each.value for each in ImpactUpdate.Priority}

    def to_internal_value(self, data: Any) -> int:
        known = {**self.words, **{each: each for each in ImpactUpdate.Priority.values}}
        if type(data) not in (str, int) or data not in known:
            self.fail("invalid")
        return known[data]

    def to_representation(self, value: int) -> str:
        return ImpactUpdate.Priority(value).name.lower()


class WebAddressesField(serializers.ListField):
    child = TextField(max_length=500)

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        addresses = super().to_internal_value(data)
        try:
            list_of_web_addresses(addresses)
        except Invalid as error:
            raise serializers.ValidationError(error.messages, code="bad_address") from error
        return addresses


class UpdateInput(InputSerializer):
    """News of an ONLUS."""

    constants: ClassVar[dict[str, str]] = {
        "onlus_id.required": "ONLUS_ID_REQUIRED",
        "onlus_id.null": "ONLUS_ID_REQUIRED",
        "onlus_id": "ONLUS_NOT_FOUND",
        "title": "UPDATE_TITLE_REQUIRED",
        "content": "UPDATE_CONTENT_REQUIRED",
        "update_type.required": "UPDATE_UPDATE_TYPE_REQUIRED",
        "update_type": "UPDATE_TYPE_INVALID",
        "priority": "UPDATE_PRIORITY_INVALID",
        "status": "UPDATE_STATUS_INVALID",
        "beneficiary_count.min_value": "UPDATE_BENEFICIARY_COUNT_NEGATIVE",
        "beneficiary_count": "UPDATE_BENEFICIARY_COUNT_INVALID",
        "financial_impact.min_value": "UPDATE_FINANCIAL_IMPACT_NEGATIVE",
        "financial_impact": "UPDATE_FINANCIAL_IMPACT_INVALID",
        "media_urls.not_a_list": "UPDATE_MEDIA_URLS_INVALID_FORMAT",
        "media_urls": "UPDATE_MEDIA_URL_INVALID",
        "thumbnail_url": "UPDATE_MEDIA_URL_INVALID",
        "publish_at": "UPDATE_PUBLISH_AT_REQUIRED",
        "featured_until": "UPDATE_FEATURED_UNTIL_INVALID",
        "related_metric_ids": "UPDATE_RELATED_METRICS_INVALID",
        "related_metrics": "UPDATE_RELATED_METRICS_INVALID",
        "affected_donation_ids": "UPDATE_AFFECTED_DONATIONS_INVALID",
        "tags": "UPDATE_DATA_INVALID_FORMAT",
        "location": "UPDATE_DATA_INVALID_FORMAT",
        "author": "UPDATE_DATA_INVALID_FORMAT",
        "contact_info": "UPDATE_DATA_INVALID_FORMAT",
    }

    onlus_id = KeyField()
    title = TextField(max_length=200)
    content = TextField(max_length=50_000)
    update_type = serializers.ChoiceField(ImpactUpdate.Type.choices)
    priority = PriorityField(required=False)
    status = serializers.ChoiceField(
        [
            ImpactUpdate.Status.DRAFT.value,
            ImpactUpdate.Status.SCHEDULED.value,
            ImpactUpdate.Status.PUBLISHED.value,
            ImpactUpdate.Status.FEATURED.value,
        ],
        required=False,
        default=ImpactUpdate.Status.PUBLISHED.value,
    )
    publish_at = serializers.DateTimeField(required=False, allow_null=True)
    featured_until = serializers.DateTimeField(required=False, allow_null=True)
    related_metrics = serializers.DictField(child=FigureField(), required=False)
    related_metric_ids = serializers.ListField(child=TextField(max_length=64), required=False, max_length=30)
    affected_donation_ids = serializers.ListField(
        child=TextField(max_length=64), required=False, max_length=5000
    )
    beneficiary_count = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=2_000_000_000
    )
    financial_impact = FigureField(required=False, allow_null=True)
    location = TextField(required=False, allow_blank=True, max_length=200)
    author = TextField(required=False, allow_blank=True, max_length=120)
    contact_info = TextField(required=False, allow_blank=True, max_length=200)
    media_urls = WebAddressesField(required=False, max_length=20)
    thumbnail_url = serializers.URLField(required=False, allow_blank=True, max_length=200)
    tags = TagsField(required=False)

    def validate_related_metrics(self, value: dict[str, Decimal]) -> dict[str, Any]:
        return {name: int(figure) if figure == int(figure) else str(figure) for name, figure in value.items()}


class NewsQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {
        "days": "INVALID_LIMIT_VALUE",
        "update_type": "UPDATE_TYPE_INVALID",
        "priority": "UPDATE_PRIORITY_INVALID",
    }

    days = CappedIntegerField(most=90, default=30)
    update_type = serializers.ChoiceField(ImpactUpdate.Type.choices, required=False, default="")
    priority = PriorityField(required=False, default=None)


class FewQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {"limit": "INVALID_LIMIT_VALUE"}

    limit = CappedIntegerField(most=50, default=10)


class SeriesQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {"days": "INVALID_LIMIT_VALUE"}

    days = CappedIntegerField(most=365, default=30)


class TopMetricsQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {
        "metric_unit": "METRIC_UNIT_INVALID",
        "metric_type": "METRIC_TYPE_INVALID",
        "limit": "INVALID_LIMIT_VALUE",
    }

    metric_unit = serializers.ChoiceField(
        ImpactMetric.Unit.choices, required=False, default=ImpactMetric.Unit.PEOPLE.value
    )
    metric_type = serializers.ChoiceField(ImpactMetric.Type.choices, required=False, default="")
    limit = CappedIntegerField(most=50, default=10)


class TotalsQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {"metric_type": "METRIC_TYPE_INVALID"}

    metric_type = serializers.ChoiceField(ImpactMetric.Type.choices, required=False, default="")


class CommentInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "text.required": "COMMENT_TEXT_REQUIRED",
        "text.null": "COMMENT_TEXT_REQUIRED",
        "text.blank": "COMMENT_TEXT_REQUIRED",
        "text": "COMMENT_TEXT_INVALID",
    }

    text = TextField(max_length=1000)


class CommentReportInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "reason.required": "COMMENT_REPORT_REASON_REQUIRED",
        "reason": "COMMENT_REPORT_REASON_INVALID",
        "details": "COMMENT_REPORT_DETAILS_INVALID",
    }

    reason = serializers.ChoiceField(CommentReport.Reason.choices)
    details = TextField(required=False, allow_blank=True, max_length=500, default="")
