"""Completing the match of a break's lines with the entry that was booked for it."""

from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from donations.models import Discrepancy, MatchLine, ReconciliationMatch, Transfer
from goodplay.lib.money import ZERO

ADJUSTED = "adjustment"
"""The rule of matches that an adjustment entry completes."""

Side = MatchLine.Side


def stands(row: Discrepancy) -> bool:
    """Say whether the break's lines are matched with each other or not at all: whatever else met them explains them."""
    ours, theirs = ({line["key"] for line in lines} for lines in (row.ours, row.theirs))
    its_own = Q(side=Side.OURS, key__in=ours) | Q(side=Side.THEIRS, key__in=theirs)
    matches = MatchLine.objects.filter(its_own, account=row.account).values("match")
    matched = set(MatchLine.objects.filter(match__in=matches).values_list("side", "key"))
    if not matched or not ours or not theirs:
        return not matched
    return matched == {(Side.OURS, key) for key in ours} | {(Side.THEIRS, key) for key in theirs}


def complete(row: Discrepancy, entry: Transfer, amount: Decimal, now: datetime) -> None:
    """Put the entry with the lines it explains: then both sides are equal."""
    ours = {line["key"] for line in row.ours}
    known = MatchLine.objects.filter(account=row.account, key__in=ours, side=Side.OURS).first()
    match = known.match if known else _match_of(row, now)
    MatchLine.objects.create(
        match=match,
        account=row.account,
        side=Side.OURS,
        key=f"transfer:{entry.pk}",
        amount=amount,
        currency="EUR",
        moved_at=entry.created_at,
    )
    ReconciliationMatch.objects.filter(pk=match.pk).update(difference=ZERO)


def _match_of(row: Discrepancy, now: datetime) -> ReconciliationMatch:
    match = ReconciliationMatch.objects.create(
        run=row.run,
        account=row.account,
        rule=ADJUSTED,
        confidence=Decimal("1.00"),
        facts={"discrepancy": str(row.pk)},
        matched_at=now,
    )
    for side, lines in ((Side.OURS, row.ours), (Side.THEIRS, row.theirs)):
        MatchLine.objects.bulk_create(
            MatchLine(
                match=match,
                account=row.account,
                side=side,
                key=line["key"],
                amount=Decimal(line["amount"]),
                currency=line["currency"],
                moved_at=datetime.fromisoformat(line["at"]),
            )
            for line in lines
        )
    return match
