"""The shapes of taxes in the API."""

from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from donations.models import DonorTaxProfile, TaxRule
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer


@extend_schema_field({"type": "number", "example": 0.3})
class RateField(serializers.Field[Decimal, Any, Decimal, Any]):
    """A share, written without needless zeros: 0.3."""

    def to_representation(self, value: Decimal) -> Decimal:
        return Decimal(f"{value.normalize():f}")


JURISDICTION = {"jurisdiction": "TAX_JURISDICTION_NOT_SUPPORTED"}
AMOUNT = {"amount": "INVALID_AMOUNT"}


class TaxProfileInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "tax_code": "TAX_CODE_INVALID",
        "legal_name": "LEGAL_NAME_INVALID",
        "address": "ADDRESS_INVALID",
        "shares_with_onlus.required": "SHARES_WITH_ONLUS_REQUIRED",
        "shares_with_onlus.null": "SHARES_WITH_ONLUS_REQUIRED",
        "shares_with_onlus": "INVALID_REQUEST",
    }

    tax_code = serializers.CharField(max_length=20, required=False, allow_blank=True, allow_null=True)
    legal_name = serializers.CharField(max_length=150, required=False, allow_blank=True)
    address = serializers.CharField(max_length=250, required=False, allow_blank=True)
    shares_with_onlus = serializers.BooleanField(
        help_text="Whether the ONLUS may report your gifts to the tax office. There is no default: say yes or no."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        texts = {name: attrs.get(name) or "" for name in ("tax_code", "legal_name", "address")}
        return {**attrs, **texts}


class TaxProfileSerializer(serializers.ModelSerializer[DonorTaxProfile]):
    tax_code = serializers.CharField()
    legal_name = serializers.CharField()
    address = serializers.CharField()

    class Meta:
        model = DonorTaxProfile
        fields = ("tax_code", "legal_name", "address", "is_individual", "shares_with_onlus")


class TaxValidateInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        **AMOUNT,
        **JURISDICTION,
        "onlus_id.required": "ONLUS_ID_REQUIRED",
        "onlus_id.null": "ONLUS_ID_REQUIRED",
        "onlus_id": "ONLUS_NOT_FOUND",
    }

    amount = EurosField()
    onlus_id = KeyField()
    jurisdiction = serializers.ChoiceField(TaxRule.Jurisdiction.choices, default=TaxRule.Jurisdiction.IT)


class RulesAppliedSerializer(serializers.Serializer[Any]):
    min_amount_check = serializers.BooleanField()
    annual_limit_check = serializers.BooleanField()
    organization_check = serializers.BooleanField()


class TaxValidatedSerializer(serializers.Serializer[Any]):
    is_deductible = serializers.BooleanField()
    jurisdiction = serializers.ChoiceField(TaxRule.Jurisdiction.choices)
    deductible_amount = EurosField()
    tax_year = serializers.IntegerField()
    organization_qualified = serializers.BooleanField()
    documentation_required = serializers.ListField(child=serializers.CharField())
    receipt_retention_years = serializers.IntegerField(help_text="Counted from the year of the gift.")
    validation_timestamp = serializers.DateTimeField()
    rules_applied = RulesAppliedSerializer()
    law_reference = serializers.CharField()
    conditions = serializers.ListField(
        child=serializers.CharField(),
        help_text="OWN_MONEY_ONLY: never credits earned by playing. TRACEABLE_MEANS.",
    )


class TaxEstimateInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        **AMOUNT,
        **JURISDICTION,
        "user_income": "INVALID_AMOUNT",
        "onlus_id": "ONLUS_NOT_FOUND",
        "donation_date": "INVALID_DATE",
    }

    amount = EurosField()
    user_income = EurosField(required=False, allow_null=True, allow_zero=True)
    jurisdiction = serializers.ChoiceField(TaxRule.Jurisdiction.choices, default=TaxRule.Jurisdiction.IT)
    onlus_id = KeyField(
        required=False, allow_null=True, help_text="Its section of the register decides the rate."
    )
    donation_date = serializers.DateField(
        required=False, help_text="The day whose rule holds; today when left out."
    )


class TaxEstimatedSerializer(serializers.Serializer[Any]):
    """Beside these keys the rate stands under the name its jurisdiction gives it, such as `tax_deduction_rate`."""

    estimated_deduction = EurosField()
    estimated_tax_savings = EurosField()
    rate = RateField()
    rate_key = serializers.CharField(help_text="The name under which the rate is repeated.")
    income_deduction = EurosField(
        allow_null=True, help_text="What may be taken off the income instead, where the income was sent."
    )
    calculation_method = serializers.CharField()
    law_reference = serializers.CharField()
    notes = serializers.CharField()
    donation_amount = EurosField()
    jurisdiction = serializers.ChoiceField(TaxRule.Jurisdiction.choices)
    calculation_date = serializers.DateTimeField()
    disclaimer = serializers.CharField()


class TaxRequirementsInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = JURISDICTION
    needs_data = False

    jurisdiction = serializers.ChoiceField(TaxRule.Jurisdiction.choices, default=TaxRule.Jurisdiction.IT)


class AnnualLimitsSerializer(serializers.Serializer[Any]):
    max_deductible = EurosField(allow_null=True)
    max_income_percentage = RateField(allow_null=True)


class RequirementsDetailsSerializer(serializers.Serializer[Any]):
    receipt_requirements = serializers.ListField(child=serializers.CharField())
    filing_requirements = serializers.ListField(child=serializers.CharField())
    special_rules = serializers.ListField(child=serializers.CharField())


class TaxRequirementsSerializer(serializers.Serializer[Any]):
    jurisdiction = serializers.ChoiceField(TaxRule.Jurisdiction.choices)
    documentation_required = serializers.ListField(child=serializers.CharField())
    receipt_retention_years = serializers.IntegerField()
    min_amount_for_receipt = EurosField()
    qualified_organizations = serializers.ListField(child=serializers.CharField())
    annual_limits = AnnualLimitsSerializer()
    special_limits = serializers.DictField()
    law_reference = serializers.CharField()
    requirements_details = RequirementsDetailsSerializer()
