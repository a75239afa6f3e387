import pytest

from donations.queries.books import contradictions


@pytest.fixture(autouse=True)
def books_balance(real_transactions):
    """Journeys commit for real, and the books must balance at their end."""
    yield
    assert contradictions() == []


@pytest.fixture
def served(real_transactions, request, settings):
    """The whole product behind an address: the sandbox sends its notifications there.

    The server is asked for here and not by name, so that its own commits begin after the tables are unlocked.
    """
    server = request.getfixturevalue("live_server")
    settings.PUBLIC_URL = server.url
    return server
