"""The shapes of assessments in the API: for the organisation itself, and of the best for everybody who signed in."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from donations.assessment_words import issue_in_words
from donations.models import ComplianceAssessment, ComplianceIssue, ComplianceRecommendation
from donations.queries.assessment_score import WEIGHTS
from goodplay.lib.api.serializers import InputSerializer

MOST = 100


class ScoreField(serializers.DecimalField):
    """A score of 0 to 100, a JSON number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, **options)


class CategoryScoresSerializer(serializers.Serializer[Any]):
    financial_transparency = ScoreField()
    operational_efficiency = ScoreField()
    governance = ScoreField()
    impact_reporting = ScoreField()
    regulatory_compliance = ScoreField()
    donor_trust = ScoreField()


class AssessmentSerializer(serializers.ModelSerializer[ComplianceAssessment]):
    """One assessment. Who made and who verified it stays with the staff."""

    score_id = serializers.UUIDField(source="id")
    assessment_period_start = serializers.DateTimeField(source="period_start")
    assessment_period_end = serializers.DateTimeField(source="period_end")
    assessment_date = serializers.DateTimeField(source="assessed_at")
    next_assessment_due = serializers.DateTimeField(source="next_due_at")
    category_scores = serializers.SerializerMethodField()
    # Each category once more, by the names of older clients.
    financial_health_score = ScoreField(source="categories.financial_transparency.score")
    transparency_score = ScoreField(source="categories.financial_transparency.score")
    efficiency_score = ScoreField(source="categories.operational_efficiency.score")
    governance_score = ScoreField(source="categories.governance.score")
    impact_score = ScoreField(source="categories.impact_reporting.score")
    regulatory_score = ScoreField(source="categories.regulatory_compliance.score")
    compliance_level = serializers.CharField(source="level")
    is_verified = serializers.SerializerMethodField()
    is_assessment_overdue = serializers.SerializerMethodField()
    days_until_next_assessment = serializers.SerializerMethodField(help_text="Negative when it is overdue.")

    class Meta:
        model = ComplianceAssessment
        fields: ClassVar[tuple[str, ...]] = (
            "score_id",
            "onlus_id",
            "assessment_period_start",
            "assessment_period_end",
            "assessment_date",
            "next_assessment_due",
            "overall_score",
            "category_scores",
            "financial_health_score",
            "transparency_score",
            "efficiency_score",
            "governance_score",
            "impact_score",
            "regulatory_score",
            "compliance_level",
            "risk_level",
            "is_current",
            "is_verified",
            "is_assessment_overdue",
            "days_until_next_assessment",
        )

    @extend_schema_field(CategoryScoresSerializer)
    def get_category_scores(self, row: ComplianceAssessment) -> dict[str, Any]:
        scores = {name: row.categories[name]["score"] for name in WEIGHTS}
        return dict(CategoryScoresSerializer(scores).data)

    def get_is_verified(self, row: ComplianceAssessment) -> bool:
        return row.verified_at is not None

    def get_is_assessment_overdue(self, row: ComplianceAssessment) -> bool:
        return row.is_current and row.next_due_at < self._now

    def get_days_until_next_assessment(self, row: ComplianceAssessment) -> int:
        return (row.next_due_at - self._now).days

    @property
    def _now(self) -> datetime:
        now: datetime = self.context.get("now") or timezone.now()
        return now


class IssueSerializer(serializers.ModelSerializer[ComplianceIssue]):
    issue_id = serializers.UUIDField(source="id")
    description = serializers.SerializerMethodField()

    class Meta:
        model = ComplianceIssue
        fields = ("issue_id", "issue_type", "description", "severity", "category", "identified_at")

    def get_description(self, issue: ComplianceIssue) -> str:
        return str(issue_in_words(issue.issue_type, issue.description))


class AdviceSerializer(serializers.ModelSerializer[ComplianceRecommendation]):
    recommendation_id = serializers.UUIDField(source="id")
    expected_impact = serializers.IntegerField(source="expected_gain", help_text="Points it may gain.")

    class Meta:
        model = ComplianceRecommendation
        fields = ("recommendation_id", "category", "expected_impact", "suggested_at")


class PeersSerializer(serializers.Serializer[Any]):
    organization_value = ScoreField()
    peer_average = ScoreField()
    percentile = serializers.IntegerField(help_text="How many in a hundred of the peers are below.")


class CurrentScoreSerializer(AssessmentSerializer):
    benchmark_comparisons = serializers.SerializerMethodField(
        help_text="By category, with the others of the field; empty while they are fewer than five."
    )
    open_issues_count = serializers.SerializerMethodField()
    critical_issues_count = serializers.SerializerMethodField()
    compliance_issues = serializers.SerializerMethodField()
    improvement_recommendations = serializers.SerializerMethodField()

    class Meta(AssessmentSerializer.Meta):
        fields = (
            *AssessmentSerializer.Meta.fields,
            "benchmark_comparisons",
            "open_issues_count",
            "critical_issues_count",
            "compliance_issues",
            "improvement_recommendations",
        )

    @extend_schema_field(serializers.DictField(child=PeersSerializer()))
    def get_benchmark_comparisons(self, row: ComplianceAssessment) -> dict[str, Any]:
        return {name: PeersSerializer(peers).data for name, peers in self.context["benchmarks"].items()}

    def get_open_issues_count(self, row: ComplianceAssessment) -> int:
        return len(self.context["issues"])

    def get_critical_issues_count(self, row: ComplianceAssessment) -> int:
        return sum(each.severity == ComplianceIssue.Severity.CRITICAL for each in self.context["issues"])

    @extend_schema_field(IssueSerializer(many=True))
    def get_compliance_issues(self, row: ComplianceAssessment) -> Any:
        return IssueSerializer(self.context["issues"], many=True).data

    @extend_schema_field(AdviceSerializer(many=True))
    def get_improvement_recommendations(self, row: ComplianceAssessment) -> Any:
        return AdviceSerializer(self.context["advice"], many=True).data


class TopPerformerSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    onlus_id = serializers.UUIDField()
    organization_name = serializers.CharField()
    overall_score = ScoreField()
    category_scores = CategoryScoresSerializer()
    compliance_level = serializers.CharField()


class TopPerformersSerializer(serializers.Serializer[Any]):
    scores = TopPerformerSerializer(many=True)
    count = serializers.IntegerField()


class TopPerformersInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {"limit": "INVALID_LIMIT_VALUE"}

    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=20)
