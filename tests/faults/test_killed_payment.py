"""Kill -9 between our books and the provider's: asked again, both end up saying the same, once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.client import HTTPException

import pytest

from tests.faults.facts import waiting_for_a_lock
from tests.faults.server import Answer, Player, Server, eventually

pytestmark = [pytest.mark.faults, pytest.mark.postgresql, pytest.mark.slow]
NET = Decimal("48.25")  # of 50.00


@pytest.fixture
def server(prepared, tmp_path) -> Iterator[Server]:
    """An installation that takes payments in the sandbox."""
    allowed = {"SANDBOX_PAYMENTS": "true", "SANDBOX_PAYMENTS_IN_PRODUCTION": "true"}
    server = Server(prepared.database, tmp_path, **allowed)
    server.settings["PUBLIC_URL"] = f"http://127.0.0.1:{server.port}"
    server.start()
    yield server
    if server.is_running():
        server.kill()


@contextmanager
def killed_in(server: Server, table: str) -> Iterator[None]:
    """Let what is asked inside get as far as this table, and kill the server there. Then it runs again."""
    with server.database.table_locked(table):
        yield
        eventually(lambda: waiting_for_a_lock(server), f"somebody to wait for {table}", log=server.log)
        server.kill()
    server.start()


def ask(player: Player, path: str, body: object, key: str) -> None:
    """Send what will never be answered."""

    def send() -> None:
        try:
            player.post(path, body, key=key)
        except (OSError, HTTPException):
            return

    threading.Thread(target=send, daemon=True).start()


def begun(player: Player) -> str:
    answer = player.post("/api/payments/intent", {"amount": "50.00"}, key="begin")
    assert answer.status == 201, answer.body
    return answer.data["intent_id"]


def pay(player: Player, intent_id: str) -> Answer:
    return player.post(
        f"/api/payments/{intent_id}/confirm", {"payment_method_id": "test_succeeds"}, key="pay"
    )


def balance(player: Player) -> Decimal:
    return Decimal(str(player.get("/api/wallet").data["current_balance"]))


def rows(server: Server, table: str, column: str, value: str) -> int:
    return server.database.value(f"SELECT count(*) FROM {table} WHERE {column}::text = %s", value)  # noqa: S608


def test_kill_before_the_provider_is_asked_begins_one_payment(server):
    alice = Player(server, "alice")
    with killed_in(server, "sandbox_sandboxpayment"):
        ask(alice, "/api/payments/intent", {"amount": "50.00"}, "begin")
    assert rows(server, "donations_paymentintent", "player_id", alice.id) == 1
    assert rows(server, "sandbox_sandboxpayment", "payer", alice.id) == 0
    server.stage("forget_who_is_running")

    intent_id = begun(alice)

    assert rows(server, "donations_paymentintent", "player_id", alice.id) == 1
    assert rows(server, "sandbox_sandboxpayment", "reference", intent_id) == 1
    assert pay(alice, intent_id).status == 200
    assert balance(alice) == NET
    assert "balance" in server.manage("verify_books")


def test_kill_after_the_provider_was_paid_credits_once(server):
    alice = Player(server, "alice")
    intent_id = begun(alice)
    with killed_in(server, "donations_transfer"):
        path = f"/api/payments/{intent_id}/confirm"
        ask(alice, path, {"payment_method_id": "test_succeeds"}, "pay")
    paid = "SELECT count(*) FROM sandbox_sandboxpayment WHERE reference::text = %s AND status = 'succeeded'"
    assert server.database.value(paid, intent_id) == 1

    server.stage("look_after_payments")
    server.stage("look_after_payments")

    assert alice.get(f"/api/payments/{intent_id}/status").data["status"] == "succeeded"
    assert balance(alice) == NET
    server.stage("forget_who_is_running")
    assert pay(alice, intent_id).status == 200
    assert balance(alice) == NET
    assert rows(server, "sandbox_sandboxpayment", "payer", alice.id) == 1
    assert "balance" in server.manage("verify_books")


def test_kill_before_the_provider_gives_back_gives_back_once(server):
    alice = Player(server, "alice")
    intent_id = begun(alice)
    assert pay(alice, intent_id).status == 200
    with killed_in(server, "sandbox_sandboxrefund"):
        ask(alice, f"/api/payments/{intent_id}/refund", {"amount": "20.00", "reason": "Too much"}, "back")
    assert rows(server, "sandbox_sandboxrefund", "amount", "20.00") == 0
    held = balance(alice)
    assert held < NET

    server.stage("look_after_payments")
    server.stage("look_after_payments")

    assert rows(server, "sandbox_sandboxrefund", "amount", "20.00") == 1
    assert rows(server, "donations_paymentrefund", "intent_id", intent_id) == 1
    assert alice.get(f"/api/payments/{intent_id}/status").data["status"] == "partially_refunded"
    assert balance(alice) == held
    assert "balance" in server.manage("verify_books")
