from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from goodplay.lib.api.fields import EurosField
from impact.models import CommunityReport
from impact.queries.community import ratio
from impact.queries.leaderboard import Metric, Period
from impact.serializers.fields import CappedIntegerField, NumberField, QueryParameters


class LeaderboardQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {
        "period": "LEADERBOARD_ERROR",
        "metric": "LEADERBOARD_ERROR",
        "limit": "INVALID_LIMIT_VALUE",
    }

    period = serializers.ChoiceField(Period.choices, required=False, default=Period.MONTHLY)
    metric = serializers.ChoiceField(Metric.choices, required=False, default=Metric.TOTAL_DONATED)
    limit = CappedIntegerField(most=100, default=10)

    def validate_period(self, value: str) -> Period:
        return Period(value)

    def validate_metric(self, value: str) -> Metric:
        return Metric(value)


class ReportPeriodSerializer(serializers.Serializer[CommunityReport]):
    start = serializers.DateTimeField(source="period_start")
    end = serializers.DateTimeField(source="period_end")
    duration_days = serializers.SerializerMethodField()

    def get_duration_days(self, report: CommunityReport) -> int:
        return duration_days(report)


class TypedReportPeriodSerializer(ReportPeriodSerializer):
    type = serializers.CharField(source="report_type")


class ReportDonationsSerializer(serializers.Serializer[Any]):
    total_amount = EurosField()
    total_count = serializers.IntegerField()
    average_amount = EurosField()
    per_day_count = NumberField()
    per_day_amount = EurosField()


class ReportCommunitySerializer(serializers.Serializer[Any]):
    unique_donors = serializers.IntegerField()
    onlus_supported = serializers.IntegerField()
    engagement_rate = NumberField()
    new_users = serializers.IntegerField(allow_null=True)


class ReportImpactSerializer(serializers.Serializer[Any]):
    total_beneficiaries = serializers.IntegerField(allow_null=True)
    projects_funded = serializers.IntegerField(allow_null=True)
    net_impact_amount = EurosField()


class ReportTransparencySerializer(serializers.Serializer[Any]):
    platform_fee_amount = EurosField()
    fee_percentage = NumberField()
    transparency_score = NumberField(allow_null=True)


class ReportSummarySerializer(serializers.Serializer[CommunityReport]):
    period = TypedReportPeriodSerializer(source="*")
    donations = serializers.SerializerMethodField()
    community = serializers.SerializerMethodField()
    impact = serializers.SerializerMethodField()
    transparency = serializers.SerializerMethodField()
    growth = serializers.DictField(source="growth_metrics")
    milestones_count = serializers.SerializerMethodField()
    highlights_count = serializers.SerializerMethodField()

    @extend_schema_field(ReportDonationsSerializer)
    def get_donations(self, report: CommunityReport) -> Any:
        amount, count, days = (
            report.total_donations_amount,
            report.total_donations_count,
            duration_days(report),
        )
        figures = {
            "total_amount": amount,
            "total_count": count,
            "average_amount": ratio(amount, count),
            "per_day_count": ratio(Decimal(count), days),
            "per_day_amount": ratio(amount, days),
        }
        return ReportDonationsSerializer(figures).data

    @extend_schema_field(ReportCommunitySerializer)
    def get_community(self, report: CommunityReport) -> Any:
        figures = {
            "unique_donors": report.unique_donors_count,
            "onlus_supported": report.onlus_supported_count,
            "engagement_rate": ratio(Decimal(report.total_donations_count), report.unique_donors_count),
            "new_users": report.user_engagement_stats.get("new_users"),
        }
        return ReportCommunitySerializer(figures).data

    @extend_schema_field(ReportImpactSerializer)
    def get_impact(self, report: CommunityReport) -> Any:
        figures = {
            "total_beneficiaries": report.impact_metrics.get("total_beneficiaries"),
            "projects_funded": report.impact_metrics.get("projects_funded"),
            "net_impact_amount": report.total_donations_amount - _fee(report),
        }
        return ReportImpactSerializer(figures).data

    @extend_schema_field(ReportTransparencySerializer)
    def get_transparency(self, report: CommunityReport) -> Any:
        figures = {
            "platform_fee_amount": _fee(report),
            "fee_percentage": Decimal(str(report.fee_transparency.get("platform_fee_percentage", 0))),
            "transparency_score": report.fee_transparency.get("transparency_score"),
        }
        return ReportTransparencySerializer(figures).data

    def get_milestones_count(self, report: CommunityReport) -> int:
        return len(report.milestones_reached)

    def get_highlights_count(self, report: CommunityReport) -> int:
        return len(report.highlights)


class ReportSerializer(serializers.Serializer[CommunityReport]):
    """What everybody achieved in a period."""

    id = serializers.SerializerMethodField(help_text="Empty for the picture of today, which is not kept.")
    report_type = serializers.ChoiceField(CommunityReport.Type.choices)
    title = serializers.SerializerMethodField()
    executive_summary = serializers.SerializerMethodField()
    period = ReportPeriodSerializer(source="*")
    status = serializers.ChoiceField(CommunityReport.Status.choices)
    is_current = serializers.SerializerMethodField()
    summary = ReportSummarySerializer(source="*")
    impact_metrics = serializers.DictField()
    fee_transparency = serializers.DictField()
    growth_metrics = serializers.DictField()
    highlights = serializers.ListField(child=serializers.CharField())
    milestones_reached = serializers.ListField(child=serializers.DictField())
    user_engagement_stats = serializers.DictField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)

    def get_id(self, report: CommunityReport) -> UUID | None:
        return None if report._state.adding else report.pk

    def get_title(self, report: CommunityReport) -> str:
        return report.title or _("Today so far")

    def get_executive_summary(self, report: CommunityReport) -> str | None:
        return report.executive_summary or None

    def get_is_current(self, report: CommunityReport) -> bool:
        return report.report_type == CommunityReport.Type.REAL_TIME


class CommunityTotalsSerializer(serializers.Serializer[Any]):
    total_donated = EurosField()
    total_donations = serializers.IntegerField()
    total_donors = serializers.IntegerField()
    onlus_supported = serializers.IntegerField()
    active_users = serializers.IntegerField(help_text="Players who started a game in the last thirty days.")
    stories_unlocked = serializers.IntegerField()


class CommunityStatisticsSerializer(ReportSerializer, CommunityTotalsSerializer):
    """Today's report, and beside it the totals since the beginning."""


class TopDonorSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    user_id = serializers.UUIDField()
    user_name = serializers.CharField()
    total_donated = EurosField()
    donation_count = serializers.IntegerField()
    onlus_diversity = serializers.IntegerField()
    impact_score = NumberField()


class TopOnlusSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    onlus_id = serializers.UUIDField()
    name = serializers.CharField()
    total_received = EurosField()
    donors_count = serializers.IntegerField()


class OwnPositionSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    user_id = serializers.UUIDField()
    total_donated = EurosField()
    donation_count = serializers.IntegerField()
    onlus_diversity = serializers.IntegerField()
    impact_score = NumberField()


class DonorLeaderboardSerializer(serializers.Serializer[Any]):
    period = serializers.ChoiceField(Period.choices)
    metric = serializers.ChoiceField(Metric.choices)
    top_donors = TopDonorSerializer(many=True)
    leaderboard = TopDonorSerializer(many=True, help_text="The same list under its older name.")
    top_onlus = TopOnlusSerializer(many=True)
    user_position = OwnPositionSerializer(allow_null=True, help_text="The caller's own, with a token.")
    generated_at = serializers.DateTimeField()


def duration_days(report: CommunityReport) -> int:
    """Count whole days between start and end, plus one: a day is one day long."""
    return (report.period_end - report.period_start) // timedelta(days=1) + 1


def _fee(report: CommunityReport) -> Decimal:
    return Decimal(str(report.fee_transparency.get("total_fees_collected", 0)))
