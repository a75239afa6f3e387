"""Rate cards and estimates over REST."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import StatelessTokenAuthentication
from donations.models import ConversionRate
from donations.operations import earning
from donations.queries import rates
from donations.serializers import rates as serializers
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError

NO_CARD = (earning.ConversionRateNotAvailable,)


class ConversionRateViewSet(ApiViewSet):
    """The rate card in force, and what play would earn on it. Real sessions are paid by what the server saw."""

    authentication_classes = [StatelessTokenAuthentication]
    serializer_class = serializers.RateSerializer
    results_key = "rates"
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "CONVERSION_RATE_RETRIEVED_SUCCESS",
        "calculator": "CREDIT_ESTIMATION_SUCCESS",
        "multipliers": "MULTIPLIERS_RETRIEVED_SUCCESS",
        "simulation": "CREDIT_SIMULATION_SUCCESS",
        "breakdown": "CREDIT_BREAKDOWN_SUCCESS",
        "history": "RATE_HISTORY_PLACEHOLDER",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": NO_CARD,
        "calculator": NO_CARD,
        "multipliers": NO_CARD,
        "simulation": NO_CARD,
        "breakdown": NO_CARD,
    }

    def get_queryset(self) -> QuerySet[ConversionRate]:
        return rates.rate_history()

    @extend_schema(responses=serializers.RateSerializer)
    def retrieve(self, request: Request) -> Response:
        """Show the rate card in force."""
        return Response(serializers.RateSerializer(self._card()).data)

    @extend_schema(parameters=[serializers.CalculatorInput], responses=serializers.EstimateSerializer)
    def calculator(self, request: Request) -> Response:
        """Estimate what so many minutes earn."""
        asked = _valid(serializers.CalculatorInput, request.query_params.dict())
        estimate = self._estimate(asked["duration_minutes"], asked)
        return Response(serializers.EstimateSerializer(estimate).data)

    @extend_schema(parameters=[serializers.FlagsInput], responses=serializers.MultipliersSerializer)
    def multipliers(self, request: Request) -> Response:
        """Show which bonuses would hold, and their factors."""
        estimate = self._estimate(Decimal(0), _valid(serializers.FlagsInput, request.query_params.dict()))
        shown = {
            "active_multipliers": estimate.active,
            "total_multiplier": estimate.multiplier,
            "base_rate": estimate.base_rate,
            "multiplier_details": self._factors(estimate),
        }
        return Response(serializers.MultipliersSerializer(shown).data)

    @extend_schema(request=serializers.SimulationInput, responses=serializers.SimulationSerializer)
    def simulation(self, request: Request) -> Response:
        """Estimate up to 50 scenarios at once."""
        scenarios = _valid(serializers.SimulationInput, request.data)["scenarios"]
        results = [self._result(index, scenario) for index, scenario in enumerate(scenarios)]
        failed = sum("error" in result for result in results)
        return Response(
            {
                "total_scenarios": len(results),
                "successful_calculations": len(results) - failed,
                "failed_calculations": failed,
                "results": results,
            }
        )

    @extend_schema(request=serializers.BreakdownInput, responses=serializers.BreakdownSerializer)
    def breakdown(self, request: Request) -> Response:
        """Show what each bonus adds to the credits for so many minutes."""
        asked = _valid(serializers.BreakdownInput, request.data)
        estimate = self._estimate(asked["duration_minutes"], asked.get("context", {}))
        shown = serializers.breakdown_of(estimate, self._factors(estimate))
        return Response(serializers.BreakdownSerializer(shown).data)

    @extend_schema(responses=serializers.RateHistorySerializer)
    def history(self, request: Request) -> Response:
        """List all versions of the rate cards, the latest first."""
        rows = self.paginate_queryset(self.get_queryset()) or []
        response = self.get_paginated_response(serializers.RateSerializer(rows, many=True).data)
        card = rates.current_rate(timezone.now())
        response.data["message"] = gettext("All versions of the rate cards, the latest first.")
        response.data["current_rate_info"] = serializers.RateSerializer(card).data if card else None
        return response

    def _card(self) -> ConversionRate:
        card = rates.current_rate(timezone.now())
        if card is None:
            raise earning.ConversionRateNotAvailable
        return card

    def _estimate(self, minutes: Decimal, flags: dict[str, Any]) -> rates.Calculation:
        active = rates.named_multipliers(flags, timezone.now())
        return rates.estimate(card=self._card(), minutes=minutes, active=active)

    def _factors(self, estimate: rates.Calculation) -> dict[str, Decimal]:
        multipliers = self._card().multipliers
        return {name: Decimal(multipliers[name]) for name in estimate.active}

    def _result(self, index: int, scenario: Any) -> dict[str, Any]:
        named = isinstance(scenario, dict) and isinstance(scenario.get("name"), str)
        result = {"scenario_index": index} | ({"scenario_name": scenario["name"]} if named else {})
        serializer = serializers.ScenarioInput(data=scenario)
        if not serializer.is_valid():
            wrong_duration = "duration_minutes" in serializer.errors
            return result | {"error": "INVALID_DURATION" if wrong_duration else "INVALID_SCENARIO"}
        asked = serializer.validated_data
        estimate = self._estimate(asked["duration_minutes"], asked.get("context", {}))
        return {**serializers.EstimateSerializer(estimate).data, **result}


def _valid(serializer: Any, data: Any) -> dict[str, Any]:
    checked = serializer(data=data)
    checked.is_valid(raise_exception=True)
    validated: dict[str, Any] = checked.validated_data
    return validated
