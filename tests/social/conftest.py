from datetime import datetime

import pytest
import time_machine

from goodplay.lib.time import ROME

NOON = datetime(2026, 11, 18, 12, tzinfo=ROME)  # a Wednesday


@pytest.fixture
def noon():
    """Wednesday noon in Rome, and the clock stands still there."""
    with time_machine.travel(NOON, tick=False):
        yield NOON
