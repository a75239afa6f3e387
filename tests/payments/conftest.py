from collections.abc import Iterator

import pytest

from donations.queries.books import contradictions
from tests.payments.benches import SandboxStand
from tests.payments.local_server import LocalServer
from tests.payments.paypal_server import PaypalServer
from tests.payments.stripe_server import StripeServer
from tests.proved_books import proved


@pytest.fixture
def stripe_server() -> Iterator[StripeServer]:
    yield from _running(StripeServer())


@pytest.fixture
def paypal_server() -> Iterator[PaypalServer]:
    yield from _running(PaypalServer())


@pytest.fixture
def sandbox_stand(db) -> SandboxStand:
    return SandboxStand()


def _running(server: LocalServer) -> Iterator[LocalServer]:
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def books_balance(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test of payments that had a database, the books must balance."""
    names = [name for name in ("real_transactions", "db") if name in request.fixturenames]
    if "django_db" in request.keywords:
        names.append("db")
    for name in names[:1]:
        request.getfixturevalue(name)
    if not names or "unbalanced" in request.keywords:
        yield
    elif "real_transactions" in request.fixturenames:  # threads and servers write unseen
        yield
        assert contradictions() == []
    else:
        with proved():
            yield
