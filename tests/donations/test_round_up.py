from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donations.models import Donation, GivingPool, GivingPoolMember, Wallet
from donations.operations import giving
from donations.queries.round_up import round_up
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, Kind, balance, give_credits

LARGEST = giving.LARGEST_DONATION


@pytest.mark.parametrize(
    ("amount", "available", "extra"),
    [
        ("2.50", "10.00", "0.50"),
        ("2.01", "3.00", "0.99"),
        ("2.01", "2.99", "0.00"),  # the balance does not cover it
        ("3.00", "10.00", "0.00"),
        ("0.01", "1.00", "0.99"),
        ("9999.01", "20000.00", "0.99"),
        ("10000.00", "20000.00", "0.00"),
    ],
)
def test_a_gift_is_rounded_up_to_a_whole_euro(amount, available, extra):
    assert round_up(Decimal(amount), available=Decimal(available), largest=LARGEST) == Decimal(extra)


@given(cents=st.integers(1, 10**6), available=st.integers(0, 10**6))
def test_rounding_up_never_exceeds_what_is_there(cents, available):
    amount, balance = Decimal(cents) / 100, Decimal(available) / 100

    extra = round_up(amount, available=balance, largest=LARGEST)

    assert Decimal(0) <= extra < 1
    assert extra == 0 or ((amount + extra) % 1 == 0 and amount + extra <= min(balance, LARGEST))


@pytest.fixture
def alice(api):
    player = UserFactory()
    Wallet.objects.create(player=player, round_up_enabled=True, created_at=NOW)
    api.force_authenticate(player)
    return player


@pytest.mark.django_db
def test_who_switched_it_on_gives_the_next_whole_euro(api, alice):
    give_credits(alice, "5.00")
    give_credits(alice, "5.00", kind=Kind.PLAYER_CASH)

    answer = api.post("/api/donations/create", {"amount": "4.30", "onlus_id": str(OnlusFactory().pk)})

    donation = Donation.objects.get()
    assert answer.json()["data"]["donation"]["round_up_amount"] == 0.7
    assert answer.json()["data"]["remaining_balance"] == 5.0
    assert (donation.amount, donation.earned_amount, donation.paid_amount) == (
        Decimal("5.00"),
        Decimal("5.00"),
        Decimal("0.00"),
    )


@pytest.mark.django_db
def test_what_the_balance_does_not_cover_is_given_as_asked(api, alice):
    give_credits(alice, "4.90")

    api.post("/api/donations/create", {"amount": "4.30", "onlus_id": str(OnlusFactory().pk)})

    donation = Donation.objects.get()
    assert (donation.amount, donation.round_up_amount) == (Decimal("4.30"), Decimal("0.00"))
    assert balance(alice) == Decimal("0.60")


@pytest.mark.django_db
def test_who_did_not_switch_it_on_gives_what_they_asked():
    give_credits(bob := UserFactory(), "5.00")

    donation = giving.donate(donor=bob, onlus_id=OnlusFactory().pk, amount=Decimal("4.30"), now=NOW)

    assert donation.amount == Decimal("4.30")


@pytest.mark.django_db
def test_automatic_gifts_and_shares_of_a_pool_stay_as_they_are(alice):
    give_credits(alice, "50.00")
    pool = GivingPool.objects.create(name="Verde", created_at=NOW)
    for onlus in OnlusFactory.create_batch(2):
        GivingPoolMember.objects.create(pool=pool, onlus=onlus)

    automatic = giving.donate(
        donor=alice, onlus_id=onlus.pk, amount=Decimal("4.30"), origin=Donation.Origin.AUTO, now=NOW
    )
    shares = giving.give_to_pool(donor=alice, pool_id=pool.pk, amount=Decimal("4.30"), now=NOW)

    assert automatic.amount == Decimal("4.30")
    assert sum(share.amount for share in shares) == Decimal("4.30")
    assert {share.round_up_amount for share in shares} == {Decimal("0.00")}
