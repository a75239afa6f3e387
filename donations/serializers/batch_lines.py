"""Reading the lines of a batch one by one: what cannot be read is a fault of its line, not of the request."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from donations.models import BatchOperation, ComplianceCheck, ReconciliationRun
from donations.operations.batch_lines import Fault, LineDraft
from goodplay.lib.api.fields import EurosField, KeyField
from goodplay.lib.api.serializers import InputSerializer

LONGEST_METADATA = 2000

_AMOUNT = {
    "amount.not_positive": "AMOUNT_MUST_BE_POSITIVE",
    "amount": "INVALID_AMOUNT",
}


class LineInput(InputSerializer):
    source_reference = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        help_text="What the line is called where it comes from.",
    )
    metadata = serializers.DictField(
        required=False, help_text="Kept with the line; at most 2,000 characters."
    )

    def validate_metadata(self, value: dict[str, Any]) -> dict[str, Any]:
        if len(json.dumps(value)) > LONGEST_METADATA:
            raise serializers.ValidationError(_("This is too long."), code="max_length")
        return value


class DonationLineInput(LineInput):
    constants: ClassVar[dict[str, str]] = {
        "user_id": "USER_NOT_FOUND",
        "onlus_id.required": "DONATION_ONLUS_ID_REQUIRED",
        "onlus_id.null": "DONATION_ONLUS_ID_REQUIRED",
        "onlus_id": "DONATION_ONLUS_ID_INVALID",
        "amount.required": "DONATION_AMOUNT_REQUIRED",
        "amount.null": "DONATION_AMOUNT_REQUIRED",
        **_AMOUNT,
        "message": "DONATION_MESSAGE_TOO_LONG",
    }

    user_id = KeyField(source="player_id")
    onlus_id = KeyField()
    amount = EurosField()
    message = serializers.CharField(max_length=500, required=False, allow_blank=True)
    is_anonymous = serializers.BooleanField(required=False)


class RefundLineInput(LineInput):
    constants: ClassVar[dict[str, str]] = {"donation_id": "BATCH_DONATIONS_NOT_FOUND", **_AMOUNT}

    donation_id = KeyField(help_text="The donation to give back; its `transaction_id` is the same.")
    amount = EurosField(required=False, allow_null=True, help_text="All that is left of it when left out.")
    reason = serializers.CharField(source="message", max_length=200, required=False, allow_blank=True)


class PayoutLineInput(LineInput):
    constants: ClassVar[dict[str, str]] = {"onlus_id": "ONLUS_NOT_FOUND"}

    onlus_id = KeyField(
        help_text="Who is paid what is due; the amount is found out when the line is carried out."
    )


class CheckLineInput(LineInput):
    constants: ClassVar[dict[str, str]] = {
        "user_id": "USER_NOT_FOUND",
        "check_type": "INVALID_COMPLIANCE_CHECK_TYPE",
    }

    user_id = KeyField(source="player_id", help_text="Who is checked.")
    check_type = serializers.ChoiceField(
        choices=ComplianceCheck.Type.choices, default=ComplianceCheck.Type.AML
    )
    reason = serializers.CharField(source="message", max_length=300, required=False, allow_blank=True)


class PeriodLineInput(LineInput):
    constants: ClassVar[dict[str, str]] = {
        "type": "INVALID_RECONCILIATION_TYPE",
        "start_date": "INVALID_DATE_RANGE",
        "end_date": "INVALID_DATE_RANGE",
    }

    type = serializers.ChoiceField(
        choices=ReconciliationRun.Type.choices, default=ReconciliationRun.Type.DAILY, source="period_type"
    )
    start_date = serializers.DateField(source="first_day", help_text="By the calendar of Rome.")
    end_date = serializers.DateField(source="last_day", help_text="The last day, included.")


_INPUTS: dict[str, type[LineInput]] = {
    BatchOperation.Type.DONATIONS: DonationLineInput,
    BatchOperation.Type.REFUNDS: RefundLineInput,
    BatchOperation.Type.PAYOUTS: PayoutLineInput,
    BatchOperation.Type.COMPLIANCE_CHECK: CheckLineInput,
    BatchOperation.Type.RECONCILIATION: PeriodLineInput,
}


def read_lines(operation_type: str, raw: Sequence[Any]) -> tuple[list[LineDraft], list[Fault]]:
    """Read each line; types without lines of their own read none, and are refused by the operation."""
    drafts: list[LineDraft] = []
    faults: list[Fault] = []
    kind = _INPUTS.get(operation_type)
    if kind is None:
        return drafts, faults
    for number, each in enumerate(raw, start=1):
        serializer = kind(data=each)
        if serializer.is_valid():
            drafts.append(LineDraft(number=number, **serializer.validated_data))
        else:
            faults += _faults(number, serializer.errors)
    return drafts, faults


def _faults(number: int, errors: Any) -> list[Fault]:
    return [
        Fault(number, _constant(error), f"{field}: {error}" if field != "non_field_errors" else str(error))
        for field, found in errors.items()
        for error in (found if isinstance(found, list) else [str(found)])
    ]


def _constant(error: Any) -> str:
    code = str(getattr(error, "code", ""))
    return code if code.isupper() else "INVALID_REQUEST"
