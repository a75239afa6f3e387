"""What a donor gave in all, and what the wallet could give now."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, Sum

from donations.models import Donation, LedgerAccount, SessionCredit, Transfer
from donations.queries.sums import KEPT, euros_of, sum_kept
from goodplay.lib.money import ZERO, to_cents
from social.models import ImpactScore

RECENT = timedelta(days=30)
CAUSES = 3
RATIO = Decimal("0.0001")


def donation_summary(donor_id: UUID, now: datetime) -> dict[str, Any]:
    given = Donation.objects.of_donor(donor_id).on_record()
    figures = given.aggregate(
        total=sum_kept(),
        count=Count("id", filter=Q(status=Donation.Status.COMPLETED)),
        largest=Max(KEPT),
        recent=Count("id", filter=Q(status=Donation.Status.COMPLETED, completed_at__gte=now - RECENT)),
        organisations=Count("onlus", filter=Q(status=Donation.Status.COMPLETED), distinct=True),
        matched=Sum("matched_amount"),
        refunded=Sum("refunded_amount"),
    )
    total, count = euros_of(figures["total"]), figures["count"]
    paid = SessionCredit.objects.exclude(transfer__resolution__phase=Transfer.Phase.VOID)
    earned = euros_of(paid.filter(player_id=donor_id).aggregate(sum=Sum("amount"))["sum"])
    return {
        "total_donated": total,
        "donation_count": count,
        "donation_ratio": (total / earned).quantize(RATIO) if earned else ZERO,
        "avg_donation_amount": to_cents(total / count) if count else ZERO,
        "largest_donation": euros_of(figures["largest"]),
        "recent_donations_count": figures["recent"],
        "organisations_count": figures["organisations"],
        "matched_amount": euros_of(figures["matched"]),
        "refunded_amount": euros_of(figures["refunded"]),
        "preferred_causes": _causes(donor_id),
        "impact_score": ImpactScore.objects.filter(user_id=donor_id).values_list("score", flat=True).first()
        or ZERO,
    }


def coverage(player_id: UUID, amount: Decimal) -> dict[str, Any]:
    """Say whether the wallet covers an amount, and why not."""
    accounts = LedgerAccount.objects.of_player(player_id)
    available = sum((account.available for account in accounts), ZERO)
    errors = [
        constant
        for constant, applies in (
            ("INSUFFICIENT_CREDITS", amount > available),
            ("WALLET_FROZEN", any(account.is_frozen for account in accounts)),
        )
        if applies
    ]
    return {
        "is_valid": not errors,
        "amount": amount,
        "current_balance": available,
        "remaining_balance": max(ZERO, available - amount),
        "validation_errors": errors,
    }


def _causes(donor_id: UUID) -> list[str]:
    rows = (
        Donation.objects.of_donor(donor_id)
        .completed()
        .order_by()
        .values("onlus__category")
        .annotate(total=sum_kept())
        .order_by("-total", "onlus__category")
    )
    return [row["onlus__category"] for row in rows[:CAUSES]]
