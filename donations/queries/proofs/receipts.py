"""Receipts and their numbers."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, F, Max, Q
from django.utils import timezone

from donations.models import DonationRefund, Receipt, ReceiptCounter
from donations.queries.proofs.common import Contradiction
from donations.queries.receipts import out_of_line

VOIDED_WITHIN = timedelta(hours=1)
"""After a refund: the events carry it to the receipts, and try again for some minutes when that fails."""


def receipts_are_gapless() -> Iterator[Contradiction]:
    counters = dict(ReceiptCounter.objects.values_list("year", "last_number"))
    issued = Receipt.objects.order_by().values("year").annotate(count=Count("id"), last=Max("number"))
    years = {row["year"]: (row["count"], row["last"]) for row in issued}
    for year in {*counters, *years}:
        count, last = years.get(year, (0, 0))
        if not count == last == counters.get(year, 0):
            detail = f"{count} documents, the last is {last}, the counter says {counters.get(year, 0)}"
            yield Contradiction("I9", f"receipts of {year}", detail)
    for receipt in Receipt.objects.exclude(donation__status__in=("completed", "refunded")):
        yield Contradiction("I9", receipt.reference, "was issued for a donation that is not completed")


def voids_name_receipts() -> Iterator[Contradiction]:
    """A void names an earlier receipt of its donation, and what was replaced is void: one live receipt at most."""
    earlier = Q(year__gt=F("voids__year")) | Q(year=F("voids__year"), number__gt=F("voids__number"))
    voids = Receipt.objects.filter(voids__isnull=False)
    fitting = Q(donation=F("voids__donation"), amount=F("voids__amount")) & ~Q(voids__kind="void") & earlier
    for receipt in voids.exclude(fitting):
        yield Contradiction("I9", receipt.reference, "voids no earlier receipt of its donation")
    replacing = Receipt.objects.filter(replaces__isnull=False)
    for receipt in replacing.exclude(donation=F("replaces__donation"), replaces__voided_by__isnull=False):
        yield Contradiction("I9", receipt.reference, "replaces a receipt that is not void")


def receipts_follow_refunds() -> Iterator[Contradiction]:
    """No receipt says more than is left, once the refund has had its time to reach it."""
    recent = DonationRefund.objects.filter(created_at__gt=timezone.now() - VOIDED_WITHIN)
    told = out_of_line().filter(told__isnull=False).exclude(pk__in=recent.values("donation_id"))
    for donation in told:
        left = donation.amount - donation.refunded_amount
        yield Contradiction(
            "I9", f"donation {donation.pk}", f"has a receipt over {donation.told:.2f}, {left} is left"
        )
