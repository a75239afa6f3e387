"""Taxes over REST: the donor's data, and what the rules say."""

from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from donations.models import DonorTaxProfile, TaxRule
from donations.operations import taxes
from donations.queries.taxes import current_profile
from donations.serializers import taxes as serializers
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.time import rome_day

OF_AN_AMOUNT = (
    taxes.JurisdictionNotSupported,
    taxes.BelowMinimum,
    taxes.AnnualLimitExceeded,
    taxes.OnlusNotFound,
)
NOBODY = {"tax_code": "", "legal_name": "", "address": "", "is_individual": False, "shares_with_onlus": False}


class TaxProfileViewSet(ApiViewSet):
    """What the signed-in donor wants on receipts. Stored encrypted; documents already issued keep what they say."""

    serializer_class = serializers.TaxProfileSerializer
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "TAX_PROFILE_RETRIEVED",
        "update": "TAX_PROFILE_UPDATED",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {"update": (taxes.TaxCodeInvalid,)}

    @extend_schema(responses=serializers.TaxProfileSerializer)
    def retrieve(self, request: Request) -> Response:
        """Show the codice fiscale, name, address and consent; empty where nothing was said."""
        return Response(_told(current_profile(self.caller_id)))

    @extend_schema(request=serializers.TaxProfileInput, responses=serializers.TaxProfileSerializer)
    def update(self, request: Request) -> Response:
        """Replace them. What is left out is empty from then on."""
        serializer = serializers.TaxProfileInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(
            _told(taxes.save_profile(donor=self.caller, now=timezone.now(), **serializer.validated_data))
        )


class TaxViewSet(ApiViewSet):
    """What the tax rules say about a gift."""

    serializer_class = serializers.TaxValidateInput
    messages: ClassVar[dict[str, str]] = {
        "validate": "TAX_DEDUCTIBILITY_VALIDATED",
        "calculate": "TAX_BENEFIT_CALCULATED",
        "requirements": "TAX_REQUIREMENTS_RETRIEVED",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "validate": (*OF_AN_AMOUNT, taxes.OrganisationNotQualified),
        "calculate": OF_AN_AMOUNT,
        "requirements": (taxes.JurisdictionNotSupported,),
    }

    @extend_schema(request=serializers.TaxValidateInput, responses=serializers.TaxValidatedSerializer)
    def validate(self, request: Request) -> Response:
        """Say whether a gift of own money made now may be deducted."""
        asked = serializers.TaxValidateInput(data=request.data)
        asked.is_valid(raise_exception=True)
        now = timezone.now()
        verdict = taxes.validate(donor_id=self.caller_id, now=now, **asked.validated_data)
        rule = verdict.rule
        facts = {
            "is_deductible": True,
            "jurisdiction": rule.jurisdiction,
            "deductible_amount": verdict.deductible,
            "tax_year": verdict.day.year,
            "organization_qualified": True,
            "documentation_required": rule.documentation,
            "receipt_retention_years": rule.retention_years,
            "validation_timestamp": now,
            "rules_applied": {
                "min_amount_check": True,
                "annual_limit_check": True,
                "organization_check": True,
            },
            "law_reference": rule.law,
            "conditions": ["OWN_MONEY_ONLY", *(["TRACEABLE_MEANS"] if rule.traceable_only else [])],
        }
        return Response(serializers.TaxValidatedSerializer(facts).data)

    @extend_schema(request=serializers.TaxEstimateInput, responses=serializers.TaxEstimatedSerializer)
    def calculate(self, request: Request) -> Response:
        """Estimate what a gift of own money saves."""
        serializer = serializers.TaxEstimateInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked, now = serializer.validated_data, timezone.now()
        verdict = self._estimate(asked, now)
        rule = verdict.rule
        facts = {
            "estimated_deduction": verdict.deductible,
            "estimated_tax_savings": verdict.saving,
            "rate": rule.deduction_rate,
            "rate_key": rule.rate_key,
            "income_deduction": verdict.from_income,
            "calculation_method": rule.method,
            "law_reference": rule.law,
            "notes": _texts(rule).get("notes", ""),
            "donation_amount": verdict.amount,
            "jurisdiction": rule.jurisdiction,
            "calculation_date": now,
            "disclaimer": _(
                "An estimate for own money. Credits earned by playing save no taxes. Ask your adviser."
            ),
        }
        shown = dict(serializers.TaxEstimatedSerializer(facts).data)
        return Response({**shown, rule.rate_key: shown["rate"]})

    @extend_schema(
        parameters=[serializers.TaxRequirementsInput], responses=serializers.TaxRequirementsSerializer
    )
    def requirements(self, request: Request) -> Response:
        """Tell papers, limits and special rules of a jurisdiction today."""
        query = serializers.TaxRequirementsInput(data=request.query_params)
        query.is_valid(raise_exception=True)
        today = rome_day(timezone.now())
        rule = taxes.rule_for(jurisdiction=query.validated_data["jurisdiction"], day=today)
        percentage = None if rule.income_share is None else rule.income_share * 100
        details = _texts(rule)
        facts = {
            "jurisdiction": rule.jurisdiction,
            "documentation_required": rule.documentation,
            "receipt_retention_years": rule.retention_years,
            "min_amount_for_receipt": rule.minimum_amount,
            "qualified_organizations": rule.organisation_types,
            "annual_limits": {"max_deductible": rule.annual_cap, "max_income_percentage": percentage},
            "special_limits": rule.special_limits,
            "law_reference": rule.law,
            "requirements_details": {
                name: details.get(name, [])
                for name in ("receipt_requirements", "filing_requirements", "special_rules")
            },
        }
        return Response(serializers.TaxRequirementsSerializer(facts).data)

    def _estimate(self, asked: dict[str, Any], now: datetime) -> taxes.Verdict:
        """Estimate; refusals carry no data here, as clients of old expect."""
        day = asked.get("donation_date") or rome_day(now)
        try:
            return taxes.estimate(
                donor_id=self.caller_id,
                amount=asked["amount"],
                jurisdiction=asked["jurisdiction"],
                day=day,
                now=now,
                section=taxes.section_of(asked.get("onlus_id")),
                income=asked.get("user_income"),
            )
        except DomainError as error:
            raise type(error) from error


def _told(profile: DonorTaxProfile | None) -> dict[str, Any]:
    return dict(serializers.TaxProfileSerializer(profile).data) if profile else NOBODY


def _texts(rule: TaxRule) -> dict[str, Any]:
    """Return the rule's sentences in the reader's language, English when there are none."""
    texts: dict[str, dict[str, Any]] = rule.texts
    return texts.get(get_language() or "", texts.get("en", {}))
