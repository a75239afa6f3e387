from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from donations.follow_links import follow_address
from donations.models import Donation
from goodplay.lib.api.fields import EurosField
from impact.queries.summaries import DonationStory
from impact.serializers.fields import CappedIntegerField, NumberField, QueryParameters
from impact.serializers.onlus import MetricSerializer, UpdateSerializer
from impact.serializers.stories import DonorStatisticsSerializer, StorySerializer


class TimelineQuery(QueryParameters):
    constants: ClassVar[dict[str, str]] = {"limit": "INVALID_LIMIT_VALUE", "days": "INVALID_LIMIT_VALUE"}

    limit = CappedIntegerField(most=100, default=20)
    days = CappedIntegerField(most=365, default=30)


class DonationTransactionSerializer(serializers.Serializer[Donation]):
    """A donation in the shape of a wallet transaction."""

    id = serializers.UUIDField()
    transaction_id = serializers.UUIDField(source="id")
    user_id = serializers.UUIDField(source="donor_id")
    type = serializers.SerializerMethodField()
    amount = EurosField()
    effective_amount = EurosField(source="amount")
    refunded_amount = EurosField(help_text="What was given back of it.")
    multiplier_applied = serializers.SerializerMethodField()
    source_type = serializers.CharField(source="origin")
    game_session_id = serializers.SerializerMethodField()
    onlus_id = serializers.UUIDField()
    status = serializers.ChoiceField(Donation.Status.choices)
    metadata = serializers.SerializerMethodField()
    receipt_available = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.SerializerMethodField()
    processed_at = serializers.DateTimeField(source="completed_at", allow_null=True)

    def get_type(self, donation: Donation) -> str:
        return "donated"

    def get_multiplier_applied(self, donation: Donation) -> int:
        return 1

    def get_game_session_id(self, donation: Donation) -> str | None:
        return None

    @extend_schema_field(serializers.DictField())
    def get_metadata(self, donation: Donation) -> dict[str, Any]:
        return {
            "message": donation.message,
            "is_anonymous": donation.is_anonymous,
            "onlus_name": donation.onlus_name,
            "donation_source": donation.origin,
        }

    def get_receipt_available(self, donation: Donation) -> bool:
        return donation.status in (Donation.Status.COMPLETED, Donation.Status.REFUNDED)

    @extend_schema_field(serializers.DateTimeField())
    def get_updated_at(self, donation: Donation) -> Any:
        return donation.completed_at or donation.created_at


class ComponentBreakdownSerializer(serializers.Serializer[Any]):
    amount_score = NumberField()
    frequency_score = NumberField()
    diversity_score = NumberField()


class ScoreComponentsSerializer(serializers.Serializer[Any]):
    donation_component = NumberField()
    total_donated = EurosField()
    donation_count = serializers.IntegerField()
    onlus_diversity = serializers.IntegerField()
    component_breakdown = ComponentBreakdownSerializer()


class StoriesSummarySerializer(serializers.Serializer[Any]):
    unlocked_count = serializers.IntegerField()
    unlocked_stories = StorySerializer(many=True, help_text="The latest five.")
    next_unlockable = StorySerializer(many=True, help_text="The nearest three.")


class DonationImpactSerializer(serializers.Serializer[Any]):
    recent_donations = DonationTransactionSerializer(many=True, help_text="The latest ten.")
    total_impact_tracked = EurosField()
    estimated_beneficiaries = serializers.IntegerField(
        source="estimates.estimated_beneficiaries",
        allow_null=True,
        help_text="From verified figures of the ONLUS supported; empty where there are none.",
    )
    projects_supported = serializers.IntegerField(source="estimates.projects_supported", allow_null=True)


class MilestoneSerializer(serializers.Serializer[Any]):
    reached = serializers.BooleanField()
    reached_at = serializers.DateTimeField(allow_null=True)
    progress_percent = serializers.DecimalField(
        max_digits=4,
        decimal_places=1,
        coerce_to_string=False,
        required=False,
        help_text="Only while not reached.",
    )


class DonorMilestoneSerializer(MilestoneSerializer):
    level = serializers.IntegerField()
    name = serializers.CharField()
    amount = NumberField()
    feature = serializers.CharField(help_text="What it opens; empty where it opens a story only.")


class CountMilestoneSerializer(MilestoneSerializer):
    count = serializers.IntegerField(help_text="The number of donations.")


class DonorSummarySerializer(serializers.Serializer[Any]):
    user_id = serializers.UUIDField()
    statistics = DonorStatisticsSerializer()
    impact_score = ScoreComponentsSerializer(source="score_components")
    stories = StoriesSummarySerializer(source="*")
    donation_impact = DonationImpactSerializer(source="*")
    milestones = DonorMilestoneSerializer(many=True)
    count_milestones = CountMilestoneSerializer(many=True)
    next_unlocks = StorySerializer(many=True, source="next_unlockable")
    unlocked_features = serializers.ListField(child=serializers.CharField())
    generated_at = serializers.DateTimeField()


class TimelineEventSerializer(serializers.Serializer[Any]):
    event_type = serializers.ChoiceField(
        [
            "donation_made",
            "donation_processed",
            "donation_refunded",
            "story_unlocked",
            "milestone_reached",
            "impact_update",
        ]
    )
    timestamp = serializers.DateTimeField()
    description = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]  # a name clients know


class TimelineSerializer(serializers.Serializer[Any]):
    user_id = serializers.UUIDField()
    timeline_events = TimelineEventSerializer(many=True)
    timeline = TimelineEventSerializer(many=True, help_text="The same list under its older name.")
    period_days = serializers.IntegerField()
    limit = serializers.IntegerField()


class EfficiencySerializer(serializers.Serializer[Any]):
    donation_amount = EurosField()
    refunded_amount = EurosField(help_text="What was given back to the donor; nobody keeps a fee on it.")
    platform_fee = EurosField()
    net_to_onlus = EurosField()
    estimated_impact_per_euro = NumberField(allow_null=True)


class EuroPayoutSerializer(serializers.Serializer[Any]):
    payout_id = serializers.UUIDField()
    reference = serializers.CharField(help_text="As it stands on the bank's statement.")
    batch = serializers.CharField(help_text="The file of payouts it was ordered in.")
    amount = EurosField(help_text="Of the whole payout, other gifts included.")
    ordered_at = serializers.DateTimeField()
    transferred_at = serializers.DateTimeField(allow_null=True)


class YourEuroSerializer(serializers.Serializer[Any]):
    amount = EurosField()
    earned_amount = EurosField()
    paid_amount = EurosField()
    matched_amount = EurosField(help_text="Added by a sponsor.")
    refunded_amount = EurosField()
    platform_fee = EurosField()
    payment_fee = EurosField(help_text="Of the payment the gift came with; the gift itself is whole.")
    net_to_onlus = EurosField()
    state = serializers.ChoiceField(
        ["not_carried_out", "clearing", "cleared", "ordered", "transferred", "refunded"]
    )
    clears_at = serializers.DateTimeField(allow_null=True)
    payout = EuroPayoutSerializer(allow_null=True)


class DonationStorySerializer(serializers.Serializer[DonationStory]):
    donation_id = serializers.UUIDField(source="donation.id")
    transaction_data = DonationTransactionSerializer(source="donation")
    related_updates = UpdateSerializer(many=True)
    onlus_metrics = MetricSerializer(many=True, source="metrics")
    impact_metrics = MetricSerializer(
        many=True, source="metrics", help_text="The same list under its older name."
    )
    efficiency_analysis = EfficiencySerializer(source="efficiency")
    your_euro = YourEuroSerializer()
    stories_unlocked = StorySerializer(many=True, source="stories")
    impact_timeline = TimelineEventSerializer(many=True, source="timeline")
    follow_url = serializers.SerializerMethodField(
        help_text="The page that follows this donation; who has the link sees it, and no name."
    )

    def get_follow_url(self, story: DonationStory) -> str:
        return follow_address(story.donation.pk)
