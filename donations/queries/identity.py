"""How well players are known, and how much they may move for that."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Max, Q, QuerySet, Sum

from accounts.models import User
from donations.models import IdentityLevel, IdentityVerification, Transfer
from donations.queries.sums import euros_of
from goodplay.lib.money import ZERO
from goodplay.lib.time import day_bounds, rome_day

Level = IdentityLevel.Level


@dataclass(frozen=True, slots=True)
class Proven:
    """Who somebody is, by documents a person looked at."""

    full_name: str
    born_on: date
    nationality: str


def proven_identities(user_ids: Collection[UUID]) -> dict[UUID, Proven]:
    """Return what is proven of these players. One that expired still tells who it is: people do not change by that."""
    known = (IdentityVerification.Status.APPROVED, IdentityVerification.Status.EXPIRED)
    rows = IdentityVerification.objects.filter(user_id__in=user_ids, status__in=known).order_by("decided_at")
    return {row.user_id: Proven(row.full_name, row.born_on, row.nationality) for row in rows}


def verifications_of(user_id: UUID) -> QuerySet[IdentityVerification]:
    rows = IdentityVerification.objects.filter(user_id=user_id).prefetch_related("documents__file")
    return rows.order_by("-created_at", "-id")


def level_of(user: User, now: datetime) -> IdentityLevel.Level:
    proven = IdentityVerification.objects.proven(now).filter(user=user).aggregate(best=Max("level"))["best"]
    return Level(proven) if proven else _by_email(user.email_verified_at)


def _by_email(verified_at: datetime | None) -> IdentityLevel.Level:
    return Level.EMAIL if verified_at else Level.UNKNOWN


@dataclass(frozen=True, slots=True)
class Standing:
    """How much own money somebody may still put in. What is earned by playing has no part in it."""

    level: IdentityLevel.Level
    single_limit: Decimal
    daily_limit: Decimal
    monthly_limit: Decimal
    used_today: Decimal
    used_this_month: Decimal

    @property
    def left(self) -> Decimal:
        """The most that the next movement may be."""
        least = min(
            self.single_limit,
            self.daily_limit - self.used_today,
            self.monthly_limit - self.used_this_month,
        )
        return max(least, ZERO)


def standing(user_id: UUID, now: datetime, *, besides: UUID | None = None) -> Standing:
    """Return level, limits, and what of them is used; `besides`: a movement that is not counted, as it is asked about."""
    user = User.objects.get(pk=user_id)
    level = level_of(user, now)
    limits = IdentityLevel.objects.get(pk=level)
    today, month = _used(user_id, now, besides)
    return Standing(level, limits.single_limit, limits.daily_limit, limits.monthly_limit, today, month)


def _used(user_id: UUID, now: datetime, besides: UUID | None) -> tuple[Decimal, Decimal]:
    """Sum what was put in today and this month in Rome, also what waits; what was reversed does not count."""
    today = rome_day(now)
    since, _until = day_bounds(today)
    month, _until = day_bounds(today.replace(day=1))
    rows = Transfer.objects.filter(player_id=user_id, kind=Transfer.Kind.TOP_UP, created_at__gte=month)
    if besides is not None:
        rows = rows.exclude(transaction_id=besides)
    begun = Q(phase__in=(Transfer.Phase.SINGLE, Transfer.Phase.PENDING), reverses=None)
    sums = rows.aggregate(
        today=Sum("amount", filter=begun & Q(created_at__gte=since)), month=Sum("amount", filter=begun)
    )
    return euros_of(sums["today"]), euros_of(sums["month"])


def expiring(now: datetime, until: datetime) -> QuerySet[IdentityVerification]:
    """List proofs that end before then and whose owner was not told."""
    rows = IdentityVerification.objects.filter(status=IdentityVerification.Status.APPROVED)
    return rows.filter(expires_at__gt=now, expires_at__lte=until, reminded_at=None)
