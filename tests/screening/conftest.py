import pytest


@pytest.fixture(autouse=True)
def small_lists(settings):
    """Believe lists as small as those written here by hand."""
    settings.SCREENING_FEWEST_ENTRIES = {"OFAC": 1, "UN": 1, "EU": 1}
