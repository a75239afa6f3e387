"""What the front page tells the world."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Onlus
from donations.queries.dashboard import players_count
from donations.queries.lifetime import lifetime


@dataclass(frozen=True, slots=True)
class PublicFigures:
    donated: Decimal
    donations: int
    organisations: int
    players: int


def public_figures() -> PublicFigures:
    given = lifetime()
    return PublicFigures(
        donated=given.amount,
        donations=given.count,
        organisations=Onlus.objects.public().count(),
        players=players_count(),
    )


def newest_organisations(count: int) -> list[Onlus]:
    newest = Onlus.objects.public().select_related("category").order_by("-verified_at", "-pk")
    return list(newest[:count])
