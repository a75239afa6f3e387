"""Run the document tests on MongoDB's wire: `python -m tests.impact.on_mongodb [pytest arguments]`.

With MONGODB_TEST_URL the server there is used; otherwise one is started for this run, on a free port, in memory.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

STARTS_WITHIN = 30  # seconds


@contextmanager
def server():
    """Start a server that speaks MongoDB's protocol, as a process of its own, and stop it afterwards."""
    program = Path(sys.executable).with_name("secantusd-py")
    if not program.exists():
        sys.exit("The test server is missing: pip install -r requirements-mongodb.txt")
    port = free_port()
    with tempfile.TemporaryFile() as log:
        arguments = [program, "--port", str(port), "--storage-path", ":memory:", "--log-level", "WARNING"]
        process = subprocess.Popen(arguments, stdout=log, stderr=log)  # noqa: S603  (our own arguments)
        try:
            wait_for(port, process)
            yield f"mongodb://127.0.0.1:{port}/goodplay"
        finally:
            process.terminate()
            process.wait(timeout=STARTS_WITHIN)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port, process):
    ends = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < ends:
        with socket.socket() as caller:
            if caller.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("The test server did not start.")


def run_tests(url, arguments):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-m",
        "documents",
        "tests/impact",
        "tests/importing",
        *arguments,
    ]
    return subprocess.call(command, env={**os.environ, "DOCUMENTS_UNDER_TEST": url})  # noqa: S603  (our own command)


if __name__ == "__main__":
    if given := os.environ.get("MONGODB_TEST_URL"):
        sys.exit(run_tests(given, sys.argv[1:]))
    with server() as started:
        sys.exit(run_tests(started, sys.argv[1:]))
