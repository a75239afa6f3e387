"""What staff report for ONLUS over REST, for clients of old; the back office and the portal do the same."""

from typing import ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Onlus
from donations.operations.giving import OnlusNotFound
from goodplay.lib.api.permissions import staff_with
from goodplay.lib.api.renderers import answer
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.idempotency.api import idempotent
from goodplay.lib.requests import client_address
from impact.operations import metric_reports, updates
from impact.queries.metrics import metric_views
from impact.queries.updates import views
from impact.serializers import metrics_input as inputs
from impact.serializers import onlus as shapes


class StaffMetricViewSet(ApiViewSet):
    """Report a value for an ONLUS: a new reading of the metric of this name, or a new metric."""

    permission_classes = (staff_with("impact.change_impactmetric"),)
    serializer_class = inputs.MetricInput
    messages: ClassVar[dict[str, str]] = {"create": "METRIC_CREATED_SUCCESS"}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (
            OnlusNotFound,
            metric_reports.PeriodNotDated,
            metric_reports.CollectedAtImpossible,
            metric_reports.UnitFixed,
            metric_reports.TooManyMetrics,
            metric_reports.MetricChanged,
        )
    }

    @extend_schema(request=inputs.MetricInput, responses={200: shapes.MetricSerializer})
    def create(self, request: Request) -> Response:
        """Report a value for an ONLUS; a metric of this name, type and period gets it as a new reading.

        Answers `METRIC_UPDATED_SUCCESS` for a reading of a known metric.
        """
        told, now = self.body(), timezone.now()
        _check_onlus(told["onlus_id"])
        metric, is_new = metric_reports.report(
            **told,
            actor=self.caller,
            source="admin_update",
            now=now,
            address=client_address(request._request),
        )
        [view] = metric_views([metric], now)
        shown = shapes.MetricSerializer(view).data
        return Response(shown) if is_new else answer(shown, message="METRIC_UPDATED_SUCCESS")


class StaffUpdateViewSet(ApiViewSet):
    """Publish, feature, schedule or draft news for an ONLUS."""

    permission_classes = (staff_with("impact.change_impactupdate"),)
    serializer_class = inputs.UpdateInput
    messages: ClassVar[dict[str, str]] = {"create": "IMPACT_UPDATE_CREATED_SUCCESS"}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (
            OnlusNotFound,
            updates.OrganisationNotPublic,
            updates.PublicationDateNeeded,
            updates.FeaturedUntilPast,
            updates.MetricsNotYours,
            updates.DonationsNotYours,
        )
    }

    @extend_schema(request=inputs.UpdateInput, responses={200: shapes.StaffUpdateSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Write news for an ONLUS, published at once unless `status` says otherwise."""
        told, now = self.body(), timezone.now()
        onlus_id = told.pop("onlus_id")
        _check_onlus(onlus_id)
        update = updates.write_as(
            onlus_id=onlus_id,
            facts=told,
            actor=self.caller,
            now=now,
            address=client_address(request._request),
        )
        [view] = views([update], now)
        return Response(shapes.StaffUpdateSerializer(view).data)


def _check_onlus(onlus_id: UUID) -> None:
    if not Onlus.objects.filter(pk=onlus_id).exists():
        raise OnlusNotFound
