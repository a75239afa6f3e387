"""Allocation: lines and what they gave, pools and their grants, sponsors and what they funded."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Round

from donations.models import (
    AllocationLine,
    AllocationResult,
    Donation,
    Funding,
    FundingPool,
    LedgerAccount,
    PoolGrant,
    Sponsor,
    Transfer,
)
from donations.queries.balances import total_balance
from donations.queries.proofs.common import Contradiction, euros
from goodplay.lib.money import ZERO

LineStatus = AllocationLine.Status


def lines_are_carried() -> Iterator[Contradiction]:
    """A line that gave has the donation of its donor, or the grant of its pool, of its amount to its ONLUS."""
    given = Q(status=LineStatus.GIVEN)
    donated = Q(
        donor__isnull=False,
        donation__donor=F("donor"),
        donation__onlus=F("result__request__onlus"),
        donation__amount=F("given_amount"),
        donation__origin=Donation.Origin.ALLOCATION,
    )
    granted = Q(
        pool__isnull=False,
        grant__pool=F("pool"),
        grant__onlus=F("result__request__onlus"),
        grant__amount=F("given_amount"),
    )
    for line in AllocationLine.objects.filter(given).exclude(donated | granted):
        yield Contradiction(
            "I15", f"allocation line {line.pk}", f"gave {line.given_amount}, and nothing carries it"
        )
    for line in AllocationLine.objects.exclude(given).filter(
        Q(grant__isnull=False) | Q(donation__status__in=("completed", "refunded"))
    ):
        yield Contradiction("I15", f"allocation line {line.pk}", "gave nothing, and something carries it")
    allocated = Donation.objects.filter(origin=Donation.Origin.ALLOCATION, allocation_line=None)
    for donation in allocated:
        yield Contradiction("I15", f"donation {donation.pk}", "was allocated by no line")


def results_are_their_lines() -> Iterator[Contradiction]:
    lines = AllocationLine.objects.filter(result=OuterRef("pk")).order_by().values("result")
    ended = AllocationResult.objects.exclude(status=AllocationResult.Status.SCHEDULED)
    rows = ended.annotate(told=euros(lines.annotate(total=Sum("given_amount")).values("total")))
    for row in rows.exclude(given_amount=F("told")):
        yield Contradiction(
            "I15", f"allocation {row.pk}", f"says {row.given_amount} given, its lines {row.told:.2f}"
        )
    left = AllocationLine.objects.filter(result=OuterRef("pk"), status=LineStatus.PLANNED)
    for unfinished in ended.filter(Exists(left)):
        yield Contradiction("I15", f"allocation {unfinished.pk}", "has ended, and lines are left")
    for strayed in ended.exclude(request__status=F("status")):
        yield Contradiction("I15", f"allocation {strayed.pk}", "ended otherwise than its request says")


def grants_are_carried() -> Iterator[Contradiction]:
    legs = Transfer.objects.moving().filter(
        kind=Transfer.Kind.GRANT,
        cause_id=OuterRef("pk"),
        credit_account__onlus=OuterRef("onlus"),
        debit_account__kind=LedgerAccount.Kind.SPONSOR,
    )
    total = legs.order_by().values("cause_id").annotate(total=Sum("amount")).values("total")
    for grant in PoolGrant.objects.annotate(carried=euros(total)).exclude(amount=F("carried")):
        yield Contradiction(
            "I15", f"grant {grant.pk}", f"is {grant.amount}, its transfers carry {grant.carried:.2f}"
        )
    known = PoolGrant.objects.filter(pk=OuterRef("cause_id"))
    for transfer in Transfer.objects.filter(kind=Transfer.Kind.GRANT).exclude(Exists(known)):
        yield Contradiction("I15", f"transfer {transfer.pk}", "carries no grant")


def pools_are_their_grants() -> Iterator[Contradiction]:
    grants = PoolGrant.objects.filter(pool=OuterRef("pk")).order_by().values("pool")
    planned = AllocationLine.objects.filter(pool=OuterRef("pk"), status=LineStatus.PLANNED)
    reserving = planned.order_by().values("pool").annotate(total=Sum("reserved_amount"))
    pools = FundingPool.objects.annotate(
        granted=euros(grants.annotate(total=Sum("amount")).values("total")),
        reserving=euros(reserving.values("total")),
    )
    for pool in pools.exclude(spent=F("granted"), reserved=F("reserving")):
        detail = f"says {pool.spent} spent and {pool.reserved} reserved, it is {pool.granted:.2f}, {pool.reserving:.2f}"
        yield Contradiction("I15", f"funding pool {pool.pk}", detail)


def sponsors_cover_their_pools() -> Iterator[Contradiction]:
    """No sponsor promised pools more than it funded for them."""
    funded = Funding.objects.filter(sponsor=OuterRef("pk"), purpose=Funding.Purpose.ALLOCATION).order_by()
    closed = Q(status=FundingPool.Status.CLOSED)
    pools = FundingPool.objects.filter(sponsor=OuterRef("pk")).order_by()
    open_total = pools.exclude(closed).values("sponsor").annotate(total=Sum("total"))
    drawn = pools.filter(closed).values("sponsor").annotate(total=Sum(F("spent") + F("reserved")))
    sponsors = Sponsor.objects.annotate(
        funded=euros(funded.values("sponsor").annotate(total=Sum("amount")).values("total")),
        promised=Round(euros(open_total.values("total")) + euros(drawn.values("total")), precision=2),
    )
    for sponsor in sponsors.filter(promised__gt=F("funded")):
        detail = f"put {sponsor.promised:.2f} into pools and funded {sponsor.funded:.2f} for them"
        yield Contradiction("I15", f"sponsor {sponsor.pk}", detail)


def sponsors_account_is_covered() -> Iterator[Contradiction]:
    """Sponsors' money is never negative."""
    balance = total_balance(LedgerAccount.Kind.SPONSOR)
    if balance < ZERO:
        yield Contradiction("I15", "sponsors' account", f"is {balance}: more was given than was funded")


RULES = (
    lines_are_carried,
    results_are_their_lines,
    grants_are_carried,
    pools_are_their_grants,
    sponsors_cover_their_pools,
    sponsors_account_is_covered,
)
