"""The shapes of batches in the API."""

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from rest_framework import serializers

from donations.models import BatchError, BatchLine, BatchOperation
from donations.queries import batches as queries
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer

RECENT_ERRORS, RECENT_FAILURES = 5, 10


class BatchConfigurationInput(serializers.Serializer[Any]):
    batch_size = serializers.IntegerField(min_value=1, max_value=500, required=False)
    max_retries = serializers.IntegerField(min_value=0, max_value=10, required=False)
    priority = serializers.IntegerField(min_value=1, max_value=100, required=False)


class BatchInput(InputSerializer):
    """Lines are read one by one afterwards, so that each can say what is wrong with it."""

    constants: ClassVar[dict[str, str]] = {
        "donations": "DONATIONS_LIST_REQUIRED",
        "configuration": "INVALID_REQUEST",
    }

    donations = serializers.ListField(
        child=serializers.JSONField(),
        help_text="1 to 500 of: user_id, onlus_id, amount, message, is_anonymous, …",
    )
    configuration = BatchConfigurationInput(required=False)


class PayoutBatchInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "payouts": "DONATIONS_LIST_REQUIRED",
        "configuration": "INVALID_REQUEST",
    }

    payouts = serializers.ListField(child=serializers.JSONField(), help_text="1 to 500 of: onlus_id")
    configuration = BatchConfigurationInput(required=False)


class BatchOperationInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "operation_type": "BATCH_TYPE_NOT_AVAILABLE",
        "items": "DONATIONS_LIST_REQUIRED",
        "configuration": "INVALID_REQUEST",
    }

    operation_type = serializers.ChoiceField(choices=BatchOperation.Type.choices, default="donations")
    items = serializers.ListField(child=serializers.JSONField(), help_text="Lines of that type.")
    configuration = BatchConfigurationInput(required=False)


class BatchProcessInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {"reason": "INVALID_REQUEST"}

    reason = serializers.CharField(
        max_length=500,
        required=False,
        help_text="Told to the one who releases, when the batch was not released yet.",
    )


class CancelBatchInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "reason.max_length": "CANCELLATION_REASON_TOO_LONG",
        "reason": "INVALID_REQUEST",
    }

    reason = serializers.CharField(max_length=500, required=False)


class BatchHistoryInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "operation_type": "BATCH_TYPE_NOT_AVAILABLE",
        "status": "INVALID_STATUS_FILTER",
        "created_by": "USER_NOT_FOUND",
    }

    operation_type = serializers.ChoiceField(choices=BatchOperation.Type.choices, required=False)
    status = serializers.ChoiceField(choices=BatchOperation.Status.choices, required=False)
    created_by = KeyField(required=False)


class BatchStatisticsInput(InputSerializer):
    needs_data = False
    constants: ClassVar[dict[str, str]] = {
        "operation_type": "BATCH_TYPE_NOT_AVAILABLE",
        "days": "INVALID_PERIOD",
    }

    days = serializers.IntegerField(min_value=1, max_value=366, default=7)
    operation_type = serializers.ChoiceField(choices=BatchOperation.Type.choices, required=False)


class BatchEstimateSerializer(serializers.Serializer[Any]):
    estimated_duration_seconds = serializers.DecimalField(max_digits=10, decimal_places=1)
    estimated_duration_minutes = serializers.DecimalField(max_digits=10, decimal_places=2)
    concurrent_workers = serializers.IntegerField()
    items_per_worker = serializers.IntegerField()


class BatchCreatedSerializer(serializers.Serializer[Any]):
    batch_id = serializers.UUIDField()
    total_donations = serializers.IntegerField()
    total_amount = EurosField()
    estimated_processing_time = BatchEstimateSerializer()


class BatchResultsSerializer(serializers.Serializer[Any]):
    successful_items = serializers.IntegerField()
    failed_items = serializers.IntegerField()
    skipped_items = serializers.IntegerField()
    total_processed = serializers.IntegerField()
    processing_duration_seconds = serializers.DecimalField(max_digits=12, decimal_places=2)
    items_per_second = serializers.DecimalField(max_digits=12, decimal_places=2)
    success_rate = serializers.DecimalField(max_digits=5, decimal_places=2)


class BatchProcessSerializer(serializers.Serializer[Any]):
    batch_id = serializers.UUIDField()
    results = BatchResultsSerializer()
    final_status = serializers.ChoiceField(choices=BatchOperation.Status.choices, help_text="As it is now.")


class BatchRetrySerializer(serializers.Serializer[Any]):
    batch_id = serializers.UUIDField()
    retry_results = BatchResultsSerializer()
    items_retried = serializers.IntegerField()


class BatchCancelledSerializer(serializers.Serializer[Any]):
    batch_id = serializers.UUIDField()
    cancelled_at = serializers.DateTimeField()
    reason = serializers.CharField()


class BatchProgressSerializer(serializers.Serializer[Any]):
    total_items = serializers.IntegerField()
    processed_items = serializers.IntegerField()
    successful_items = serializers.IntegerField()
    failed_items = serializers.IntegerField()
    skipped_items = serializers.IntegerField()
    progress_percentage = serializers.DecimalField(max_digits=5, decimal_places=2)
    success_rate = serializers.DecimalField(max_digits=5, decimal_places=2)


class BatchTimingSerializer(serializers.Serializer[Any]):
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    last_updated_at = serializers.DateTimeField()
    processing_duration = serializers.SerializerMethodField(help_text="Seconds.")
    estimated_completion_time = serializers.SerializerMethodField()

    def get_processing_duration(self, batch: BatchOperation) -> Decimal | None:
        return queries.duration(batch, self.context["now"])

    def get_estimated_completion_time(self, batch: BatchOperation) -> datetime | None:
        return queries.expected_end(batch, self.context["now"])


class BatchConfigurationSerializer(serializers.Serializer[Any]):
    batch_size = serializers.IntegerField()
    max_retries = serializers.IntegerField()
    priority = serializers.IntegerField()


class BatchErrorSerializer(serializers.ModelSerializer[BatchError]):
    timestamp = serializers.DateTimeField(source="created_at")
    item_id = serializers.UUIDField(source="line_id", allow_null=True)

    class Meta:
        model = BatchError
        fields = ("timestamp", "message", "code", "item_id", "details")


class FailedLineSerializer(serializers.ModelSerializer[BatchLine]):
    item_id = serializers.UUIDField(source="id")

    class Meta:
        model = BatchLine
        fields = ("item_id", "processing_order", "error_message", "error_code", "updated_at")


class BatchErrorInfoSerializer(serializers.Serializer[Any]):
    error_count = serializers.IntegerField()
    last_error = serializers.SerializerMethodField()
    recent_errors = serializers.SerializerMethodField()

    def get_last_error(self, batch: BatchOperation) -> str | None:
        return batch.last_error or None

    def get_recent_errors(self, batch: BatchOperation) -> list[dict[str, Any]]:
        found = queries.recent_errors(batch.pk, RECENT_ERRORS)
        return [dict(row) for row in BatchErrorSerializer(found, many=True).data]


class BatchLinesSerializer(serializers.Serializer[Any]):
    total_count = serializers.IntegerField(source="total_items")
    by_status = serializers.SerializerMethodField()
    recent_errors = serializers.SerializerMethodField()

    def get_by_status(self, batch: BatchOperation) -> dict[str, int]:
        return queries.lines_by_status(batch.pk)

    def get_recent_errors(self, batch: BatchOperation) -> list[dict[str, Any]]:
        found = queries.recent_failures(batch.pk, RECENT_FAILURES)
        return [dict(row) for row in FailedLineSerializer(found, many=True).data]


class BatchSerializer(serializers.ModelSerializer[BatchOperation]):
    """One batch as it stands. Its progress is told twice, for clients of either generation."""

    batch_id = serializers.UUIDField(source="id")
    progress = BatchProgressSerializer(source="*")
    timing = BatchTimingSerializer(source="*")
    configuration = BatchConfigurationSerializer(source="*")
    error_info = BatchErrorInfoSerializer(source="*")
    results_summary = serializers.SerializerMethodField()
    donations = BatchLinesSerializer(source="*")
    can_be_retried = serializers.SerializerMethodField()
    progress_percentage = serializers.DecimalField(max_digits=5, decimal_places=2)
    is_released = serializers.BooleanField(help_text="A second person let it run.")

    class Meta:
        model = BatchOperation
        fields = (
            "batch_id",
            "operation_type",
            "status",
            "progress",
            "timing",
            "configuration",
            "error_info",
            "metadata",
            "results_summary",
            "can_be_retried",
            "is_processing",
            "is_completed",
            "is_released",
            "donations",
            "progress_percentage",
            "processed_items",
            "total_items",
        )

    def get_results_summary(self, batch: BatchOperation) -> dict[str, Any]:
        if not batch.is_completed:
            return {}
        return dict(BatchResultsSerializer(queries.results_of(batch, self.context["now"])).data)

    def get_can_be_retried(self, batch: BatchOperation) -> bool:
        return queries.can_be_retried(batch)


class BatchRowSerializer(serializers.ModelSerializer[BatchOperation]):
    batch_id = serializers.UUIDField(source="id")
    progress_percentage = serializers.DecimalField(max_digits=5, decimal_places=2)
    created_by = serializers.UUIDField(source="created_by_id")
    last_error = serializers.SerializerMethodField()

    class Meta:
        model = BatchOperation
        fields = (
            "batch_id",
            "operation_type",
            "status",
            "total_items",
            "processed_items",
            "successful_items",
            "failed_items",
            "progress_percentage",
            "created_by",
            "created_at",
            "started_at",
            "completed_at",
            "error_count",
            "last_error",
        )

    def get_last_error(self, batch: BatchOperation) -> str | None:
        return batch.last_error or None


class BatchHistorySerializer(serializers.Serializer[Any]):
    batch_operations = BatchRowSerializer(many=True)
    total_count = serializers.IntegerField()
    filters = serializers.DictField()
    pagination = serializers.DictField()


class BatchOperationsSerializer(serializers.Serializer[Any]):
    operations = BatchRowSerializer(many=True)
    total_count = serializers.IntegerField()
    filters = serializers.DictField()
    pagination = serializers.DictField()


class BatchStatisticsSerializer(serializers.Serializer[Any]):
    period = serializers.DictField(help_text="start_date, end_date, days")
    statistics = serializers.DictField(help_text="period, by_status, totals")
    operation_type = serializers.CharField(allow_null=True)
