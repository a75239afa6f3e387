"""What a player sees of their wallet: two accounts under one name, and what they want done automatically."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from donations.models import Donation, LedgerAccount, Review, SessionCredit, Transfer, Wallet
from donations.queries.sums import euros_of, sum_kept
from donations.queries.transactions import totals_by_type
from donations.queries.waiting import waiting_of
from goodplay.lib import fields
from goodplay.lib.money import ZERO
from goodplay.lib.prepared import PreparedQuery

AUTO_DONATION = {
    "enabled": "auto_donation_enabled",
    "threshold": "auto_donation_threshold",
    "percentage": "auto_donation_percentage",
    "preferred_onlus_id": "preferred_onlus_id",
    "round_up_enabled": "round_up_enabled",
    "allocation_consent": "allocation_consent",
}
Row = dict[str, Any]


def wallet_summary(player_id: UUID, now: datetime) -> dict[str, Any]:
    """Return balances, lifetime totals and settings, in one query. A player who never earned has a wallet of zeros."""
    rows = _wallet.rows(player_id)
    any_row: Row = rows[0] if rows else {}
    by_kind = {row["ledger_accounts__kind"]: row for row in rows if row["ledger_accounts__kind"]}
    opened_at = _opened_at(rows)
    wallet = {
        "wallet_id": player_id,
        "user_id": player_id,
        "current_balance": sum((_available(row) for row in by_kind.values()), ZERO),
        "held_balance": sum((row["ledger_accounts__held"] for row in by_kind.values()), ZERO),
        "waiting_credits": any_row.get("waiting", ZERO),
        "earned_balance": _balance(by_kind, LedgerAccount.Kind.PLAYER_CREDITS),
        "paid_balance": _balance(by_kind, LedgerAccount.Kind.PLAYER_CASH),
        "is_frozen": any(row["ledger_accounts__is_frozen"] for row in by_kind.values()),
        "total_earned": any_row.get("earned", ZERO),
        "total_donated": any_row.get("donated", ZERO),
        "version": max((row["ledger_accounts__version"] for row in by_kind.values()), default=1),
        "auto_donation_settings": _auto_donation(any_row),
        "created_at": opened_at,
        "updated_at": any_row.get("changed_at") or opened_at,
    }
    return wallet | {"statistics": _statistics(wallet, now)}


def wallet_statistics(player_id: UUID, now: datetime) -> dict[str, Any]:
    by_type = totals_by_type(player_id)
    return {
        "wallet": wallet_summary(player_id, now)["statistics"],
        "transactions": {
            "total_transactions": sum(row["count"] for row in by_type.values()),
            "completed_transactions": sum(row["completed_count"] for row in by_type.values()),
            "total_earned": _of(by_type, "earned", "total_amount"),
            "total_donated": _of(by_type, "donated", "total_amount"),
            "total_effective_earned": _of(by_type, "earned", "total_effective_amount"),
            "total_effective_donated": _of(by_type, "donated", "total_effective_amount"),
            "by_type": by_type,
        },
        "conversion_stats": _conversions(player_id),
    }


def _rows(player_id: UUID) -> Any:
    """Read the player's accounts, at most two, each with the settings and the totals beside it."""
    account = ("kind", "balance", "held", "is_frozen", "version", "created_at")
    latest = Transfer.objects.filter(player=OuterRef("pk")).order_by("-created_at", "-id")
    totals = User.objects.filter(pk=player_id).annotate(
        earned=_lifetime(SessionCredit.objects.all(), "player", Sum("amount"))
        - _lifetime(Review.objects.refused_play(), "player", Sum("amount")),
        donated=_lifetime(Donation.objects.completed(), "donor", sum_kept()),
        waiting=waiting_of("pk"),
        changed_at=Subquery(latest.values("created_at")[:1]),
    )
    return totals.values(
        "earned",
        "donated",
        "waiting",
        "changed_at",
        "wallet__created_at",
        *(f"wallet__{name}" for name in AUTO_DONATION.values()),
        *(f"ledger_accounts__{name}" for name in account),
    )


def _lifetime(rows: Any, owner: str, total: Any) -> Any:
    """Make a subquery: the sum of what is somebody's since the beginning."""
    own = rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    summed = Subquery(own.annotate(total=total).values("total"), output_field=fields.euros())
    return Coalesce(summed, Value(ZERO), output_field=fields.euros())


_wallet = PreparedQuery(_rows)


def _auto_donation(row: Row) -> dict[str, Any]:
    """Read the settings; a player who never chose has the defaults."""
    if row.get("wallet__auto_donation_enabled") is None:
        return auto_donation_settings(Wallet())
    return {key: row[f"wallet__{column}"] for key, column in AUTO_DONATION.items()}


def auto_donation_settings(wallet: Wallet) -> dict[str, Any]:
    return {key: getattr(wallet, column) for key, column in AUTO_DONATION.items()}


def _statistics(wallet: dict[str, Any], now: datetime) -> dict[str, Any]:
    earned, donated = wallet["total_earned"], wallet["total_donated"]
    return {
        "current_balance": wallet["current_balance"],
        "total_earned": earned,
        "total_donated": donated,
        "donation_ratio": (donated / earned).quantize(Decimal("0.0001")) if earned else Decimal(0),
        "auto_donation_enabled": wallet["auto_donation_settings"]["enabled"],
        "auto_donation_threshold": wallet["auto_donation_settings"]["threshold"],
        "account_age_days": (now - wallet["created_at"]).days if wallet["created_at"] else 0,
        "version": wallet["version"],
    }


def _conversions(player_id: UUID) -> dict[str, Any]:
    credits = SessionCredit.objects.filter(player_id=player_id)
    sums = credits.aggregate(sessions=Count("id"), minutes=Sum("minutes"), average=Avg("amount"))
    days = credits.values("played_on").annotate(earned=Sum("amount")).order_by("-earned", "-played_on")
    best = days.first()
    return {
        "credited_sessions": sums["sessions"],
        "total_play_time_minutes": euros_of(sums["minutes"]),
        "avg_credits_per_session": euros_of(sums["average"]),
        "most_productive_day": best["played_on"] if best else None,
    }


def _of(by_type: dict[str, dict[str, Any]], name: str, figure: str) -> Decimal:
    return by_type[name][figure] if name in by_type else ZERO


def _opened_at(rows: list[Row]) -> datetime | None:
    """Return when the wallet came to be: with its first account or the first setting; None while there is neither."""
    moments = [row["ledger_accounts__created_at"] for row in rows] + [
        row["wallet__created_at"] for row in rows
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def _available(row: Row) -> Decimal:
    available: Decimal = row["ledger_accounts__balance"] - row["ledger_accounts__held"]
    return available


def _balance(by_kind: dict[str, Row], kind: str) -> Decimal:
    row = by_kind.get(kind)
    return row["ledger_accounts__balance"] if row else ZERO
