import pytest

from donations.queries.books import contradictions


@pytest.fixture(autouse=True)
def books_balance(request):
    """After every donations test that had a database, the books must balance."""
    databases = [name for name in ("real_transactions", "db") if name in request.fixturenames]
    if "django_db" in request.keywords:
        databases.append("db")
    has_database = [request.getfixturevalue(name) for name in databases[:1]]
    yield
    if has_database and "unbalanced" not in request.keywords:
        assert contradictions() == []
