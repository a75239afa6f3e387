"""What the suite stands on: a test that leaves the books unbalanced fails, whichever table it wrote to."""

from decimal import Decimal

import pytest
from django.db import connection

from donations.models import Donation, LedgerAccount, Payout
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import make_donation
from tests.factories.payouts import payable_onlus, prepare
from tests.proved_books import proved

pytestmark = [pytest.mark.django_db, pytest.mark.unbalanced]


def stray_balance():
    player = UserFactory()
    make_donation(player, OnlusFactory(), "5.00")
    LedgerAccount.objects.filter(player=player).update(balance=Decimal("1.00"))


def larger_gift():
    donation = make_donation(UserFactory(), OnlusFactory(), "5.00")
    Donation.objects.filter(pk=donation.pk).update(amount=Decimal("6.00"), earned_amount=Decimal("6.00"))


def larger_payout():
    payable_onlus("12.00")
    prepare()
    Payout.objects.update(amount=Decimal("13.00"))


def written_past_the_orm():
    make_donation(UserFactory(), OnlusFactory(), "5.00")
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH one AS (SELECT 1) UPDATE donations_ledgeraccount SET balance = 7 WHERE balance = 0"
        )


@pytest.mark.parametrize("fault", [stray_balance, larger_gift, larger_payout, written_past_the_orm])
def test_books_that_do_not_balance_are_noticed(fault):
    with pytest.raises(AssertionError), proved():
        fault()


def test_books_that_balance_pass():
    with proved():
        make_donation(UserFactory(), OnlusFactory(), "5.00")
