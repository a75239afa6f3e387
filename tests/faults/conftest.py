from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection

from tests.faults.broker import own_broker
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


@pytest.fixture
def worked(prepared, tmp_path) -> Iterator[Server]:
    """The same installation as in production: events go to RabbitMQ, and only a worker carries them."""
    with own_broker() as url:
        server = Server(prepared.database, tmp_path, CELERY_BROKER_URL=url, EVENT_DELIVERY="celery")
        server.mailbox = prepared.mailbox
        server.start()
        yield server
        if server.is_running():
            server.kill()


@pytest.fixture(scope="module")
def stories(prepared) -> dict[str, str]:
    """Two stories anybody in these tests reaches, and one nobody does."""
    reached = {"five cents": ("total_donated", "0.05"), "one gift": ("donation_count", "1")}
    out_of_reach = {"a fortune": ("total_donated", "100000.00")}
    return {
        title: prepared.stage("publish_story", title=title, condition=condition, value=value)
        for title, (condition, value) in (reached | out_of_reach).items()
    }


@pytest.fixture(scope="module")
def handlers(prepared) -> list[str]:
    found = prepared.stage("handlers_of_a_gift")
    assert "donations.issue_receipt" in found
    return found


@pytest.fixture
def onlus_id(prepared) -> str:
    return prepared.stage("open_onlus", name=f"Mani Tese {uuid4().hex[:6]}")
