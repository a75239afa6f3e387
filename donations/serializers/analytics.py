"""The shapes of the financial analytics in the API. A null is not known, or a share of nothing."""

from typing import Any

from rest_framework import serializers

from goodplay.lib.api.fields import EurosField


def _percent(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True, **options)


def _euros_or_null() -> EurosField:
    return EurosField(allow_null=True)


class _WhatThereIs(serializers.Serializer[Any]):
    """Leave out what the answer does not hold; a null that it holds stays."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {
            name: value for name, value in super().to_representation(instance).items() if name in instance
        }


class ComparedEurosSerializer(serializers.Serializer[Any]):
    current = EurosField()
    previous = EurosField()
    growth_rate = _percent()


class ComparedCountSerializer(serializers.Serializer[Any]):
    current = serializers.IntegerField()
    previous = serializers.IntegerField()
    growth_rate = _percent()


class AverageDonationSerializer(serializers.Serializer[Any]):
    current = EurosField()
    previous = EurosField()


class CoreMetricsSerializer(serializers.Serializer[Any]):
    total_volume = ComparedEurosSerializer()
    total_donations = ComparedCountSerializer()
    average_donation = AverageDonationSerializer()
    unique_donors = serializers.IntegerField()
    conversion_rate = _percent(help_text="Donors of the period in percent of all active users.")
    donations_per_donor = _percent()


class DailySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    volume = EurosField()
    count = serializers.IntegerField()
    average = EurosField()


class VolatilitySerializer(serializers.Serializer[Any]):
    volume_std = EurosField()
    count_std = _percent()


class DirectionsSerializer(serializers.Serializer[Any]):
    volume_trend = serializers.ChoiceField(choices=("increasing", "decreasing", "stable"))
    count_trend = serializers.ChoiceField(choices=("increasing", "decreasing", "stable"))
    volatility = VolatilitySerializer()


class PeakSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    value = _percent()


class PeaksSerializer(serializers.Serializer[Any]):
    highest_volume = PeakSerializer(allow_null=True)
    highest_count = PeakSerializer(allow_null=True)


class FinancialTrendsSerializer(serializers.Serializer[Any]):
    daily_data = DailySerializer(many=True)
    trends = DirectionsSerializer()
    peak_days = PeaksSerializer()


class FinancialTrendSerializer(serializers.Serializer[Any]):
    metric = serializers.CharField()
    daily_data = DailySerializer(many=True)
    trend_direction = serializers.ChoiceField(choices=("increasing", "decreasing", "stable"))
    slope = serializers.DecimalField(max_digits=20, decimal_places=4, help_text="Of the line, a day.")
    volatility = _percent(help_text="The standard deviation of the days.")
    peak_day = PeakSerializer(allow_null=True)
    generated_at = serializers.DateTimeField()


class BehaviourSerializer(serializers.Serializer[Any]):
    average_donations_per_user = _percent()
    average_value_per_user = EurosField()
    median_donation_value = _euros_or_null()
    retention_rate = _percent(help_text="Of the donors of the period before, those who gave again.")


class CohortSerializer(serializers.Serializer[Any]):
    month = serializers.DateField()
    registered = serializers.IntegerField()
    donors = serializers.ListField(child=serializers.IntegerField(), help_text="In this month, the next, …")
    retention = serializers.ListField(child=_percent(), help_text="The same in percent.")


class UserAnalyticsSerializer(serializers.Serializer[Any]):
    total_active_donors = serializers.IntegerField()
    user_segments = serializers.DictField(child=serializers.IntegerField())
    behavior_metrics = BehaviourSerializer()
    value_distribution = serializers.DictField(child=serializers.IntegerField())


class UsersSerializer(UserAnalyticsSerializer):
    cohorts = CohortSerializer(many=True)
    generated_at = serializers.DateTimeField()


class PaymentSuccessSerializer(serializers.Serializer[Any]):
    total_payment_intents = serializers.IntegerField()
    successful_payments = serializers.IntegerField()
    failed_payments = serializers.IntegerField()
    cancelled_payments = serializers.IntegerField()
    pending_payments = serializers.IntegerField()
    success_rate = _percent()


class PaymentTimesSerializer(serializers.Serializer[Any]):
    average_processing_time_seconds = _percent()
    median_processing_time_seconds = _percent()
    fastest_payment_seconds = _percent()
    slowest_payment_seconds = _percent()


class FeeAnalysisSerializer(serializers.Serializer[Any]):
    total_fees = EurosField()
    average_fee_rate = _percent()
    total_processed_amount = EurosField()
    net_amount = EurosField()


class PaymentAnalyticsSerializer(serializers.Serializer[Any]):
    success_metrics = PaymentSuccessSerializer()
    performance_metrics = PaymentTimesSerializer()
    fee_analysis = FeeAnalysisSerializer()


class PaymentsSerializer(PaymentAnalyticsSerializer):
    generated_at = serializers.DateTimeField()


class ProcessingSerializer(serializers.Serializer[Any]):
    average_response_time_ms = _percent()
    peak_response_time_ms = _percent()
    error_rate_percentage = _percent()
    throughput_per_second = serializers.DecimalField(max_digits=12, decimal_places=4, allow_null=True)


class DatabaseSerializer(serializers.Serializer[Any]):
    average_query_time_ms = _percent()
    slow_queries_count = serializers.IntegerField(allow_null=True)
    connection_pool_utilization = _percent()


class HealthSerializer(serializers.Serializer[Any]):
    uptime_percentage = _percent()
    memory_utilization = _percent()
    cpu_utilization = _percent()
    disk_usage_percentage = _percent()


class IncidentsSerializer(serializers.Serializer[Any]):
    total_alerts = serializers.IntegerField()
    critical_incidents = serializers.IntegerField()
    resolved_issues = serializers.IntegerField()
    average_resolution_time_minutes = _percent()


class PerformanceSerializer(serializers.Serializer[Any]):
    transaction_processing = ProcessingSerializer()
    database_performance = DatabaseSerializer()
    system_health = HealthSerializer()
    alerts_and_incidents = IncidentsSerializer()


class PerformanceAnswerSerializer(PerformanceSerializer):
    generated_at = serializers.DateTimeField()


class AccuracySerializer(serializers.Serializer[Any]):
    predictions_checked = serializers.IntegerField(
        help_text="Earlier days predicted from the days before them."
    )
    mean_absolute_error = _percent()
    mean_absolute_percentage_error = _percent()


class _TooShortSerializer(_WhatThereIs):
    """With fewer than seven days of history there is only this."""

    error = serializers.CharField(
        required=False, help_text="INSUFFICIENT_HISTORY, and nothing else but the days."
    )
    days_needed = serializers.IntegerField(required=False)
    days_known = serializers.IntegerField(required=False)


class PredictionSerializer(_WhatThereIs):
    date = serializers.DateField()
    predicted_volume = EurosField(required=False)
    predicted_count = _percent(required=False)
    predicted_average = EurosField(required=False)
    confidence = _percent()
    lower = _percent()
    upper = _percent()


class WeekPredictionSerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    predicted_volume = EurosField()
    confidence = _percent()


class WeekForecastSerializer(_TooShortSerializer):
    forecasts = WeekPredictionSerializer(many=True, required=False)
    methodology = serializers.CharField(required=False)
    confidence_note = serializers.CharField(required=False)
    next_week_total = EurosField(required=False)
    growth_rate_daily = serializers.DecimalField(max_digits=8, decimal_places=4, required=False)
    accuracy = AccuracySerializer(required=False)


class IntervalsSerializer(serializers.Serializer[Any]):
    lower = serializers.ListField(child=_percent())
    upper = serializers.ListField(child=_percent())


class ForecastSerializer(_TooShortSerializer):
    metric = serializers.CharField(required=False)
    forecast_data = PredictionSerializer(many=True, required=False)
    methodology = serializers.CharField(required=False)
    confidence_intervals = IntervalsSerializer(required=False)
    growth_rate_daily = serializers.DecimalField(max_digits=8, decimal_places=4, required=False)
    accuracy = AccuracySerializer(required=False)
    generated_at = serializers.DateTimeField()


class DaysSerializer(serializers.Serializer[Any]):
    start_date = serializers.DateTimeField()
    end_date = serializers.DateTimeField(help_text="The midnight that closes the last day.")
    days = serializers.IntegerField()


class FinancialDashboardSerializer(serializers.Serializer[Any]):
    core_metrics = CoreMetricsSerializer()
    trends = FinancialTrendsSerializer()
    user_analytics = UserAnalyticsSerializer()
    payment_analytics = PaymentAnalyticsSerializer()
    performance_metrics = PerformanceSerializer()
    forecasting = WeekForecastSerializer()
    period = DaysSerializer()
    generated_at = serializers.DateTimeField()


class GrowthSerializer(serializers.Serializer[Any]):
    volume = _percent()
    count = _percent()


class StretchSerializer(serializers.Serializer[Any]):
    start = serializers.CharField(help_text="A day, or by the hour a moment.")
    volume = EurosField()
    count = serializers.IntegerField()
    average = EurosField()


class MetricsSerializer(_WhatThereIs):
    """What was asked for, and the stretches of the period."""

    volume = EurosField(required=False)
    count = serializers.IntegerField(required=False)
    average = EurosField(required=False)
    growth_rate = GrowthSerializer(required=False)
    conversion_rate = _percent(required=False)
    distribution = serializers.DictField(child=serializers.IntegerField(), required=False)
    series = StretchSerializer(many=True)


class MetricsAnswerSerializer(serializers.Serializer[Any]):
    metrics = MetricsSerializer()
    period = serializers.CharField()
    generated_at = serializers.DateTimeField()


class VolumeAnalysisSerializer(serializers.Serializer[Any]):
    total_volume = EurosField()
    average_amount = _euros_or_null()
    median_amount = _euros_or_null()
    min_amount = _euros_or_null()
    max_amount = _euros_or_null()
    standard_deviation = _euros_or_null()
    percentiles = serializers.DictField(child=_euros_or_null(), help_text="25th, 75th and 90th.")


class CountAnalysisSerializer(serializers.Serializer[Any]):
    total_transactions = serializers.IntegerField()
    daily_average = _percent()
    peak_day_transactions = serializers.IntegerField()
    transactions_per_hour = _percent()


class ReportDataSerializer(serializers.Serializer[Any]):
    metrics = MetricsSerializer()
    volume_analysis = VolumeAnalysisSerializer()
    transaction_count_analysis = CountAnalysisSerializer()
    user_behavior_analysis = UserAnalyticsSerializer()
    trend_analysis = FinancialTrendsSerializer()


class ReportParametersSerializer(serializers.Serializer[Any]):
    start_date = serializers.DateTimeField()
    end_date = serializers.DateTimeField()
    metrics = serializers.ListField(child=serializers.CharField())
    filters = serializers.DictField()
    group_by = serializers.CharField()


class ReportSerializer(serializers.Serializer[Any]):
    report_id = serializers.CharField()
    report_name = serializers.CharField()
    total_records = serializers.IntegerField(help_text="Completed donations of the period.")
    generated_at = serializers.DateTimeField()
    parameters = ReportParametersSerializer()
    data = ReportDataSerializer()  # type: ignore[assignment]  # the key clients know


class FinancialAlertSerializer(serializers.Serializer[Any]):
    alert_id = serializers.UUIDField(source="pk")
    alert_type = serializers.SerializerMethodField()
    severity = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(source="message")
    metric = serializers.SerializerMethodField()
    threshold = serializers.SerializerMethodField()
    current_value = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="first_seen_at")
    requires_attention = serializers.SerializerMethodField()

    def get_alert_type(self, alert: Any) -> str:
        """Every alert of money that is neither about a limit nor about the unusual is one of the system."""
        return alert.alert_type if alert.alert_type in ("anomaly", "threshold") else "system"

    def get_metric(self, alert: Any) -> str | None:
        return alert.data.get("metric")

    def get_threshold(self, alert: Any) -> str | None:
        return alert.data.get("threshold")

    def get_current_value(self, alert: Any) -> str | None:
        return alert.data.get("current_value")

    def get_requires_attention(self, alert: Any) -> bool:
        return alert.severity in ("critical", "high") and alert.is_open


class FinancialAlertsSerializer(serializers.Serializer[Any]):
    alerts = FinancialAlertSerializer(many=True)
    critical_count = serializers.IntegerField()
    high_count = serializers.IntegerField()
    total_count = serializers.IntegerField()
    filters = serializers.DictField()


class ExportIncludesSerializer(serializers.Serializer[Any]):
    date_range = DaysSerializer()
    filters = serializers.DictField()
    estimated_records = serializers.IntegerField(allow_null=True, help_text="Donations; null for figures.")


class FinancialExportSerializer(serializers.Serializer[Any]):
    export_id = serializers.CharField()
    format = serializers.CharField()
    export_type = serializers.CharField()
    status = serializers.CharField()
    estimated_completion = serializers.DateTimeField(
        allow_null=True, help_text="Not known before it is made."
    )
    download_available_at = serializers.DateTimeField(allow_null=True)
    includes = ExportIncludesSerializer()
    created_by = serializers.UUIDField()
    created_at = serializers.DateTimeField()
