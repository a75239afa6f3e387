"""A payment provider on a loopback port: what Stripe's and PayPal's stand-ins share, faults included.

Answers are real HTTP from a thread. State is kept, so what happened stays happened, whatever became of the answer:

    with server.failing(Fault.LOST_ANSWER):
        provider.confirm(...)              # raises ProviderUnavailable, and the money is taken all the same

A fault lasts as long as its `with` block, for every call or for those whose path holds `path`.
"""

import json
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class Fault(StrEnum):
    SLOW = "slow"
    """It happens, and the answer comes after the caller gave up."""
    RESET = "reset"
    """The connection is reset before anything happens."""
    RATE_LIMITED = "rate limited"
    """429, and nothing happens."""
    SERVER_ERROR = "server error"
    """A 5xx, and nothing happens."""
    IN_PROGRESS = "in progress"
    """409: another call with this key is under way."""
    HALF_ANSWER = "half answer"
    """It happens, and the connection breaks in the middle of the answer."""
    CUT_ANSWER = "cut answer"
    """It happens, and the answer is complete by its headers, but half of the JSON."""
    LOST_ANSWER = "lost answer"
    """It happens, and the connection closes without a word."""


BEFORE = (Fault.RESET, Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.IN_PROGRESS)
AFTER = (Fault.SLOW, Fault.HALF_ANSWER, Fault.CUT_ANSWER, Fault.LOST_ANSWER)


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    """Bytes are sent as they are, everything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body).encode()


class LocalServer(ABC):
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._faults: list[tuple[Fault, str]] = []
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                with suppress(
                    ConnectionError, ValueError
                ):  # ValueError: a fault closed the file it writes to
                    super().handle_one_request()

            def do_POST(self) -> None:
                server._serve(self)

            def do_GET(self) -> None:
                server._serve(self)

            def do_DELETE(self) -> None:
                server._serve(self)

            def log_message(self, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=10)

    @contextmanager
    def failing(self, fault: Fault, *, path: str = "") -> Iterator[None]:
        self._faults.append((fault, path))
        try:
            yield
        finally:
            self._faults.remove((fault, path))

    @abstractmethod
    def answer(self, call: Call) -> Answer:
        """Do what was asked. Called by one thread at a time."""

    @abstractmethod
    def failure(self, fault: Fault) -> Answer:
        """Say 429, 500 or 409 in the provider's words."""

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        length = int(handler.headers.get("Content-Length") or 0)
        query = parse_qsl(parts.query, keep_blank_values=True)
        call = Call(handler.command, parts.path, query, handler.headers, handler.rfile.read(length))
        self.calls.append(call)
        fault = next((fault for fault, path in self._faults if path in call.path), None)
        if fault is Fault.RESET:
            return self._reset(handler)
        with self._lock:
            answer = self.failure(fault) if fault in BEFORE else self.answer(call)
        if fault is Fault.SLOW:
            self._stopping.wait(5)
        if fault is not Fault.LOST_ANSWER:
            self._write(handler, answer, fault)
        return None

    @staticmethod
    def _reset(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.rfile.close()
        handler.wfile.close()
        handler.connection.close()

    @staticmethod
    def _write(handler: BaseHTTPRequestHandler, answer: Answer, fault: Fault | None) -> None:
        raw = answer.raw
        sent = raw[: len(raw) // 2] if fault in (Fault.HALF_ANSWER, Fault.CUT_ANSWER) else raw
        handler.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(sent if fault is Fault.CUT_ANSWER else raw)))
        handler.end_headers()
        handler.wfile.write(sent)
