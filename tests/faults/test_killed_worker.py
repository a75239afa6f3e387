"""Kill -9 of a worker in the middle of an event: the broker hands it to the next one, and its effect comes once."""

import pytest

from tests.faults.facts import all_delivered, receipts_of, unlocks_of, waiting_for_a_lock
from tests.faults.server import Player, eventually

pytestmark = [pytest.mark.faults, pytest.mark.postgresql, pytest.mark.slow]


@pytest.fixture
def workers(worked):
    """Call it to start a worker; whichever still runs at the end is killed."""
    started = []

    def start():
        started.append(worked.worker())
        return started[-1]

    yield start
    for worker in started:
        if worker.is_running():
            worker.kill()


def test_kill_of_a_worker_inside_a_handler_loses_nothing_and_doubles_nothing(
    worked, workers, onlus_id, stories, handlers
):
    first = workers()
    alice = Player(worked, "alice")
    worked.stage("fund", email=alice.email, amount="50.00")
    with worked.database.table_locked("donations_receipt"):
        answer = alice.post("/api/donations/create", {"amount": "50.00", "onlus_id": onlus_id})
        assert answer.status == 201, answer.body
        eventually(lambda: waiting_for_a_lock(worked), "the handler to wait", log=first.log)
        first.kill()
    assert receipts_of(worked, answer.data["donation_id"]) == 0

    second = workers()

    eventually(lambda: all_delivered(worked, handlers), "the deliveries", log=second.log)
    assert receipts_of(worked, answer.data["donation_id"]) == 1
    assert unlocks_of(worked, alice, stories) == ["five cents", "one gift"]
    assert "balance" in worked.manage("verify_books")
