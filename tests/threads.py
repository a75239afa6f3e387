"""Running something many times at the same moment, each in a thread with its own database connection."""

import os
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

# Of the hundred a stock server has; the workers of a parallel run share them.
CONNECTIONS = 80 // max(2, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    """Call `call(number)` in `count` threads released together; return results or the exceptions that rose."""
    gate, database = threading.Barrier(count), threading.BoundedSemaphore(CONNECTIONS)
    results: list[Any] = [None] * count

    def run(number: int) -> None:
        try:
            gate.wait(timeout=60)
            with database:
                try:
                    results[number] = call(number)
                finally:
                    connections.close_all()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    return results


def crowd(on_postgresql: int, elsewhere: int) -> int:
    """Size a race to the engine: SQLite has one writer at a time and proves little with many."""
    return on_postgresql if connection.vendor == "postgresql" else elsewhere
