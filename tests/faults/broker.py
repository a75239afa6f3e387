"""A corner of RabbitMQ for one test run: a virtual host that nobody else sends to."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def own_broker() -> Iterator[str]:
    """Yield the URL of a fresh virtual host on this machine's RabbitMQ; skip where there is none to command."""
    if not _listens() or shutil.which("rabbitmqctl") is None or _control("status").returncode:
        pytest.skip("needs RabbitMQ on 127.0.0.1:5672 and the right to run rabbitmqctl (.ci/run starts it)")
    name = f"goodplay_faults_{os.getpid()}"
    _control("add_vhost", name).check_returncode()
    try:
        _control("set_permissions", "-p", name, "guest", ".*", ".*", ".*").check_returncode()
        yield f"amqp://guest:guest@127.0.0.1:5672/{name}"
    finally:
        _control("delete_vhost", name).check_returncode()


def _control(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["rabbitmqctl", "--quiet", *arguments], capture_output=True)  # noqa: S603, S607


def _listens() -> bool:
    try:
        socket.create_connection(("127.0.0.1", 5672), timeout=2).close()
    except OSError:
        return False
    return True
