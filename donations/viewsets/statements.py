"""Statements of years and other times over REST."""

from decimal import Decimal
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from donations.models import GivingStatement
from donations.operations import printing, statements
from donations.queries.receipts import with_organisations
from donations.serializers import receipts as serializers
from donations.viewsets.documents import FORMAT, LANGUAGE, PDF, OwnFormats, either, language_of, pdf_answer
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import AccessDenied, DomainError
from goodplay.lib.ids import parse_id
from goodplay.lib.time import rome_day

OF_A_YEAR = (statements.InvalidTaxYear, statements.NoDonationsInTaxYear)
YEAR = OpenApiParameter("tax_year", int, description="This year when left out.")


class StatementViewSet(ApiViewSet):
    """What the signed-in donor gave, by Rome's calendar and less what was given back. Same days, same figures: same
    statement."""

    content_negotiation_class = OwnFormats
    serializer_class = serializers.StatementSerializer
    messages: ClassVar[dict[str, str]] = {
        "annual": "ANNUAL_SUMMARY_GENERATED",
        "period": "STATEMENT_GENERATED",
        "tax_summary": "ANNUAL_TAX_SUMMARY_GENERATED",
        "documented_tax_summary": "ANNUAL_TAX_SUMMARY_GENERATED",
        "export": "ANNUAL_TAX_SUMMARY_GENERATED",
        "of_donor": "DONOR_STATEMENT_GENERATED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "annual": OF_A_YEAR,
        "annual_download": OF_A_YEAR,
        "tax_summary": OF_A_YEAR,
        "documented_tax_summary": OF_A_YEAR,
        "export": OF_A_YEAR,
        "period": (statements.InvalidDateRange, statements.NoDonationsInRange),
        "of_donor": (AccessDenied, statements.InvalidDateRange, statements.NoDonationsInRange),
    }
    throttle_scopes: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "annual",
            "annual_download",
            "tax_summary",
            "documented_tax_summary",
            "export",
            "period",
            "of_donor",
        ),
        "money",
    )

    @extend_schema(responses=serializers.AnnualSummarySerializer)
    def annual(self, request: Request, year: str) -> Response:
        """State a year."""
        statement = self._of_year(year)
        facts = {
            **self._told(statement),
            "summary_id": statement.reference,
            "user_name": statement.facts["donor"],
            "user_email": self.caller.email,
            "tax_year": statement.last.year,
            "pdf_path": None,
        }
        return Response(serializers.AnnualSummarySerializer(facts).data)

    @extend_schema(parameters=[LANGUAGE], responses=PDF)
    def annual_download(self, request: Request, year: str) -> HttpResponse:
        """Send the statement of a year as PDF."""
        return self._printed(self._of_year(year))

    @extend_schema(
        parameters=[serializers.RangeInput, LANGUAGE],
        responses=either(serializers.StatementSerializer),
    )
    def period(self, request: Request) -> Response | HttpResponse:
        """State any days."""
        query = serializers.RangeInput(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        statement = statements.of_range(
            donor=self.caller, first=asked["from"], last=asked["to"], now=timezone.now()
        )
        if asked["format"] == "pdf":
            return self._printed(statement)
        return Response(serializers.StatementSerializer(self._told(statement)).data)

    @extend_schema(
        operation_id="onlus_donor_statement",
        request=serializers.DonorStatementInput,
        parameters=[LANGUAGE],
        responses=either(serializers.DonorStatementSerializer),
    )
    def of_donor(self, request: Request, donor_id: str) -> Response | HttpResponse:
        """State any days, with the codice fiscale and the field of each organisation. Donors state their own only."""
        if parse_id(donor_id) != self.caller_id:
            raise AccessDenied
        serializer = serializers.DonorStatementInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        statement = statements.of_range(
            donor=self.caller, first=asked["start_date"], last=asked["end_date"], now=timezone.now()
        )
        if asked["format"] == "pdf":
            return self._printed(statement)
        facts = self._told(statement) | {"receipts": with_organisations(_lines(statement.facts))}
        return Response(serializers.DonorStatementSerializer(facts).data)

    @extend_schema(responses=serializers.TaxSummarySerializer)
    def tax_summary(self, request: Request, year: str) -> Response:
        """Sum up a year for taxes: what counts, what does not, and what it may save."""
        return Response(self._taxes(self._of_year(year)))

    @extend_schema(
        operation_id="donations_tax_summary_documented", responses=serializers.TaxSummarySerializer
    )
    def documented_tax_summary(self, request: Request, year: str) -> Response:
        """Sum up a year for taxes, under the address of the old documents."""
        return self.tax_summary(request, year)

    @extend_schema(parameters=[YEAR, FORMAT, LANGUAGE], responses=either(serializers.TaxSummarySerializer))
    def export(self, request: Request) -> Response | HttpResponse:
        """Send the statement of a year as PDF, or its summary for taxes as JSON."""
        this_year = str(rome_day(timezone.now()).year)
        statement = self._of_year(request.query_params.get("tax_year", this_year))
        if request.query_params.get("format") == "json":
            return Response(self._taxes(statement))
        return self._printed(statement)

    def _of_year(self, year: str) -> GivingStatement:
        if not (year.isascii() and year.isdigit() and len(year) == len("2026")):
            raise statements.InvalidTaxYear
        return statements.of_year(donor=self.caller, year=int(year), now=timezone.now())

    def _printed(self, statement: GivingStatement) -> HttpResponse:
        pdf = printing.print_statement(statement=statement, language=language_of(self.request))
        return pdf_answer(pdf, statement.reference)

    def _told(self, statement: GivingStatement) -> dict[str, Any]:
        facts = statement.facts
        return {
            "statement_id": statement.reference,
            "user_id": statement.donor_id,
            "first": statement.first,
            "last": statement.last,
            **_amounts(facts),
            "tax_deductible_donations": Decimal(facts["deductible_total"]),
            "donation_count": len(facts["lines"]),
            "tax_deductible_count": sum(line["is_deductible"] for line in facts["lines"]),
            "receipts": _lines(facts),
            "check_code": printing.spaced(statement.code),
            "check_url": printing.check_address(statement.code),
            "generated_at": statement.created_at,
            "download_url": self._address(statement),
        }

    def _taxes(self, statement: GivingStatement) -> dict[str, Any]:
        facts = statement.facts
        total, deductible = Decimal(facts["total"]), Decimal(facts["deductible_total"])
        summary = {
            "user_id": statement.donor_id,
            "tax_year": statement.last.year,
            "total_donated": total,
            "tax_deductible_amount": deductible,
            "non_deductible_amount": total - deductible,
            "donation_count": len(facts["lines"]),
            "estimated_tax_savings": Decimal(facts["estimated_savings"]),
            "generated_at": statement.created_at,
            "transactions": _lines(facts),
        }
        return dict(serializers.TaxSummarySerializer(summary).data)

    def _address(self, statement: GivingStatement) -> str:
        if statement.kind == GivingStatement.Kind.ANNUAL:
            path = reverse("annual-summary-download", args=[statement.last.year])
        else:
            path = f"{reverse('statement')}?from={statement.first}&to={statement.last}&format=pdf"
        return self.request.build_absolute_uri(path)


def _amounts(facts: dict[str, Any]) -> dict[str, Decimal]:
    return {
        "total_donations": Decimal(facts["total"]),
        "earned_amount": Decimal(facts["earned_total"]),
        "paid_amount": Decimal(facts["paid_total"]),
        "estimated_tax_savings": Decimal(facts["estimated_savings"]),
    }


def _lines(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the frozen lines: amounts are text there."""
    return [
        {**line, "amount": Decimal(line["amount"]), "paid_amount": Decimal(line["paid_amount"])}
        for line in facts["lines"]
    ]
