"""One installation under test: its database, its settings, its server."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
from psycopg import sql

PROJECT = Path(__file__).resolve().parent.parent
WORKERS = 2


class Installation:
    """`preparing` is the module that seeds it and writes its requests; `health` answers 200 once it is up."""

    def __init__(
        self,
        name: str,
        *,
        server: str,
        application: str,
        preparing: str,
        health: str,
        folder: Path,
        **settings: str,
    ):
        self.name, self.application, self.preparing, self.health = name, application, preparing, health
        self.folder = folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database = f"goodplay_bench_{name}"
        self.server = server
        self.settings = settings
        self.port = _free_port()
        self._is_mine = False
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{self.server.rsplit('/', 1)[0]}/{self.database}"

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "DATABASE_URL": self.url, **self.settings}

    def create(self) -> None:
        """Start from nothing. What a broken-off run left goes; what a running one uses is left alone."""
        name = sql.Identifier(self.database)
        with psycopg.connect(self.server, autocommit=True) as connection:
            try:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
            except psycopg.errors.ObjectInUse as error:
                raise SystemExit(
                    f"{self.database} is in use: another run is measuring. Wait for it."
                ) from error
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        self._is_mine = True
        self._run("-m", "django", "migrate", "--run-syncdb", "--no-input", "--verbosity", "0")

    def drop(self) -> None:
        if not self._is_mine:
            return
        with psycopg.connect(self.server, autocommit=True) as connection:
            name = sql.Identifier(self.database)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def prepare(self, step: str, **facts: Any) -> Any:
        """Run one step of the preparing module in this installation and return what it says."""
        return json.loads(self._run("-m", self.preparing, step, json.dumps(facts)).splitlines()[-1])

    def _run(self, *arguments: str) -> str:
        command = [sys.executable, "-W", "ignore", *arguments]
        done = subprocess.run(command, cwd=PROJECT, env=self.environment, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed in {self.name}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Serve as in production: granian, WSGI, one blocking thread a worker, connections kept."""
        options = ["--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads", "1", "--no-ws"]
        with (self.folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "granian", *options, "--port", str(self.port), self.application],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise SystemExit(
                    f"{self.name} does not start:\n{(self.folder / 'server.log').read_text()[-4000:]}"
                )
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{self.health}", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def settle(self) -> None:
        """Wait until the server has nothing left to do: what wrk no longer waits for must not slow the next flow."""
        used = -1
        for _ in range(100):
            before, used = used, self._processor_time()
            if used == before:
                return
            time.sleep(0.2)

    def _processor_time(self) -> int:
        """Return the ticks the server and its workers have used, from Linux's process table."""
        total = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                columns = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if self._process is not None and str(self._process.pid) in (path.parent.name, columns[1]):
                total += int(columns[11]) + int(columns[12])
        return total

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
