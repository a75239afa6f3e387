import pytest

from tests.payments.benches import SandboxStand, sandbox_bench
from tests.payments.intents import Desk, account_at
from tests.proved_books import books_balance  # noqa: F401  (a fixture)


@pytest.fixture
def desk(db) -> Desk:
    bench = sandbox_bench(SandboxStand())
    return Desk(bench, account_at(bench))
