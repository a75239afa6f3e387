import pytest

from donations.queries.books import contradictions
from tests.payments.benches import SandboxStand, sandbox_bench
from tests.payments.intents import Desk, account_at
from tests.proved_books import proved


@pytest.fixture(autouse=True)
def books_balance(request):
    """After every test that had a database, the books must balance."""
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


@pytest.fixture
def desk(db) -> Desk:
    bench = sandbox_bench(SandboxStand())
    return Desk(bench, account_at(bench))
