"""A real server to kill: `manage.py serve` in a process, and a client that talks to it as an app would."""

import email
import json
import re
import socket
import subprocess
import sys
import time
from email.message import Message
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from tests.faults.database import Database

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
PASSWORD = "a long phrase of my own"
RULER = "-" * 79


class Answer(NamedTuple):
    status: int
    body: Any
    headers: Message

    @property
    def data(self) -> Any:
        return self.body["data"]


class Process:
    """One program of the installation, and the ways it can end."""

    def __init__(self, log: Path):
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str, env: dict[str, str]) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  (our own commands)
                [sys.executable, *arguments], cwd=PROJECT, env=env, stdout=log, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        """Kill -9: no handler, no finally, no commit runs."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=PATIENCE)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        return self._log.read_text()[-8000:] if self._log.exists() else "(no log)"


class Server:
    def __init__(self, database: Database, folder: Path, **settings: str):
        self.database, self.folder, self.settings = database, folder, settings
        self.mailbox = folder / "mail"
        self.port = _free_port()
        self._process = Process(folder / "server.log")
        self.kill, self.stop = self._process.kill, self._process.stop
        self.is_running, self.log = self._process.is_running, self._process.log

    @property
    def environment(self) -> dict[str, str]:
        """A production-like installation, unless told otherwise; nothing of the developer's own settings."""
        unlimited = {
            f"THROTTLE_{name}": "100000/s" for name in ("READ", "WRITE", "MONEY", "SIGN_IN", "REGISTER")
        }
        return {
            "PATH": "/usr/bin:/bin",
            "DJANGO_SETTINGS_MODULE": "goodplay.settings",
            "DEBUG": "false",
            "SECRET_KEY": "a-secret-of-the-faults-suite-and-of-nothing-else-0123456789",
            "FIELD_ENCRYPTION_KEYS": "a-key-of-the-faults-suite-and-nothing-else0=",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SECURE_SSL_REDIRECT": "false",
            "DATABASE_URL": self.database.url,
            "REDIS_URL": "",
            "CELERY_BROKER_URL": "",
            "MONGODB_URL": "",
            "EVENT_DELIVERY": "thread",
            "EVENT_STREAM_URL": "",
            "EMAIL_URL": f"filemail:///{self.mailbox}",
            "LOG_FORMAT": "console",
            **unlimited,
            **self.settings,
        }

    def manage(self, *arguments: str) -> str:
        """Run one management command beside the server and return what it printed."""
        done = self.run("manage.py", *arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def stage(self, step: str, **facts: Any) -> Any:
        """Run one function of tests.faults.stage in the server's database and return its result."""
        done = self.run("-W", "ignore", "-m", "tests.faults.stage", step, json.dumps(facts))
        assert done.returncode == 0, done.stdout
        return json.loads(done.stdout.splitlines()[-1])

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python beside the server, in the same installation."""
        return subprocess.run(  # noqa: S603  (our own commands)
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self) -> None:
        self._process.start("manage.py", "serve", "--port", str(self.port), env=self.environment)
        eventually(self._is_ready, "the server to be ready", log=self.log)

    def _is_ready(self) -> bool:
        assert self.is_running(), f"the server ended\n{self.log()}"
        try:
            return self.client().get("/api/health/ready").status == 200
        except (OSError, HTTPException):
            return False

    def worker(self) -> "Process":
        """Start a Celery worker of this installation (it needs a broker)."""
        worker = Process(self.folder / "worker.log")
        worker.start("-m", "celery", "-A", "goodplay", "worker", "--pool", "solo", env=self.environment)
        return worker

    # What it is talked to with ----------------------------------------------------------------------------------

    def client(self, token: str = "") -> "Client":
        return Client(self.port, token)

    def mailed_token(self, address: str) -> str:
        """Wait for the newest mail to the address and return the secret in its link."""
        return eventually(lambda: self._find_token(address), f"a mail to {address}", log=self.log)

    def _find_token(self, address: str) -> str | None:
        for path in sorted(self.mailbox.glob("*.log"), reverse=True):
            # Django ends each message with a ruler: before that it is still being written. Mails of one second may
            # share a file.
            *written, _unfinished = path.read_text().split(RULER)
            for text in reversed(written):
                message = email.message_from_string(text.lstrip("\n"))
                if message["To"] == address and (found := re.search(r"token=([\w-]+)", _plain_part(message))):
                    return found[1]
        return None


class Client:
    """One connection of one player's app."""

    def __init__(self, port: int, token: str = ""):
        self.port, self.token = port, token

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, *, key: str = "") -> Answer:
        return self.send("POST", path, body, key=key)

    def send(self, method: str, path: str, body: Any = None, *, key: str = "") -> Answer:
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            raw, kind = response.read(), response.headers.get_content_type()
        finally:
            connection.close()
        return Answer(
            response.status, json.loads(raw) if kind == "application/json" else raw, response.headers
        )


class Player(Client):
    """Somebody who registered over HTTP and confirmed the mailed link."""

    def __init__(self, server: Server, name: str):
        super().__init__(server.port)
        self.email = f"{name}.{uuid4().hex[:8]}@example.org"
        made = self.post("/api/auth/register", {"email": self.email, "password": PASSWORD})
        assert made.status == 201, made.body
        self.token, self.id = made.data["tokens"]["access_token"], made.data["user"]["user_id"]
        token = server.mailed_token(self.email)
        verified = self.post("/api/auth/verify-email", {"token": token})
        assert verified.status == 200, verified.body


def eventually(question: Any, what: str, *, within: float = PATIENCE, log: Any = str) -> Any:
    """Ask until the answer is true, and return it; fail with the log when it does not become true in time."""
    deadline = time.monotonic() + within
    while not (found := question()):
        assert time.monotonic() < deadline, f"waited {within:.0f} s for {what}\n{log()}"
        time.sleep(0.05)
    return found


def _plain_part(message: Any) -> str:
    part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    return part.get_payload(decode=True).decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
