"""How payments go: counted by the day they were begun on, timed, and what they cost."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from donations.operations import payment_confirming, rollups
from donations.queries.analytics.payments import by_provider, payment_analytics
from goodplay.lib.admin.dashboards import Period
from tests.factories.accounts import UserFactory
from tests.payments.benches import SandboxStand, sandbox_bench
from tests.payments.intents import Desk, account_at

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
TODAY = Period(date(2026, 3, 14), date(2026, 3, 14))


@pytest.fixture
def paid(db):
    """Two payments of 2.5 and 10 seconds, and one that nobody made."""
    with time_machine.travel(NOON, tick=False) as clock:
        bench = sandbox_bench(SandboxStand())
        desk = Desk(bench, account_at(bench))
        for amount, took in (("50.00", 2.5), ("20.00", 10)):
            player = UserFactory()
            intent = desk.begin(player, amount)
            clock.shift(timedelta(seconds=took))
            payment_confirming.confirm(
                player=player, intent_id=intent.pk, method=bench.good, now=timezone.now()
            )
        desk.begin(UserFactory(), "30.00")
        rollups.roll_up(now=timezone.now())


def test_payments_are_counted_timed_and_priced(paid):
    found = payment_analytics(TODAY)

    assert found["success_metrics"] == {
        "total_payment_intents": 3,
        "successful_payments": 2,
        "failed_payments": 0,
        "cancelled_payments": 0,
        "pending_payments": 1,
        "success_rate": Decimal("66.67"),
    }
    assert found["performance_metrics"] == {
        "average_processing_time_seconds": Decimal("6.2"),
        "median_processing_time_seconds": Decimal("6.2"),
        "fastest_payment_seconds": Decimal("2.5"),
        "slowest_payment_seconds": Decimal("10.0"),
    }
    fees = found["fee_analysis"]
    assert fees["total_processed_amount"] == Decimal("70.00")
    assert fees["net_amount"] + fees["total_fees"] == Decimal("70.00")


def test_one_means_of_payment_is_shown_alone(paid):
    assert payment_analytics(TODAY, "card")["success_metrics"]["successful_payments"] == 2
    assert payment_analytics(TODAY, "paypal")["success_metrics"]["total_payment_intents"] == 0


def test_providers_are_summed_apart(paid):
    [sums] = by_provider(TODAY)

    assert (sums["method"], sums["intents"], sums["succeeded"], sums["amount"]) == (
        "card",
        3,
        2,
        Decimal("70.00"),
    )
