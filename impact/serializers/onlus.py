from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from goodplay.lib.api.fields import EurosField
from impact.models import ImpactMetric, ImpactUpdate, MetricCorrection, MetricEvidence
from impact.queries.metrics import MetricView, formatted_value
from impact.queries.updates import UpdateView
from impact.serializers.fields import CappedIntegerField, NumberField, QueryParameters


class MetricsQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {
        "period": "METRIC_PERIOD_TYPE_INVALID",
        "include_trends": "INVALID_REQUEST",
    }

    period = serializers.ChoiceField(ImpactMetric.Period.choices, required=False, default="")
    include_trends = serializers.BooleanField(
        required=False, default=False, help_text="Add the readings of the last thirty days."
    )


class UpdatesQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {"limit": "INVALID_LIMIT_VALUE", "days": "INVALID_LIMIT_VALUE"}

    days = CappedIntegerField(most=90, default=30)
    limit = CappedIntegerField(most=50, default=10)


class TrendSerializer(serializers.Serializer[Any]):
    trend = serializers.ChoiceField(["increasing", "decreasing", "stable", "insufficient_data"])
    change_value = NumberField(allow_null=True)
    change_percentage = NumberField(allow_null=True)
    data_points = serializers.IntegerField()
    period_days = serializers.IntegerField()


class MetricReadingSerializer(serializers.Serializer[Any]):
    value = NumberField()
    timestamp = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]  # a name clients know


class MetricSerializer(serializers.Serializer[MetricView]):
    """A number an ONLUS reports."""

    id = serializers.UUIDField(source="metric.id")
    onlus_id = serializers.UUIDField(source="metric.onlus_id")
    metric_name = serializers.CharField(source="metric.metric_name")
    metric_type = serializers.ChoiceField(ImpactMetric.Type.choices, source="metric.metric_type")
    metric_unit = serializers.ChoiceField(ImpactMetric.Unit.choices, source="metric.metric_unit")
    unit = serializers.CharField(source="metric.metric_unit")
    current_value = NumberField(source="metric.current_value")
    previous_value = NumberField(source="metric.previous_value", allow_null=True)
    formatted_value = serializers.SerializerMethodField()
    target_value = NumberField(source="metric.target_value", allow_null=True)
    progress_percentage = NumberField(source="metric.progress_percentage", allow_null=True)
    period_type = serializers.ChoiceField(ImpactMetric.Period.choices, source="metric.period_type")
    period_start = serializers.DateTimeField(source="metric.period_start", allow_null=True)
    period_end = serializers.DateTimeField(source="metric.period_end", allow_null=True)
    collection_date = serializers.DateTimeField(source="metric.collection_date")
    source = serializers.CharField(source="metric.source")  # type: ignore[assignment]  # a name clients know
    verification_status = serializers.ChoiceField(
        ImpactMetric.Verification.choices, source="metric.verification_status"
    )
    is_verified = serializers.BooleanField(source="metric.is_verified")
    description = serializers.SerializerMethodField()
    methodology = serializers.SerializerMethodField()
    related_donations_count = serializers.IntegerField(source="metric.related_donations_count")
    related_donations_amount = EurosField(source="metric.related_donations_amount")
    efficiency_ratio = NumberField(source="metric.efficiency_ratio", allow_null=True)
    trend_30d = TrendSerializer(source="trend")
    is_stale = serializers.BooleanField()
    tags = serializers.ListField(child=serializers.CharField(), source="metric.tags")
    created_at = serializers.DateTimeField(source="metric.created_at")
    updated_at = serializers.DateTimeField(source="metric.updated_at")
    last_verified = serializers.DateTimeField(source="metric.last_verified", allow_null=True)
    data_points = MetricReadingSerializer(many=True, source="points", help_text="Only with include_trends.")

    def to_representation(self, instance: MetricView) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not self.context.get("include_trends"):
            del shown["data_points"]
        return shown

    def get_formatted_value(self, view: MetricView) -> str:
        return formatted_value(view.metric)

    def get_description(self, view: MetricView) -> str | None:
        return view.metric.description or None

    def get_methodology(self, view: MetricView) -> str | None:
        return view.metric.methodology or None


class MetricRowSerializer(serializers.ModelSerializer[ImpactMetric]):
    metric_id = serializers.UUIDField(source="id")
    current_value = NumberField()

    class Meta:
        model = ImpactMetric
        fields = ("metric_id", "metric_name", "current_value", "metric_unit", "verification_status")


class UnitSummarySerializer(serializers.Serializer[Any]):
    metrics_count = serializers.IntegerField()
    total_value = NumberField()
    avg_value = NumberField()


class TypeSummarySerializer(serializers.Serializer[Any]):
    metrics_count = serializers.IntegerField()
    verified_count = serializers.IntegerField()
    verification_rate = NumberField()
    total_value = NumberField(allow_null=True, help_text="Empty when the units differ: see by_unit.")
    avg_value = NumberField(allow_null=True)
    by_unit = serializers.DictField(child=UnitSummarySerializer())
    total_donations_amount = EurosField()
    latest_update = serializers.DateTimeField()
    metrics = MetricRowSerializer(many=True)


class MetricTotalsSerializer(serializers.Serializer[Any]):
    total_metrics = serializers.IntegerField()
    total_verified = serializers.IntegerField()
    overall_verification_rate = NumberField()
    total_donations_amount = EurosField()


class MetricsSummarySerializer(serializers.Serializer[Any]):
    onlus_id = serializers.UUIDField()
    summary_by_type = serializers.DictField(child=TypeSummarySerializer())
    totals = MetricTotalsSerializer()


class PictureSerializer(serializers.Serializer[Any]):
    url = serializers.CharField()
    thumbnail_url = serializers.CharField()
    srcset = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    alt = serializers.CharField(help_text="In the language asked for, or the other when there is only that.")


class EngagementSerializer(serializers.Serializer[Any]):
    view_count = serializers.IntegerField()
    like_count = serializers.IntegerField()
    share_count = serializers.IntegerField()
    comment_count = serializers.IntegerField()
    views = serializers.IntegerField()
    likes = serializers.IntegerField()
    shares = serializers.IntegerField()
    comments = serializers.IntegerField()
    donation_count = serializers.IntegerField()
    age_hours = serializers.IntegerField(allow_null=True)
    is_recent = serializers.BooleanField()
    priority_score = serializers.IntegerField()


class UpdateSerializer(serializers.Serializer[UpdateView]):
    """News of an ONLUS. Whose donations it is about is nobody's business: only their number is told."""

    id = serializers.UUIDField(source="update.id")
    onlus_id = serializers.UUIDField(source="update.onlus_id")
    title = serializers.CharField(source="update.title")
    content = serializers.CharField(source="update.content")
    update_type = serializers.ChoiceField(ImpactUpdate.Type.choices, source="update.update_type")
    priority = serializers.SerializerMethodField()
    priority_score = serializers.IntegerField(source="update.priority")
    status = serializers.ChoiceField(ImpactUpdate.Status.choices, source="update.status")
    is_published = serializers.BooleanField(source="update.is_published")
    is_featured = serializers.BooleanField()
    is_recent = serializers.BooleanField()
    thumbnail_url = serializers.SerializerMethodField()
    location = serializers.SerializerMethodField()
    beneficiary_count = serializers.IntegerField(source="update.beneficiary_count", allow_null=True)
    financial_impact = EurosField(source="update.financial_impact", allow_null=True)
    tags = serializers.ListField(child=serializers.CharField(), source="update.tags")
    author = serializers.SerializerMethodField()
    contact_info = serializers.SerializerMethodField()
    media_urls = serializers.ListField(child=serializers.URLField(), source="update.media_urls")
    media_count = serializers.SerializerMethodField()
    pictures = PictureSerializer(many=True)
    related_metrics = serializers.DictField(source="update.related_metrics")
    related_metric_ids = serializers.ListField(
        child=serializers.CharField(), source="update.related_metric_ids"
    )
    related_metrics_count = serializers.SerializerMethodField()
    affected_donations_count = serializers.SerializerMethodField()
    engagement_metrics = serializers.SerializerMethodField()
    age_hours = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField(source="update.created_at")
    updated_at = serializers.DateTimeField(source="update.updated_at")
    published_at = serializers.DateTimeField(source="update.published_at", allow_null=True)
    featured_until = serializers.DateTimeField(source="update.featured_until", allow_null=True)

    def get_priority(self, view: UpdateView) -> str:
        return ImpactUpdate.Priority(view.update.priority).name.lower()

    def get_thumbnail_url(self, view: UpdateView) -> str | None:
        return view.update.thumbnail_url or (view.pictures[0].thumbnail_url if view.pictures else None)

    def get_location(self, view: UpdateView) -> str | None:
        return view.update.location or None

    def get_author(self, view: UpdateView) -> str | None:
        return view.update.author or None

    def get_contact_info(self, view: UpdateView) -> str | None:
        return view.update.contact_info or None

    def get_media_count(self, view: UpdateView) -> int:
        return len(view.update.media_urls) + len(view.pictures)

    def get_related_metrics_count(self, view: UpdateView) -> int:
        return max(len(view.update.related_metric_ids), len(view.update.related_metrics))

    def get_affected_donations_count(self, view: UpdateView) -> int:
        return len(view.update.affected_donation_ids)

    @extend_schema_field(EngagementSerializer)
    def get_engagement_metrics(self, view: UpdateView) -> dict[str, Any]:
        update = view.update
        return {
            "view_count": update.view_count,
            "like_count": update.like_count,
            "share_count": update.share_count,
            "comment_count": update.comment_count,
            "views": update.view_count,
            "likes": update.like_count,
            "shares": update.share_count,
            "comments": update.comment_count,
            "donation_count": len(update.affected_donation_ids),
            "age_hours": view.age_hours,
            "is_recent": view.is_recent,
            "priority_score": update.priority,
        }


class OnlusMetricsSerializer(serializers.Serializer[Any]):
    onlus_id = serializers.UUIDField()
    metrics = MetricSerializer(many=True)
    recent_updates = UpdateSerializer(many=True)
    metrics_summary = MetricsSummarySerializer()


class OnlusUpdatesSerializer(serializers.Serializer[Any]):
    onlus_id = serializers.UUIDField()
    updates = UpdateSerializer(many=True)
    period_days = serializers.IntegerField()
    total_updates = serializers.IntegerField()


class SeriesDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField(source="day")
    avg_value = NumberField()
    avg_efficiency = NumberField(allow_null=True, help_text="Value per euro donated by then.")
    readings = serializers.IntegerField()


class SeriesStatisticsSerializer(serializers.Serializer[Any]):
    avg = NumberField(allow_null=True)
    min = NumberField(allow_null=True)
    max = NumberField(allow_null=True)
    count = serializers.IntegerField()


class SeriesSerializer(serializers.Serializer[Any]):
    days = SeriesDaySerializer(many=True)
    statistics = SeriesStatisticsSerializer()
    trend = serializers.ChoiceField(
        ["increasing", "decreasing", "stable", "insufficient_data", "no_data"], source="label"
    )
    period_days = serializers.IntegerField()


class CorrectionSerializer(serializers.ModelSerializer[MetricCorrection]):
    """A value that was wrong. Who put it right is not told, only whether staff did."""

    old_value = NumberField()
    new_value = NumberField()

    class Meta:
        model = MetricCorrection
        fields = ("old_value", "new_value", "reason", "by_staff", "corrected_at")


class EvidenceSerializer(serializers.ModelSerializer[MetricEvidence]):
    """That there is a file, and which: its content is shown to staff alone."""

    sha256 = serializers.CharField(source="file.sha256")
    content_type = serializers.CharField(source="file.content_type")
    value = NumberField()
    latitude = NumberField(allow_null=True, help_text="Rounded to about a kilometre.")
    longitude = NumberField(allow_null=True)
    place = serializers.CharField()

    class Meta:
        model = MetricEvidence
        fields = (
            "sha256",
            "content_type",
            "value",
            "shows",
            "taken_on",
            "place",
            "latitude",
            "longitude",
            "submitted_at",
        )


class MetricDetailSerializer(serializers.Serializer[Any]):
    metric = MetricSerializer()
    series = SeriesSerializer()
    corrections = CorrectionSerializer(many=True)
    evidence = EvidenceSerializer(many=True)


class RankedMetricSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    onlus_id = serializers.UUIDField(source="metric.onlus_id")
    onlus_name = serializers.CharField()
    metric_id = serializers.UUIDField(source="metric.id")
    metric_name = serializers.CharField(source="metric.metric_name")
    metric_type = serializers.CharField(source="metric.metric_type")
    metric_unit = serializers.CharField(source="metric.metric_unit")
    current_value = NumberField(source="metric.current_value")
    related_donations_amount = EurosField(source="metric.related_donations_amount")
    efficiency_ratio = NumberField(source="metric.efficiency_ratio")


class TopMetricsSerializer(serializers.Serializer[Any]):
    metric_unit = serializers.CharField()
    top_metrics = RankedMetricSerializer(many=True)


class UnitTotalsSerializer(serializers.Serializer[Any]):
    metric_unit = serializers.CharField()
    total = NumberField()
    avg = NumberField()
    min = NumberField()
    max = NumberField()
    metric_count = serializers.IntegerField()
    onlus_count = serializers.IntegerField()
    verified_count = serializers.IntegerField()
    verification_rate = NumberField()


class MetricTotalsByUnitSerializer(serializers.Serializer[Any]):
    units = UnitTotalsSerializer(many=True)


class TrendingUpdateSerializer(UpdateSerializer):
    engagement_score = serializers.IntegerField(source="update.engagement_score")
    trending_score = serializers.IntegerField(source="update.trending_score")


class StaffUpdateSerializer(UpdateSerializer):
    publish_at = serializers.DateTimeField(source="update.publish_at", allow_null=True)
    affected_donation_ids = serializers.ListField(
        child=serializers.CharField(), source="update.affected_donation_ids"
    )


class TrendingUpdatesSerializer(serializers.Serializer[Any]):
    updates = TrendingUpdateSerializer(many=True)


class FeaturedUpdatesSerializer(serializers.Serializer[Any]):
    updates = UpdateSerializer(many=True)
