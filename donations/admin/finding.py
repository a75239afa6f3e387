"""What the things of money are found by: their numbers."""

import re

from django.db.models import Q

from donations.models import Case, ComplianceCheck, Donation, PaymentIntent, Payout, PayoutRun, Receipt
from goodplay.lib.admin.search import by_key, exactly, exactly_in_capitals, searchable

_RECEIPT = re.compile(r"(?:RCP-)?(\d{4})-(\d{1,9})", re.ASCII | re.IGNORECASE)


def by_receipt_number(text: str) -> Q | None:
    """Read the printed number, RCP-2026-000042, also without what stands before the year."""
    read = _RECEIPT.fullmatch(text)
    return Q(year=int(read[1]), number=int(read[2])) if read else None


def by_check_code(text: str) -> Q:
    return Q(code=text.upper().replace("-", "").replace(" ", ""))


searchable(Donation, by_key)
searchable(Receipt, by_key, by_receipt_number, by_check_code)
searchable(Payout, by_key, exactly("end_to_end_id"))
searchable(PayoutRun, by_key, exactly("message_id"))
searchable(PaymentIntent, by_key)
searchable(Case, by_key, exactly_in_capitals("case_id"))
searchable(ComplianceCheck, by_key, exactly_in_capitals("check_id"))
