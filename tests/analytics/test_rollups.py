"""Rollups say what the base rows say, whatever happens to these, and however late."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from donations import tasks
from donations.models import DonationHour, DonorDay, OnlusDay, RollupState, TransferDay
from donations.operations import rollups
from donations.tasks.rollups import RollupsDiffer
from goodplay.lib.jobs.models import JobRun
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import fund_pool, give_credits, make_donation, take_back

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
TODAY = date(2026, 3, 14)


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here reads the books."""


def test_a_day_is_summed_by_hour_organisation_and_donor():
    alice, onlus = UserFactory(created_at=NOON - timedelta(days=40)), OnlusFactory()
    make_donation(alice, onlus, "10.00", now=NOON)
    make_donation(alice, onlus, "2.50", now=NOON + timedelta(minutes=59))
    make_donation(UserFactory(), onlus, "4.00", now=NOON + timedelta(hours=1))

    rollups.roll_up(now=NOON + timedelta(hours=2))

    assert list(DonationHour.objects.order_by("hour").values_list("hour", "day", "count", "amount")) == [
        (NOON, TODAY, 2, Decimal("12.50")),
        (NOON + timedelta(hours=1), TODAY, 1, Decimal("4.00")),
    ]
    assert list(OnlusDay.objects.values_list("day", "count", "amount")) == [(TODAY, 3, Decimal("16.50"))]
    hers = DonorDay.objects.get(donor=alice)
    assert (hers.cohort, hers.count, hers.amount) == (date(2026, 2, 1), 2, Decimal("12.50"))


def test_a_day_is_one_of_rome():
    make_donation(UserFactory(), OnlusFactory(), "1.00", now=datetime(2026, 3, 13, 23, 30, tzinfo=UTC))
    make_donation(UserFactory(), OnlusFactory(), "2.00", now=datetime(2026, 3, 13, 22, 30, tzinfo=UTC))

    rollups.roll_up(now=NOON)

    assert dict(DonationHour.objects.values_list("day", "amount")) == {
        TODAY: Decimal("1.00"),
        TODAY - timedelta(days=1): Decimal("2.00"),
    }


def test_a_late_refund_changes_the_day_of_its_donation():
    donation = make_donation(UserFactory(), OnlusFactory(), "10.00", now=NOON - timedelta(days=30))
    gone = make_donation(UserFactory(), OnlusFactory(), "7.00", now=NOON - timedelta(days=30))
    rollups.roll_up(now=NOON - timedelta(days=20))

    take_back(donation, "3.00", now=NOON)
    take_back(gone, now=NOON)
    made = rollups.roll_up(now=NOON)

    hour = DonationHour.objects.get()
    assert (hour.count, hour.amount, hour.given_count, hour.given_amount, hour.refunded_amount) == (
        1,
        Decimal("7.00"),
        2,
        Decimal("17.00"),
        Decimal("10.00"),
    )
    assert DonorDay.objects.count() == 1
    assert made == 2  # the donation's day, and the day money moved back
    assert rollups.differences() == []


def test_what_was_committed_late_is_found():
    rollups.roll_up(now=NOON)

    make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON - timedelta(minutes=9))
    rollups.roll_up(now=NOON + timedelta(minutes=1))

    assert DonationHour.objects.get().amount == Decimal("5.00")


def test_rolling_up_again_changes_nothing():
    make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON)

    rollups.roll_up(now=NOON)
    before = list(TransferDay.objects.order_by("pk").values_list("kind", "debit_kind", "amount", "count"))
    rollups.roll_up(now=NOON)
    rollups.roll_up(now=NOON + timedelta(days=2))

    after = list(TransferDay.objects.order_by("pk").values_list("kind", "debit_kind", "amount", "count"))
    assert sorted(before) == sorted(after)
    assert RollupState.objects.get().rolled_to == NOON + timedelta(days=2)


@pytest.mark.parametrize("seed", range(4))
def test_rollups_equal_a_fresh_sum_after_any_history(seed):
    chance = random.Random(seed)
    players, organisations = UserFactory.create_batch(3), OnlusFactory.create_batch(2)
    fund_pool(now=NOON)
    made, now = [], NOON

    for _step in range(40):
        now += timedelta(minutes=chance.choice([1, 7, 50, 600, 3000]))
        amount = f"{chance.randint(1, 2000) / 100:.2f}"
        what = chance.random()
        open_gifts = [each for each in made if each.status == "completed"]
        if what < 0.5:
            made.append(make_donation(chance.choice(players), chance.choice(organisations), amount, now=now))
        elif what < 0.6:
            give_credits(chance.choice(players), amount, now=now)
        elif what < 0.75 and open_gifts:
            gift = chance.choice(open_gifts)
            part = gift.net_amount if chance.random() < 0.5 else Decimal("0.01")
            made[made.index(gift)] = take_back(gift, str(part), now=now).donation
        elif what > 0.8:
            rollups.roll_up(now=now)
    rollups.roll_up(now=now)

    assert rollups.differences() == []


def test_the_nightly_proof_finds_a_wrong_row():
    make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON)
    rollups.roll_up(now=NOON + timedelta(hours=1))
    OnlusDay.objects.update(amount=Decimal("6.00"))

    with pytest.raises(RollupsDiffer) as refused:
        tasks.verify_rollups()

    assert str(refused.value) == "OnlusDay 2026-03-14: 1 rows missing, 1 too many"
    assert JobRun.objects.get(pk="donations.tasks.verify_rollups").last_error


def test_rebuilding_puts_wrong_rows_right():
    make_donation(UserFactory(), OnlusFactory(), "5.00", now=NOON)
    make_donation(UserFactory(), OnlusFactory(), "8.00", now=NOON - timedelta(days=3))
    rollups.roll_up(now=NOON)
    OnlusDay.objects.update(amount=Decimal("6.00"))

    call_command("rebuild_rollups", "--since", "2026-03-14")
    partly = dict(OnlusDay.objects.values_list("day", "amount"))
    call_command("rebuild_rollups")

    assert partly == {TODAY: Decimal("5.00"), TODAY - timedelta(days=3): Decimal("6.00")}
    assert rollups.differences() == []
