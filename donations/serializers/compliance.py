"""The shapes of compliance in the API."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rest_framework import serializers

from donations.models import ComplianceCheck
from goodplay.lib.alerts.models import Alert

_HOUR = Decimal(3600)
SEVERITIES = {"critical": "high", "high": "high", "medium": "medium", "low": "low"}


class CheckSerializer(serializers.ModelSerializer[ComplianceCheck]):
    duration_seconds = serializers.SerializerMethodField()
    is_expired = serializers.SerializerMethodField()
    requires_review = serializers.BooleanField()
    started_at = serializers.DateTimeField(source="created_at")
    risk_factors_count = serializers.SerializerMethodField()
    notifications_count = serializers.IntegerField()

    class Meta:
        model = ComplianceCheck
        fields = (
            "check_id",
            "user_id",
            "check_type",
            "status",
            "risk_level",
            "risk_score",
            "compliance_score",
            "manual_review_required",
            "created_at",
            "started_at",
            "completed_at",
            "expires_at",
            "duration_seconds",
            "is_expired",
            "requires_review",
            "escalation_level",
            "risk_factors",
            "risk_factors_count",
            "notifications_count",
            "external_check_ids",
            "approval_required",
            "exemption_reason",
            "approved_by_id",
            "approved_at",
        )

    def get_duration_seconds(self, check: ComplianceCheck) -> int | None:
        return int((check.completed_at - check.created_at).total_seconds()) if check.completed_at else None

    def get_is_expired(self, check: ComplianceCheck) -> bool:
        return check.is_expired(self.context["now"])

    def get_risk_factors_count(self, check: ComplianceCheck) -> int:
        return len(check.risk_factors)


class CheckCreatedSerializer(serializers.Serializer[Any]):
    check_id = serializers.CharField()
    status = serializers.CharField()
    risk_level = serializers.CharField()
    risk_score = serializers.DecimalField(max_digits=5, decimal_places=2)
    requires_review = serializers.BooleanField()
    estimated_completion = serializers.CharField(
        help_text="automatic, 24-48 hours, 2-5 working days or 1-3 working days."
    )


class CheckReviewedSerializer(serializers.Serializer[Any]):
    check_id = serializers.CharField()
    reviewer_id = serializers.UUIDField()
    decision = serializers.CharField()
    review_notes = serializers.CharField()
    reviewed_at = serializers.DateTimeField()
    status = serializers.CharField()


class ComplianceStatusSerializer(serializers.Serializer[Any]):
    user_id = serializers.UUIDField()
    overall_status = serializers.ChoiceField(
        choices=["compliant", "non_compliant", "pending_review", "expired", "not_checked"]
    )
    last_check_date = serializers.DateTimeField(allow_null=True)
    pending_checks = CheckSerializer(many=True)
    passed_checks = CheckSerializer(many=True)
    failed_checks = CheckSerializer(many=True)
    next_review_date = serializers.DateTimeField(allow_null=True)
    risk_level = serializers.CharField(allow_null=True)
    compliance_score = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)


class CompliancePeriodSerializer(serializers.Serializer[Any]):
    start_date = serializers.DateTimeField()
    end_date = serializers.DateTimeField()
    days = serializers.IntegerField()


class ComplianceSummarySerializer(serializers.Serializer[Any]):
    total_checks = serializers.IntegerField()
    passed_checks = serializers.IntegerField()
    failed_checks = serializers.IntegerField()
    pending_checks = serializers.IntegerField()
    expired_checks = serializers.IntegerField()
    escalated_checks = serializers.IntegerField()
    success_rate = serializers.DecimalField(
        max_digits=5, decimal_places=2, allow_null=True, help_text="Percent of those decided."
    )


class RiskAnalysisSerializer(serializers.Serializer[Any]):
    low_risk = serializers.IntegerField()
    medium_risk = serializers.IntegerField()
    high_risk = serializers.IntegerField()
    critical_risk = serializers.IntegerField()


class CheckDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    count = serializers.IntegerField()


class CheckOutcomeSerializer(serializers.Serializer[Any]):
    check_type = serializers.CharField()
    status = serializers.CharField()
    count = serializers.IntegerField()


class CheckReviewerSerializer(serializers.Serializer[Any]):
    reviewer_id = serializers.UUIDField()
    decided = serializers.IntegerField()
    average_hours = serializers.FloatField()


class ReportDetailsSerializer(serializers.Serializer[Any]):
    daily = CheckDaySerializer(many=True)
    outcomes = CheckOutcomeSerializer(many=True)
    risk_factors = serializers.DictField(child=serializers.IntegerField())
    reviewers = CheckReviewerSerializer(many=True)
    average_hours_to_decision = serializers.FloatField(allow_null=True)


class CasesOfPeriodSerializer(serializers.Serializer[Any]):
    opened = serializers.IntegerField()
    closed = serializers.DictField(child=serializers.IntegerField(), help_text="By outcome.")
    open_at_end = serializers.IntegerField()


class HeldMovementsSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    by_outcome = serializers.DictField(child=serializers.IntegerField())


class ListInForceSerializer(serializers.Serializer[Any]):
    source = serializers.CharField()  # type: ignore[assignment]  # a field of this name
    vintage = serializers.CharField()
    published_on = serializers.DateField()
    entry_count = serializers.IntegerField()


class ScreeningOfPeriodSerializer(serializers.Serializer[Any]):
    answers = serializers.IntegerField()
    hits = serializers.DictField(
        child=serializers.IntegerField(), help_text="Opened in the period, by state."
    )
    lists = ListInForceSerializer(many=True)


class RuleInForceSerializer(serializers.Serializer[Any]):
    subject = serializers.CharField()
    code = serializers.CharField()
    version = serializers.IntegerField()
    action = serializers.CharField()
    score = serializers.IntegerField()


class RegulatorySerializer(serializers.Serializer[Any]):
    cases = CasesOfPeriodSerializer()
    held = HeldMovementsSerializer()
    decisions = serializers.DictField(child=serializers.IntegerField())
    identities = serializers.DictField(child=serializers.IntegerField())
    screening = ScreeningOfPeriodSerializer()
    rules_in_force = RuleInForceSerializer(many=True)
    settings_versions = serializers.IntegerField()


class ComplianceReportSerializer(serializers.Serializer[Any]):
    report_id = serializers.CharField()
    report_type = serializers.CharField()
    period = CompliancePeriodSerializer()
    summary = ComplianceSummarySerializer()
    risk_analysis = RiskAnalysisSerializer()
    check_types = serializers.DictField(child=serializers.IntegerField())
    details = ReportDetailsSerializer(required=False, help_text="Of a detailed report.")
    regulatory = RegulatorySerializer(required=False, help_text="Of a regulatory report.")
    generated_at = serializers.DateTimeField()
    generated_by = serializers.UUIDField()


class PendingCheckSerializer(serializers.ModelSerializer[ComplianceCheck]):
    pending_since_hours = serializers.SerializerMethodField()
    reason = serializers.CharField(source="check_reason")
    priority = serializers.SerializerMethodField()

    class Meta:
        model = ComplianceCheck
        fields = (
            "check_id",
            "user_id",
            "check_type",
            "risk_level",
            "created_at",
            "pending_since_hours",
            "reason",
            "priority",
        )

    def get_pending_since_hours(self, check: ComplianceCheck) -> Decimal:
        now: datetime = self.context["now"]
        hours = Decimal(int((now - check.created_at).total_seconds())) / _HOUR
        return hours.quantize(Decimal("0.1"), ROUND_HALF_UP)

    def get_priority(self, check: ComplianceCheck) -> str:
        return "urgent" if check.risk_level == "critical" or check.escalation_level else str(check.risk_level)


class PendingFiltersSerializer(serializers.Serializer[Any]):
    check_type = serializers.CharField(allow_null=True)
    risk_level = serializers.CharField(allow_null=True)


class PendingChecksSerializer(serializers.Serializer[Any]):
    pending_checks = PendingCheckSerializer(many=True)
    total_count = serializers.IntegerField()
    filters = PendingFiltersSerializer()


class ComplianceAlertSerializer(serializers.Serializer[Alert]):
    alert_id = serializers.UUIDField(source="pk")
    alert_type = serializers.SerializerMethodField()
    severity = serializers.SerializerMethodField()
    title = serializers.CharField()
    description = serializers.CharField(source="message")
    check_id = serializers.SerializerMethodField()
    user_id = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="first_seen_at")
    requires_immediate_action = serializers.SerializerMethodField()
    escalation_level = serializers.SerializerMethodField()

    def get_alert_type(self, alert: Alert) -> str:
        return alert.alert_type if alert.alert_type in ("critical", "expired") else "anomaly"

    def get_severity(self, alert: Alert) -> str:
        return SEVERITIES[alert.severity]

    def get_check_id(self, alert: Alert) -> str | None:
        return alert.data.get("check_id")

    def get_user_id(self, alert: Alert) -> str | None:
        return alert.data.get("user_id")

    def get_requires_immediate_action(self, alert: Alert) -> bool:
        return SEVERITIES[alert.severity] == "high"

    def get_escalation_level(self, alert: Alert) -> int:
        return int(alert.data.get("escalation_level", 0))


class AlertFiltersSerializer(serializers.Serializer[Any]):
    alert_type = serializers.CharField(allow_null=True)


class ComplianceAlertsSerializer(serializers.Serializer[Any]):
    alerts = ComplianceAlertSerializer(many=True)
    critical_count = serializers.IntegerField()
    total_count = serializers.IntegerField()
    filters = AlertFiltersSerializer()


class ComplianceSettingsSerializer(serializers.Serializer[Any]):
    risk_thresholds = serializers.DictField()
    aml_rules = serializers.DictField()
    system_settings = serializers.DictField()
    supported_check_types = serializers.ListField(child=serializers.CharField())
    supported_risk_levels = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()
    last_updated = serializers.DateTimeField()
    updated_by = serializers.CharField(allow_null=True)


class SettingsUpdatedSerializer(serializers.Serializer[Any]):
    updated_fields = serializers.ListField(child=serializers.CharField())
    updated_at = serializers.DateTimeField()
    updated_by = serializers.UUIDField()
    changes_applied = serializers.BooleanField()


class ComplianceExportIncludesSerializer(serializers.Serializer[Any]):
    check_types = serializers.ListField(child=serializers.CharField())
    date_range = serializers.DictField(allow_null=True)
    total_records = serializers.IntegerField()


class ComplianceExportSerializer(serializers.Serializer[Any]):
    export_id = serializers.CharField()
    format = serializers.CharField()
    status = serializers.CharField()
    estimated_completion = serializers.CharField()
    download_available_at = serializers.DateTimeField(allow_null=True)
    includes = ComplianceExportIncludesSerializer()
    created_by = serializers.UUIDField()
    created_at = serializers.DateTimeField()
