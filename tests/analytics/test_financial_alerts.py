"""What staff are warned of about money: raised once, counted up, resolved when it is over."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from donations.operations import financial_alerts
from goodplay.lib.alerts.models import Alert
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import fund_pool, give_credits, make_donation, take_back

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here reads the books."""


def facts():
    return [
        (each.data["metric"], each.alert_type, each.severity, each.data["current_value"], each.count)
        for each in Alert.objects.unresolved().filter(area="financial").order_by("dedupe_key")
    ]


def a_month_of_tens(days=30):
    donor, onlus = UserFactory(), OnlusFactory()
    for number in range(2, days + 2):
        make_donation(donor, onlus, "10.00" if number % 2 else "12.00", now=NOON - timedelta(days=number))
    return donor, onlus


def test_nothing_is_wrong_in_an_empty_house():
    assert financial_alerts.watch(now=NOON) == []
    assert facts() == []


@pytest.mark.parametrize(("back", "warned"), [("10.00", False), ("10.01", True)])
def test_refunds_above_a_tenth_are_told(back, warned):
    gift = make_donation(UserFactory(), OnlusFactory(), "100.00", now=NOON)
    take_back(gift, back, now=NOON)

    financial_alerts.watch(now=NOON)

    expected = [("refunded_share", "threshold", "high", back, 1)] if warned else []
    assert [fact for fact in facts() if fact[0] == "refunded_share"] == expected


def test_an_alert_counts_up_and_ends_when_its_cause_does():
    gift = make_donation(UserFactory(), OnlusFactory(), "100.00", now=NOON)
    take_back(gift, "50.00", now=NOON)

    financial_alerts.watch(now=NOON)
    financial_alerts.watch(now=NOON + timedelta(hours=1))
    twice = facts()
    make_donation(UserFactory(), OnlusFactory(), "900.00", now=NOON + timedelta(hours=2))
    financial_alerts.watch(now=NOON + timedelta(hours=2))

    assert [fact for fact in twice if fact[0] == "refunded_share"] == [
        ("refunded_share", "threshold", "high", "50.00", 2)
    ]
    assert [fact for fact in facts() if fact[0] == "refunded_share"] == []


@pytest.mark.parametrize(("amount", "warned"), [("11.00", False), ("300.00", True)])
def test_a_day_further_off_than_any_before_is_told(amount, warned):
    donor, onlus = a_month_of_tens()
    make_donation(donor, onlus, amount, now=NOON - timedelta(days=1))

    wrong = financial_alerts.watch(now=NOON)

    assert ("daily_volume" in wrong) is warned
    assert [fact[:4] for fact in facts() if fact[0] == "daily_volume"] == (
        [("daily_volume", "anomaly", "medium", amount)] if warned else []
    )


def test_a_few_days_are_no_measure_of_the_unusual():
    donor, onlus = a_month_of_tens(days=10)
    make_donation(donor, onlus, "300.00", now=NOON - timedelta(days=1))

    assert "daily_volume" not in financial_alerts.watch(now=NOON)


@pytest.mark.parametrize(("funded", "warned"), [("32.00", True), ("60.00", False)])
def test_a_pool_that_runs_out_is_told(funded, warned):
    fund_pool(funded, now=NOON - timedelta(days=60))
    give_credits(UserFactory(), Decimal("30.00"), now=NOON - timedelta(days=29), draws=True)

    assert ("reward_pool_runway" in financial_alerts.watch(now=NOON)) is warned
