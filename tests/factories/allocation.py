"""Consenting players, funded pools and requests for tests of allocation."""

from decimal import Decimal
from itertools import count
from uuid import uuid4

from django.db.models import F

from donations.models import AllocationRequest, Funding, FundingPool, Sponsor, Wallet
from donations.operations import allocation, funding, funding_pools
from goodplay.lib.time import rome_day
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, give_credits

_numbers = count(1)
Trigger = allocation.Trigger


def make_giver(balance="0.00", *, threshold="0.00", percentage=100, now=NOW, causes=(), **columns):
    """Make a player who gives automatically and consented to allocation, with credits in the wallet."""
    player = UserFactory()
    if causes:
        player.preferences.donations["preferred_causes"] = list(causes)
        player.preferences.save()
    settings = {"auto_donation_enabled": True, "allocation_consent": True} | columns
    Wallet.objects.create(
        player=player,
        auto_donation_threshold=Decimal(threshold),
        auto_donation_percentage=percentage,
        created_at=now,
        **settings,
    )
    if Decimal(balance):
        give_credits(player, balance, now=now)
    return player


def fund_allocation(amount="1000.00", *, sponsor=None, now=NOW):
    """Let a sponsor pay for funding pools."""
    sponsor = sponsor or Sponsor.objects.create(name=f"Fondazione Aurora {next(_numbers)}", created_at=now)
    funding.record_funding(
        sponsor=sponsor,
        amount=Decimal(amount),
        purpose=Funding.Purpose.ALLOCATION,
        received_on=rome_day(now),
        bank_reference=str(uuid4()),
        recorded_by=None,
        now=now,
    )
    return sponsor


def make_pool(total="1000.00", *, sponsor=None, categories=(), now=NOW, **columns):
    """Make a pool its sponsor funded in full."""
    sponsor = sponsor or fund_allocation(total, now=now)
    pool = FundingPool(
        sponsor=sponsor, name=f"Pool {next(_numbers)}", total=Decimal(total), created_at=now, **columns
    )
    funding_pools.save_pool(pool=pool)
    pool.categories.set(categories)
    return pool


def make_request(amount="100.00", *, onlus=None, now=NOW, **columns):
    """Make a request that passes on its own: as urgent as can be."""
    onlus = onlus or OnlusFactory()
    facts = {
        "title": "Trees for the school",
        "description": "Sixty young trees, and the people to plant them with the pupils of the town.",
        "urgency_level": 5,
        "category": onlus.category,
        "created_by": UserFactory(),
    }
    return AllocationRequest.objects.create(
        onlus=onlus, amount=Decimal(amount), created_at=now, **facts | columns
    )


def run(*, now=NOW, trigger=Trigger.DAILY, **options):
    return allocation.run(trigger=trigger, clock=lambda: now, **options)


def given_lines(request):
    """Tell who gave what, as pairs of the donor or pool and the amount, donors first."""
    lines = request.result.lines.filter(status="given").order_by(F("pool").asc(nulls_first=True), "pk")
    return [(line.donor or line.pool, line.given_amount) for line in lines]
