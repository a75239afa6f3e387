from collections.abc import Iterator

import pytest

from tests.payments.benches import SandboxStand
from tests.payments.local_server import LocalServer
from tests.payments.paypal_server import PaypalServer
from tests.payments.stripe_server import StripeServer
from tests.proved_books import books_balance  # noqa: F401  (a fixture)


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
