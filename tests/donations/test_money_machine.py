"""Any order of anything: the ledger and a plain reckoning beside it agree on every cent after every step.

MONEY_MACHINE_EXAMPLES and MONEY_MACHINE_STEPS make the search longer, and then another one each time;
MONEY_MACHINE_AUDITED_EVERY=1 proves the whole books after each step too.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.machines import Contested, Everything, PaidOut

SEARCH = settings(
    max_examples=int(os.environ.get("MONEY_MACHINE_EXAMPLES", "6")),
    stateful_step_count=int(os.environ.get("MONEY_MACHINE_STEPS", "40")),
    derandomize="MONEY_MACHINE_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.postgresql
@pytest.mark.slow
@pytest.mark.parametrize("machine", [Everything, Contested, PaidOut])
def test_no_order_of_events_loses_or_doubles_a_cent(house, machine):
    run_state_machine_as_test(machine, settings=SEARCH)
