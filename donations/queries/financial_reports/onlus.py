"""The figures of one organisation: what was there, what came, what went, what is left. No donor is in them."""

from typing import Any

from django.db.models import Q

from accounts.models import Onlus
from donations.models import LedgerAccount
from donations.queries.financial_reports.allocations import allocated, ended_allocations
from donations.queries.financial_reports.movements import (
    flows,
    opening_balance,
    received_of,
    through,
)
from donations.queries.financial_reports.periodic import average, counted
from donations.report_periods import Stretch
from goodplay.lib.money import ZERO


def onlus_figures(onlus: Onlus, stretch: Stretch) -> dict[str, Any]:
    account = payable_of(onlus)
    rows = through(account.pk if account else None, stretch)
    incoming, outgoing = Q(credit_account=account), Q(debit_account=account)
    sums = flows(rows, incoming, outgoing)
    opening = opening_balance(account, stretch.start) if account else ZERO
    received, paid = received_of(sums), sums["paid_out"] - sums["payouts_returned"]
    counts = counted(rows)
    return {
        "organisation": onlus.name,
        "legal_name": onlus.legal_name,
        "tax_id": onlus.tax_id,
        "opening_balance": opening,
        "total_donations": sums["donations"],
        "matched": sums["matched"] - sums["matches_given_back"],
        "granted": sums["granted"] - sums["grants_given_back"],
        "given_back": sums["donations_given_back"],
        "total_received": received,
        "paid_out": paid,
        "corrections": sums["in"] - sums["out"] - received + paid,
        "closing_balance": opening + sums["in"] - sums["out"],
        **counts,
        "average_donation": average(sums["donations"], counts["transaction_count"]),
        **ended_allocations(stretch, onlus.pk),
        "total_allocated_amount": allocated(rows, stretch, incoming, outgoing),
    }


def payable_of(onlus: Onlus) -> LedgerAccount | None:
    return LedgerAccount.objects.filter(onlus=onlus, kind=LedgerAccount.Kind.ONLUS_PAYABLE).first()
