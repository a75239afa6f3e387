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


def test_kill_of_a_worker_inside_a_batch_carries_each_line_out_once(worked, workers):
    batch_id = worked.stage("run_batch", lines=12, begun=3)
    with worked.database.table_locked("donations_transfer"):
        first = workers()
        eventually(lambda: waiting_for_a_lock(worked), "a line to wait", log=first.log)
        first.kill()
    assert lines_of(worked, batch_id) == {"completed": 3, "pending": 9}

    second = workers()

    eventually(lambda: status_of(worked, batch_id) == "completed", "the end of the batch", log=second.log)
    assert lines_of(worked, batch_id) == {"completed": 12}
    gifts = worked.database.value(
        "SELECT count(*) FROM donations_donation d JOIN donations_batchline l ON l.donation_id = d.id"
        " WHERE l.batch_id = %s AND d.status = 'completed' AND d.amount = l.amount",
        batch_id,
    )
    assert gifts == worked.database.value(
        "SELECT count(DISTINCT player_id) FROM donations_batchline WHERE batch_id = %s", batch_id
    )
    assert gifts == worked.database.value("SELECT count(*) FROM donations_donation WHERE origin = 'batch'")
    assert "balance" in worked.manage("verify_books")


def lines_of(server, batch_id):
    rows = server.database.rows(
        "SELECT status, count(*) FROM donations_batchline WHERE batch_id = %s GROUP BY status", batch_id
    )
    return dict(rows)


def status_of(server, batch_id):
    return server.database.value("SELECT status FROM donations_batchoperation WHERE id = %s", batch_id)
