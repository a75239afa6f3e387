import pytest

from donations.queries.books import contradictions


@pytest.fixture(autouse=True)
def books_balance(request):
    """After every donations test that had a database, the books must balance."""
    has_database = {"db", "transactional_db", "real_transactions"} & set(request.fixturenames)
    yield
    if has_database and "unbalanced" not in request.keywords:
        assert contradictions() == []
