"""The financial analytics over REST, for staff who may see them."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from donations.exportables import FINANCIAL
from donations.operations import analytics
from donations.queries.analytics.alerts import financial_alerts
from donations.queries.analytics.narrowed import Narrowing
from donations.queries.analytics.performance import performance
from donations.queries.analytics.report import ALL
from donations.serializers import analytics as shapes
from donations.serializers import analytics_input as inputs
from goodplay.lib.api.permissions import staff_with
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.exports.models import ExportJob
from goodplay.lib.exports.operations import request_export
from goodplay.lib.requests import client_address

MAY_SEE = "donations.view_financial_analytics"


class FinancialViewSet(ApiViewSet):
    """Completed donations by whole days of Rome, made at most every quarter of an hour."""

    permission_classes = (staff_with(MAY_SEE),)
    serializer_class = shapes.FinancialDashboardSerializer
    messages: ClassVar[dict[str, str]] = {
        "dashboard": "FINANCIAL_DASHBOARD_GENERATED",
        "metrics": "CUSTOM_METRICS_RETRIEVED",
        "trends": "TREND_ANALYSIS_GENERATED",
        "users": "USER_ANALYTICS_GENERATED",
        "payments": "PAYMENT_ANALYTICS_GENERATED",
        "forecasting": "FORECASTING_REPORT_GENERATED",
        "performance": "SYSTEM_PERFORMANCE_RETRIEVED",
        "report": "CUSTOM_REPORT_GENERATED",
        "export": "FINANCIAL_EXPORT_INITIATED",
        "alerts": "FINANCIAL_ALERTS_RETRIEVED",
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"export": "money"}

    @extend_schema(parameters=[inputs.PeriodInput], responses=shapes.FinancialDashboardSerializer)
    def dashboard(self, request: Request) -> Response:
        """Show every section for the last days, or from one date to another."""
        asked = self._asked(inputs.PeriodInput)
        found = analytics.dashboard(asked["period"], timezone.now())
        return Response(shapes.FinancialDashboardSerializer(found).data)

    @extend_schema(parameters=[inputs.MetricsInput], responses=shapes.MetricsAnswerSerializer)
    def metrics(self, request: Request) -> Response:
        """Show the metrics asked for: of the period, and of each hour, day, week or month of it."""
        asked = self._asked(inputs.MetricsInput)
        found = analytics.metrics(asked["period"], asked["metric_type"], asked["by"], timezone.now())
        return Response(shapes.MetricsAnswerSerializer(found).data)

    @extend_schema(parameters=[inputs.TrendInput], responses=shapes.FinancialTrendSerializer)
    def trends(self, request: Request) -> Response:
        """Show where one metric goes: day by day, its direction and how much it swings."""
        asked = self._asked(inputs.TrendInput)
        found = analytics.trend(asked["period"], asked["metric"], timezone.now())
        return Response(shapes.FinancialTrendSerializer(found).data)

    @extend_schema(parameters=[inputs.UsersInput], responses=shapes.UsersSerializer)
    def users(self, request: Request) -> Response:
        """Show who gives: groups of donors, how they behave, and whether they come back month by month."""
        asked = self._asked(inputs.UsersInput)
        found = analytics.users(asked["period"], asked["segment"], timezone.now())
        return Response(shapes.UsersSerializer(found).data)

    @extend_schema(parameters=[inputs.PaymentsInput], responses=shapes.PaymentsSerializer)
    def payments(self, request: Request) -> Response:
        """Show how the payments begun in the period went, what they took and what they cost."""
        asked = self._asked(inputs.PaymentsInput)
        found = analytics.payments(asked["period"], asked["payment_method"], timezone.now())
        return Response(shapes.PaymentsSerializer(found).data)

    @extend_schema(parameters=[inputs.ForecastInput], responses=shapes.ForecastSerializer)
    def forecasting(self, request: Request) -> Response:
        """Predict the next days from those that ended, with what such predictions got wrong before."""
        asked = self._asked(inputs.ForecastInput)
        found = analytics.forecast(asked["metric"], asked["forecast_days"], timezone.now())
        return Response(shapes.ForecastSerializer(found).data)

    @extend_schema(parameters=[inputs.PerformanceInput], responses=shapes.PerformanceAnswerSerializer)
    def performance(self, request: Request) -> Response:
        """Show what was measured of the platform itself in the last hours; what was not is null."""
        now = timezone.now()
        found = performance(now, self._asked(inputs.PerformanceInput)["hours"])
        return Response(shapes.PerformanceAnswerSerializer({**found, "generated_at": now}).data)

    @extend_schema(request=inputs.ReportInput, responses=shapes.ReportSerializer)
    def report(self, request: Request) -> Response:
        """Analyse a period: amounts, counts, donors, trend, and the metrics asked for in hours, days, weeks or months."""
        checked = inputs.ReportInput(data=request.data)
        checked.is_valid(raise_exception=True)
        return Response(shapes.ReportSerializer(_report(checked.validated_data)).data)

    @extend_schema(request=inputs.ExportInput, responses={202: shapes.FinancialExportSerializer})
    def export(self, request: Request) -> Response:
        """Have a table made in the background. It waits for a day among the exports of the back office."""
        checked = inputs.ExportInput(data=request.data)
        checked.is_valid(raise_exception=True)
        asked, period = checked.validated_data, checked.validated_data["period"]
        job = request_export(
            kind=FINANCIAL,
            format=asked["format"],
            parameters={
                "export_type": asked["export_type"],
                "first": period.first,
                "last": period.last,
                **({"filters": asked["filters"]} if asked.get("filters") else {}),
            },
            requested_by=self.caller,
            now=timezone.now(),
            address=client_address(request._request),
        )
        return Response(shapes.FinancialExportSerializer(_exported(job, asked)).data, status=202)

    @extend_schema(parameters=[inputs.AlertsInput], responses=shapes.FinancialAlertsSerializer)
    def alerts(self, request: Request) -> Response:
        """List the alerts of money nobody resolved yet, the most urgent first."""
        found = financial_alerts(**self._asked(inputs.AlertsInput))
        return Response(shapes.FinancialAlertsSerializer(found).data)

    def _asked(self, serializer: Any) -> dict[str, Any]:
        checked = serializer(data=self.request.query_params)
        checked.is_valid(raise_exception=True)
        validated: dict[str, Any] = checked.validated_data
        return validated


def _report(asked: dict[str, Any]) -> dict[str, Any]:
    now, period = timezone.now(), asked["period"]
    data = analytics.report(period, asked["metrics"], asked["group_by"], now, asked.get("filters"))
    start, end = period.bounds
    return {
        "report_id": f"CUSTOM-{now:%Y%m%d%H%M%S}",
        "report_name": asked["report_name"],
        "total_records": data["transaction_count_analysis"]["total_transactions"],
        "generated_at": data["generated_at"],
        "parameters": {
            "start_date": start,
            "end_date": end,
            "metrics": asked["metrics"],
            "filters": asked.get("filters", {}),
            "group_by": asked["group_by"],
        },
        "data": data,
    }


def _exported(job: ExportJob, asked: dict[str, Any]) -> dict[str, Any]:
    period = asked["period"]
    start, end = period.bounds
    listed, source = asked["export_type"] == "transactions", Narrowing.of(asked.get("filters", {})) or ALL
    return {
        "export_id": job.export_id,
        "format": job.format,
        "export_type": asked["export_type"],
        "status": "processing",
        "estimated_completion": None,
        "download_available_at": job.finished_at,
        "includes": {
            "date_range": {"start_date": start, "end_date": end, "days": period.days},
            "filters": asked.get("filters", {}),
            "estimated_records": source.values(period).count if listed else None,
        },
        "created_by": job.created_by_id,
        "created_at": job.created_at,
    }
