"""What the proofs share."""

from dataclasses import dataclass
from typing import Any

from django.db.models import DecimalField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Round

from donations.models import Transfer
from goodplay.lib.money import ZERO

MOVING = Q(phase__in=(Transfer.Phase.SINGLE, Transfer.Phase.POST))
EUROS: "DecimalField[Any, Any]" = DecimalField(max_digits=20, decimal_places=2)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One place where the books do not agree with themselves."""

    invariant: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.subject}: {self.detail}"


def sum_of(rows: Any, account: str) -> Any:
    """Make a subquery: the amounts of `rows` on the outer account's debit or credit side."""
    matched = rows.filter(**{account: OuterRef("pk")}).order_by().values(account)
    return euros(matched.annotate(total=Sum("amount")).values("total"))


def euros(total: Any) -> Any:
    """Make a subquery's sum whole cents, none being zero: SQLite adds in floating point."""
    return Round(Coalesce(Subquery(total, output_field=EUROS), Value(ZERO), output_field=EUROS), precision=2)


def net(rows: Any) -> Any:
    return Round(sum_of(rows, "credit_account") - sum_of(rows, "debit_account"), precision=2)
