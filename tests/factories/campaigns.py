"""Sponsors, campaigns, matching offers and pools for tests."""

from decimal import Decimal
from uuid import uuid4

from donations.models import (
    Campaign,
    GivingPool,
    GivingPoolMember,
    LedgerAccount,
    MatchingOffer,
    Sponsor,
    Transfer,
)
from donations.operations import ledger
from donations.queries.campaigns import forget_offers
from tests.factories.donations import NOW


def make_sponsor(name="Fondazione Aurora", *, matching="0.00", now=NOW):
    """Make a sponsor with money for matching on the books."""
    sponsor = Sponsor.objects.create(name=name, created_at=now)
    if Decimal(matching):
        key = uuid4()
        cause = ledger.Cause(transaction_id=key, cause_id=key, kind=Transfer.Kind.FUNDING)
        bank, account = (
            ledger.system_account(kind) for kind in (LedgerAccount.Kind.BANK, LedgerAccount.Kind.SPONSOR)
        )
        ledger.move(debit=bank, credit=account, amount=Decimal(matching), cause=cause, now=now)
    return sponsor


def make_offer(*, cap="100.00", sponsor=None, **columns):
    sponsor = sponsor or make_sponsor(f"Sponsor {uuid4()}", matching=cap)
    offer = MatchingOffer.objects.create(
        sponsor=sponsor,
        name="Double it",
        cap=Decimal(cap),
        **{"ratio": Decimal("1.00"), "starts_at": NOW, "created_at": NOW} | columns,
    )
    forget_offers()
    return offer


def make_campaign(onlus, **columns):
    return Campaign.objects.create(
        onlus=onlus,
        **{"title": "A well", "goal": Decimal("500.00"), "starts_at": NOW, "created_at": NOW} | columns,
    )


def make_pool(weights):
    """Make a giving pool: ONLUS to weight."""
    pool = GivingPool.objects.create(name=f"Pool {uuid4()}", created_at=NOW)
    for onlus, weight in weights.items():
        GivingPoolMember.objects.create(pool=pool, onlus=onlus, weight=weight)
    return pool
