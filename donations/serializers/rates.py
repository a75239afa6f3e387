"""The shapes of rate cards and estimates in the API."""

from decimal import Decimal
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from donations.models import ConversionRate
from donations.queries.rates import ONE, Calculation, largest_multiplier
from goodplay.lib.api.fields import EurosField
from goodplay.lib.api.serializers import InputSerializer

LONGEST_MINUTES = 1440
MOST_SCENARIOS = 50
PER_MINUTE = Decimal("0.000001")
PART = Decimal("0.0001")


class RateSerializer(serializers.ModelSerializer[ConversionRate]):
    base_rate_eur_per_minute = serializers.DecimalField(source="base_rate", max_digits=8, decimal_places=6)
    is_currently_valid = serializers.SerializerMethodField()
    multipliers = serializers.DictField(child=serializers.DecimalField(max_digits=6, decimal_places=4))
    max_possible_multiplier = serializers.SerializerMethodField(help_text="All bonuses together.")

    class Meta:
        model = ConversionRate
        fields = (
            "rate_id",
            "version",
            "base_rate_eur_per_minute",
            "is_active",
            "is_currently_valid",
            "multipliers",
            "max_possible_multiplier",
            "valid_from",
            "valid_until",
            "description",
            "created_at",
        )

    def get_is_currently_valid(self, card: ConversionRate) -> bool:
        return card.is_active and card.is_valid_at(timezone.now())

    @extend_schema_field(serializers.DecimalField(max_digits=8, decimal_places=4))
    def get_max_possible_multiplier(self, card: ConversionRate) -> Decimal:
        return largest_multiplier(card)


class RateHistorySerializer(serializers.Serializer[Any]):
    rates = RateSerializer(many=True)
    pagination = serializers.DictField()
    message = serializers.CharField(help_text="A sentence for people.")
    current_rate_info = RateSerializer(allow_null=True)


# What is asked ----------------------------------------------------------------------------------------------------


class MinutesField(serializers.DecimalField):
    """Minutes of play: more than none, at most a day."""

    default_error_messages = {"not_positive": _("The duration must be more than zero.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=None, decimal_places=None, max_value=LONGEST_MINUTES, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        minutes = super().to_internal_value(data)
        if minutes <= 0:
            self.fail("not_positive")
        return minutes


class FlagField(serializers.BooleanField):
    """A flag in an address: on only when the text is `true`."""

    def to_internal_value(self, data: Any) -> bool:
        return data == "true"


class FlagsInput(InputSerializer):
    """Bonuses to reckon with, as query flags. Whether it is the weekend is read from the clock."""

    needs_data = False
    constants: ClassVar[dict[str, str]] = {"loyalty_level": "INVALID_LOYALTY_LEVEL"}

    is_tournament = FlagField(source="is_tournament_mode", default=False)
    is_challenge = FlagField(source="is_challenge_mode", default=False)
    has_daily_streak = FlagField(default=False)
    special_event_active = FlagField(default=False)
    is_first_time = FlagField(source="is_first_time_player", default=False)
    loyalty_level = serializers.IntegerField(
        source="user_loyalty_level", default=0, min_value=0, max_value=1000
    )


class CalculatorInput(FlagsInput):
    constants: ClassVar[dict[str, str]] = {
        **FlagsInput.constants,
        "duration_minutes.required": "DURATION_MINUTES_REQUIRED",
        "duration_minutes": "INVALID_DURATION",
    }

    duration_minutes = MinutesField()


class ContextInput(serializers.Serializer[Any]):
    """Bonuses to reckon with. Other keys are ignored."""

    is_tournament_mode = serializers.BooleanField(default=False)
    is_challenge_mode = serializers.BooleanField(default=False)
    has_daily_streak = serializers.BooleanField(default=False)
    special_event_active = serializers.BooleanField(default=False)
    is_first_time_player = serializers.BooleanField(default=False)
    user_loyalty_level = serializers.IntegerField(default=0, min_value=0, max_value=1000)


class BreakdownInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {"duration_minutes": "INVALID_DURATION"}

    duration_minutes = MinutesField()
    context = ContextInput(required=False)  # type: ignore[assignment]  # a field of this name


class ScenarioInput(BreakdownInput):
    name = serializers.CharField(max_length=100, required=False, allow_blank=True)


class SimulationInput(InputSerializer):
    """Each scenario is reckoned by itself: one that cannot be has an `error` in its result."""

    constants: ClassVar[dict[str, str]] = {
        "scenarios.max_length": "SIMULATION_TOO_MANY_SCENARIOS",
        "scenarios": "SIMULATION_SCENARIOS_REQUIRED",
    }

    scenarios = serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=MOST_SCENARIOS)


# What is answered -------------------------------------------------------------------------------------------------


class EstimateSerializer(serializers.Serializer[Calculation]):
    duration_minutes = serializers.DecimalField(source="minutes", max_digits=None, decimal_places=None)
    base_credits = EurosField(source="base_amount")
    credits_with_multipliers = EurosField(source="amount")
    active_multipliers = serializers.ListField(source="active", child=serializers.CharField())
    total_multiplier = serializers.DecimalField(source="multiplier", max_digits=None, decimal_places=None)
    base_rate = serializers.DecimalField(max_digits=None, decimal_places=None)


class MultipliersSerializer(serializers.Serializer[Any]):
    active_multipliers = serializers.ListField(child=serializers.CharField())
    total_multiplier = serializers.DecimalField(max_digits=None, decimal_places=None)
    base_rate = serializers.DecimalField(max_digits=None, decimal_places=None)
    multiplier_details = serializers.DictField(
        child=serializers.DecimalField(max_digits=None, decimal_places=None)
    )


class ScenarioResultSerializer(EstimateSerializer):
    """The estimate, or `error` with a constant."""

    scenario_index = serializers.IntegerField()
    scenario_name = serializers.CharField(required=False)
    error = serializers.CharField(required=False)


class SimulationSerializer(serializers.Serializer[Any]):
    total_scenarios = serializers.IntegerField()
    successful_calculations = serializers.IntegerField()
    failed_calculations = serializers.IntegerField()
    results = ScenarioResultSerializer(many=True)


class BonusPartSerializer(serializers.Serializer[Any]):
    multiplier_value = serializers.DecimalField(max_digits=None, decimal_places=None)
    credit_contribution = serializers.DecimalField(max_digits=None, decimal_places=4)
    percentage_boost = serializers.DecimalField(max_digits=None, decimal_places=2)


class BreakdownSerializer(serializers.Serializer[Any]):
    duration_minutes = serializers.DecimalField(max_digits=None, decimal_places=None)
    base_rate_eur_per_minute = serializers.DecimalField(max_digits=8, decimal_places=6)
    base_credits = serializers.DecimalField(max_digits=None, decimal_places=4)
    active_multipliers = serializers.ListField(child=serializers.CharField())
    multiplier_breakdown = serializers.DictField(child=BonusPartSerializer())
    total_multiplier = serializers.DecimalField(max_digits=None, decimal_places=None)
    final_credits = EurosField()
    bonus_credits = serializers.DecimalField(max_digits=None, decimal_places=4)


def breakdown_of(calculation: Calculation, factors: dict[str, Decimal]) -> dict[str, Any]:
    """Show what each bonus adds. Parts carry four decimals; only the result is rounded to the cent."""
    base = calculation.minutes * calculation.base_rate
    return {
        "duration_minutes": calculation.minutes,
        "base_rate_eur_per_minute": calculation.base_rate.quantize(PER_MINUTE),
        "base_credits": base.quantize(PART),
        "active_multipliers": calculation.active,
        "multiplier_breakdown": {
            name: {
                "multiplier_value": factor,
                "credit_contribution": (base * (factor - ONE)).quantize(PART),
                "percentage_boost": ((factor - ONE) * 100).quantize(Decimal("0.01")),
            }
            for name, factor in factors.items()
        },
        "total_multiplier": calculation.multiplier,
        "final_credits": calculation.amount,
        "bonus_credits": (calculation.amount - base).quantize(PART),
    }
