"""Pools of sponsors: covered by what was funded, reserved once, paid out like donations."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from donations.models import Funding, FundingPool, LedgerAccount, PayoutLine, Sponsor
from donations.operations.funding_pools import (
    PoolNotFunded,
    ReservationFailed,
    TotalBelowSpent,
    reserve,
    save_pool,
)
from donations.queries.balances import balance_of
from donations.queries.payout_statements import lines_of, totals_of
from donations.queries.payouts import due_by_onlus, standing
from goodplay.lib.events.models import Event
from tests.factories.accounts import OnlusFactory
from tests.factories.allocation import fund_allocation, make_giver, make_pool, make_request, run
from tests.factories.campaigns import make_sponsor
from tests.factories.donations import NOW
from tests.factories.payouts import exported, make_account, prepare, settled
from tests.threads import at_once, crowd

LATER = NOW + timedelta(days=20)


@pytest.mark.django_db
def test_a_sponsor_puts_no_more_into_pools_than_it_funded_for_them():
    sponsor = fund_allocation("100.00")
    pool = make_pool("60.00", sponsor=sponsor)

    with pytest.raises(PoolNotFunded):
        make_pool("40.01", sponsor=sponsor)
    pool.total = Decimal("100.01")
    with pytest.raises(PoolNotFunded):
        save_pool(pool=pool)

    assert FundingPool.objects.get().total == Decimal("60.00")
    make_pool("40.00", sponsor=sponsor)


@pytest.mark.django_db
def test_money_for_other_purposes_funds_no_pool():
    with pytest.raises(PoolNotFunded):
        make_pool("1.00", sponsor=make_sponsor(matching="100.00"))

    assert not Funding.objects.filter(purpose="allocation").exists()


@pytest.mark.django_db
def test_a_total_never_falls_below_what_was_given_and_a_closed_pool_frees_the_rest():
    sponsor = fund_allocation("100.00")
    pool = make_pool("100.00", sponsor=sponsor)
    make_request("70.00")
    run()

    pool.total = Decimal("69.99")
    with pytest.raises(TotalBelowSpent):
        save_pool(pool=pool)
    pool.total, pool.status = Decimal("100.00"), "closed"
    save_pool(pool=pool)

    pool.refresh_from_db()
    assert (pool.spent, pool.total) == (Decimal("70.00"), Decimal("100.00"))
    with pytest.raises(PoolNotFunded):
        make_pool("30.01", sponsor=sponsor)
    make_pool("30.00", sponsor=sponsor)


@pytest.mark.django_db
def test_an_emptied_pool_is_told():
    make_pool("70.00")
    make_request("70.00")

    run()

    assert Event.objects.filter(name="pool_depleted").count() == 1


@pytest.mark.django_db
def test_pools_keep_within_their_largest_allocation_when_donors_give_less():
    make_giver("50.00")
    pool = make_pool("500.00", maximum_allocation=Decimal("60.00"))
    request = make_request("100.00")

    run()

    line = request.result.lines.get(pool=pool)
    assert (line.amount, line.reserved_amount, line.given_amount) == (50, 60, 50)


@pytest.mark.race
@pytest.mark.unbalanced  # nothing is planned for what these threads reserve
def test_many_reservations_at_once_never_exceed_the_pool(real_transactions):
    pool, count = make_pool("50.00"), crowd(20, 8)
    amount = Decimal("10.00")

    def take(_number):
        with transaction.atomic():
            reserve(pool_id=pool.pk, amount=amount)

    results = at_once(count, take)

    pool.refresh_from_db()
    assert (pool.reserved, results.count(None)) == (Decimal("50.00"), 5)
    assert all(isinstance(each, ReservationFailed) for each in results if each is not None)


@pytest.mark.django_db
def test_grants_are_paid_out_with_the_donations():
    onlus = OnlusFactory()
    make_account(onlus)
    make_giver("30.00")
    pool = make_pool("100.00")
    make_request("100.00", onlus=onlus)
    run()
    assert due_by_onlus(NOW)[onlus.pk] == standing(onlus.pk, NOW).due == Decimal("100.00")

    paid = settled(exported(prepare(LATER), now=LATER), now=LATER).payouts.get()

    assert paid.amount == Decimal("100.00")
    rows = [(row["is_grant"], row["donor_name"], row["amount"]) for row in lines_of(paid)]
    assert sorted(rows)[1] == (True, pool.sponsor.name, Decimal("70.00"))
    assert totals_of(paid)["given"] == Decimal("100.00")
    assert balance_of(LedgerAccount.objects.get(onlus=onlus)) == 0
    assert standing(onlus.pk, LATER).due == 0
    assert prepare(LATER + timedelta(days=30)) is None
    assert PayoutLine.objects.filter(grant__isnull=False).count() == 1
    assert Sponsor.objects.count() == 1
