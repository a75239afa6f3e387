"""What providers paid out to the bank."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import DecimalField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from donations.models import ExternalLine, Transfer
from donations.models.ledger import LedgerAccount, system_account_id
from donations.models.reconciliation import Account
from donations.queries.proofs.common import Contradiction

Kind = LedgerAccount.Kind


def settlements_are_told() -> Iterator[Contradiction]:
    """I16: what moved from a provider to the bank is what the provider told it paid out."""
    told = ExternalLine.objects.filter(pk=OuterRef("cause_id"), account=Account.PROVIDER, lane="payout")
    euros = DecimalField(max_digits=14, decimal_places=2)
    rows = Transfer.objects.filter(kind=Transfer.Kind.SETTLEMENT).annotate(
        told=Coalesce(Subquery(told.values("amount")[:1]), Value(Decimal(0)), output_field=euros)
    )
    right = {
        "debit_account_id": system_account_id(Kind.BANK),
        "credit_account_id": system_account_id(Kind.PROVIDER_CLEARING),
    }
    for row in rows.order_by("pk").iterator(chunk_size=1000):
        if row.told != -row.amount or any(getattr(row, name) != key for name, key in right.items()):
            yield Contradiction("I16", str(row), f"the provider told {row.told}")
