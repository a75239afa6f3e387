"""Corrections by hand."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Q

from donations.models import LedgerAccount, Transfer
from donations.models.ledger import system_account_id
from donations.queries.proofs.common import Contradiction
from goodplay.lib.approvals.models import ApprovalRequest


def adjustments_were_approved() -> Iterator[Contradiction]:
    account = system_account_id(LedgerAccount.Kind.ADJUSTMENT)
    touching = Q(debit_account=account) | Q(credit_account=account)
    rows = list(Transfer.objects.moving().filter(touching, reverses=None).order_by("id"))
    approved = ApprovalRequest.objects.filter(state=ApprovalRequest.State.APPROVED, kind="adjustment")
    requests = approved.in_bulk([row.cause_id for row in rows])
    for row in rows:
        request = requests.get(row.cause_id)
        if request is None:
            yield Contradiction(
                "I11", f"transfer {row.pk}", "adjusts an account, and no second person approved it"
            )
        elif Decimal(request.facts["amount"]) != row.amount:
            detail = f"is {row.amount}, {request.facts['amount']} was approved"
            yield Contradiction("I11", f"transfer {row.pk}", detail)
