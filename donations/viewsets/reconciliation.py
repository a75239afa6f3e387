"""Reconciliations over REST, for staff."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from donations.models import ReconciliationRun
from donations.operations.reconciliation import resolving, runs
from donations.queries import reconciliation as queries
from donations.serializers import reconciliation as serializers
from goodplay.lib.api.permissions import staff_with
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.approvals.operations import ReasonRequired
from goodplay.lib.errors import DomainError
from goodplay.lib.idempotency.api import idempotent, idempotent_across
from goodplay.lib.requests import client_address

_RIGHTS = {
    "start": staff_with("donations.start_reconciliationrun"),
    "resolve": staff_with("donations.resolve_discrepancy", dangerous=True),
}
_MAY_SEE = staff_with("donations.view_reconciliationrun")


class ReconciliationViewSet(ApiViewSet):
    """Comparing the books with providers and the bank, and what becomes of the breaks."""

    serializer_class = serializers.ReconciliationSerializer
    messages: ClassVar[dict[str, str]] = {
        "start": "RECONCILIATION_COMPLETED",
        "history": "RECONCILIATION_HISTORY_RETRIEVED",
        "report": "RECONCILIATION_REPORT_GENERATED",
        "resolve": "DISCREPANCY_RESOLVED",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "start": (runs.InvalidDateRange, runs.FutureDate, runs.ReconciliationBusy),
        "report": (runs.ReconciliationNotFound,),
        "resolve": (
            resolving.DiscrepancyNotFound,
            resolving.InvalidResolutionType,
            resolving.DiscrepancyClosed,
            resolving.DiscrepancyWaits,
            resolving.NothingToAdjust,
            ReasonRequired,
            *resolving.ADJUSTING,
        ),
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"start": "money", "resolve": "money"}

    def get_permissions(self) -> list[BasePermission]:
        return [_RIGHTS.get(self.action, _MAY_SEE)()]

    def get_queryset(self) -> QuerySet[ReconciliationRun]:
        return queries.history()

    @extend_schema(
        request=serializers.ReconciliationInput, responses=serializers.ReconciliationStartedSerializer
    )
    @idempotent_across
    def start(self, request: Request) -> Response:
        """Reconcile days that are over. The same period again is the same run, brought up to date."""
        run = runs.start(
            **_valid(serializers.ReconciliationInput, request.data),
            started_by=self.caller,
            address=client_address(request._request),
            now=timezone.now(),
        )
        facts = {
            "reconciliation_id": run.reconciliation_id,
            "summary": serializers.numbers_of(run.summary),
            "discrepancies_count": run.break_count,
            "requires_review": bool(run.break_count),
        }
        return Response(facts)

    @extend_schema(
        parameters=[serializers.ReconciliationHistoryInput],
        responses=serializers.ReconciliationHistorySerializer,
    )
    def history(self, request: Request) -> Response:
        """List reconciliations, the latest first."""
        asked = {
            name: request.query_params[name] for name in ("type", "status") if request.query_params.get(name)
        }
        filters = _valid(serializers.ReconciliationHistoryInput, asked)
        rows = self.paginate_queryset(queries.history(**filters)) or []
        shown = serializers.ReconciliationSerializer(rows, many=True).data
        return Response({"reconciliations": shown, **self._pages()})

    @extend_schema(responses=serializers.ReconciliationReportSerializer)
    def report(self, request: Request, name: str) -> Response:
        """Show one reconciliation, by its key or its number, with the breaks of its days."""
        run = queries.find_run(name)
        if run is None:
            raise runs.ReconciliationNotFound
        rows = self.paginate_queryset(queries.breaks_of(run)) or []
        return Response(
            {
                "reconciliation": serializers.ReconciliationSerializer(run).data,
                "discrepancies": serializers.DiscrepancySerializer(rows, many=True).data,
                **self._pages(),
            }
        )

    @extend_schema(request=serializers.ResolveInput, responses=serializers.DiscrepancySerializer)
    @idempotent
    def resolve(self, request: Request, name: str) -> Response:
        """Decide what happens with a break. An adjustment, and ignoring more than a cent, wait for a second person."""
        asked = _valid(serializers.ResolveInput, request.data)
        row = queries.find_break(name)
        if row is None:
            raise resolving.DiscrepancyNotFound
        row = resolving.resolve(
            discrepancy=row,
            **asked,
            actor=self.caller,
            address=client_address(request._request),
            now=timezone.now(),
        )
        return Response(serializers.DiscrepancySerializer(row).data)

    def _pages(self) -> dict[str, Any]:
        summary: dict[str, Any] = self.paginator.summary()  # type: ignore[union-attr]  # the project's own
        return {"total_count": summary["total_items"], "pagination": summary}


def _valid(serializer: Any, data: Any) -> dict[str, Any]:
    checked = serializer(data=data)
    checked.is_valid(raise_exception=True)
    validated: dict[str, Any] = checked.validated_data
    return validated
