"""What the front page tells the world."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from accounts.models import Onlus
from donations.models import Donation, Wallet
from goodplay.lib.money import ZERO


@dataclass(frozen=True, slots=True)
class PublicFigures:
    donated: Decimal
    donations: int
    organisations: int
    players: int


def public_figures() -> PublicFigures:
    completed = Donation.objects.completed()
    return PublicFigures(
        donated=completed.aggregate(total=Sum("amount"))["total"] or ZERO,
        donations=completed.count(),
        organisations=Onlus.objects.public().count(),
        players=Wallet.objects.filter(player__is_active=True).count(),
    )


def newest_organisations(count: int) -> list[Onlus]:
    newest = Onlus.objects.public().select_related("category").order_by("-verified_at", "-pk")
    return list(newest[:count])
