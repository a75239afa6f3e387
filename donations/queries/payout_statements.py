"""What an ONLUS may see of its payouts, and which donations each is made of."""

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import BooleanField, Case, Count, ExpressionWrapper, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from donations.models import Payout, PayoutLine
from donations.queries.sums import euros_of
from goodplay.lib.money import ZERO

_PUBLIC = Value(False)  # noqa: FBT003  (sponsors are named)


class Line(TypedDict):
    """One line as its ONLUS may see it. `donor_name` is empty when the donor wants no name shown.

    A grant (`is_grant`) names its sponsor. A recovery (`is_recovery`) has its sign in `amount`, and the date of the donation that was given back.
    """

    donated_at: datetime
    donation_number: UUID
    donor_name: str
    amount: Decimal
    matched_amount: Decimal
    given_amount: Decimal
    is_grant: bool
    is_recovery: bool


class Totals(TypedDict):
    """Of a payout: what was given, what sponsors added, what was recovered, and our price."""

    given: Decimal
    matched: Decimal
    recovered: Decimal
    fees: Decimal
    rows: int


def payouts_of(onlus_id: UUID) -> QuerySet[Payout]:
    """List the payouts the bank was told to make to an ONLUS, the latest first."""
    return (
        Payout.objects.at_the_bank()
        .filter(onlus_id=onlus_id)
        .select_related("account", "run", "onlus")
        .order_by("-exported_at", "-pk")
    )


def lines_of(payout: Payout) -> QuerySet[PayoutLine, Line]:
    """List the donations and grants of a payout, oldest first, then what was recovered."""
    lines = PayoutLine.objects.filter(payout=payout).annotate(
        donated_at=Coalesce("donation__completed_at", "grant__created_at", "refund__donation__completed_at"),
        donation_number=Coalesce("donation_id", "grant_id", "refund__donation_id"),
        hides_name=Coalesce("donation__is_anonymous", "refund__donation__is_anonymous", _PUBLIC),
        full_name=Coalesce(
            "donation__donor__display_name",
            "grant__pool__sponsor__name",
            "refund__donation__donor__display_name",
        ),
        given_amount=F("amount") - F("matched_amount"),
        is_grant=ExpressionWrapper(Q(grant__isnull=False), output_field=BooleanField()),
        is_recovery=ExpressionWrapper(Q(refund__isnull=False), output_field=BooleanField()),
    )
    named = lines.annotate(donor_name=Case(When(hides_name=False, then=F("full_name")), default=Value("")))
    return named.order_by("is_recovery", "donated_at", "pk").values(*Line.__annotations__)


def totals_of(payout: Payout) -> Totals:
    """Add a payout up. Nothing is kept back: what is recovered went back to donors, and fees are GoodPlay's."""
    sums: dict[str, Any] = payout.lines.aggregate(
        gifts=Sum("amount", filter=Q(refund=None)),
        matched=Sum("matched_amount"),
        recovered=Sum("amount", filter=Q(refund__isnull=False)),
        rows=Count("pk"),
    )
    matched = euros_of(sums["matched"])
    return Totals(
        given=euros_of(sums["gifts"]) - matched,
        matched=matched,
        recovered=euros_of(sums["recovered"]),
        fees=ZERO,
        rows=sums["rows"],
    )
