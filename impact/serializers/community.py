from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from goodplay.lib.api.fields import EurosField
from goodplay.lib.api.serializers import InputSerializer
from goodplay.lib.days import SENSIBLE
from impact.milestones import community_title
from impact.models import CommunityMilestone, CommunityReport, ImpactStory
from impact.queries.community import ratio
from impact.queries.leaderboard import Metric, Period, named
from impact.report_periods import REGULAR, period_covered
from impact.report_values import read
from impact.report_words import highlights_of, milestones_of, summary_of, title_of
from impact.serializers.fields import CappedIntegerField, NumberField, QueryParameters
from impact.serializers.onlus import UpdateSerializer


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


class ReportQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {"detailed": "INVALID_REQUEST"}

    detailed = serializers.BooleanField(
        required=False, default=False, help_text="With every breakdown and comparison. Staff gets it always."
    )


class DashboardQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {"user_id": "DASHBOARD_DATA_ERROR"}

    user_id = serializers.UUIDField(
        required=False,
        default=None,
        help_text="Heard only when it is the caller's own, or the caller is staff.",
    )


class GenerateReportSerializer(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "report_type": "UNSUPPORTED_REPORT_TYPE",
        "report_type.required": "REPORT_TYPE_REQUIRED",
        "date": "REPORT_PERIOD_INVALID",
    }
    # Today so far goes by two names.
    TODAY = ("real_time", "real_time_snapshot")

    report_type = serializers.ChoiceField([*(each.value for each in REGULAR), *TODAY])
    date = serializers.DateField(
        required=False,
        default=None,
        validators=SENSIBLE,
        help_text="A day of the period. Without it, the period that ended last.",
    )


@extend_schema_field(serializers.DictField())
class FiguresField(serializers.Field[Any, Any, Any, Any]):
    """A block of figures of a report, with exact numbers."""

    def to_representation(self, value: Any) -> Any:
        return read(value)


@extend_schema_field(serializers.ListField(child=serializers.DictField()))
class RowsField(FiguresField):
    """A list of rows of a report, with exact numbers."""


class ReportPeriodSerializer(serializers.Serializer[CommunityReport]):
    start = serializers.DateTimeField(source="period_start")
    end = serializers.DateTimeField(source="last_moment", help_text="The last second of it.")
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
    growth = FiguresField(source="growth_metrics")
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
            "total_beneficiaries": read(report.impact_metrics.get("total_beneficiaries")),
            "projects_funded": read(report.impact_metrics.get("projects_funded")),
            "net_impact_amount": report.total_donations_amount - _fee(report),
        }
        return ReportImpactSerializer(figures).data

    @extend_schema_field(ReportTransparencySerializer)
    def get_transparency(self, report: CommunityReport) -> Any:
        figures = {
            "platform_fee_amount": _fee(report),
            "fee_percentage": Decimal(str(report.fee_transparency.get("platform_fee_percentage", 0))),
            "transparency_score": read(report.fee_transparency.get("transparency_score")),
        }
        return ReportTransparencySerializer(figures).data

    def get_milestones_count(self, report: CommunityReport) -> int:
        return len(report.milestones_reached)

    def get_highlights_count(self, report: CommunityReport) -> int:
        return len(highlights_of(report))


@extend_schema_serializer(component_name="CommunityReport")
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
    impact_metrics = FiguresField()
    fee_transparency = FiguresField()
    growth_metrics = FiguresField()
    highlights = serializers.SerializerMethodField()
    milestones_reached = serializers.SerializerMethodField()
    user_engagement_stats = FiguresField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)

    def get_id(self, report: CommunityReport) -> UUID | None:
        return None if report._state.adding else report.pk

    def get_title(self, report: CommunityReport) -> str:
        return title_of(report)

    def get_executive_summary(self, report: CommunityReport) -> str | None:
        return summary_of(report) or None

    def get_highlights(self, report: CommunityReport) -> list[str]:
        return highlights_of(report)

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_milestones_reached(self, report: CommunityReport) -> list[dict[str, Any]]:
        return milestones_of(report)

    def get_is_current(self, report: CommunityReport) -> bool:
        return report.report_type == CommunityReport.Type.REAL_TIME


@extend_schema_serializer(component_name="DetailedCommunityReport")
class DetailedReportSerializer(ReportSerializer):
    """The same, with every breakdown and comparison."""

    detailed_metrics = FiguresField()
    donation_breakdown = FiguresField()
    geographic_distribution = FiguresField()
    top_contributors = serializers.SerializerMethodField(help_text="Of those who want to be seen today.")
    onlus_rankings = RowsField()
    comparative_data = FiguresField()
    generation_metadata = FiguresField()

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_top_contributors(self, report: CommunityReport) -> list[dict[str, Any]]:
        return named(read(report.top_contributors))


class CommunityTotalsSerializer(serializers.Serializer[Any]):
    total_donated = EurosField()
    total_donations = serializers.IntegerField()
    total_donors = serializers.IntegerField()
    onlus_supported = serializers.IntegerField()
    active_users = serializers.IntegerField(help_text="Players who started a game in the last thirty days.")
    stories_unlocked = serializers.IntegerField()


@extend_schema_serializer(component_name="CommunityStatistics")
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


class UserSummarySerializer(serializers.Serializer[Any]):
    total_donated = EurosField()
    impact_score = NumberField()
    unlocked_stories_count = serializers.IntegerField()
    current_level = serializers.IntegerField()


class NextMilestoneSerializer(serializers.Serializer[Any]):
    level = serializers.IntegerField()
    name = serializers.CharField()
    amount = NumberField()
    remaining_amount = EurosField()
    progress_percent = serializers.DecimalField(max_digits=4, decimal_places=1, coerce_to_string=False)


class FeaturedStorySerializer(serializers.Serializer[ImpactStory]):
    """A story as everybody sees it: its teaser."""

    id = serializers.UUIDField()
    title = serializers.SerializerMethodField()
    preview_content = serializers.SerializerMethodField()
    story_type = serializers.ChoiceField(ImpactStory.Type.choices)
    onlus_id = serializers.UUIDField(allow_null=True)
    category = serializers.CharField()
    thumbnail_url = serializers.SerializerMethodField()
    estimated_read_time = serializers.IntegerField()

    def get_title(self, story: ImpactStory) -> str:
        return story.words(get_language()).title

    def get_preview_content(self, story: ImpactStory) -> str:
        return story.words(get_language()).preview_content

    def get_thumbnail_url(self, story: ImpactStory) -> str | None:
        return story.thumbnail_url or None


class RecentMilestoneSerializer(serializers.Serializer[CommunityMilestone]):
    kind = serializers.ChoiceField(CommunityMilestone.Kind.choices)
    threshold = NumberField()
    title = serializers.SerializerMethodField()
    reached_at = serializers.DateTimeField()

    def get_title(self, milestone: CommunityMilestone) -> str:
        return str(community_title(milestone.kind, milestone.threshold))


class CommunityHighlightsSerializer(serializers.Serializer[Any]):
    total_platform_donated = EurosField(source="statistics.totals.total_donated")
    active_users_count = serializers.IntegerField(source="statistics.totals.active_users")
    recent_milestones = RecentMilestoneSerializer(many=True)


class DashboardSerializer(serializers.Serializer[Any]):
    platform_stats = ReportSerializer(source="statistics.report")
    featured_updates = UpdateSerializer(many=True)
    trending_updates = UpdateSerializer(many=True)
    recent_updates = UpdateSerializer(many=True)
    featured_stories = FeaturedStorySerializer(many=True)
    community_highlights = CommunityHighlightsSerializer(source="*")
    generated_at = serializers.DateTimeField()


class WholeDashboardSerializer(DashboardSerializer):
    """For everybody, and with a token the reader's own."""

    user_summary = UserSummarySerializer(allow_null=True, help_text="Null without a token.")
    next_milestones = NextMilestoneSerializer(many=True, allow_null=True, help_text="Null without a token.")


def duration_days(report: CommunityReport) -> int:
    """Count the days of Rome's calendar a report is about: whole days between start and end, plus one."""
    return period_covered(report).days


def _fee(report: CommunityReport) -> Decimal:
    return Decimal(str(report.fee_transparency.get("total_fees_collected", 0)))
