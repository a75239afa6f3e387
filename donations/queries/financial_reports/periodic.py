"""The figures of a month, a quarter or a year, over everybody."""

from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q

from donations.models import LedgerAccount
from donations.queries.financial_reports.allocations import allocated, ended_allocations
from donations.queries.financial_reports.movements import (
    COMES_IN,
    GOES_OUT,
    Kind,
    flows,
    of_stretch,
    received_of,
    sum_of,
    support,
)
from donations.queries.sums import euros_of
from donations.report_periods import Stretch
from goodplay.lib.money import ZERO, to_cents

EARNINGS = (Kind.SESSION_CREDIT, Kind.BONUS)
MOST_NAMED = 20
_CREDITS = LedgerAccount.Kind.PLAYER_CREDITS


def periodic_figures(stretch: Stretch) -> dict[str, Any]:
    rows = support(stretch)
    sums = flows(rows, COMES_IN, GOES_OUT)
    counts, named = counted(rows), _named(rows)
    return {
        "total_donations": sums["donations"],
        "given_back": sums["donations_given_back"],
        "net_donations": sums["donations"] - sums["donations_given_back"],
        "matched": sums["matched"] - sums["matches_given_back"],
        "granted": sums["granted"] - sums["grants_given_back"],
        "total_received": received_of(sums),
        "total_earned_credits": _earned(stretch),
        **counts,
        "average_donation": average(sums["donations"], counts["transaction_count"]),
        **ended_allocations(stretch),
        "total_allocated_amount": allocated(rows, stretch, COMES_IN, GOES_OUT),
        "organisation_count": len(named),
        "organisations": named[:MOST_NAMED],
    }


def counted(rows: Any) -> dict[str, int]:
    """Count the donations and those who made them: a gift of credits and own money is two transfers."""
    found: dict[str, int] = rows.filter(COMES_IN, kind=Kind.DONATION).aggregate(
        transaction_count=Count("transaction_id", distinct=True),
        unique_donors=Count("player", distinct=True),
    )
    return found


def average(total: Decimal, count: int) -> Decimal:
    return to_cents(total / count) if count else ZERO


def _earned(stretch: Stretch) -> Decimal:
    """Add up what players earned by playing, and as bonuses, less what was taken back."""
    found = (
        of_stretch(stretch)
        .filter(kind__in=EARNINGS)
        .aggregate(
            earned=sum_of(Q(credit_account__kind=_CREDITS)), back=sum_of(Q(debit_account__kind=_CREDITS))
        )
    )
    return euros_of(found["earned"]) - euros_of(found["back"])


def _named(rows: Any) -> list[dict[str, Any]]:
    """Name all that were given something, those that were given most first, before anything went back."""
    given = (
        rows.filter(COMES_IN)
        .order_by()
        .values(onlus_id=F("credit_account__onlus"), name=F("credit_account__onlus__name"))
        .annotate(received=sum_of(Q(amount__gt=0)))
        .order_by("-received", "onlus_id")
    )
    return [
        {"onlus_id": row["onlus_id"], "name": row["name"], "received": euros_of(row["received"])}
        for row in given
    ]
