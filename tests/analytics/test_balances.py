"""The balance of all accounts of a kind: snapshots and the tail since, as a scan of every transfer would say it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum

from donations.models import AccountSnapshot, LedgerAccount, Transfer
from donations.operations import closing
from donations.queries.balances import total_balance
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, make_donation, take_back

Kind = LedgerAccount.Kind


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here reads the books."""


def scanned(kind):
    rows = Transfer.objects.moving()
    received = rows.filter(credit_account__kind=kind).aggregate(total=Sum("amount"))["total"] or 0
    paid = rows.filter(debit_account__kind=kind).aggregate(total=Sum("amount"))["total"] or 0
    return round(Decimal(received) - Decimal(paid), 2)


def test_total_balances_are_what_a_scan_says():
    alice, old, new = UserFactory(), OnlusFactory(), OnlusFactory()
    make_donation(alice, old, "10.10", now=NOW)
    closing.take_snapshots(now=NOW + timedelta(days=1))
    gift = make_donation(alice, old, "3.33", now=NOW + timedelta(days=2))
    closing.take_snapshots(now=NOW + timedelta(days=3))
    make_donation(alice, new, "0.07", now=NOW + timedelta(days=4))
    take_back(gift, "1.11", now=NOW + timedelta(days=4))

    totals = {kind: total_balance(kind) for kind in Kind}

    assert totals == {kind: scanned(kind) for kind in Kind}
    assert totals[Kind.ONLUS_PAYABLE] == Decimal("12.39")


@pytest.mark.unbalanced
def test_transfers_before_the_snapshot_are_not_read_again(django_assert_num_queries):
    onlus = OnlusFactory()
    make_donation(UserFactory(), onlus, "10.00", now=NOW)
    AccountSnapshot.objects.create(
        account=LedgerAccount.objects.get(onlus=onlus),
        taken_to=NOW + timedelta(hours=1),
        balance=Decimal("99.00"),
    )

    with django_assert_num_queries(1):
        total = total_balance(Kind.ONLUS_PAYABLE)

    assert total == Decimal("99.00")
