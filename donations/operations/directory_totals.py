"""What each organisation received, for the public directory: from the rollups, and counted anew only where they moved."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Sum

from accounts.models import Onlus
from accounts.operations.onlus import Received, note_received
from donations.models import Donation, DonorDay, OnlusDay
from goodplay.lib.money import ZERO


def sum_up(*, now: datetime) -> int:
    """Bring the directory's totals up to date; return how many organisations they changed for."""
    rolled = dict(OnlusDay.objects.order_by().values_list("onlus").annotate(amount=Sum("amount")))
    stored = dict(Onlus.objects.values_list("pk", "total_donations_received"))
    moved = {key: rolled.get(key, ZERO) for key, told in stored.items() if told != rolled.get(key, ZERO)}
    counted = _counted(list(moved))
    sums = [Received(key, amount, *counted.get(key, (0, None))) for key, amount in sorted(moved.items())]
    givers = DonorDay.objects.filter(amount__gt=0).aggregate(count=Count("donor", distinct=True))["count"]
    return note_received(sums=sums, donors=givers, now=now)


def _counted(keys: list[UUID]) -> dict[UUID, tuple[int, datetime | None]]:
    rows = Donation.objects.completed().filter(onlus__in=keys).order_by().values_list("onlus")
    told = rows.annotate(donors=Count("donor", distinct=True), last=Max("completed_at"))
    return {key: (donors, last) for key, donors, last in told}
