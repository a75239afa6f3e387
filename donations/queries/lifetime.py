"""What was given since the beginning, exact to the moment: from the rollups, and the donations of days they lag behind on."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from donations.models import Donation, DonationHour, DonorDay, OnlusDay, RollupState
from donations.queries.rollup_sources import SETTLED_AFTER, STATE, changed_donations, of_days
from donations.queries.sums import euros_of, sum_kept


@dataclass(frozen=True, slots=True)
class Lifetime:
    """All completed donations, less what was given back."""

    amount: Decimal
    count: int
    donors: int
    organisations: int


def lifetime() -> Lifetime:
    """Add up every day that did not change since it was rolled up, and the few others donation by donation."""
    state = RollupState.objects.filter(pk=STATE).first()
    if state is None:
        return _lifetime(Donation.objects.completed(), Q(pk=None))
    due = changed_donations(state.rolled_to - SETTLED_AFTER)
    fresh = Donation.objects.completed().filter(of_days("completed_at", due))
    return _lifetime(fresh, ~Q(day__in=due))


def _lifetime(fresh: Any, settled: Q) -> Lifetime:
    hours = DonationHour.objects.filter(settled).aggregate(amount=Sum("amount"), count=Sum("count"))
    since = fresh.aggregate(amount=sum_kept(), count=Count("pk"))
    return Lifetime(
        amount=euros_of(hours["amount"]) + euros_of(since["amount"]),
        count=(hours["count"] or 0) + since["count"],
        donors=_different(DonorDay.objects.filter(settled), fresh, "donor"),
        organisations=_different(OnlusDay.objects.filter(settled), fresh, "onlus"),
    )


def _different(rolled: Any, fresh: Any, who: str) -> int:
    return int(rolled.order_by().values(who).union(fresh.order_by().values(who)).count())
