"""The shapes of financial reports in the API, for members of the organisation and whom one was opened to."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from donations.models import FinancialReport
from donations.report_periods import Stretch
from donations.report_words import AMOUNTS, OTHERS, RATES, finding_in_words, title_of
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer

WITH_CENTS = {**AMOUNTS, **RATES, **OTHERS}


class _ReceivedSerializer(serializers.Serializer[Any]):
    """What summaries and reports over everybody have in common."""

    total_donations = EurosField(help_text="Before anything was given back.")
    matched = EurosField()
    granted = EurosField()
    given_back = EurosField()
    total_received = EurosField()
    transaction_count = serializers.IntegerField()
    unique_donors = serializers.IntegerField()
    average_donation = EurosField()
    allocation_count = serializers.IntegerField()
    allocation_success_rate = EurosField(allow_null=True, help_text="Percent; null of none.")
    mean_allocation_seconds = EurosField(allow_null=True)
    total_allocated_amount = EurosField()


class SummaryMetricsSerializer(_ReceivedSerializer):
    """The figures of a summary; amounts lead from the opening to the closing balance."""

    opening_balance = EurosField()
    paid_out = EurosField()
    corrections = EurosField()
    closing_balance = EurosField()


class PeriodicMetricsSerializer(_ReceivedSerializer):
    """The figures of a month, a quarter or a year, over everybody."""

    net_donations = EurosField()
    total_earned_credits = EurosField()
    organisation_count = serializers.IntegerField()


class AuditMetricsSerializer(serializers.Serializer[Any]):
    """What an audit looked at and found."""

    audit_status = serializers.ChoiceField(["clean", "warning", "critical"])
    score = serializers.IntegerField()
    sections = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()

    def get_sections(self, facts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        return {name: numbers(figures) for name, figures in facts["sections"].items()}

    def get_findings(self, facts: Mapping[str, Any]) -> list[dict[str, str]]:
        return [
            {"code": each["code"], "severity": each["severity"], "words": finding_in_words(each)}
            for each in facts["findings"]
        ]


class FinancialReportSerializer(serializers.Serializer[Any]):
    report_id = serializers.UUIDField(source="id")
    report_type = serializers.CharField()
    report_title = serializers.SerializerMethodField()
    period_description = serializers.SerializerMethodField()
    start_date = serializers.DateField(source="first")
    end_date = serializers.DateField(source="last", help_text="Included.")
    generated_for_id = serializers.UUIDField(
        source="onlus_id", allow_null=True, help_text="The organisation; null of a report over everybody."
    )
    organization_name = serializers.CharField(source="onlus.name", allow_null=True, default=None)
    is_confidential = serializers.BooleanField()
    status = serializers.CharField()
    total_donations = serializers.SerializerMethodField()
    total_allocations = serializers.SerializerMethodField()
    summary_metrics = serializers.SerializerMethodField()
    sha256 = serializers.CharField(help_text="Over the figures, as they were when it was made.")
    generated_at = serializers.DateTimeField(source="made_at")
    published_at = serializers.DateTimeField(allow_null=True)

    def get_report_title(self, report: FinancialReport) -> str:
        return title_of(report)

    def get_period_description(self, report: FinancialReport) -> str:
        return Stretch(report.first, report.last).in_words

    @extend_schema_field(EurosField(allow_null=True, help_text="Null of an audit that did not look at it."))
    def get_total_donations(self, report: FinancialReport) -> Decimal | None:
        return _total(report, "transactions", "total_donations")

    @extend_schema_field(EurosField(allow_null=True, help_text="Null of an audit that did not look at it."))
    def get_total_allocations(self, report: FinancialReport) -> Decimal | None:
        return _total(report, "allocations", "total_allocated_amount")

    @extend_schema_field(
        PolymorphicProxySerializer(
            "ReportMetrics",
            [SummaryMetricsSerializer, PeriodicMetricsSerializer, AuditMetricsSerializer],
            resource_type_field_name=None,
        )
    )
    def get_summary_metrics(self, report: FinancialReport) -> dict[str, Any]:
        if report.is_audit:
            return dict(AuditMetricsSerializer(report.facts).data)
        kind = SummaryMetricsSerializer if report.is_of_onlus else PeriodicMetricsSerializer
        return dict(kind(numbers(report.facts)).data)


def numbers(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Read stored figures: amounts, rates and averages are text there, names are too and are left out."""
    amounts = {
        name: Decimal(value) for name, value in facts.items() if name in WITH_CENTS and value is not None
    }
    counts = {name: value for name, value in facts.items() if not isinstance(value, str)}
    return counts | amounts


def _total(report: FinancialReport, section: str, name: str) -> Decimal | None:
    facts = report.facts["sections"].get(section, {}) if report.is_audit else report.facts
    return Decimal(facts[name]) if name in facts else None


class ReportListInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "type": "INVALID_REPORT_TYPE",
        "status": "INVALID_STATUS_FILTER",
        "entity_id": "ONLUS_NOT_FOUND",
        "start_date": "INVALID_DATE_FORMAT",
        "end_date": "INVALID_DATE_FORMAT",
    }

    type = serializers.ChoiceField(FinancialReport.Type.choices, required=False)
    status = serializers.ChoiceField(FinancialReport.Status.choices, required=False)
    entity_id = KeyField(required=False, help_text="An organisation one has a seat in.")


class ReportSearchInput(ReportListInput):
    q = serializers.CharField(required=False, max_length=100, help_text="Part of an organisation's name.")
    start_date = serializers.DateField(required=False, help_text="Only days from this one on.")
    end_date = serializers.DateField(required=False, help_text="Only days up to this one.")


class ReportExportInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {"format": "UNSUPPORTED_EXPORT_FORMAT"}

    format = serializers.ChoiceField(["csv", "excel", "json"])


class ExportedReportSerializer(serializers.Serializer[Any]):
    format = serializers.CharField()
    filename = serializers.CharField()
    data = serializers.JSONField(  # type: ignore[assignment]  # the documented name
        help_text="The file's text, or the report as an object."
    )
