"""What a player sees of their wallet: two accounts under one name, and their transfers as transactions."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from donations.models import Donation, LedgerAccount, SessionCredit, Transfer, Wallet
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


def wallet_summary(player_id: UUID) -> dict[str, Any]:
    """Return balances and lifetime totals. A player who never earned has a wallet of zeros."""
    balances = {
        row["kind"]: row
        for row in LedgerAccount.objects.of_player(player_id).values("kind", "balance", "held", "version")
    }
    totals = lifetime_totals(player_id)
    settings = Wallet.objects.filter(player_id=player_id).first() or Wallet(player_id=player_id)
    return {
        "user_id": player_id,
        "current_balance": sum((row["balance"] - row["held"] for row in balances.values()), ZERO),
        "held_balance": sum((row["held"] for row in balances.values()), ZERO),
        "earned_balance": _balance(balances, "player_credits"),
        "paid_balance": _balance(balances, "player_cash"),
        **totals,
        "version": max((row["version"] for row in balances.values()), default=1),
        "auto_donation_settings": {
            "enabled": settings.auto_donation_enabled,
            "threshold": Decimal(settings.auto_donation_threshold),
            "percentage": settings.auto_donation_percentage,
            "preferred_onlus_id": settings.preferred_onlus_id,
            "round_up_enabled": settings.round_up_enabled,
        },
    }


def lifetime_totals(player_id: UUID) -> dict[str, Decimal]:
    earned = SessionCredit.objects.filter(player_id=player_id).aggregate(total=Sum("amount"))["total"]
    donated = Donation.objects.of_donor(player_id).completed().aggregate(total=Sum("amount"))["total"]
    return {"total_earned": earned or ZERO, "total_donated": donated or ZERO}


def transactions(player_id: UUID) -> QuerySet[Transfer]:
    """List what moved the player's money, newest first."""
    return (
        Transfer.objects.filter(player_id=player_id)
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
            "by_type": {
                TYPES.get(row["kind"], "adjustment"): {"count": row["count"], "total_amount": row["total"]}
                for row in by_kind
            },
        },
        "conversion_stats": {
            "credited_sessions": sessions,
            "total_play_time_minutes": (credits["minutes"] or ZERO).quantize(Decimal("0.01")),
            "avg_credits_per_session": (credits["amount"] / sessions).quantize(Decimal("0.01"))
            if sessions
            else ZERO,
        },
    }


def _balance(balances: Any, kind: str) -> Decimal:
    row = balances.get(kind)
    return row["balance"] if row else ZERO
