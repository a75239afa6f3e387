"""What a player sees of their wallet: two accounts under one name, and their transfers as transactions."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from donations.models import Donation, LedgerAccount, SessionCredit, Transfer, Wallet
from goodplay.lib import fields
from goodplay.lib.money import ZERO

Kind = Transfer.Kind

TYPES: dict[str, str] = {
    Kind.SESSION_CREDIT: "earned",
    Kind.BONUS: "bonus",
    Kind.DONATION: "donated",
    Kind.TOP_UP: "bonus",
    Kind.FEE: "fee",
    Kind.REFUND: "refund",
    Kind.DISPUTE: "adjustment",
    Kind.ADJUSTMENT: "adjustment",
}


AUTO_DONATION = {
    "enabled": "auto_donation_enabled",
    "threshold": "auto_donation_threshold",
    "percentage": "auto_donation_percentage",
    "preferred_onlus_id": "preferred_onlus_id",
    "round_up_enabled": "round_up_enabled",
}


def wallet_summary(player_id: UUID) -> dict[str, Any]:
    """Return balances, lifetime totals and settings, in one query. A player who never earned has a wallet of zeros."""
    accounts = LedgerAccount.objects.of_player(player_id).annotate(
        earned=_lifetime(SessionCredit.objects.all(), "player"),
        donated=_lifetime(Donation.objects.completed(), "donor"),
    )
    rows = accounts.values(
        "kind",
        "balance",
        "held",
        "version",
        "earned",
        "donated",
        *(f"player__wallet__{name}" for name in AUTO_DONATION.values()),
    )
    by_kind = {row["kind"]: row for row in rows}
    any_row = next(iter(by_kind.values()), None)
    return {
        "user_id": player_id,
        "current_balance": sum((row["balance"] - row["held"] for row in by_kind.values()), ZERO),
        "held_balance": sum((row["held"] for row in by_kind.values()), ZERO),
        "earned_balance": _balance(by_kind, LedgerAccount.Kind.PLAYER_CREDITS),
        "paid_balance": _balance(by_kind, LedgerAccount.Kind.PLAYER_CASH),
        "total_earned": any_row["earned"] if any_row else ZERO,
        "total_donated": any_row["donated"] if any_row else ZERO,
        "version": max((row["version"] for row in by_kind.values()), default=1),
        "auto_donation_settings": _auto_donation(any_row),
    }


def _lifetime(rows: Any, owner: str) -> Any:
    """Make a subquery: the sum of somebody's amounts since the beginning."""
    own = rows.filter(**{owner: OuterRef("player")}).order_by().values(owner)
    total = Subquery(own.annotate(total=Sum("amount")).values("total"), output_field=fields.euros())
    return Coalesce(total, Value(ZERO), output_field=fields.euros())


def _auto_donation(row: Any) -> dict[str, Any]:
    """Read the settings; a player who never chose has the defaults."""
    if row is None or row["player__wallet__auto_donation_enabled"] is None:
        unset = Wallet()
        return {key: getattr(unset, column) for key, column in AUTO_DONATION.items()}
    return {key: row[f"player__wallet__{column}"] for key, column in AUTO_DONATION.items()}


def transactions(player_id: UUID) -> QuerySet[Transfer]:
    """List what moved the player's money, newest first. A hold is listed once, with what became of it."""
    return (
        Transfer.objects.filter(player_id=player_id, pending_transfer=None)
        .select_related("session_credit", "resolution")
        .order_by("-created_at", "-id")
    )


def wallet_statistics(player_id: UUID) -> dict[str, Any]:
    by_kind = (
        Transfer.objects.moving()
        .filter(player_id=player_id, reverses=None)
        .order_by()
        .values("kind")
        .annotate(count=Count("id"), total=Sum("amount"))
    )
    credits = SessionCredit.objects.filter(player_id=player_id).aggregate(
        sessions=Count("id"), minutes=Sum("minutes"), amount=Sum("amount")
    )
    sessions = credits["sessions"]
    return {
        "transactions": {
            "total_transactions": sum(row["count"] for row in by_kind),
            "by_type": _by_type(by_kind),
        },
        "conversion_stats": {
            "credited_sessions": sessions,
            "total_play_time_minutes": (credits["minutes"] or ZERO).quantize(Decimal("0.01")),
            "avg_credits_per_session": (credits["amount"] / sessions).quantize(Decimal("0.01"))
            if sessions
            else ZERO,
        },
    }


def _by_type(by_kind: Any) -> dict[str, dict[str, Any]]:
    """Add up the kinds of transfers that players see as one type."""
    types: dict[str, dict[str, Any]] = {}
    for row in by_kind:
        entry = types.setdefault(TYPES.get(row["kind"], "adjustment"), {"count": 0, "total_amount": ZERO})
        entry["count"] += row["count"]
        entry["total_amount"] += row["total"]
    return types


def _balance(balances: Any, kind: str) -> Decimal:
    row = balances.get(kind)
    return row["balance"] if row else ZERO
