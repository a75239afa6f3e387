"""What the front page tells the world."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Onlus
from donations.models import Donation
from donations.queries.dashboard import players_count
from donations.queries.sums import euros_of, sum_kept


@dataclass(frozen=True, slots=True)
class PublicFigures:
    donated: Decimal
    donations: int
    organisations: int
    players: int


def public_figures() -> PublicFigures:
    completed = Donation.objects.completed()
    return PublicFigures(
        donated=euros_of(completed.aggregate(total=sum_kept())["total"]),
        donations=completed.count(),
        organisations=Onlus.objects.public().count(),
        players=players_count(),
    )


def newest_organisations(count: int) -> list[Onlus]:
    newest = Onlus.objects.public().select_related("category").order_by("-verified_at", "-pk")
    return list(newest[:count])
