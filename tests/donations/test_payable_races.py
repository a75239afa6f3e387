"""An ONLUS nobody gave to yet, given to from several sides at the same moment."""

from decimal import Decimal

import pytest

from donations.models import Donation, LedgerAccount, Wallet
from donations.operations import auto_donation, giving, pending_gifts
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.campaigns import make_pool
from tests.factories.donations import NOW, balance, give_credits
from tests.threads import at_once, crowd

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("real_transactions")]

ROUNDS = 12


def failures(results):
    return [each for each in results if isinstance(each, Exception)]


def give(donor, onlus):
    return giving.donate(donor=donor, onlus_id=onlus.pk, amount=Decimal("1.00"), now=NOW)


def begin(donor, onlus):
    return pending_gifts.begin(
        donor=donor, onlus_id=onlus.pk, amount=Decimal("5.00"), from_wallet=Decimal("1.00"), now=NOW
    )


@pytest.mark.parametrize("other", [give, begin])
def test_two_gifts_of_one_donor_open_it_once(other):
    givers = crowd(on_postgresql=8, elsewhere=4)
    for _ in range(ROUNDS):
        donor, onlus = UserFactory(), OnlusFactory()
        give_credits(donor, "20.00")

        results = at_once(givers, lambda number: (give if number % 2 else other)(donor, onlus))  # noqa: B023

        assert failures(results) == []
        assert LedgerAccount.objects.filter(onlus=onlus).count() == 1
        assert Donation.objects.filter(onlus=onlus).count() == givers


def test_automatic_giving_and_a_gift_open_it_once():
    for _ in range(ROUNDS):
        donor, onlus = UserFactory(), OnlusFactory()
        give_credits(donor, "40.00")
        settings = {
            "auto_donation_enabled": True,
            "auto_donation_threshold": Decimal("1.00"),
            "auto_donation_percentage": Decimal("10.00"),
            "preferred_onlus": onlus,
        }
        Wallet.objects.update_or_create(
            player=donor, defaults=settings, create_defaults=settings | {"created_at": NOW}
        )

        results = at_once(
            6,
            lambda number: (
                give(donor, onlus) if number % 2 else auto_donation.give(player_id=donor.pk, now=NOW)  # noqa: B023
            ),
        )

        assert failures(results) == []
        assert LedgerAccount.objects.filter(onlus=onlus).count() == 1


def test_pools_with_the_same_members_open_them_once():
    for _ in range(ROUNDS):
        members = OnlusFactory.create_batch(3)
        pools = [make_pool(dict.fromkeys(order, 1)) for order in (members, members[::-1])]
        donors = UserFactory.create_batch(crowd(on_postgresql=8, elsewhere=4))
        for donor in donors:
            give_credits(donor, "3.00")

        results = at_once(
            len(donors),
            lambda number: giving.give_to_pool(
                donor=donors[number],  # noqa: B023
                pool_id=pools[number % 2].pk,  # noqa: B023
                amount=Decimal("3.00"),
                now=NOW,
            ),
        )

        assert failures(results) == []
        assert [balance(donor) for donor in donors] == [0] * len(donors)
