import pytest

from goodplay.lib.events.handlers import HANDLERS, reacts_to
from goodplay.lib.events.signals import SIGNALS, DomainSignal


@pytest.fixture
def signal():
    """A signal of the test's own, forgotten afterwards."""
    made = DomainSignal("test_happened", facts=lambda **facts: facts, aggregate="who")
    yield made
    del SIGNALS["test_happened"]


@pytest.fixture
def handle():
    """Register handlers for the test, forgotten afterwards."""
    known = set(HANDLERS)

    def register(signal, function, **options):
        reacts_to(signal, **options)(function)
        return HANDLERS[f"tests.{function.__name__}"]

    yield register
    for name in set(HANDLERS) - known:
        del HANDLERS[name]
