"""What the financial exports hold."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from donations.exportables import build_financial
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import make_donation, take_back

NOON = datetime(2026, 3, 14, 11, tzinfo=UTC)
DAYS = {"first": "2026-03-13", "last": "2026-03-14"}


@pytest.fixture(autouse=True)
def gift(db):
    """Alice gave 12.34 of which one euro went back; the day before that there was a gift out of the period."""
    alice, onlus = UserFactory(display_name="Alice"), OnlusFactory(name="Il Sentiero")
    make_donation(alice, onlus, "99.00", now=NOON - timedelta(days=2))
    gift = make_donation(alice, onlus, "12.34", now=NOON)
    take_back(gift, "1.00", now=NOON)
    return gift


def rows(export_type):
    return [list(row) for row in build_financial({"export_type": export_type, **DAYS}, NOON).rows]


def test_transactions_are_the_donations_without_their_donors(gift):
    assert rows("transactions") == [
        [NOON, gift.pk, "Il Sentiero", *map(Decimal, ("12.34", "12.34", "0.00", "1.00")), "user_initiated"]
    ]


def test_metrics_are_the_days():
    assert rows("metrics") == [
        [date(2026, 3, 13), Decimal("0.00"), 0, Decimal("0.00")],
        [date(2026, 3, 14), Decimal("11.34"), 1, Decimal("11.34")],
    ]


def test_the_dashboard_is_every_figure_by_its_name():
    found = {(section, name): value for section, name, value in rows("dashboard")}

    assert found[("core_metrics", "total_volume.current")] == Decimal("11.34")
    assert found[("user_analytics", "user_segments.new_donors")] == 1
    assert found[("payment_analytics", "success_metrics.total_payment_intents")] == 0


def test_analytics_are_payments_and_cohorts():
    found = rows("analytics")

    assert [date(2026, 1, 1), "registered", 1] in found
    assert [date(2026, 1, 1), "donors_month_2", 1] in found
