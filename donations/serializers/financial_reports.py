"""The shapes of financial summaries in the API, for members of the organisation."""

from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from donations.models import FinancialReport
from donations.report_periods import Stretch
from donations.report_words import title_of
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer


class SummaryMetricsSerializer(serializers.Serializer[Any]):
    """The figures of a summary; amounts lead from the opening to the closing balance."""

    opening_balance = EurosField()
    total_donations = EurosField(help_text="Before anything was given back.")
    matched = EurosField()
    granted = EurosField()
    given_back = EurosField()
    total_received = EurosField()
    paid_out = EurosField()
    corrections = EurosField()
    closing_balance = EurosField()
    transaction_count = serializers.IntegerField()
    unique_donors = serializers.IntegerField()
    average_donation = EurosField()
    allocation_count = serializers.IntegerField()
    allocation_success_rate = EurosField(allow_null=True, help_text="Percent; null of none.")
    mean_allocation_seconds = EurosField(allow_null=True)
    total_allocated_amount = EurosField()


class FinancialReportSerializer(serializers.Serializer[Any]):
    report_id = serializers.UUIDField(source="id")
    report_type = serializers.CharField()
    report_title = serializers.SerializerMethodField()
    period_description = serializers.SerializerMethodField()
    start_date = serializers.DateField(source="first")
    end_date = serializers.DateField(source="last", help_text="Included.")
    generated_for_id = serializers.UUIDField(source="onlus_id", help_text="The organisation.")
    organization_name = serializers.CharField(source="onlus.name")
    status = serializers.CharField()
    total_donations = serializers.SerializerMethodField()
    total_allocations = serializers.SerializerMethodField()
    summary_metrics = serializers.SerializerMethodField()
    sha256 = serializers.CharField(help_text="Over the figures, as they were when it was made.")
    generated_at = serializers.DateTimeField(source="made_at")
    published_at = serializers.DateTimeField()

    def get_report_title(self, report: FinancialReport) -> str:
        return title_of(report)

    def get_period_description(self, report: FinancialReport) -> str:
        return Stretch(report.first, report.last).in_words

    @extend_schema_field(EurosField())
    def get_total_donations(self, report: FinancialReport) -> Decimal:
        return Decimal(report.facts["total_donations"])

    @extend_schema_field(EurosField())
    def get_total_allocations(self, report: FinancialReport) -> Decimal:
        return Decimal(report.facts["total_allocated_amount"])

    @extend_schema_field(SummaryMetricsSerializer)
    def get_summary_metrics(self, report: FinancialReport) -> dict[str, Any]:
        """Read the stored figures: amounts are text there."""
        figures = {
            name: Decimal(value) if isinstance(value, str) else value
            for name, value in report.facts.items()
            if name in SummaryMetricsSerializer().fields
        }
        return dict(SummaryMetricsSerializer(figures).data)


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
