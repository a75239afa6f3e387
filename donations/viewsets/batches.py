"""Batches over REST, for staff."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from donations.models import BatchOperation
from donations.operations import batch_intake, batches
from donations.operations.batch_checks import STARTS
from donations.operations.batch_kinds import hidden_from, right_to_add, right_to_run
from donations.operations.batch_lines import MAY_ADD, MAY_RUN
from donations.operations.batch_reconciliations import RECONCILES
from donations.queries import batches as queries
from donations.serializers import batches as serializers
from donations.serializers.batch_lines import read_lines
from goodplay.lib.api.permissions import StaffWith, staff_with
from goodplay.lib.api.renderers import answer
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.approvals.operations import AlreadyRequested
from goodplay.lib.errors import DomainError
from goodplay.lib.idempotency.api import idempotent
from goodplay.lib.ids import parse_id
from goodplay.lib.requests import client_address

Errors = dict[str, tuple[type[DomainError], ...]]

_MAY_SEE = staff_with("donations.view_batchoperation")
# Each type of batch has a right of its own, asked for once the type is known.
_MAY_ADD = staff_with(MAY_ADD)
_MAY_ADD_SOME = staff_with(MAY_ADD, STARTS, RECONCILES)
_MAY_RUN_SOME = staff_with(MAY_RUN, STARTS, RECONCILES, dangerous=True)
_ONE = (batches.BatchNotFound,)
_INTAKE = (
    batch_intake.LinesMissing,
    batch_intake.BatchTooLarge,
    batch_intake.BatchTypeNotAvailable,
    batch_intake.BatchNotValid,
)


class _BatchViewSet(ApiViewSet):
    """Who may do what: reading, handing in and running are rights of their own."""

    serializer_class = serializers.BatchSerializer
    reads: ClassVar[frozenset[str]] = frozenset()
    adds: ClassVar[frozenset[str]] = frozenset()

    def get_permissions(self) -> list[BasePermission]:
        if self.action in self.reads:
            return [_MAY_SEE()]
        if self.action == "create_operation":
            return [_MAY_ADD_SOME()]
        return [_MAY_ADD() if self.action in self.adds else _MAY_RUN_SOME()]

    def insist(self, right: str) -> None:
        if not self.caller.has_perm(right):
            self.permission_denied(self.request, message=str(StaffWith.message), code=StaffWith.code)

    def hand_in(self, operation_type: str, raw: list[Any], configuration: dict[str, int]) -> Response:
        self.insist(right_to_add(operation_type))
        lines, unreadable = read_lines(operation_type, raw)
        batch = batch_intake.create_batch(
            operation_type=operation_type,
            lines=lines,
            unreadable=unreadable,
            options=configuration,
            created_by=self.caller,
            address=client_address(self.request._request),
            now=timezone.now(),
        )
        facts = {
            "batch_id": batch.pk,
            "total_donations": batch.total_items,
            "total_amount": batch.total_amount,
            "estimated_processing_time": batch_intake.estimate(batch.total_items),
        }
        return Response(serializers.BatchCreatedSerializer(facts).data, status=201)


class BatchListViewSet(_BatchViewSet):
    """Handing batches in, and those that were."""

    results_key = "batch_operations"
    reads = frozenset({"history", "statistics", "operations"})
    adds = frozenset({"donations", "payouts", "create_operation"})
    messages: ClassVar[dict[str, str]] = {
        "donations": "BATCH_OPERATION_CREATED",
        "payouts": "BATCH_OPERATION_CREATED",
        "create_operation": "BATCH_OPERATION_CREATED",
        "history": "BATCH_HISTORY_RETRIEVED",
        "operations": "BATCH_OPERATIONS_RETRIEVED",
        "statistics": "BATCH_STATISTICS_RETRIEVED",
    }
    errors: ClassVar[Errors] = dict.fromkeys(("donations", "payouts", "create_operation"), _INTAKE)
    throttle_scopes: ClassVar[dict[str, str]] = dict.fromkeys(
        ("donations", "payouts", "create_operation"), "money"
    )

    def get_queryset(self) -> QuerySet[BatchOperation]:
        return (
            BatchOperation.objects.none()
            if getattr(self, "swagger_fake_view", False)
            else queries.history().exclude(operation_type__in=hidden_from(self.caller))
        )

    @extend_schema(request=serializers.BatchInput, responses={201: serializers.BatchCreatedSerializer})
    @idempotent
    def donations(self, request: Request) -> Response:
        """Hand in a batch of donations: all lines are in order, or none is stored. Staff only."""
        asked = _valid(serializers.BatchInput, request.data)
        return self.hand_in("donations", asked["donations"], asked.get("configuration", {}))

    @extend_schema(request=serializers.PayoutBatchInput, responses={201: serializers.BatchCreatedSerializer})
    @idempotent
    def payouts(self, request: Request) -> Response:
        """Hand in a batch that drafts the payouts of the organisations it names. Staff only."""
        asked = _valid(serializers.PayoutBatchInput, request.data)
        return self.hand_in("payouts", asked["payouts"], asked.get("configuration", {}))

    @extend_schema(
        request=serializers.BatchOperationInput, responses={201: serializers.BatchCreatedSerializer}
    )
    @idempotent
    def create_operation(self, request: Request) -> Response:
        """Hand in a batch of any type: donations, refunds, payouts or compliance checks. Staff only."""
        asked = _valid(serializers.BatchOperationInput, request.data)
        return self.hand_in(asked["operation_type"], asked["items"], asked.get("configuration", {}))

    @extend_schema(parameters=[serializers.BatchHistoryInput], responses=serializers.BatchHistorySerializer)
    def history(self, request: Request) -> Response:
        """List batches, the latest first; of donations unless another type is asked for."""
        return self._listed({"operation_type": "donations"}, "batch_operations")

    @extend_schema(
        operation_id="batch_operations_list",
        parameters=[serializers.BatchHistoryInput],
        responses=serializers.BatchOperationsSerializer,
    )
    def operations(self, request: Request) -> Response:
        """List batches of every type, the latest first."""
        return self._listed({}, "operations")

    @extend_schema(
        parameters=[serializers.BatchStatisticsInput], responses=serializers.BatchStatisticsSerializer
    )
    def statistics(self, request: Request) -> Response:
        """Count the batches of the last days, by status and in all."""
        asked = _valid(serializers.BatchStatisticsInput, request.query_params.dict())
        until = timezone.now()
        since, kind = until - timedelta(days=asked["days"]), asked.get("operation_type", "")
        period = {"start_date": since, "end_date": until, "days": asked["days"]}
        counted = queries.statistics(since=since, until=until, operation_type=kind)
        return Response(
            {
                "period": period,
                "statistics": {"period": f"{asked['days']}d", **counted},
                "operation_type": kind or None,
            }
        )

    def _listed(self, default: dict[str, str], name: str) -> Response:
        filters = default | _valid(serializers.BatchHistoryInput, _filters(self.request))
        rows = self.paginate_queryset(self.get_queryset().filter(**filters)) or []
        summary: dict[str, Any] = self.paginator.summary()  # type: ignore[union-attr]  # the project's own
        return Response(
            {
                name: serializers.BatchRowSerializer(rows, many=True).data,
                "total_count": summary["total_items"],
                "filters": filters,
                "pagination": summary,
            }
        )


class BatchViewSet(_BatchViewSet):
    """One batch: where it stands, and running it."""

    lookup_url_kwarg = "batch_id"
    reads = frozenset({"status", "progress"})
    messages: ClassVar[dict[str, str]] = {
        "status": "BATCH_STATUS_RETRIEVED",
        "progress": "BATCH_STATUS_RETRIEVED",
        "process": "BATCH_PROCESSING_STARTED",
        "retry": "BATCH_RETRY_STARTED",
        "cancel": "BATCH_OPERATION_CANCELLED",
    }
    also_says: ClassVar[dict[str, dict[int, str]]] = {"process": {202: "BATCH_RELEASE_REQUESTED"}}
    errors: ClassVar[Errors] = {
        "status": _ONE,
        "progress": _ONE,
        "process": (
            *_ONE,
            batches.BatchAlreadyProcessing,
            batches.BatchAlreadyCompleted,
            batches.BatchAlreadyReleased,
            AlreadyRequested,
        ),
        "retry": (*_ONE, batches.BatchNotRetriable, batches.NothingToRetry),
        "cancel": (*_ONE, batches.BatchAlreadyCompleted),
    }
    throttle_scopes: ClassVar[dict[str, str]] = dict.fromkeys(("process", "retry", "cancel"), "money")

    def get_queryset(self) -> QuerySet[BatchOperation]:
        return queries.history().exclude(operation_type__in=hidden_from(self.caller))

    @extend_schema(responses=serializers.BatchSerializer)
    def status(self, request: Request, batch_id: str) -> Response:
        """Show a batch: progress, timing, errors and its lines by status."""
        return Response(self._shown(self._batch()))

    @extend_schema(responses=serializers.BatchSerializer)
    def progress(self, request: Request, batch_id: str) -> Response:
        """Show a batch as `status` does."""
        return self.status(request, batch_id)

    @extend_schema(request=serializers.BatchProcessInput, responses={202: serializers.BatchProcessSerializer})
    @idempotent
    def process(self, request: Request, batch_id: str) -> Response:
        """Run a batch in the background. One that moves money and was not released is put before a second person first.

        Then the answer is BATCH_RELEASE_REQUESTED, and the batch is run by asking again after it was released.
        """
        asked, batch = _valid(serializers.BatchProcessInput, request.data), self._batch_to_run()
        if batch.status == BatchOperation.Status.QUEUED and not batch.may_run:
            batches.request_release(
                batch=batch,
                requested_by=self.caller,
                reason=asked.get("reason") or gettext("Asked for over the API."),
                **self._here(),
            )
            return answer(self._outcome(batch), message="BATCH_RELEASE_REQUESTED", status=202)
        batch = batches.start(batch=batch, actor=self.caller, **self._here())
        return Response(self._outcome(batch), status=202)

    @extend_schema(request=None, responses={202: serializers.BatchRetrySerializer})
    @idempotent
    def retry(self, request: Request, batch_id: str) -> Response:
        """Try the lines that failed again, in the background, each when its delay is over."""
        batch = self._batch_to_run()
        count = batches.retry(batch=batch, actor=self.caller, **self._here())
        facts = {
            "batch_id": batch.pk,
            "retry_results": queries.results_of(self._batch(), timezone.now()),
            "items_retried": count,
        }
        return Response(serializers.BatchRetrySerializer(facts).data, status=202)

    @extend_schema(request=serializers.CancelBatchInput, responses=serializers.BatchCancelledSerializer)
    @idempotent
    def cancel(self, request: Request, batch_id: str) -> Response:
        """Leave out what was not carried out yet; what was done stays done."""
        asked = _valid(serializers.CancelBatchInput, request.data)
        batch = batches.cancel(
            batch=self._batch_to_run(),
            actor=self.caller,
            reason=asked.get("reason") or "Cancelled by admin",
            **self._here(),
        )
        facts = {"batch_id": batch.pk, "cancelled_at": batch.completed_at, "reason": batch.cancel_reason}
        return Response(serializers.BatchCancelledSerializer(facts).data)

    def _batch(self) -> BatchOperation:
        batch = self.get_queryset().filter(pk=parse_id(self.kwargs["batch_id"])).first()
        if batch is None:
            raise batches.BatchNotFound
        return batch

    def _batch_to_run(self) -> BatchOperation:
        batch = self._batch()
        self.insist(right_to_run(batch.operation_type))
        return batch

    def _shown(self, batch: BatchOperation) -> dict[str, Any]:
        return dict(serializers.BatchSerializer(batch, context={"now": timezone.now()}).data)

    def _outcome(self, batch: BatchOperation) -> dict[str, Any]:
        facts = {
            "batch_id": batch.pk,
            "results": queries.results_of(batch, timezone.now()),
            "final_status": batch.status,
        }
        return dict(serializers.BatchProcessSerializer(facts).data)

    def _here(self) -> dict[str, Any]:
        return {"address": client_address(self.request._request), "now": timezone.now()}


def _filters(request: Request) -> dict[str, str]:
    known = ("operation_type", "status", "created_by")
    return {name: request.query_params[name] for name in known if request.query_params.get(name)}


def _valid(serializer: Any, data: Any) -> dict[str, Any]:
    checked = serializer(data=data)
    checked.is_valid(raise_exception=True)
    validated: dict[str, Any] = checked.validated_data
    return validated
