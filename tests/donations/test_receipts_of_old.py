"""Receipts issued before they had codes and figures, brought forward on a database of their own."""

import json
from types import SimpleNamespace

import pytest
from django.db import connection

from tests.faults.database import own_database
from tests.faults.server import Server

pytestmark = pytest.mark.slow


@pytest.fixture
def installation(tmp_path):
    if connection.vendor == "sqlite":
        database = SimpleNamespace(url=f"sqlite:///{tmp_path}/goodplay.sqlite3")
        yield Server(database, tmp_path, DEBUG="true")
        return
    with own_database() as database:
        yield Server(database, tmp_path, DEBUG="true")


def test_receipts_of_old_get_codes_and_the_figures_they_say(installation):
    _receipts(installation, "issue")

    installation.manage("migrate", "donations", "0018", "--verbosity", "0")

    found = _receipts(installation, "read")
    assert found["rows"] == [
        [1, "thank_you", "1.10", "0.00", 2025, False],
        [2, "gift", "3.10", "2.00", 2026, False],
    ]
    assert sorted(map(len, found["codes"])) == [16, 16]
    assert len(set(found["codes"])) == 2
    assert (found["out of line"], found["can be changed"]) == (0, False)


def _receipts(installation, step):
    done = installation.run("-W", "ignore", "-m", "tests.donations.old_receipts", step)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout.splitlines()[-1])
