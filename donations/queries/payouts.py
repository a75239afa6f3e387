"""What is due to ONLUS, what they owe back, and what is on its way to them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum

from accounts.models import Onlus
from donations.models import Donation, DonationRefund, OnlusBankAccount, Payout, PayoutLine, PoolGrant
from donations.queries.payments import disputed_donation_ids
from donations.queries.sums import euros_of
from goodplay.lib.money import ZERO


@dataclass(frozen=True, slots=True)
class Claim:
    """What the next payout sets right for one donation that was refunded after it was paid out.

    Negative: the ONLUS was paid more than it keeps. Positive: a recovery lost its ground, because the payout it
    corrected was given up. `refund` is the donation's latest.
    """

    onlus_id: UUID
    refund_id: UUID
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an ONLUS' money is."""

    due: Decimal
    """Cleared, less what is recovered: the next payout, once it reaches the minimum."""
    clearing: Decimal
    """Given, and not cleared yet."""
    in_transit: Decimal
    """Being prepared or ordered at the bank."""
    paid: Decimal


def payable_accounts(now: datetime) -> QuerySet[OnlusBankAccount]:
    """List the bank accounts payouts may go to now, of ONLUS that are active and in order."""
    return OnlusBankAccount.objects.payable(now).filter(onlus__in=Onlus.objects.accepting_donations())


def unpaid_donations() -> QuerySet[Donation]:
    """List completed donations that no live payout carries."""
    paid = PayoutLine.objects.live().filter(donation=OuterRef("pk"))
    return Donation.objects.completed().exclude(Exists(paid))


def cleared_donations(until: datetime) -> QuerySet[Donation]:
    """List what may be paid out: cleared, in no live payout, and not of disputed money."""
    return unpaid_donations().filter(clears_at__lte=until).exclude(pk__in=disputed_donation_ids())


def unpaid_grants() -> QuerySet[PoolGrant]:
    """List grants that no live payout carries: a sponsor's money is cleared at once."""
    paid = PayoutLine.objects.live().filter(grant=OuterRef("pk"))
    return PoolGrant.objects.exclude(Exists(paid))


def claims(*onlus_ids: UUID) -> list[Claim]:
    """Reckon for each donation that was refunded after its payout what ONLUS were paid too much, or too little.

    From what is on record now: the donation's live line and live recoveries against what is kept of it. So nothing is
    recovered twice, or for a payout that came to nothing.
    """
    of_these = Q(donation__onlus__in=onlus_ids) if onlus_ids else Q()
    refunds = DonationRefund.objects.filter(of_these, recovered_amount__gt=0)
    latest = refunds.filter(donation=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    lines = PayoutLine.objects.live()
    recovered = lines.filter(refund__donation=OuterRef("pk")).order_by().values("refund__donation")
    found = Donation.objects.filter(pk__in=refunds.values("donation")).annotate(
        latest=Subquery(latest),
        paid=Subquery(lines.filter(donation=OuterRef("pk")).values("amount")),
        recovered=Subquery(recovered.annotate(total=Sum("amount")).values("total")),
    )
    reckoned = (
        Claim(row.onlus_id, row.latest, _correction(row, row.paid, euros_of(row.recovered)))
        for row in found.order_by("pk")
    )
    return [claim for claim in reckoned if claim.amount]


def _correction(donation: Donation, paid: Decimal | None, recovered: Decimal) -> Decimal:
    if paid is None:
        return -recovered
    return donation.net_amount + donation.matched_amount - paid - recovered


def standing(onlus_id: UUID, now: datetime) -> Standing:
    unpaid = _kept(unpaid_donations().filter(onlus_id=onlus_id))
    cleared = _kept(cleared_donations(now).filter(onlus_id=onlus_id))
    granted = unpaid_grants().filter(onlus_id=onlus_id).aggregate(total=Sum("amount"))["total"]
    own = Payout.objects.filter(onlus_id=onlus_id).aggregate(
        moving=Sum("amount", filter=Q(status__in=(*Payout.HELD, *Payout.IN_TRANSIT))),
        paid=Sum("amount", filter=Q(status=Payout.Status.SETTLED)),
    )
    return Standing(
        due=cleared + euros_of(granted) + sum((claim.amount for claim in claims(onlus_id)), ZERO),
        clearing=unpaid - cleared,
        in_transit=euros_of(own["moving"]),
        paid=euros_of(own["paid"]),
    )


def due_by_onlus(now: datetime) -> dict[UUID, Decimal]:
    """Sum what is cleared for each ONLUS, less what is recovered from it; whether it can be paid is another question."""
    sums: Any = cleared_donations(now).order_by().values("onlus_id").annotate(**_SUMS)
    due: dict[UUID, Decimal] = {row["onlus_id"]: _kept_of(row) for row in sums}
    for row in unpaid_grants().order_by().values("onlus_id").annotate(total=Sum("amount")):
        due[row["onlus_id"]] = due.get(row["onlus_id"], ZERO) + euros_of(row["total"])
    for claim in claims():
        due[claim.onlus_id] = due.get(claim.onlus_id, ZERO) + claim.amount
    return due


def ready_by_onlus(now: datetime, due: dict[UUID, Decimal] | None = None) -> dict[UUID, Decimal]:
    """Narrow what is due down to what the next payout pays: to an account in order, and at least the minimum."""
    payable = set(payable_accounts(now).values_list("onlus_id", flat=True))
    found = due_by_onlus(now) if due is None else due
    return {
        onlus_id: amount
        for onlus_id, amount in found.items()
        if onlus_id in payable and amount >= settings.PAYOUT_MINIMUM_EUR
    }


_SUMS = {"given": Sum("amount"), "back": Sum("refunded_amount"), "matched": Sum("matched_amount")}


def _kept(donations: QuerySet[Donation]) -> Decimal:
    return _kept_of(donations.aggregate(**_SUMS))


def _kept_of(sums: dict[str, Decimal | None]) -> Decimal:
    return euros_of(sums["given"]) - euros_of(sums["back"]) + euros_of(sums["matched"])
