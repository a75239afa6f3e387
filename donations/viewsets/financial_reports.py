"""Financial reports over REST, for members of the organisation and whom one was opened to. Staff work in the back office."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from donations.models import FinancialReport, FinancialReportFile
from donations.operations import report_files
from donations.operations.report_files import CONTENT_TYPES
from donations.queries.financial_reports.shown import reports_seen_by
from donations.serializers import financial_reports as serializers
from goodplay.lib.api.renderers import answer
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError, NotFound
from goodplay.lib.exports.tables import TableTooLong
from goodplay.lib.ids import parse_id
from goodplay.lib.requests import client_address

Format = FinancialReportFile.Format
COLUMNS = {
    "type": "report_type",
    "status": "status",
    "entity_id": "onlus",
    "q": "onlus__name__icontains",
    "start_date": "first__gte",
    "end_date": "last__lte",
}


class ReportNotFound(NotFound):
    code = "REPORT_NOT_FOUND"
    message = _("There is no such report.")


class FinancialReportViewSet(ApiViewSet):
    """The published summaries of the caller's organisations, and the reports opened to the caller by name."""

    serializer_class = serializers.FinancialReportSerializer
    results_key = "reports"
    messages: ClassVar[dict[str, str]] = {
        "list": "REPORTS_RETRIEVED_SUCCESS",
        "search": "REPORTS_SEARCH_SUCCESS",
        "retrieve": "FINANCIAL_REPORT_RETRIEVED_SUCCESS",
        "export": "REPORT_EXPORTED_CSV_SUCCESS",
    }
    also_says: ClassVar[dict[str, dict[int, str]]] = {"export": {200: "REPORT_EXPORTED_JSON_SUCCESS"}}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (ReportNotFound,),
        "export": (ReportNotFound, report_files.ReportDamaged, TableTooLong),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"export": "money"}

    def get_queryset(self) -> QuerySet[FinancialReport]:
        if getattr(self, "swagger_fake_view", False):
            return FinancialReport.objects.none()
        return reports_seen_by(self.caller_id)

    @extend_schema(
        parameters=[serializers.ReportListInput],
        responses=serializers.FinancialReportSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """List the reports, the latest days first."""
        return self._page(self._asked(serializers.ReportListInput))

    @extend_schema(
        operation_id="onlus_financial_reports_search",
        parameters=[serializers.ReportSearchInput],
        responses=serializers.FinancialReportSerializer(many=True),
    )
    def search(self, request: Request) -> Response:
        """Look for reports by organisation and days."""
        return self._page(self._asked(serializers.ReportSearchInput))

    @extend_schema(responses=serializers.FinancialReportSerializer)
    def retrieve(self, request: Request, report_id: str) -> Response:
        """Show one report."""
        return Response(serializers.FinancialReportSerializer(self._own(report_id)).data)

    @extend_schema(
        request=serializers.ReportExportInput,
        responses={
            (200, "application/json"): serializers.ExportedReportSerializer,
            (200, CONTENT_TYPES[Format.EXCEL]): OpenApiTypes.BINARY,
        },
    )
    def export(self, request: Request, report_id: str) -> Response | HttpResponse:
        """Hand a report out: its movements as CSV or as an Excel workbook, on record, or its figures as JSON."""
        report = self._own(report_id)
        serializer = serializers.ReportExportInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted = serializer.validated_data["format"]
        if wanted == "json":
            return self._as_json(report)
        return self._as_workbook(report) if wanted == Format.EXCEL else self._as_csv(report)

    def _as_csv(self, report: FinancialReport) -> Response:
        content = self._handed_out(report, Format.CSV)
        name = report_files.file_name(report, Format.CSV)
        return Response({"format": "csv", "filename": name, "data": content.decode("utf-8-sig")})

    def _as_workbook(self, report: FinancialReport) -> HttpResponse:
        return HttpResponse(
            self._handed_out(report, Format.EXCEL),
            content_type=CONTENT_TYPES[Format.EXCEL],
            headers={
                "Content-Disposition": f'attachment; filename="{report_files.file_name(report, Format.EXCEL)}"',
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _handed_out(self, report: FinancialReport, format_: FinancialReportFile.Format) -> bytes:
        return report_files.hand_out(
            report=report,
            format_=format_,
            language=translation.get_language() or "en",
            actor=self.caller,
            address=client_address(self.request),
            now=timezone.now(),
        )

    def _as_json(self, report: FinancialReport) -> Response:
        told = dict(serializers.FinancialReportSerializer(report).data)
        name = f"{report_files.file_stem(report)}.json"
        data = {"format": "json", "filename": name, "data": told}
        return answer(data, message="REPORT_EXPORTED_JSON_SUCCESS")

    def _own(self, report_id: str) -> FinancialReport:
        found = self.get_queryset().filter(pk=parse_id(report_id)).first()
        if found is None:
            raise ReportNotFound
        return found

    def _asked(self, declared: type[serializers.ReportListInput]) -> dict[str, Any]:
        serializer = declared(data=self.request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        asked: dict[str, Any] = serializer.validated_data
        return asked

    def _page(self, asked: dict[str, Any]) -> Response:
        conditions = {COLUMNS[name]: value for name, value in asked.items()}
        rows = self.paginate_queryset(self.get_queryset().filter(**conditions))
        shown = serializers.FinancialReportSerializer(rows or [], many=True).data
        return self.get_paginated_response(shown)
