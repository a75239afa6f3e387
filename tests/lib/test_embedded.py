"""`manage.py serve` as people start it: on SQLite, with nothing else running."""

import shutil
import socket
from types import SimpleNamespace

import pytest

from goodplay.lib.embedded import AddressTaken, listen
from tests.faults.server import Server

pytestmark = pytest.mark.slow

DATABASE = "goodplay.sqlite3"


def _server(folder):
    return Server(SimpleNamespace(url=f"sqlite:///{folder}/{DATABASE}"), folder, DEBUG="true")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A database as `make run` makes it, to be copied: making it takes longest."""
    folder = tmp_path_factory.mktemp("migrated")
    server = _server(folder)
    server.manage("migrate", "--no-input", "--verbosity", "0")
    return folder / DATABASE


@pytest.fixture
def installation(tmp_path, migrated):
    shutil.copy(migrated, tmp_path / DATABASE)
    server = _server(tmp_path)
    yield server
    if server.is_running():
        server.kill()


def test_serve_says_where_it_is_and_stops_cleanly_when_asked(installation):
    installation.start()

    docs = installation.client().get("/api/docs/")
    code = installation.stop()

    assert (docs.status, code) == (200, 0)
    said = installation.log().split()
    assert f"http://127.0.0.1:{installation.port}/api/docs/" in said
    assert str(installation.mailbox) in said
    assert installation.log().rstrip().endswith("GoodPlay has stopped.")


def test_serve_carries_events_without_a_broker(installation):
    installation.start()

    answer = installation.client().post(
        "/api/auth/register", {"email": "alice@example.org", "password": "a long phrase of my own"}
    )

    assert answer.status == 201
    assert installation.mailed_token("alice@example.org")


def test_serve_refuses_a_taken_port_in_words(installation):
    with socket.create_server(("127.0.0.1", installation.port)):
        done = installation.run("manage.py", "serve", "--port", str(installation.port))

    assert done.returncode == 1
    assert done.stdout == (
        f"CommandError: Cannot listen on 127.0.0.1:{installation.port} (Address already in use). "
        f"Choose another port: make run PORT={installation.port + 1}\n"
    )


def test_listen_takes_the_address_at_once():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(AddressTaken):
        listen("127.0.0.1", taken.getsockname()[1])
