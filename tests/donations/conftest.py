from decimal import Decimal

import pytest

from donations.payments.registry import PROVIDERS
from tests.proved_books import books_balance  # noqa: F401  (a fixture)


@pytest.fixture
def house(db, settings, monkeypatch):
    """What the money machine stands in: events wait until it does what follows; every draw on the pool is reckoned."""
    settings.EVENT_DELIVERY = "sweep"
    settings.POOL_MARGIN_EUR = Decimal("0.00")
    settings.TOP_UP_FEE_PERCENT = Decimal("1")
    monkeypatch.setitem(PROVIDERS, "sandbox", "tests.machine.provider.MemoryProvider")
