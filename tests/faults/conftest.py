from collections.abc import Iterator

import pytest
from django.db import connection

from tests.faults.database import own_database
from tests.faults.server import Server


def pytest_collection_modifyitems(items):
    if connection.vendor != "postgresql":
        skip = pytest.mark.skip(reason="needs PostgreSQL: make test-faults")
        for item in items:
            if "faults" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="module")
def database():
    with own_database() as database:
        yield database


@pytest.fixture(scope="module")
def prepared(database, tmp_path_factory) -> Server:
    """A migrated installation that is not running yet."""
    server = Server(database, tmp_path_factory.mktemp("installation"))
    server.manage("migrate", "--no-input", "--verbosity", "0")
    return server


@pytest.fixture
def server(prepared) -> Iterator[Server]:
    """The installation, running. Whatever is left of it afterwards is killed."""
    prepared.start()
    yield prepared
    if prepared.is_running():
        prepared.kill()
