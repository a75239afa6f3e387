"""How long until everybody has heard: a community event to thousands of open pages.

    python -m benchmarks.sockets [--sockets 2000] [--rounds 20] [--redis redis://127.0.0.1:6379/15]

As in production the sockets live in an ASGI process of their own, and what emits is another process: Redis carries the event
between them. The pages are real WebSockets on loopback, held by this process, which reads and dates what they hear.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.installation import PROJECT, _free_port

AT_ONCE = 50  # handshakes
PATIENCE = 60  # seconds
EVENT = {
    "milestone": {
        "id": "0192a3b4-0000-7000-8000-000000000000",
        "amount": 100000,
        "title": "A hundred thousand euros",
    },
    "reached_at": "2026-03-04T12:00:00+00:00",
}
EMIT = """
import sys, django
django.setup()
from goodplay.lib import realtime
for line in sys.stdin:
    realtime.emit("community_milestone", {**%r, "round": int(line)})
    print(line.strip(), flush=True)
"""


class Page:
    """One open page: it answers the server's pings and dates what it hears."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.heard: dict[int, float] = {}

    async def join(self) -> None:
        await self.connection.recv()
        await self.connection.send("40/impact,")
        while not str(await self.connection.recv()).startswith("40/impact,"):
            pass

    async def listen(self, arrived: asyncio.Semaphore) -> None:
        async for packet in self.connection:
            if packet == "2":
                await self.connection.send("3")
            elif str(packet).startswith("42/impact,"):
                _name, data = json.loads(str(packet).removeprefix("42/impact,"))
                self.heard[data["round"]] = time.perf_counter()
                arrived.release()


async def measure(options: Namespace, port: int, emitter: "subprocess.Popen[str]") -> dict[str, Any]:
    began = time.perf_counter()
    pages = await open_pages(options.sockets, port)
    opened = time.perf_counter() - began
    arrived = asyncio.Semaphore(0)
    listening = [asyncio.create_task(page.listen(arrived)) for page in pages]
    rounds = [await one_round(number, pages, emitter, arrived) for number in range(options.rounds)]
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    return {"opened": opened, "rounds": rounds}


async def open_pages(count: int, port: int) -> list[Page]:
    turn = asyncio.Semaphore(AT_ONCE)
    address = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"

    async def one() -> Page:
        async with turn:
            page = Page(await connect(address, open_timeout=PATIENCE, ping_interval=None, compression=None))
            await page.join()
            return page

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def one_round(
    number: int, pages: list[Page], emitter: "subprocess.Popen[str]", arrived: asyncio.Semaphore
) -> list[float]:
    """Emit once and return, in milliseconds, when each page heard it; who did not hear it in time is missing."""
    words: Any = emitter.stdin
    began = time.perf_counter()
    words.write(f"{number}\n")
    words.flush()
    try:
        async with asyncio.timeout(PATIENCE):
            for _ in pages:
                await arrived.acquire()
    except TimeoutError:
        pass
    await asyncio.sleep(0.2)
    return sorted((page.heard[number] - began) * 1000 for page in pages if number in page.heard)


def serve(port: int, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "uvicorn", "goodplay.asgi:application", "--port", str(port)]
    options = ["--ws", "websockets-sansio", "--log-level", "warning"]
    process = subprocess.Popen([*command, *options], cwd=PROJECT, env=environment)  # noqa: S603
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        with_open_port = subprocess.run(  # noqa: S603
            [sys.executable, "-c", f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"],
            stderr=subprocess.DEVNULL,
        )
        if with_open_port.returncode == 0:
            return process
        time.sleep(0.2)
    process.terminate()
    raise SystemExit("The server does not start.")


def tell(options: Namespace, result: dict[str, Any], load: float) -> None:
    rounds = result["rounds"][1:]  # the first one warms up
    last = [row[-1] for row in rounds]
    missed = sum(options.sockets - len(row) for row in rounds)
    middle = [median(row) for row in rounds]
    print(f"{options.sockets} sockets open after {result['opened']:.1f} s")
    print(
        f"until all have the event: {median(last):.0f} ms ({min(last):.0f}-{max(last):.0f}); until half have it: "
        f"{median(middle):.0f} ms; 95 of 100 rounds within {quantiles(last, n=20)[-1]:.0f} ms; missed: {missed}"
    )
    print(f"{len(rounds)} rounds; load of this machine before: {load:.1f}")


def main() -> None:
    parser = ArgumentParser(prog="benchmarks.sockets", description=__doc__)
    parser.add_argument("--sockets", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--redis", default="redis://127.0.0.1:6379/15")
    options = parser.parse_args()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "goodplay.settings",
        "DEBUG": "true",
        "DATABASE_URL": f"sqlite:///{Path(PROJECT) / 'var' / 'sockets.sqlite3'}",
        "REDIS_URL": options.redis,
        "CELERY_BROKER_URL": "",
        "MONGODB_URL": "",
    }
    load, port = os.getloadavg()[0], _free_port()
    server = serve(port, environment)
    emitter = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", EMIT % EVENT],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        tell(options, asyncio.run(measure(options, port, emitter)), load)
    finally:
        emitter.terminate()
        server.terminate()


if __name__ == "__main__":
    main()
