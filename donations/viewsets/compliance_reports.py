"""Reports of compliance over REST: how somebody behaves, what the rules stopped, what staff did."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from donations.operations.compliance import running
from donations.queries import behaviour
from donations.queries import compliance_reports as queries
from donations.serializers import compliance_reports as shapes
from goodplay.lib.api.permissions import staff_with
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import parse_id

SEES, READS_TRAIL = "donations.view_compliancecheck", "audit.view_auditentry"


class ComplianceReportsViewSet(ApiViewSet):
    """What a person reads before they decide. Staff only."""

    serializer_class = shapes.BehaviourAnalysisSerializer
    messages: ClassVar[dict[str, str]] = {
        "analysis": "FRAUD_ANALYSIS_COMPLETED",
        "flagged": "FLAGGED_MOVEMENTS_RETRIEVED",
        "audit_trail": "COMPLIANCE_AUDIT_TRAIL_RETRIEVED",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {"analysis": (running.SubjectNotFound,)}

    def get_permissions(self) -> list[BasePermission]:
        return [staff_with(READS_TRAIL if self.action == "audit_trail" else SEES)()]

    @extend_schema(parameters=[shapes.HoursInput], responses=shapes.BehaviourAnalysisSerializer)
    def analysis(self, request: Request, user_id: str) -> Response:
        """Analyse how a player played, gave, paid and signed in over the last hours. Nothing is held by it."""
        asked, key = self._valid(shapes.HoursInput, request), parse_id(user_id)
        if not User.objects.filter(pk=key).exists():
            raise running.SubjectNotFound
        found = behaviour.analyse(key, now=timezone.now(), hours=asked["hours"])
        return Response(shapes.BehaviourAnalysisSerializer(found).data)

    @extend_schema(parameters=[shapes.FlaggedInput], responses=shapes.FlaggedListSerializer)
    def flagged(self, request: Request) -> Response:
        """List the movements the rules held or refused in the last hours, and say how risky that is altogether."""
        asked = self._valid(shapes.FlaggedInput, request)
        since = timezone.now() - timedelta(hours=asked["hours"])
        rows = queries.flagged(since=since, subject=asked.get("subject", ""), action=asked.get("action", ""))
        count, failed = rows.count(), queries.failed_movements(since)
        facts = {
            "flagged": self._part(rows, asked),
            "total_count": count,
            "failed_count": failed,
            "overall_risk": queries.overall_risk(count, failed),
            "hours": asked["hours"],
        }
        return Response(shapes.FlaggedListSerializer(facts).data)

    @extend_schema(parameters=[shapes.TrailInput], responses=shapes.TrailSerializer)
    def audit_trail(self, request: Request) -> Response:
        """List what staff and the system did in compliance, newest first."""
        asked = self._valid(shapes.TrailInput, request)
        rows = queries.trail_of_compliance(action=asked.get("action", ""))
        facts = {"entries": self._part(rows, asked), "total_count": rows.count()}
        return Response(shapes.TrailSerializer(facts).data)

    def _part(self, rows: Any, asked: dict[str, Any]) -> Any:
        return rows[asked["offset"] : asked["offset"] + min(asked["limit"], shapes.MOST)]

    def _valid(self, serializer: Any, request: Request) -> dict[str, Any]:
        checked = serializer(data=request.query_params.dict())
        checked.is_valid(raise_exception=True)
        validated: dict[str, Any] = checked.validated_data
        return validated
