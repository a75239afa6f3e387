"""What an ONLUS reports."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Onlus
from donations.operations.giving import OnlusNotFound
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import parse_id
from impact.caches import kept_board, kept_metrics
from impact.operations.metric_reports import MetricNotFound
from impact.queries import metric_history, metrics, updates
from impact.serializers import metrics_input as inputs
from impact.serializers import onlus as onlus_shapes
from impact.viewsets.asking import asked_of

RECENT_UPDATES = 5


class OnlusImpactViewSet(ApiViewSet):
    """What an ONLUS reports. Public."""

    authentication_classes = []
    permission_classes = [AllowAny]
    serializer_class = onlus_shapes.MetricSerializer
    messages: ClassVar[dict[str, str]] = {
        "metrics": "ONLUS_VISUALIZATION_SUCCESS",
        "metric": "METRIC_RETRIEVED_SUCCESS",
        "updates": "ONLUS_UPDATES_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "metrics": (OnlusNotFound,),
        "metric": (OnlusNotFound, MetricNotFound),
        "updates": (OnlusNotFound,),
    }

    @extend_schema(parameters=[onlus_shapes.MetricsQuery], responses=onlus_shapes.OnlusMetricsSerializer)
    def metrics(self, request: Request, onlus_id: str) -> Response:
        """List the ONLUS's figures with their trends, what they add up to, and its latest news."""
        asked, now, onlus = (
            asked_of(onlus_shapes.MetricsQuery, request),
            timezone.now(),
            _public_onlus(onlus_id),
        )
        variant = f"{asked['period']}:{asked['include_trends']}"
        return Response(kept_metrics(onlus, variant, lambda: _reported(onlus, asked, now)))

    @extend_schema(
        operation_id="impact_onlus_metric",
        parameters=[inputs.SeriesQuery],
        responses=onlus_shapes.MetricDetailSerializer,
    )
    def metric(self, request: Request, onlus_id: str, metric_id: str) -> Response:
        """Show one metric: its readings day by day, what was corrected, and what evidence there is."""
        asked, now = asked_of(inputs.SeriesQuery, request), timezone.now()
        row = metrics.find_active(_public_onlus(onlus_id), parse_id(metric_id))
        if row is None:
            raise MetricNotFound
        [view] = metrics.metric_views([row], now)
        shown = {
            "metric": view,
            "series": metric_history.series_of(row, days=asked["days"], now=now),
            "corrections": metric_history.corrections_of(row.pk),
            "evidence": metric_history.evidence_of(row.pk),
        }
        return Response(onlus_shapes.MetricDetailSerializer(shown, context={"include_trends": True}).data)

    @extend_schema(parameters=[onlus_shapes.UpdatesQuery], responses=onlus_shapes.OnlusUpdatesSerializer)
    def updates(self, request: Request, onlus_id: str) -> Response:
        asked, now, onlus = (
            asked_of(onlus_shapes.UpdatesQuery, request),
            timezone.now(),
            _public_onlus(onlus_id),
        )
        since = now - timedelta(days=asked["days"])
        shown = {
            "onlus_id": onlus,
            "updates": updates.updates_of(onlus, since=since, limit=asked["limit"], now=now),
            "period_days": asked["days"],
            "total_updates": updates.count_updates(onlus, since=since),
        }
        return Response(onlus_shapes.OnlusUpdatesSerializer(shown).data)


class MetricBoardViewSet(ApiViewSet):
    """What ONLUS report, side by side. Public."""

    authentication_classes = []
    permission_classes = [AllowAny]
    serializer_class = onlus_shapes.TopMetricsSerializer
    messages: ClassVar[dict[str, str]] = {
        "top": "TOP_METRICS_SUCCESS",
        "totals": "METRIC_TOTALS_SUCCESS",
    }

    @extend_schema(parameters=[inputs.TopMetricsQuery], responses=onlus_shapes.TopMetricsSerializer)
    def top(self, request: Request) -> Response:
        """Rank verified metrics of one unit by what a euro did."""
        asked = asked_of(inputs.TopMetricsQuery, request)
        variant = f"top:{asked['metric_unit']}:{asked['metric_type']}:{asked['limit']}"
        return Response(kept_board(variant, lambda: _ranked(asked)))

    @extend_schema(parameters=[inputs.TotalsQuery], responses=onlus_shapes.MetricTotalsByUnitSerializer)
    def totals(self, request: Request) -> Response:
        """Add up what all ONLUS report, unit by unit."""
        asked = asked_of(inputs.TotalsQuery, request)
        return Response(kept_board(f"totals:{asked['metric_type']}", lambda: _summed(asked)))


def _reported(onlus: UUID, asked: dict[str, Any], now: datetime) -> dict[str, Any]:
    rows = metrics.metrics_of(onlus, period=asked["period"], now=now)
    since = now - timedelta(days=metrics.TREND_DAYS)
    shown = {
        "onlus_id": onlus,
        "metrics": rows,
        "recent_updates": updates.updates_of(onlus, since=since, limit=RECENT_UPDATES, now=now),
        "metrics_summary": metrics.summary_of(onlus, [row.metric for row in rows]),
    }
    return dict(onlus_shapes.OnlusMetricsSerializer(shown, context=asked).data)


def _ranked(asked: dict[str, Any]) -> dict[str, Any]:
    rows = metric_history.top_metrics(
        unit=asked["metric_unit"], metric_type=asked["metric_type"], limit=asked["limit"]
    )
    shown = {"metric_unit": asked["metric_unit"], "top_metrics": rows}
    return dict(onlus_shapes.TopMetricsSerializer(shown).data)


def _summed(asked: dict[str, Any]) -> dict[str, Any]:
    shown = {"units": metric_history.totals_by_unit(metric_type=asked["metric_type"])}
    return dict(onlus_shapes.MetricTotalsByUnitSerializer(shown).data)


def _public_onlus(onlus_id: str) -> UUID:
    onlus = Onlus.objects.public().filter(pk=parse_id(onlus_id)).values_list("pk", flat=True).first()
    if onlus is None:
        raise OnlusNotFound
    return onlus
