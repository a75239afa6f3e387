"""The shapes of reconciliations in the API."""

from decimal import Decimal
from typing import Any, ClassVar

from rest_framework import serializers

from donations.models import Discrepancy, ReconciliationRun
from donations.queries.reconciliation import explain
from goodplay.lib.api.fields import EurosField
from goodplay.lib.api.serializers import InputSerializer


class ReconciliationInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "type": "INVALID_REQUEST",
        "start_date": "INVALID_DATE_RANGE",
        "end_date": "INVALID_DATE_RANGE",
    }

    type = serializers.ChoiceField(ReconciliationRun.Type.choices, default=ReconciliationRun.Type.DAILY)
    start_date = serializers.DateField()
    end_date = serializers.DateField()


class ReconciliationHistoryInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "type": "RECONCILIATION_HISTORY_ERROR",
        "status": "RECONCILIATION_HISTORY_ERROR",
    }

    type = serializers.ChoiceField(ReconciliationRun.Type.choices, required=False)
    status = serializers.ChoiceField(ReconciliationRun.Status.choices, required=False)


class ResolveInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "resolution_type": "INVALID_RESOLUTION_TYPE",
        "notes": "INVALID_REQUEST",
    }

    resolution_type = serializers.ChoiceField(Discrepancy.Resolution.choices)
    notes = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


def numbers_of(summary: dict[str, Any]) -> dict[str, Any]:
    """Make the amounts and rates of a stored summary numbers again: JSON keeps them as text, so that none is rounded."""
    told = dict(summary)
    for name in ("rates", "amounts"):
        if name in told:
            told[name] = {key: Decimal(value) for key, value in told[name].items()}
    if "accounts" in told:
        told["accounts"] = {
            account: {
                key: Decimal(value) if isinstance(value, str) else value for key, value in facts.items()
            }
            for account, facts in told["accounts"].items()
        }
    return told


class ReconciliationSerializer(serializers.ModelSerializer[ReconciliationRun]):
    started_by = serializers.SerializerMethodField()
    summary = serializers.SerializerMethodField()

    class Meta:
        model = ReconciliationRun
        fields = (
            "id",
            "reconciliation_id",
            "type",
            "start_date",
            "end_date",
            "status",
            "internal_count",
            "external_count",
            "matched_count",
            "break_count",
            "summary",
            "times_run",
            "started_by",
            "started_at",
            "completed_at",
        )

    def get_summary(self, run: ReconciliationRun) -> dict[str, Any]:
        return numbers_of(run.summary)

    def get_started_by(self, run: ReconciliationRun) -> str | None:
        return str(run.started_by) if run.started_by else None


class DiscrepancySerializer(serializers.ModelSerializer[Discrepancy]):
    internal_amount = EurosField(allow_null=True)
    external_amount = EurosField(allow_null=True)
    difference = EurosField()
    amount = EurosField()
    description = serializers.SerializerMethodField()
    assignee = serializers.SerializerMethodField()
    resolved_by = serializers.SerializerMethodField()

    class Meta:
        model = Discrepancy
        fields = (
            "id",
            "account",
            "break_class",
            "type",
            "severity",
            "internal_transaction",
            "external_payment",
            "internal_amount",
            "external_amount",
            "difference",
            "amount",
            "description",
            "happened_on",
            "detected_at",
            "status",
            "assignee",
            "resolution_type",
            "resolved_by",
            "resolved_at",
            "notes",
        )

    def get_description(self, row: Discrepancy) -> str:
        return explain(row)

    def get_assignee(self, row: Discrepancy) -> str | None:
        return str(row.assignee) if row.assignee else None

    def get_resolved_by(self, row: Discrepancy) -> str | None:
        return str(row.resolved_by) if row.resolved_by else None


class ReconciliationStartedSerializer(serializers.Serializer[Any]):
    reconciliation_id = serializers.CharField()
    summary = serializers.DictField()
    discrepancies_count = serializers.IntegerField()
    requires_review = serializers.BooleanField()


class ReconciliationHistorySerializer(serializers.Serializer[Any]):
    reconciliations = ReconciliationSerializer(many=True)
    total_count = serializers.IntegerField()
    pagination = serializers.DictField()


class ReconciliationReportSerializer(serializers.Serializer[Any]):
    reconciliation = ReconciliationSerializer()
    discrepancies = DiscrepancySerializer(many=True)
    total_count = serializers.IntegerField()
    pagination = serializers.DictField()
