"""The shapes of the reports of compliance: behaviour, what the rules stopped, the trail."""

from typing import Any, ClassVar

from rest_framework import serializers

from donations.models import RiskDecision, RiskSubject
from goodplay.lib.api.serializers import InputSerializer
from goodplay.lib.audit.models import AuditEntry

LONGEST_HOURS, MOST = 24 * 90, 100


class HoursInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {"hours": "INVALID_HOURS_VALUE"}

    hours = serializers.IntegerField(min_value=1, max_value=LONGEST_HOURS, default=24)


class FlaggedInput(HoursInput):
    constants: ClassVar[dict[str, str]] = {
        "hours": "INVALID_HOURS_VALUE",
        "subject": "INVALID_SUBJECT",
        "action": "INVALID_ACTION",
        "limit": "INVALID_LIMIT_VALUE",
        "offset": "INVALID_LIMIT_VALUE",
    }

    subject = serializers.ChoiceField(choices=RiskSubject.choices, required=False)
    action = serializers.ChoiceField(choices=["review", "block"], required=False)
    limit = serializers.IntegerField(min_value=1, default=50)
    offset = serializers.IntegerField(min_value=0, default=0)


class TrailInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "action": "INVALID_ACTION",
        "limit": "INVALID_LIMIT_VALUE",
        "offset": "INVALID_LIMIT_VALUE",
    }

    action = serializers.SlugField(max_length=60, required=False)
    limit = serializers.IntegerField(min_value=1, default=50)
    offset = serializers.IntegerField(min_value=0, default=0)


class AnalysisPeriodSerializer(serializers.Serializer[Any]):
    start_date = serializers.DateTimeField()
    end_date = serializers.DateTimeField()
    hours = serializers.IntegerField()


class AnalysisSignSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    seen = serializers.CharField()
    threshold = serializers.CharField()


class AnalysedVolumeSerializer(serializers.Serializer[Any]):
    gifts = serializers.IntegerField()
    given = serializers.DecimalField(max_digits=14, decimal_places=2)
    top_ups = serializers.IntegerField()
    paid_in = serializers.DecimalField(max_digits=14, decimal_places=2)
    busiest_hour = serializers.IntegerField()
    largest_movement = serializers.DecimalField(max_digits=14, decimal_places=2)


class AnalysedPlaySerializer(serializers.Serializer[Any]):
    sessions = serializers.IntegerField()
    minutes = serializers.IntegerField()
    verified = serializers.IntegerField()
    legitimate = serializers.IntegerField()
    doubtful = serializers.IntegerField()


class AnalysedDevicesSerializer(serializers.Serializer[Any]):
    addresses = serializers.IntegerField()
    devices = serializers.IntegerField()


class JudgedSessionSerializer(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    started_at = serializers.DateTimeField()
    minutes = serializers.IntegerField()
    legitimacy_score = serializers.IntegerField()
    is_legitimate = serializers.BooleanField()
    issues = serializers.ListField(child=serializers.CharField())


class BehaviourAnalysisSerializer(serializers.Serializer[Any]):
    user_id = serializers.UUIDField()
    period = AnalysisPeriodSerializer()
    risk_score = serializers.IntegerField()
    risk_level = serializers.ChoiceField(choices=["low", "medium", "high", "critical"])
    indicators = AnalysisSignSerializer(many=True)
    volume = AnalysedVolumeSerializer()
    play = AnalysedPlaySerializer()
    devices = AnalysedDevicesSerializer()
    doubtful_sessions = JudgedSessionSerializer(many=True)


class FlaggedSerializer(serializers.ModelSerializer[RiskDecision]):
    decision_id = serializers.UUIDField(source="pk")
    user_id = serializers.UUIDField(source="player_id", allow_null=True)
    risk_level = serializers.CharField(source="level")
    reasons = serializers.SerializerMethodField()
    review_status = serializers.CharField(allow_null=True)

    class Meta:
        model = RiskDecision
        fields = (
            "decision_id",
            "subject",
            "subject_id",
            "user_id",
            "amount",
            "action",
            "score",
            "risk_level",
            "reasons",
            "review_status",
            "created_at",
        )

    def get_reasons(self, decision: RiskDecision) -> list[str]:
        return [reason["rule"] for reason in decision.reasons]


class FlaggedListSerializer(serializers.Serializer[Any]):
    flagged = FlaggedSerializer(many=True)
    total_count = serializers.IntegerField()
    failed_count = serializers.IntegerField(help_text="Payments and gifts that failed in the same hours.")
    overall_risk = serializers.ChoiceField(choices=["low", "medium", "high"])
    hours = serializers.IntegerField()


class TrailEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    entry_id = serializers.UUIDField(source="pk")
    actor = serializers.SerializerMethodField()

    class Meta:
        model = AuditEntry
        fields = (
            "entry_id",
            "sequence",
            "actor_id",
            "actor",
            "action",
            "target_type",
            "target_id",
            "before",
            "after",
            "reason",
            "recorded_at",
            "hash",
        )

    def get_actor(self, entry: AuditEntry) -> str:
        return str(entry.actor) if entry.actor_id else ""


class TrailSerializer(serializers.Serializer[Any]):
    entries = TrailEntrySerializer(many=True)
    total_count = serializers.IntegerField()
