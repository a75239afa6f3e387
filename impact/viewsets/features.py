"""What a donor's levels open."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from donations.viewsets.documents import LANGUAGE, PDF, OwnFormats, language_of, pdf_answer
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from impact.levels import LEVELS
from impact.operations import personal_reports
from impact.operations.features import REFUSALS, FeatureNotFound, require
from impact.queries import personal
from impact.queries.donors import donor_statistics
from impact.serializers import features as shapes
from impact.serializers.onlus import UpdateSerializer
from impact.viewsets.asking import asked_of

Figures = dict[str, Any]
REPORT, EVERYTHING = "advanced_reporting", "all_features"
CSV = {(200, "text/csv"): OpenApiTypes.STR}


def _news(user_id: UUID, now: datetime) -> Figures:
    news: Any = personal.own_news(user_id, now)
    return {"updates": UpdateSerializer(news, many=True).data}


def _report(user_id: UUID, now: datetime) -> Figures:
    return {"path": reverse("impact-report"), "formats": ["pdf", "csv"]}


CONTENT: dict[str, Callable[[UUID, datetime], Figures]] = {
    "basic_metrics": personal.own_metrics,
    "trend_data": personal.own_trends,
    "detailed_analytics": personal.own_analytics,
    "onlus_direct_updates": _news,
    "community_leaderboard": personal.own_ranks,
    "platform_insights": lambda user_id, now: personal.platform_insights(now),
    "admin_dashboards": lambda user_id, now: personal.community_view(now),
    REPORT: _report,
}


class FeatureViewSet(ApiViewSet):
    """What the signed-in donor's level opens. Each feature adds to what everybody sees; none gives staff's rights."""

    serializer_class = shapes.FeaturesSerializer
    content_negotiation_class = OwnFormats
    messages: ClassVar[dict[str, str]] = {
        "list": "IMPACT_FEATURES_SUCCESS",
        "retrieve": "IMPACT_FEATURE_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (FeatureNotFound, *REFUSALS.values()),
        "report": (
            REFUSALS[REPORT],
            personal_reports.InvalidReportPeriod,
            personal_reports.NothingToReport,
        ),
        "statement": (personal_reports.InvalidReportPeriod, personal_reports.NothingToReport),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"report": "money", "statement": "money"}

    @extend_schema(responses=shapes.FeaturesSerializer)
    def list(self, request: Request) -> Response:
        """List what each level opens, and what is open now."""
        statistics = donor_statistics(self.caller_id)
        total = statistics.total_donated
        features = [
            {
                "feature": level.feature,
                "level": level.number,
                "level_name": level.name,
                "amount": level.amount,
                "is_open": total >= level.amount,
                "missing_amount": max(level.amount - total, 0 * total),
                "path": reverse("impact-feature", args=[level.feature]),
            }
            for level in LEVELS
            if level.feature
        ]
        shown = {"current_level": statistics.current_level, "features": features}
        return Response(shapes.FeaturesSerializer(shown).data)

    @extend_schema(responses=shapes.OpenFeatureSerializer)
    def retrieve(self, request: Request, feature: str) -> Response:
        """Open one feature; who has not reached its level is told which one it takes."""
        level = require(feature, donor_statistics(self.caller_id))
        now = timezone.now()
        content = (
            {name: make(self.caller_id, now) for name, make in CONTENT.items()}
            if feature == EVERYTHING
            else CONTENT[feature](self.caller_id, now)
        )
        shown = {"feature": feature, "level": level.number, "content": content}
        return Response(shapes.OpenFeatureSerializer(shown).data)

    @extend_schema(parameters=[shapes.ReportQuery, LANGUAGE], responses={**PDF, **CSV})
    def report(self, request: Request) -> HttpResponse:
        """Send the donor's own report of any days as PDF, or as CSV."""
        require(REPORT, donor_statistics(self.caller_id))
        asked = asked_of(shapes.ReportQuery, request)
        with override(_language(request)):
            report = personal_reports.report_of(
                donor=self.caller, first=asked["from"], last=asked["to"], now=timezone.now()
            )
            name = f"goodplay-impact-{report.first}-{report.last}"
            if asked["format"] == "pdf":
                return pdf_answer(personal_reports.print_report(report=report), name)
            return _csv_answer(personal_reports.table_of(report=report), name)

    @extend_schema(parameters=[LANGUAGE], responses=PDF)
    def statement(self, request: Request, year: str) -> HttpResponse:
        """Send the donor's impact of a year as PDF: open to everybody who gave in it."""
        wanted = int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0
        with override(_language(request)):
            report = personal_reports.report_of_year(donor=self.caller, year=wanted, now=timezone.now())
            return pdf_answer(personal_reports.print_report(report=report), f"goodplay-impact-{wanted}")


def _language(request: Request) -> str:
    asked = language_of(request)
    return asked if asked in personal_reports.LANGUAGES else "en"


def _csv_answer(table: str, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(table, content_type="text/csv; charset=utf-8", headers=headers)
