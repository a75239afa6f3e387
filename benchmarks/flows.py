"""What is measured, and the form in which an installation hands its requests to wrk."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONNECTIONS = 16
PASSWORD = "a long phrase of my own"  # noqa: S105  (of players made for the run)


@dataclass(frozen=True, slots=True)
class Flow:
    """`uses_up`: each request works once (a key, a session, an address), so every round needs fresh ones.

    Flows that hash a password keep the processor busy for long, so one connection a worker is enough for them.
    """

    name: str
    title: str
    uses_up: bool = False
    connections: int = CONNECTIONS
    has_twin: bool = True


FLOWS = (
    Flow("register", "register", uses_up=True, connections=2),
    Flow("login", "sign in", connections=2),
    Flow("wallet", "wallet"),
    Flow("leaderboard", "leaderboard page"),
    Flow("rank", "own score and rank"),
    Flow("games", "game list"),
    Flow("start", "start a session", uses_up=True),
    Flow("end", "end a session, credited", uses_up=True),
    Flow("donate", "donate", uses_up=True),
    Flow("webhook", "card webhook intake", uses_up=True, has_twin=False),
)
WITH_ALL_GUARANTEES = ("end", "donate")
"""Flows that are measured at 70 % of their ceiling as well."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    token: str = ""
    key: str = ""
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def line(self) -> str:
        body = "" if self.body is None else self.body if isinstance(self.body, str) else json.dumps(self.body)
        headers = "|".join(f"{name}={value}" for name, value in self.headers.items())
        return "\t".join((self.method, self.path, self.token, self.key, headers, body))


def write(folder: Path, flow: str, requests: Iterable[Request]) -> None:
    lines = [request.line for request in requests]
    (folder / f"{flow}.tsv").write_text("\n".join(lines) + "\n")
