"""What compliance is asked for in the API."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from donations.models import ComplianceCheck, RiskLevel
from goodplay.lib.api.fields import KeyField
from goodplay.lib.api.serializers import InputSerializer

MOST_PENDING, MOST_ALERTS, LONGEST_PERIOD = 100, 50, 3660


class CheckInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "user_id.required": "USER_ID_REQUIRED",
        "user_id.null": "USER_ID_REQUIRED",
        "user_id": "USER_NOT_FOUND",
        "check_type.required": "CHECK_TYPE_REQUIRED",
        "check_type.null": "CHECK_TYPE_REQUIRED",
        "check_type": "INVALID_COMPLIANCE_CHECK_TYPE",
        "transaction_id": "TRANSACTION_NOT_FOUND",
    }

    user_id = KeyField()
    check_type = serializers.ChoiceField(choices=ComplianceCheck.Type.choices)
    transaction_id = KeyField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)
    check_criteria = serializers.DictField(required=False)


class CheckReviewInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "decision.required": "REVIEW_DECISION_REQUIRED",
        "decision.null": "REVIEW_DECISION_REQUIRED",
        "decision": "INVALID_REVIEW_DECISION",
    }

    decision = serializers.ChoiceField(choices=["approve", "reject", "escalate"])
    review_notes = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class ReportInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "report_type": "INVALID_REPORT_TYPE",
        "days": "INVALID_DATE_RANGE",
        "start_date": "INVALID_START_DATE_FORMAT",
        "end_date": "INVALID_END_DATE_FORMAT",
    }

    report_type = serializers.ChoiceField(choices=["summary", "detailed", "regulatory"], default="summary")
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_PERIOD, default=30)
    start_date = serializers.DateTimeField(required=False)
    end_date = serializers.DateTimeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Complete the period: what is not given follows from the days."""
        until = attrs.get("end_date") or timezone.now()
        since = attrs.get("start_date") or until - timedelta(days=attrs["days"])
        if since >= until:
            raise serializers.ValidationError(
                _("The period ends before it begins."), code="INVALID_DATE_RANGE"
            )
        return attrs | {"start_date": since, "end_date": until}


class PendingInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "check_type": "INVALID_COMPLIANCE_CHECK_TYPE",
        "risk_level": "INVALID_RISK_LEVEL",
        "limit": "INVALID_LIMIT_VALUE",
    }

    check_type = serializers.ChoiceField(choices=ComplianceCheck.Type.choices, required=False)
    risk_level = serializers.ChoiceField(choices=RiskLevel.choices, required=False)
    limit = serializers.IntegerField(min_value=1, default=50)
    offset = serializers.IntegerField(min_value=0, default=0)


class AlertsInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "alert_type": "INVALID_ALERT_TYPE",
        "limit": "INVALID_LIMIT_VALUE",
    }

    alert_type = serializers.ChoiceField(choices=["critical", "expired", "anomaly"], required=False)
    limit = serializers.IntegerField(min_value=1, default=20)


class ComplianceSettingsInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "risk_thresholds": "INVALID_COMPLIANCE_SETTING",
        "aml_rules": "INVALID_COMPLIANCE_SETTING",
        "system_settings": "INVALID_COMPLIANCE_SETTING",
    }

    risk_thresholds = serializers.DictField(required=False)
    aml_rules = serializers.DictField(required=False)
    system_settings = serializers.DictField(required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class DateRangeInput(serializers.Serializer[Any]):
    start_date = serializers.DateTimeField(required=False)
    end_date = serializers.DateTimeField(required=False)


class ComplianceExportInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "format": "INVALID_EXPORT_FORMAT",
        "include_types": "INVALID_COMPLIANCE_CHECK_TYPE",
        "date_range": "INVALID_DATE_RANGE",
    }

    format = serializers.ChoiceField(choices=["csv", "excel", "pdf"])
    date_range = DateRangeInput(required=False)
    include_types = serializers.ListField(
        child=serializers.ChoiceField(choices=ComplianceCheck.Type.choices),
        default=["aml", "kyc", "sanctions"],
        min_length=1,
    )
