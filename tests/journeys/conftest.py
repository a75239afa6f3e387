import pytest

from donations.queries.books import contradictions


@pytest.fixture(autouse=True)
def books_balance(real_transactions):
    """Journeys commit for real, and the books must balance at their end."""
    yield
    assert contradictions() == []


@pytest.fixture
def served(real_transactions, live_server, settings):
    """The whole product behind an address: the sandbox sends its notifications there."""
    settings.PUBLIC_URL = live_server.url
    return live_server
