"""Kill -9 at the worst moments: what a player was told stays true, and what follows from it happens once."""

import random
import threading
import time
from decimal import Decimal
from http.client import HTTPException
from uuid import uuid4

import pytest

from tests.faults.facts import (
    all_delivered,
    receipts_of,
    unlocked_stories_shown_to,
    unlocks_of,
    waiting_for_a_lock,
)
from tests.faults.server import Player, Server, eventually

pytestmark = [pytest.mark.faults, pytest.mark.postgresql, pytest.mark.slow]


def test_kill_between_commit_and_delivery_loses_no_receipt_and_no_unlock(server, onlus_id, stories, handlers):
    alice = Player(server, "alice")
    server.stage("fund", email=alice.email, amount="50.00")
    body = {"amount": "50.00", "onlus_id": onlus_id}
    with server.database.table_locked("events_delivery"):
        answer = alice.post("/api/donations/create", body, key="the-gift")
        eventually(lambda: waiting_for_a_lock(server), "the delivery to wait")
        server.kill()
    assert answer.status == 201, answer.body
    donation_id = answer.data["donation_id"]
    assert receipts_of(server, donation_id) == 0
    assert unlocks_of(server, alice, stories) == []

    server.start()

    eventually(lambda: all_delivered(server, handlers), "the deliveries", log=server.log)
    assert receipts_of(server, donation_id) == 1
    assert unlocks_of(server, alice, stories) == ["five cents", "one gift"]
    pdf = alice.get(f"/api/donations/{donation_id}/receipt/download")
    assert (pdf.status, pdf.headers["Content-Type"], pdf.body[:5]) == (200, "application/pdf", b"%PDF-")
    assert unlocked_stories_shown_to(alice, stories) == ["five cents", "one gift"]
    replayed = alice.post("/api/donations/create", body, key="the-gift")
    assert (replayed.status, replayed.body, replayed.headers["Idempotency-Replayed"]) == (
        201,
        answer.body,
        "true",
    )
    server.stage("sweep_from_the_beginning")
    assert receipts_of(server, donation_id) == 1
    assert unlocks_of(server, alice, stories) == ["five cents", "one gift"]
    assert "balance" in server.manage("verify_books")


def test_kill_at_any_moment_of_a_burst_leaves_whole_donations_only(server, onlus_id, stories, handlers):
    players = [Player(server, name) for name in ("alice", "bob", "charlie")]
    for player in players:
        server.stage("fund", email=player.email, amount="100.00")
    donors = [Donor(player, onlus_id) for player in players]
    moments = random.Random(20261122)

    with all_giving(donors):
        for _ in range(4):
            time.sleep(moments.uniform(0.2, 1.2))
            server.kill()
            server.start()
        eventually(
            lambda: all(len(donor.given) >= 10 for donor in donors), "ten gifts of each", log=server.log
        )

    eventually(lambda: all_delivered(server, handlers), "the deliveries", log=server.log)
    for donor in donors:
        assert_whole(server, donor)
        assert unlocks_of(server, donor.player, stories) == ["five cents", "one gift"]
    assert server.database.value("SELECT count(*) = max(number) FROM donations_receipt") is True
    assert server.database.value("SELECT count(*) FROM events_delivery WHERE status <> 'done'") == 0
    assert "balance" in server.manage("verify_books")


def test_stop_finishes_what_was_announced(server, onlus_id):
    alice = Player(server, "alice")
    server.stage("fund", email=alice.email, amount="5.00")

    answer = alice.post("/api/donations/create", {"amount": "5.00", "onlus_id": onlus_id})
    code = server.stop()

    assert (answer.status, code) == (201, 0)
    assert receipts_of(server, answer.data["donation_id"]) == 1


# A player whose app repeats what was not answered ---------------------------------------------------------------


class Donor(threading.Thread):
    """Give one cent again and again; an unanswered gift is sent again with its key until it is answered."""

    def __init__(self, player: Player, onlus_id: str):
        super().__init__(name=player.email)
        self.player, self.onlus_id = player, onlus_id
        self.given: dict[str, str] = {}
        self.refused: list[object] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            self._give(key=uuid4().hex)

    def _give(self, key: str) -> None:
        body = {"amount": "0.01", "onlus_id": self.onlus_id}
        while True:
            try:
                answer = self.player.post("/api/donations/create", body, key=key)
            except (OSError, HTTPException):
                time.sleep(0.05)
                continue
            if answer.status == 201:
                self.given[key] = answer.data["donation_id"]
            elif answer.status == 409 and answer.body["message"] == "IDEMPOTENCY_KEY_IN_USE":
                continue
            else:
                self.refused.append(answer)
            return


class all_giving:  # noqa: N801  (reads as a sentence)
    def __init__(self, donors: list[Donor]):
        self.donors = donors

    def __enter__(self) -> None:
        for donor in self.donors:
            donor.start()

    def __exit__(self, *error: object) -> None:
        for donor in self.donors:
            donor.enough.set()
        for donor in self.donors:
            donor.join()


def assert_whole(server: Server, donor: Donor) -> None:
    """Every gift that was answered exists once, and nothing else does."""
    assert donor.refused == []
    rows = server.database.rows(
        "SELECT d.id::text, d.status, d.amount, count(DISTINCT r.id), count(DISTINCT t.id) FROM donations_donation d"
        " LEFT JOIN donations_receipt r ON r.donation_id = d.id"
        " LEFT JOIN donations_transfer t ON t.transaction_id = d.id WHERE d.donor_id = %s GROUP BY d.id",
        donor.player.id,
    )
    assert {row[0] for row in rows} == set(donor.given.values())
    assert {row[1:] for row in rows} == {("completed", Decimal("0.01"), 1, 1)}
    left = donor.player.get("/api/wallet").data["current_balance"]
    assert Decimal(str(left)) == Decimal("100.00") - Decimal("0.01") * len(rows)
