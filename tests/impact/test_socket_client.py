"""The real npm client (socket.io-client) against the real server: what a player's page hears, and what it missed."""

import json
import queue
import shutil
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings

from impact.operations.milestones import record_community_milestones
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import let_pass, make_donation
from tests.factories.impact import NOW
from tests.impact.test_sockets import port, token_of  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.slow, pytest.mark.documents, pytest.mark.django_db]
CLIENT = "socket.io-client@4.8.1"
ROOM = Path(settings.BASE_DIR) / "var/socket.io-client"
PATIENCE = 20  # seconds


@pytest.fixture(scope="module")
def script():
    """The client's script beside its packages, which npm brings once."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("needs node and npm")
    if not (ROOM / "node_modules/socket.io-client").exists():
        ROOM.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(ROOM), CLIENT]
        done = subprocess.run(npm, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
        if done.returncode:
            pytest.skip(f"npm could not bring {CLIENT}: {done.stderr[-200:]}")
    shutil.copy(Path(__file__).with_name("client.mjs"), ROOM)
    return ROOM / "client.mjs"


class Client:
    """One page: its process, and what it has said so far."""

    def __init__(self, process):
        self.process, self.said, self.passed = process, queue.Queue(), []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.said.put(json.loads(line))

    def hears(self, wanted):
        """Wait for the event, unless it came before, and return its data."""
        for number, (name, data) in enumerate(self.passed):
            if name == wanted:
                del self.passed[number]
                return data
        while True:
            name, data = self.said.get(timeout=PATIENCE)
            if name == wanted:
                return data
            self.passed.append((name, data))

    def forgets(self):
        """Leave aside what came so far, and return the names."""
        while self.said.qsize():
            self.passed.append(self.said.get_nowait())
        names = [name for name, _data in self.passed]
        self.passed = []
        return names

    def tell(self, word):
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()


@pytest.fixture
def browse(script, port):  # noqa: F811  (the fixture of test_sockets)
    """Open pages whose processes end with the test."""
    with ExitStack() as pages:

        def opened(token=""):
            command = ["node", str(script), f"http://127.0.0.1:{port}", token]
            process = pages.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
            )
            pages.callback(process.kill)
            return Client(process)

        yield opened


def test_the_client_everybody_uses_hears_its_players_events_and_misses_nothing(browse, settled, api):
    player = UserFactory()
    page, stranger = browse(token_of(player)), browse()
    assert page.hears("connect") is stranger.hears("connect") is None

    with settled():
        make_donation(player, OnlusFactory(), "0.10")
    assert page.hears("story_unlocked")["story"]["title"] == "The first gift"
    assert page.hears("leaderboard_changed")["board"] == "impact"

    page.tell("drop")
    page.hears("disconnect")
    page.forgets()
    with settled():
        let_pass(make_donation(player, OnlusFactory(), "9999.90"))  # nobody listens
    with settled():
        record_community_milestones(now=NOW)
    assert page.forgets() == []
    page.tell("back")
    page.hears("connect")
    with settled():
        make_donation(player, OnlusFactory(), "0.10")
    assert page.hears("notification")["notification"]["kind"] == "receipt_issued"

    api.force_authenticate(player)
    missed = api.get("/api/notifications", {"per_page": 100}).json()["data"]["notifications"]
    assert {"story_unlocked", "euros_reached", "receipt_issued"} <= {row["kind"] for row in missed}
    assert sum(row["kind"] == "receipt_issued" for row in missed) == 3
    assert stranger.hears("community_milestone")["milestone"]["kind"] == "donations"
    assert "notification" not in stranger.forgets()


def test_the_client_is_told_that_its_token_does_not_hold(browse):
    assert browse("forged").hears("connect_error") == "unauthorized"
