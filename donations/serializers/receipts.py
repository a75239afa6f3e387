"""The shapes of receipts and statements in the API."""

from typing import Any, ClassVar

from rest_framework import serializers

from donations.models import Donation, Receipt
from donations.operations import printing
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer

DOCUMENT_TYPES = ("standard", "tax_deductible", "annual_summary")


class ReceiptSerializer(serializers.ModelSerializer[Receipt]):
    receipt_id = serializers.UUIDField(source="id")
    number = serializers.CharField(source="reference")
    receipt_type = serializers.CharField(source="kind")
    amount = EurosField(help_text="What it is over: the gift less what was given back before.")
    paid_amount = EurosField(help_text="The part that was own money.")
    is_tax_deductible = serializers.BooleanField(source="is_deductible")
    tax_year = serializers.IntegerField(help_text="The year of the gift, which counts for taxes.")
    check_code = serializers.SerializerMethodField()
    check_url = serializers.SerializerMethodField(
        help_text="The public page that says whether it is genuine."
    )

    class Meta:
        model = Receipt
        fields: ClassVar[tuple[str, ...]] = (
            "receipt_id",
            "number",
            "receipt_type",
            "amount",
            "paid_amount",
            "is_tax_deductible",
            "tax_year",
            "check_code",
            "check_url",
            "issued_at",
        )

    def get_check_code(self, receipt: Receipt) -> str:
        return printing.spaced(receipt.code)

    def get_check_url(self, receipt: Receipt) -> str:
        return printing.check_address(receipt.code)


class DocumentSerializer(ReceiptSerializer):
    """One of the documents of a donation; void ones say what they void."""

    voids = serializers.CharField(source="voids.reference", allow_null=True, default=None)
    is_live = serializers.SerializerMethodField()

    class Meta(ReceiptSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*ReceiptSerializer.Meta.fields, "voids", "is_live")

    def get_is_live(self, receipt: Receipt) -> bool:
        return receipt.kind != Receipt.Kind.VOID and not hasattr(receipt, "voided_by")


class DonationReceiptSerializer(serializers.Serializer[Any]):
    transaction_id = serializers.UUIDField(source="donation.id")
    donation_id = serializers.UUIDField(source="donation.id")
    type = serializers.CharField()
    amount = EurosField(source="donation.amount")
    base_amount = EurosField(source="donation.amount")
    multiplier = serializers.IntegerField(default=1)
    refunded_amount = EurosField(source="donation.refunded_amount")
    date = serializers.DateTimeField(source="donation.completed_at")
    status = serializers.ChoiceField(Donation.Status.choices, source="donation.status")
    onlus_id = serializers.UUIDField(source="donation.onlus_id")
    onlus_name = serializers.CharField(source="donation.onlus_name")
    donation_receipt = serializers.CharField(source="receipt.reference")
    tax_deductible = serializers.BooleanField(source="receipt.is_deductible")
    receipt = ReceiptSerializer(help_text="The document that counts now.")
    documents = DocumentSerializer(many=True, help_text="Every document of the donation, the latest first.")
    download_url = serializers.CharField()


class GenerateInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {"receipt_type": "INVALID_RECEIPT_TYPE"}
    needs_data = False

    receipt_type = serializers.ChoiceField(DOCUMENT_TYPES, default="standard")


class GeneratedSerializer(serializers.Serializer[Any]):
    receipt_id = serializers.CharField(help_text="Key of the receipt, or number of the yearly statement.")
    number = serializers.CharField()
    receipt_type = serializers.ChoiceField(DOCUMENT_TYPES)
    is_tax_deductible = serializers.BooleanField()
    tax_year = serializers.IntegerField()
    pdf_path = serializers.CharField(
        allow_null=True, default=None, help_text="Always empty: use download_url."
    )
    download_url = serializers.CharField()


class ResentSerializer(serializers.Serializer[Any]):
    receipt_id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(["queued"])


class ReceiptRowSerializer(serializers.Serializer[Receipt]):
    """A valid receipt in a donor's list."""

    transaction_id = serializers.UUIDField(source="donation_id")
    donation_id = serializers.UUIDField()
    receipt_id = serializers.UUIDField(source="id")
    number = serializers.CharField(source="reference")
    receipt_type = serializers.CharField(source="kind")
    amount = EurosField()
    date = serializers.DateTimeField(source="donation.completed_at")
    onlus_name = serializers.CharField(source="donation.onlus_name")
    tax_year = serializers.IntegerField()
    is_tax_deductible = serializers.BooleanField(source="is_deductible")
    receipt_available = serializers.BooleanField(default=True)
    download_url = serializers.SerializerMethodField()

    def get_download_url(self, receipt: Receipt) -> str:
        return str(self.context["download_url"](receipt.donation_id))


class ReceiptListSerializer(serializers.Serializer[Any]):
    receipts = ReceiptRowSerializer(many=True)
    pagination = serializers.DictField()
    tax_year_filter = serializers.IntegerField(allow_null=True)
    total_receipts = serializers.IntegerField()


class ReceiptListInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {"tax_year": "INVALID_TAX_YEAR"}
    needs_data = False

    tax_year = serializers.IntegerField(required=False, min_value=2020, max_value=9999)


class DocumentInput(InputSerializer):
    """Which document, and how it is sent."""

    constants: ClassVar[dict[str, str]] = {"document": "RECEIPT_NOT_FOUND", "format": "INVALID_FORMAT"}
    needs_data = False

    document = KeyField(required=False, help_text="An older document of the donation, as PDF.")
    format = serializers.ChoiceField(["json", "pdf"], required=False)


class StatementLineSerializer(serializers.Serializer[Any]):
    transaction_id = serializers.UUIDField(source="donation_id")
    number = serializers.CharField(source="receipt")
    amount = EurosField()
    paid_amount = EurosField()
    date = serializers.DateTimeField(source="given_at")
    onlus_id = serializers.UUIDField()
    onlus_name = serializers.CharField(source="onlus")
    is_tax_deductible = serializers.BooleanField(source="is_deductible")


class StatementSerializer(serializers.Serializer[Any]):
    """What was given on some days, less what was given back."""

    statement_id = serializers.CharField()
    user_id = serializers.UUIDField()
    first = serializers.DateField()
    last = serializers.DateField()
    total_donations = EurosField()
    earned_amount = EurosField(help_text="Paid with credits earned by playing.")
    paid_amount = EurosField(help_text="Paid with own money.")
    tax_deductible_donations = EurosField()
    estimated_tax_savings = EurosField()
    donation_count = serializers.IntegerField()
    tax_deductible_count = serializers.IntegerField()
    receipts = StatementLineSerializer(many=True)
    check_code = serializers.CharField()
    check_url = serializers.CharField()
    generated_at = serializers.DateTimeField()
    download_url = serializers.CharField()


class DonorStatementLineSerializer(StatementLineSerializer):
    onlus_tax_id = serializers.CharField(help_text="Of the organisation, as it is now.")
    onlus_category = serializers.CharField(help_text="As it is now.")


class DonorStatementSerializer(StatementSerializer):
    receipts = DonorStatementLineSerializer(many=True)


class DonorStatementInput(InputSerializer):
    constants: ClassVar[dict[str, str]] = {
        "start_date": "INVALID_DATE_RANGE",
        "end_date": "INVALID_DATE_RANGE",
        "format": "INVALID_FORMAT",
    }

    start_date = serializers.DateField(help_text="The first day, 2026-01-31.")
    end_date = serializers.DateField(help_text="The last day, included; today at the latest.")
    format = serializers.ChoiceField(["json", "pdf"], default="json")


class AnnualSummarySerializer(StatementSerializer):
    summary_id = serializers.CharField()
    user_name = serializers.CharField()
    user_email = serializers.EmailField()
    tax_year = serializers.IntegerField()
    pdf_path = serializers.CharField(allow_null=True, help_text="Always empty: use download_url.")


class TaxSummarySerializer(serializers.Serializer[Any]):
    user_id = serializers.UUIDField()
    tax_year = serializers.IntegerField()
    total_donated = EurosField()
    tax_deductible_amount = EurosField()
    non_deductible_amount = EurosField()
    donation_count = serializers.IntegerField()
    estimated_tax_savings = EurosField()
    generated_at = serializers.DateTimeField()
    transactions = StatementLineSerializer(many=True)


class RangeInput(InputSerializer):
    """`from` and `to`, both included."""

    constants: ClassVar[dict[str, str]] = {
        "from": "INVALID_DATE_RANGE",
        "to": "INVALID_DATE_RANGE",
        "format": "INVALID_FORMAT",
    }
    needs_data = False

    to = serializers.DateField(help_text="The last day, included; today at the latest.")
    format = serializers.ChoiceField(["json", "pdf"], default="json")

    def get_fields(self) -> dict[str, Any]:
        first = serializers.DateField(help_text="The first day, 2026-01-31.")
        return {"from": first, **super().get_fields()}
