"""What was brought over from an old installation."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Sum

from donations.models import LedgerAccount, OpeningBalance, Transfer
from donations.models.ledger import system_account_id
from donations.queries.proofs.common import MOVING, Contradiction, euros

Kind = LedgerAccount.Kind


def openings_are_carried() -> Iterator[Contradiction]:
    # Of this phase alone the database finds them by their cause; those of another are named below.
    own = Transfer.objects.filter(
        phase=Transfer.Phase.SINGLE, kind=Transfer.Kind.OPENING, reverses=None, cause_id=OuterRef("pk")
    )
    told = OpeningBalance.objects.annotate(
        earned=_sum(own.filter(credit_account__kind=Kind.PLAYER_CREDITS)),
        paid=_sum(own.filter(credit_account__kind=Kind.PLAYER_CASH)),
    )
    for row in told.exclude(earned_amount=F("earned"), paid_amount=F("paid")):
        detail = (
            f"is {row.earned_amount} and {row.paid_amount}, its transfers carry {row.earned} and {row.paid}"
        )
        yield Contradiction("I17", f"opening {row.pk}", detail)
    account = system_account_id(Kind.OPENING)
    known = OpeningBalance.objects.filter(pk=OuterRef("cause_id"), player=OuterRef("credit_account__player"))
    touching = Q(debit_account=account) | Q(credit_account=account) | Q(kind=Transfer.Kind.OPENING)
    rows = Transfer.objects.filter(touching, MOVING, reverses=None)
    booked = {"debit_account": account, "kind": Transfer.Kind.OPENING, "phase": Transfer.Phase.SINGLE}
    for transfer in rows.exclude(Exists(known), **booked):
        yield Contradiction("I17", f"transfer {transfer.pk}", "belongs to no opening balance of its player")


def _sum(rows: Any) -> Any:
    return euros(rows.order_by().values("cause_id").annotate(total=Sum("amount")).values("total"))
