from decimal import Decimal

import pytest

from donations.payments.registry import PROVIDERS
from donations.queries.books import contradictions
from tests.proved_books import proved


@pytest.fixture(autouse=True)
def books_balance(request):
    """After every donations test that had a database, the books must balance."""
    databases = [name for name in ("real_transactions", "db") if name in request.fixturenames]
    if "django_db" in request.keywords:
        databases.append("db")
    has_database = [request.getfixturevalue(name) for name in databases[:1]]
    if not has_database or "unbalanced" in request.keywords:
        yield
    elif "real_transactions" in request.fixturenames:  # threads and servers write unseen
        yield
        assert contradictions() == []
    else:
        with proved():
            yield


@pytest.fixture
def house(db, settings, monkeypatch):
    """What the money machine stands in: events wait until it does what follows; every draw on the pool is reckoned."""
    settings.EVENT_DELIVERY = "sweep"
    settings.POOL_MARGIN_EUR = Decimal("0.00")
    settings.TOP_UP_FEE_PERCENT = Decimal("1")
    monkeypatch.setitem(PROVIDERS, "sandbox", "tests.machine.provider.MemoryProvider")
