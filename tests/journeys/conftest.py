import pytest

from donations.queries.books import contradictions


@pytest.fixture(autouse=True)
def books_balance(real_transactions):
    """Journeys commit for real, and the books must balance at their end."""
    yield
    assert contradictions() == []
