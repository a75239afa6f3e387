"""A player's transfers as transactions: types, statuses, filters, order."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Round

from donations.models import Donation, Transfer
from donations.queries.sums import euros_of
from goodplay.lib import fields
from goodplay.lib.money import ZERO, to_cents

Kind = Transfer.Kind
Phase = Transfer.Phase

TYPES: dict[str, str] = {
    Kind.SESSION_CREDIT: "earned",
    Kind.BONUS: "bonus",
    Kind.DONATION: "donated",
    Kind.TOP_UP: "bonus",
    Kind.FEE: "fee",
    Kind.REFUND: "refund",
    Kind.DISPUTE: "adjustment",
    Kind.ADJUSTMENT: "adjustment",
    Kind.OPENING: "adjustment",
}
TYPE_NAMES = ("earned", "bonus", "donated", "refund", "adjustment", "fee")
STATUS_NAMES = ("pending", "completed", "failed", "cancelled", "refunded")
ORDERS = {"created_at": "created_at", "amount": "amount", "transaction_type": "kind", "type": "kind"}

LARGE = ("private_state", "current_state", "session_config")

MOVED = ~Q(phase=Phase.PENDING) | Q(resolution__phase=Phase.POST)
"""Of a row of the list: it moved money, at once or after a hold."""


def transactions(
    player_id: UUID,
    *,
    type_name: str = "",
    status: str = "",
    sort_by: str = "created_at",
    newest: bool = True,
) -> QuerySet[Transfer]:
    """List what moved the player's money. A hold is listed once, with what became of it."""
    rows = (
        Transfer.objects.filter(player_id=player_id, pending_transfer=None)
        .select_related("session_credit__session__game", "bonus", "resolution")
        .select_related("debit_account", "credit_account")
        .defer(*(f"session_credit__session__{column}" for column in LARGE))
        .annotate(shown_status=_status())
    )
    if type_name:
        rows = rows.filter(_of_type(type_name))
    if status:
        rows = rows.filter(shown_status=status)
    sign = "-" if newest else ""
    return rows.order_by(
        *(f"{sign}{column}" for column in dict.fromkeys((ORDERS[sort_by], "created_at", "id")))
    )


def donations_of(rows: Iterable[Transfer]) -> dict[UUID, Donation]:
    """Return the donations that rows of the list carry or give back, by transaction."""
    keys = {row.transaction_id for row in rows if row.kind == Kind.DONATION}
    return Donation.objects.in_bulk(keys) if keys else {}


def type_of(row: Transfer) -> str:
    return "refund" if row.reverses_id else TYPES.get(row.kind, "adjustment")


def _of_type(name: str) -> Q:
    if name == "refund":
        return Q(reverses__isnull=False) | Q(kind=Kind.REFUND)
    return Q(reverses=None, kind__in=[kind for kind, shown in TYPES.items() if shown == name])


def _status() -> Case:
    """Say in words what became of a row; what was moved and wholly reversed is refunded."""
    given_back = Round(_reversed("reverses") + _reversed("reverses__pending_transfer"), precision=2)
    return Case(
        When(phase=Phase.PENDING, resolution=None, then=Value("pending")),
        When(phase=Phase.PENDING, resolution__phase__in=(Phase.VOID, Phase.EXPIRE), then=Value("cancelled")),
        When(Q(amount__lte=given_back) | Q(resolution__amount__lte=given_back), then=Value("refunded")),
        default=Value("completed"),
        output_field=CharField(),
    )


def _reversed(column: str) -> Any:
    back = Transfer.objects.filter(**{column: OuterRef("pk")}).order_by().values(column)
    total = Subquery(back.annotate(total=Sum("amount")).values("total"), output_field=fields.euros())
    return Coalesce(total, Value(ZERO), output_field=fields.euros())


def totals_by_type(player_id: UUID) -> dict[str, dict[str, Any]]:
    """Count and add up the list by type: every row, what it was worth before bonuses, and what really moved."""
    listed = Transfer.objects.filter(player_id=player_id, pending_transfer=None).order_by()
    rows = listed.values("kind", is_refund=Q(reverses__isnull=False)).annotate(
        count=Count("id"),
        completed=Count("id", filter=MOVED),
        base=Sum(Coalesce("session_credit__base_amount", "amount")),
        effective=Sum(Coalesce("resolution__amount", "amount"), filter=MOVED),
    )
    types: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        shown_as = "refund" if row["is_refund"] else TYPES.get(row["kind"], "adjustment")
        types.setdefault(shown_as, []).append(dict(row))
    return {name: _added(rows) for name, rows in types.items()}


def _added(rows: list[dict[str, Any]]) -> dict[str, Any]:
    count, total = sum(row["count"] for row in rows), sum((euros_of(row["base"]) for row in rows), ZERO)
    return {
        "count": count,
        "total_amount": total,
        "total_effective_amount": sum((euros_of(row["effective"]) for row in rows), ZERO),
        "avg_amount": to_cents(total / count),
        "completed_count": sum(row["completed"] for row in rows),
    }
