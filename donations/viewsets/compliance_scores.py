"""Assessments over REST: an organisation's own for its members, the best for everybody. Staff work in the back office."""

from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from donations.operations.allocation_requests import OnlusNotFound
from donations.queries.assessments import (
    benchmarks,
    current_of,
    history_of,
    open_issues,
    recommendations_for,
    top_performers,
)
from donations.serializers import compliance_scores as serializers
from donations.viewsets.allocation import own_onlus
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError, NotFound


class ScoreNotFound(NotFound):
    code = "COMPLIANCE_SCORE_NOT_FOUND"
    message = _("This organisation was not assessed yet.")


class ComplianceScoreViewSet(ApiViewSet):
    """How organisations were assessed."""

    serializer_class = serializers.AssessmentSerializer
    results_key = "scores"
    messages: ClassVar[dict[str, str]] = {
        "current": "CURRENT_COMPLIANCE_SCORE_SUCCESS",
        "history": "ONLUS_COMPLIANCE_SCORES_SUCCESS",
        "top": "TOP_PERFORMING_SCORES_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "current": (OnlusNotFound, ScoreNotFound),
        "history": (OnlusNotFound,),
    }

    @extend_schema(
        operation_id="onlus_compliance_score_current", responses=serializers.CurrentScoreSerializer
    )
    def current(self, request: Request, onlus_id: str) -> Response:
        """Show a member the current assessment, what is wrong, and what would help."""
        onlus = own_onlus(self.caller, onlus_id)
        assessment = current_of(onlus.pk)
        if assessment is None:
            raise ScoreNotFound
        context = {
            "now": timezone.now(),
            "issues": list(open_issues(onlus.pk)),
            "advice": list(recommendations_for(onlus.pk)),
            "benchmarks": benchmarks(assessment, onlus.category_id),
        }
        return Response(serializers.CurrentScoreSerializer(assessment, context=context).data)

    @extend_schema(
        operation_id="onlus_compliance_score_history", responses=serializers.AssessmentSerializer(many=True)
    )
    def history(self, request: Request, onlus_id: str) -> Response:
        """List a member the assessments of the organisation, the latest first."""
        rows = self.paginate_queryset(history_of(own_onlus(self.caller, onlus_id).pk))
        context = {"now": timezone.now()}
        shown = serializers.AssessmentSerializer(rows or [], many=True, context=context).data
        return self.get_paginated_response(shown)

    @extend_schema(
        operation_id="onlus_compliance_top_performers",
        parameters=[serializers.TopPerformersInput],
        responses=serializers.TopPerformersSerializer,
    )
    def top(self, request: Request) -> Response:
        """List the best assessed organisations anybody may give to: names and scores only, kept for an hour."""
        serializer = serializers.TopPerformersInput(data=request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        best = top_performers()[: serializer.validated_data["limit"]]
        shown = {"scores": best, "count": len(best)}
        return Response(serializers.TopPerformersSerializer(shown).data)
